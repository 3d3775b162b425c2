"""Ports as a scenario speaks of them: their two ends, listeners for them, and what is done and checked with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from portolan.conformance.checks.checks import (
    Field,
    Pattern,
    Times,
    Values,
    Wanted,
    at_least_once,
    exactly_once,
    never,
)
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.steps import THIS_PORT
from portolan.conformance.trace.values import encode, tag

if TYPE_CHECKING:
    from portolan.conformance.language.play import Play


IN_A_REACTION = -1


class StepRef:
    """Something that was done at a step: checks use it to say "after this" and "before this"."""

    def __init__(self, step: int) -> None:
        self.step = step


class Call(StepRef):
    """One call of a port's method, and what came of it."""

    def __init__(self, step: int, actor: str, port: str, operation: str) -> None:
        super().__init__(step)
        self.actor, self.port, self.operation = actor, port, operation

    def _came(self, phase: str, **more: Any) -> Pattern:
        step = self.step if self.step >= 0 else None
        return Pattern(phase, self.operation, actor=self.actor, port=self.port, step=step, **more)

    def returned(self) -> Times:
        """The call returned."""
        return exactly_once(self._came("return"))

    def threw(self, like: str | None = None) -> Times:
        """The call threw an error (whose message matches ``like``)."""
        return exactly_once(self._came("throw", like=like))


