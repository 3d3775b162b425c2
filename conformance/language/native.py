"""Processes outside of the browser, as an author sees them: native applications and their children."""

from __future__ import annotations

from typing import Any, Literal

from portolan.conformance.checks.checks import Field, Times, Values, exactly_once, never
from portolan.conformance.checks.patterns import FieldTest, Pattern
from portolan.conformance.language.arguments import checked
from portolan.conformance.language.ports import StepRef, index_of
from portolan.conformance.language.script import Script
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import encode


@checked
class Application:
    """A native application at the other end of ``connect_native``."""

    def __init__(self, script: Script, name: str) -> None:
        self._script, self.name = script, name

    def _do(self, op: s.AnyOp) -> StepRef:
        return StepRef(self._script.do(self.name, op))

    # ---- actions

    def post(self, value: Any) -> StepRef:
        """It sends one message to the browser."""
        return self._do(s.Post("", (encode(value),)))

    def exit(self, code: int = 0) -> StepRef:
        """It exits."""
        return self._do(s.AppExit(code))

    def crash(self) -> StepRef:
        """It is killed by SIGKILL."""
        return self._do(s.AppCrash())

    def close_output(self) -> StepRef:
        """It closes its standard output, and goes on running."""
        return self._do(s.AppClose())

    def write_garbage(self) -> StepRef:
        """It writes a message whose body is not JSON."""
        return self._do(s.AppWrite("garbage"))

    def post_of_size(self, size: int) -> StepRef:
        """It sends one message of ``size`` bytes."""
        return self._do(s.AppWrite("size", size))

    def write_to_stderr(self, text: str) -> StepRef:
        """It writes a line to its standard error."""
        return self._do(s.AppLog(text))

    def start_child(self, name: str = "child", *, breaks_away: bool = False) -> Child:
        """It starts a child process: in its own process group, or with ``breaks_away`` in a new session and group."""
        child = f"{self.name}.{name}"
        self._script.add_child(child, self.name, breaks_away=breaks_away)
        return Child(self._script, child)

    # ---- patterns

    def end_request_event(self, signal: Literal["end-of-input", "SIGTERM"]) -> Pattern:
        """The browser asks it to end: by closing its input, or by a signal that it can catch."""
        return Pattern("fire", signal, actor=self.name)

    # ---- checks

    def shared_stderr(self) -> Times:
        """Its standard error is the browser's own, so the browser cannot see what it writes there."""
        return exactly_once(Pattern("note", "stderr", actor=self.name, value={"browsers": True}))

    def started(self, times: int = 1) -> Times:
        """The browser started this many processes of it."""
        return Times(Pattern("note", "started", actor=self.name), times, times)

    def received(self, *values: Any) -> Values:
        """It received these messages, in this order, and no others."""
        return Values(Pattern("fire", "onMessage", actor=self.name), tuple(encode(value) for value in values))

    def argument(self, number: int, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """A command-line argument with which the browser started it, counted from 0."""
        return Field(Pattern("note", "started", actor=self.name), f"value.{number}", is_, encode(wanted))

    def ended(self, *, after: StepRef | None = None) -> Times:
        """Its process ended."""
        return exactly_once(Pattern("note", "ended", actor=self.name, after=index_of(after)))

    def kept_running(self) -> Times:
        """Its process did not end."""
        return never(Pattern("note", "ended", actor=self.name))


@checked
class Child:
    """A child process of a native application."""

    def __init__(self, script: Script, name: str) -> None:
        self._script, self.name = script, name

    def ask(self) -> StepRef:
        """Ask whether it is alive; it answers if it is."""
        return StepRef(self._script.do(self.name, s.AppAnswer()))

    def answered(self, *, after: StepRef | None = None) -> Times:
        """It answered."""
        return exactly_once(Pattern("note", "alive", actor=self.name, after=index_of(after)))

    def ended(self, *, after: StepRef | None = None) -> Times:
        """It ended."""
        return exactly_once(Pattern("note", "ended", actor=self.name, after=index_of(after)))
