"""The handles of processes that are none of the browser's own: native applications and their children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from portolan.conformance.checks.checks import Field, Pattern, Times, Values, exactly_once, never
from portolan.conformance.language.ports import StepRef, at
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import encode

if TYPE_CHECKING:
    from portolan.conformance.language.play import Play


class Application:
    """A native application at the other end of ``connectNative``."""

    def __init__(self, play: Play, name: str) -> None:
        self.play, self.name = play, name

    def post(self, value: Any) -> StepRef:
        """It sends one message."""
        return StepRef(self.play.do(self.name, s.Post("", (encode(value),))))

    def exit(self, code: int = 0) -> StepRef:
        """It ends by itself."""
        return StepRef(self.play.do(self.name, s.AppExit(code)))

    def crash(self) -> StepRef:
        """It is killed by SIGKILL."""
        return StepRef(self.play.do(self.name, s.AppCrash()))

    def close_output(self) -> StepRef:
        """It closes its output, and goes on running."""
        return StepRef(self.play.do(self.name, s.AppClose()))

    def write_garbage(self) -> StepRef:
        """It writes a frame whose body is not JSON."""
        return StepRef(self.play.do(self.name, s.AppWrite("garbage")))

    def post_of_size(self, size: int) -> StepRef:
        """It sends one message of this many bytes."""
        return StepRef(self.play.do(self.name, s.AppWrite("size", size)))

    def write_to_stderr(self, text: str) -> StepRef:
        """It writes a line to its standard error."""
        return StepRef(self.play.do(self.name, s.AppLog(text)))

    def start_child(self, name: str = "child", *, breaks_away: bool = False) -> Child:
        """It starts a child process: in its own process group, or one that ``breaks_away`` into a group of its own."""
        return self.play.child(f"{self.name}.{name}", self.name, breaks_away=breaks_away)

    def shared_stderr(self) -> Times:
        """The standard error of which it wrote is that of the browser itself, which so cannot see what is written there."""
        return exactly_once(Pattern("note", "stderr", actor=self.name, value={"browsers": True}))

    def started(self, times: int = 1) -> Times:
        """The browser started this many processes of it."""
        return Times(Pattern("note", "started", actor=self.name), times, times)

    def received(self, *values: Any) -> Values:
        """It received these messages, in this order, and no others."""
        return Values(Pattern("fire", "onMessage", actor=self.name), tuple(encode(value) for value in values))

    def argument(self, number: int, is_: str = "same", wanted: Any = None) -> Field:
        """An argument with which the browser started it, from 0: the same as a value, or of a kind."""
        return Field(Pattern("note", "started", actor=self.name), f"value.{number}", is_, encode(wanted))

    def end_request_event(self, signal: Literal["end-of-input", "SIGTERM"]) -> Pattern:
        """The browser tells it to end: by the end of its input, or by a signal that it can catch. For patterns."""
        return Pattern("fire", signal, actor=self.name)

    def ended(self, *, after: StepRef | None = None) -> Times:
        """Its process ended."""
        return exactly_once(Pattern("note", "ended", actor=self.name, after=at(after)))

    def kept_running(self) -> Times:
        """Its process did not end."""
        return never(Pattern("note", "ended", actor=self.name))


class Child:
    """A child process of a native application."""

    def __init__(self, play: Play, name: str) -> None:
        self.play, self.name = play, name

    def ask(self) -> StepRef:
        """It is asked whether it is alive, and answers if it is."""
        return StepRef(self.play.do(self.name, s.AppAnswer()))

    def answered(self, *, after: StepRef | None = None) -> Times:
        """It has answered."""
        return exactly_once(Pattern("note", "alive", actor=self.name, after=at(after)))

    def ended(self, *, after: StepRef | None = None) -> Times:
        """It ended."""
        return exactly_once(Pattern("note", "ended", actor=self.name, after=at(after)))