class MessageCall(StepRef):
    """A one-time message, and what came of it."""

    def __init__(self, step: int, name: str) -> None:
        super().__init__(step)
        self.name = name

    def answered(self, value: Any) -> Values:
        """It was answered, with this value."""
        return Values(Pattern("fire", "answer", listener=self.name), (encode(value),))

    def rejected(self) -> Times:
        """The call threw, or its promise was rejected."""
        return exactly_once(Pattern("fire", "rejection", listener=self.name))

    def callback_saw(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """What a callback saw: ``last_error``, or a field of it, or the answer as ``value``."""
        return Field(Pattern("fire", "answer", listener=self.name), path, is_, encode(wanted))

    def extension_error(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """What a callback that sees both saw of ``extension.lastError``: its ``error``, and whether it is the ``same`` object."""
        return Field(Pattern("note", "extension.lastError", listener=self.name), f"value.{path}", is_, encode(wanted))


class ConsoleReading(StepRef):
    """What the browser's console showed when it was looked at."""

    def showed(self) -> Times:
        """There was a line of the kind that was looked for."""
        return at_least_once(self._shown())

    def showed_nothing(self) -> Times:
        """There was none."""
        return never(self._shown())

    def _shown(self) -> Pattern:
        return Pattern("note", "shown", actor=s.CONSOLE, step=self.step)


class BackgroundCrash(StepRef):
    """A crash of the process in which a background ran, and what the browser did about that background by itself."""

    def __init__(self, step: int, actor: str) -> None:
        super().__init__(step)
        self.actor = actor

    def loaded_again(self) -> Times:
        """The browser loaded it again at once."""
        return exactly_once(self._seen("loaded"))

    def stayed_unloaded(self) -> Times:
        """The browser did not."""
        return exactly_once(self._seen("not-loaded"))

    def _seen(self, operation: str) -> Pattern:
        return Pattern("note", operation, actor=s.EXTENSIONS, value=self.actor, step=self.step)


class MessageListener:
    """A listener for one-time messages."""

    def __init__(self, name: str, event: str) -> None:
        self.name, self.event = name, event

    def received(self, *values: Any) -> Values:
        """These messages came, in this order, and no others."""
        return Values(Pattern("fire", self.event, listener=self.name), tuple(encode(value) for value in values))


def at(done: StepRef | None) -> int | None:
    """The step of what was done, if anything was."""
    return done.step if done else None


class PortEnd:
    """One end of a port: the one that was opened here, or one that a listener was given."""

    def __init__(self, play: Play, actor: str, name: str, shown: str = "") -> None:
        self.play, self.actor, self.name = play, actor, name
        self.shown = shown or name

    # ---- steps

    def post(self, *values: Any) -> Call:
        """Call ``postMessage`` with these values (usually one)."""
        return self._call("postMessage", s.Post(self.name, tuple(encode(value) for value in values)))

    def disconnect(self) -> Call:
        """Call ``disconnect()``."""
        return self._call("disconnect", s.Disconnect(self.name))

    def read(self, path: str) -> None:
        """Note a property of the port."""
        self.play.do(self.actor, s.Read(self.name, path))

    def _call(self, operation: str, op: s.AnyOp) -> Call:
        step = self.play.do(self.actor, op)
        # What a reaction does is done at whatever step the event comes.
        return Call(IN_A_REACTION if self.name == THIS_PORT else step, self.actor, self.shown, operation)

    def add_message_listener(self, label: str = "again", then: Callable[[PortEnd], object] | None = None) -> str:
        """Add one more listener to ``onMessage``; returns its name, for ``removes``."""
        return self._listen("onMessage", label, then)

    def add_disconnect_listener(self, label: str = "again", then: Callable[[PortEnd], object] | None = None) -> str:
        """Add one more listener to ``onDisconnect``; returns its name, for ``removes``."""
        return self._listen("onDisconnect", label, then)

    def _listen(self, event: Any, label: str, then: Callable[[PortEnd], object] | None) -> str:
        ops = self.play.reaction(self.actor, then, PortEnd(self.play, self.actor, THIS_PORT, self.shown))
        listener = f"{self.name}.{event}" + (f".{label}" if label else "")
        self.play.do(self.actor, s.Listen(listener, event, self.name, ops))
        shown = listener.replace(THIS_PORT, self.shown)
        self.play.listeners[shown] = self.actor
        return shown

    def remove_listener(self, listener: str) -> None:
        """Remove a listener that was added here."""
        self.play.do(self.actor, s.Unlisten(listener))

    def add_listener_again(self, listener: str) -> None:
        """Add the very function of a listener of this port once more."""
        self.play.do(self.actor, s.Relisten(listener))

    def throw(self, message: str) -> None:
        """In a reaction: the listener throws an error, when all else that is written in it is done."""
        self.play.do(self.actor, s.Throw(message))

    def post_many(self, count: int) -> Call:
        """Call ``postMessage`` this often, with 0, 1, 2 and so on; recorded as one call."""
        return self._call("postMany", s.PostMany(self.name, count))

    def count_messages(self) -> None:
        """Add a listener to ``onMessage`` that only counts what ``posts_many`` posts; ``counted`` asks for it."""
        self.play.do(self.actor, s.Count(self.name))

    def describe(self, path: str = "") -> None:
        """Note what the port, or what is at a path of it, consists of; ``described`` asks for it."""
        self.play.do(self.actor, s.Describe(path, self.name))

    def echo(self) -> None:
        """Answer each message with the same value."""
        self.add_message_listener("echo", lambda port: port.post(tag("argument")))

    # ---- checks

    def event(self, event: str, **more: Any) -> Pattern:
        """An event of this port, as its first recording listener saw it."""
        return Pattern("fire", event, port=self.shown, listener=f"{self.shown}.{event}", **more)

    def disconnected(
        self, *, error: Wanted | None = "anything", after: StepRef | None = None, before: StepRef | None = None
    ) -> Times:
        """``onDisconnect`` came, once. ``error``: ``None`` or "nothing", "something", or "anything"."""
        return exactly_once(self.disconnect_event(error=error, after=after, before=before))

    def disconnect_event(
        self, *, error: Wanted | None = "anything", after: StepRef | None = None, before: StepRef | None = None
    ) -> Pattern:
        """The event of ``onDisconnect``, for patterns."""
        return self.event("onDisconnect", error=error or "nothing", after=at(after), before=at(before))

    def stayed_open(self, *, after: StepRef | None = None, before: StepRef | None = None) -> Times:
        """``onDisconnect`` never came."""
        return never(self.event("onDisconnect", after=at(after), before=at(before)))

    def received(self, *values: Any, after: StepRef | None = None, before: StepRef | None = None) -> Values:
        """These messages came, in this order, and no others."""
        return Values(
            self.event("onMessage", after=at(after), before=at(before)), tuple(encode(value) for value in values)
        )

    def received_count(self, times: int) -> Times:
        """This many messages came, whatever they were."""
        return Times(self.event("onMessage"), times, times)

    def listener_received(self, listener: str, *values: Any) -> Values:
        """These messages came to one listener of this port."""
        return Values(
            Pattern("fire", "onMessage", port=self.shown, listener=listener), tuple(encode(value) for value in values)
        )

    def disconnect_listener_called(self, listener: str, times: int = 1) -> Times:
        """One listener of ``onDisconnect`` was called this often."""
        return Times(Pattern("fire", "onDisconnect", port=self.shown, listener=listener), times, times)

    def opened_event(self) -> Pattern:
        """The event that made this end: the return of the call, or ``onConnect``."""
        raise NotImplementedError

    def has_name(self, name: str) -> Field:
        """``port.name`` is this."""
        return Field(self.opened_event(), "name", wanted=name)

    def has(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """A field of the port as it was born: ``sender.tab.id`` is an integer, ``sender`` is absent, …"""
        return Field(self.opened_event(), path, is_, encode(wanted))

    def value_read(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """What ``read(path)`` noted."""
        return Field(Pattern("note", path, port=self.shown), "value", is_, encode(wanted))

    def counted(self, thousands: int) -> Values:
        """``counts`` found this many thousands of messages, none missing, none twice, in order."""
        notes = tuple({"count": 1000 * number, "in_order": True} for number in range(1, thousands + 1))
        return Values(Pattern("note", "count", port=self.shown), notes)

    def described(self, field: str, is_: str = "same", wanted: Any = None, *, path: str = "") -> Field:
        """What ``describe(path)`` noted: ``keys``, ``type``, or ``properties.name.writable`` (own, type, length, …)."""
        return Field(
            Pattern("note", f"describe {path}".strip(), port=self.shown), f"value.{field}", is_, encode(wanted)
        )

    def disconnect_saw(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """At ``onDisconnect``: ``error`` or ``last_error`` or ``value`` (the listener's argument) is so."""
        return Field(self.event("onDisconnect"), path, is_, encode(wanted))


class OpenedPort(PortEnd):
    """The end that a call of ``connect`` returned."""

    def __init__(self, play: Play, actor: str, name: str, api: str, step: int) -> None:
        super().__init__(play, actor, name)
        self.api, self.step = api, step

    def opened_event(self) -> Pattern:
        return Pattern("return", self.api, port=self.name)

    def call(self) -> Call:
        """The call that opened it."""
        return Call(self.step, self.actor, self.name, self.api)


class ReceivedPort(PortEnd):
    """The end that a listener was given, as the ``nth`` of its incarnation."""

    def __init__(self, play: Play, listening: ConnectListener, nth: int) -> None:
        super().__init__(play, listening.actor, f"{listening.name}#{nth}")
        self.api = listening.event

    def opened_event(self) -> Pattern:
        return Pattern("fire", self.api, port=self.name)


class ConnectListener:
    """A listener for new ports, and the ports that it is given."""

    def __init__(self, play: Play, actor: str, name: str, event: str) -> None:
        self.play, self.actor, self.name, self.event = play, actor, name, event
        play.listeners[name] = actor

    @property
    def port(self) -> ReceivedPort:
        """The first port that it is given."""
        return self.nth(1)

    def nth(self, number: int) -> ReceivedPort:
        """The port that it is given as the ``number``-th, from 1."""
        return ReceivedPort(self.play, self, number)

    def connect_event(self, *, after: StepRef | None = None, before: StepRef | None = None, **more: Any) -> Pattern:
        """The event of a new port, for patterns."""
        return Pattern("fire", self.event, listener=self.name, after=at(after), before=at(before), **more)

    def fired(self, times: int = 1, *, after: StepRef | None = None, before: StepRef | None = None) -> Times:
        """It was called this often."""
        return Times(self.connect_event(after=after, before=before), times, times)

    def silent(self, *, after: StepRef | None = None, before: StepRef | None = None) -> Times:
        """It was never called."""
        return self.fired(0, after=after, before=before)
