"""Ports as an author sees them: their two ends, the listeners that receive them, and the checks on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from portolan.conformance.checks.checks import Field, Times, Values, at_least_once, exactly_once, never
from portolan.conformance.checks.patterns import FieldTest, Pattern, Wanted
from portolan.conformance.language.arguments import checked
from portolan.conformance.language.script import Script
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.steps import THIS_PORT
from portolan.conformance.trace.values import encode, tag

IN_A_REACTION = -1
"""The step of a call in a reaction: it happens at whatever step the event comes."""

PortEvent = Literal["onMessage", "onDisconnect"]


class StepRef:
    """A step of the play. Checks take it as ``after`` and ``before``."""

    def __init__(self, step: int) -> None:
        self.step = step


def index_of(step: StepRef | None) -> int | None:
    """The index of a step, if one is given."""
    return step.step if step else None


@checked
class Call(StepRef):
    """One call of a port's method."""

    def __init__(self, step: int, actor: str, port: str, operation: str) -> None:
        super().__init__(step)
        self.actor, self.port, self.operation = actor, port, operation

    def _outcome(self, phase: str, **more: Any) -> Pattern:
        step = self.step if self.step >= 0 else None
        return Pattern(phase, self.operation, actor=self.actor, port=self.port, step=step, **more)

    def returned(self) -> Times:
        """The call returned."""
        return exactly_once(self._outcome("return"))

    def threw(self, like: str | None = None) -> Times:
        """The call threw an error, whose message matches the regular expression ``like``."""
        return exactly_once(self._outcome("throw", like=like))


@checked
class MessageCall(StepRef):
    """A one-time message that was sent, or another call that is answered later."""

    def __init__(self, step: int, name: str) -> None:
        super().__init__(step)
        self.name = name

    def answered(self, value: Any) -> Values:
        """It was answered, with this value."""
        return Values(Pattern("fire", "answer", listener=self.name), (encode(value),))

    def rejected(self) -> Times:
        """The call threw, or its promise was rejected."""
        return exactly_once(Pattern("fire", "rejection", listener=self.name))

    def callback_saw(self, path: str, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """What the callback saw: ``last_error``, a field of it, or the answer as ``value``."""
        return Field(Pattern("fire", "answer", listener=self.name), path, is_, encode(wanted))

    def extension_error(self, path: str, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """What the callback saw of ``extension.lastError``: its ``error``, and whether it is the ``same`` object."""
        return Field(Pattern("note", "extension.lastError", listener=self.name), f"value.{path}", is_, encode(wanted))


@checked
class ConsoleReading(StepRef):
    """What the browser's console contained when it was read."""

    def showed(self) -> Times:
        """A line matched."""
        return at_least_once(self._line())

    def showed_nothing(self) -> Times:
        """No line matched."""
        return never(self._line())

    def _line(self) -> Pattern:
        return Pattern("note", "shown", actor=s.CONSOLE, step=self.step)


@checked
class BackgroundCrash(StepRef):
    """A crash of the process in which a background ran, and what the browser then did by itself."""

    def __init__(self, step: int, actor: str) -> None:
        super().__init__(step)
        self.actor = actor

    def loaded_again(self) -> Times:
        """The browser loaded the background again at once."""
        return exactly_once(self._state("loaded"))

    def stayed_unloaded(self) -> Times:
        """The browser did not load the background again."""
        return exactly_once(self._state("not-loaded"))

    def _state(self, operation: str) -> Pattern:
        return Pattern("note", operation, actor=s.EXTENSIONS, value=self.actor, step=self.step)


@checked
class MessageListener:
    """A listener for one-time messages."""

    def __init__(self, name: str, event: str) -> None:
        self.name, self.event = name, event

    def received(self, *values: Any) -> Values:
        """It received these messages, in this order, and no others."""
        return Values(Pattern("fire", self.event, listener=self.name), tuple(encode(value) for value in values))


@checked
class PortEnd:
    """One end of a port: the opener's, or a receiver's."""

    def __init__(self, script: Script, actor: str, name: str, shown: str = "") -> None:
        self._script, self.actor, self.name = script, actor, name
        self.shown = shown or name

    # ---- actions

    def post(self, *values: Any) -> Call:
        """Call ``postMessage`` with these values (usually one)."""
        return self._call("postMessage", s.Post(self.name, tuple(encode(value) for value in values)))

    def disconnect(self) -> Call:
        """Call ``disconnect()``."""
        return self._call("disconnect", s.Disconnect(self.name))

    def read(self, path: str) -> None:
        """Record a property of the port; ``value_read`` checks it."""
        self._script.do(self.actor, s.Read(self.name, path))

    def _call(self, operation: str, op: s.AnyOp) -> Call:
        step = self._script.do(self.actor, op)
        return Call(IN_A_REACTION if self.name == THIS_PORT else step, self.actor, self.shown, operation)

    def add_message_listener(self, label: str = "again", then: Callable[[PortEnd], object] | None = None) -> str:
        """Add one more listener to ``onMessage``; returns its name, for ``remove_listener`` and ``listener_received``.

        Args:
            label: what tells it from the port's other listeners.
            then: a function of the port; what it writes is done inside the listener.
        """
        return self._listen("onMessage", label, then)

    def add_disconnect_listener(self, label: str = "again", then: Callable[[PortEnd], object] | None = None) -> str:
        """Add one more listener to ``onDisconnect``; as ``add_message_listener``."""
        return self._listen("onDisconnect", label, then)

    def _listen(self, event: PortEvent, label: str, then: Callable[[PortEnd], object] | None) -> str:
        port = PortEnd(self._script, self.actor, THIS_PORT, self.shown)
        ops = self._script.reaction(self.actor, lambda: then(port)) if then else ()
        listener = f"{self.name}.{event}" + (f".{label}" if label else "")
        self._script.do(self.actor, s.Listen(listener, event, self.name, ops))
        shown = listener.replace(THIS_PORT, self.shown)
        self._script.listeners[shown] = self.actor
        return shown

    def remove_listener(self, listener: str) -> None:
        """Remove a listener of this port, by its name."""
        self._script.do(self.actor, s.Unlisten(listener))

    def add_listener_again(self, listener: str) -> None:
        """Add the same function of a listener of this port a second time."""
        self._script.do(self.actor, s.Relisten(listener))

    def throw(self, message: str) -> None:
        """In a reaction: the listener throws an error after everything else that it does."""
        self._script.do(self.actor, s.Throw(message))

    def post_many(self, count: int) -> Call:
        """Call ``postMessage`` ``count`` times, with 0, 1, 2 and so on. The calls are recorded as one."""
        return self._call("postMany", s.PostMany(self.name, count))

    def count_messages(self) -> None:
        """Add a listener to ``onMessage`` that only counts what ``post_many`` posts; ``counted`` checks it."""
        self._script.do(self.actor, s.Count(self.name))

    def describe(self, path: str = "") -> None:
        """Record the properties of the port, or of the object at a path of it; ``described`` checks them."""
        self._script.do(self.actor, s.Describe(path, self.name))

    def echo(self) -> None:
        """Answer each message with the same value."""
        self.add_message_listener("echo", lambda port: port.post(tag("argument")))

    # ---- patterns

    def event(self, event: PortEvent, **more: Any) -> Pattern:
        """An event of this port, as its first recording listener saw it."""
        return Pattern("fire", event, port=self.shown, listener=f"{self.shown}.{event}", **more)

    def disconnect_event(
        self, *, error: Wanted | None = "anything", after: StepRef | None = None, before: StepRef | None = None
    ) -> Pattern:
        """The event ``onDisconnect``. ``error``: as for ``disconnected``."""
        return self.event("onDisconnect", error=error or "nothing", after=index_of(after), before=index_of(before))

    def opened_event(self) -> Pattern:
        """The event that made this end: the return of the call, or ``onConnect``."""
        raise NotImplementedError

    # ---- checks

    def disconnected(
        self, *, error: Wanted | None = "anything", after: StepRef | None = None, before: StepRef | None = None
    ) -> Times:
        """``onDisconnect`` fired, exactly once.

        Args:
            error: ``None`` or ``"nothing"``: without an error; ``"something"``: with one, in ``port.error`` or in
                ``runtime.lastError``; ``"anything"``: either.
            after: not before this step.
            before: before this step.
        """
        return exactly_once(self.disconnect_event(error=error, after=after, before=before))

    def stayed_open(self, *, after: StepRef | None = None, before: StepRef | None = None) -> Times:
        """The port existed, and ``onDisconnect`` never fired."""
        return never(self.event("onDisconnect", after=index_of(after), before=index_of(before)))

    def received(self, *values: Any, after: StepRef | None = None, before: StepRef | None = None) -> Values:
        """It received these messages, in this order, and no others."""
        return Values(
            self.event("onMessage", after=index_of(after), before=index_of(before)),
            tuple(encode(value) for value in values),
        )

    def received_count(self, times: int) -> Times:
        """It received this many messages, whatever they were."""
        return Times(self.event("onMessage"), times, times)

    def listener_received(self, listener: str, *values: Any) -> Values:
        """One listener of this port received these messages."""
        return Values(
            Pattern("fire", "onMessage", port=self.shown, listener=listener), tuple(encode(value) for value in values)
        )

    def disconnect_listener_called(self, listener: str, times: int = 1) -> Times:
        """One listener of ``onDisconnect`` was called this many times."""
        return Times(Pattern("fire", "onDisconnect", port=self.shown, listener=listener), times, times)

    def has_name(self, name: str) -> Field:
        """``port.name`` is this."""
        return Field(self.opened_event(), "name", wanted=name)

    def has(self, path: str, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """A field that the port had when it was opened: ``sender.tab.id`` is an integer, ``sender`` is absent, …"""
        return Field(self.opened_event(), path, is_, encode(wanted))

    def value_read(self, path: str, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """What ``read(path)`` recorded."""
        return Field(Pattern("note", path, port=self.shown), "value", is_, encode(wanted))

    def counted(self, thousands: int) -> Values:
        """``count_messages`` counted this many thousands of messages: none missing, none twice, in order."""
        notes = tuple({"count": 1000 * number, "in_order": True} for number in range(1, thousands + 1))
        return Values(Pattern("note", "count", port=self.shown), notes)

    def described(self, field: str, is_: FieldTest = "same", wanted: Any = None, *, path: str = "") -> Field:
        """What ``describe(path)`` recorded: ``keys``, ``type``, or ``properties.name.writable`` (own, type, length, …)."""
        return Field(
            Pattern("note", f"describe {path}".strip(), port=self.shown), f"value.{field}", is_, encode(wanted)
        )

    def disconnect_saw(self, path: str, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """What the listener of ``onDisconnect`` saw: ``error``, ``last_error``, or ``value`` (its argument)."""
        return Field(self.event("onDisconnect"), path, is_, encode(wanted))


@checked
class OpenedPort(PortEnd):
    """The end that a call of ``connect`` returned."""

    def __init__(self, script: Script, actor: str, name: str, api: str, step: int) -> None:
        super().__init__(script, actor, name)
        self.api, self.step = api, step

    def opened_event(self) -> Pattern:
        """The return of the call that opened it."""
        return Pattern("return", self.api, port=self.name)

    def call(self) -> Call:
        """The call that opened it."""
        return Call(self.step, self.actor, self.name, self.api)


@checked
class ReceivedPort(PortEnd):
    """The end that a listener received, as its ``nth`` port in one incarnation of its actor."""

    def __init__(self, script: Script, listener: ConnectListener, nth: int) -> None:
        super().__init__(script, listener.actor, f"{listener.name}#{nth}")
        self.api = listener.event

    def opened_event(self) -> Pattern:
        """The event by which the listener received it."""
        return Pattern("fire", self.api, port=self.name)


@checked
class ConnectListener:
    """A listener for new ports, and the ports that it receives."""

    def __init__(self, script: Script, actor: str, name: str, event: str) -> None:
        self._script, self.actor, self.name, self.event = script, actor, name, event
        script.listeners[name] = actor

    @property
    def port(self) -> ReceivedPort:
        """The first port that it receives."""
        return self.nth(1)

    def nth(self, number: int) -> ReceivedPort:
        """The ``number``-th port that it receives, from 1."""
        return ReceivedPort(self._script, self, number)

    def connect_event(self, *, after: StepRef | None = None, before: StepRef | None = None, **more: Any) -> Pattern:
        """The event of a new port. A pattern."""
        return Pattern("fire", self.event, listener=self.name, after=index_of(after), before=index_of(before), **more)

    def fired(self, times: int = 1, *, after: StepRef | None = None, before: StepRef | None = None) -> Times:
        """It was called this many times."""
        return Times(self.connect_event(after=after, before=before), times, times)

    def silent(self, *, after: StepRef | None = None, before: StepRef | None = None) -> Times:
        """It was never called."""
        return self.fired(0, after=after, before=before)
