"""Whom a scenario speaks to: actors, documents, ports. Each method writes a step or builds a check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from conformance.core import steps as s
from conformance.core.checks import (
    AllOf,
    AnyCheck,
    Field,
    Pattern,
    Times,
    Values,
    Wanted,
    all_of,
    any_of,
    at_least_once,
    exactly_once,
    never,
)
from conformance.core.errors import ScenarioError
from conformance.core.steps import THIS_PORT, Site
from conformance.core.values import encode, tag

if TYPE_CHECKING:
    from conformance.core.play import FrameSpec, Play

UNSET = msgspec.UNSET


IN_A_REACTION = -1


class Done:
    """Something that was done at a step: checks use it to say "after this" and "before this"."""

    def __init__(self, step: int) -> None:
        self.step = step


class Call(Done):
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


def _at(done: Done | None) -> int | None:
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

    def on_message(self, label: str = "again", then: Callable[[PortEnd], object] | None = None) -> str:
        """Add one more listener to ``onMessage``; returns its name, for ``removes``."""
        return self._listen("onMessage", label, then)

    def on_disconnect(self, label: str = "again", then: Callable[[PortEnd], object] | None = None) -> str:
        """Add one more listener to ``onDisconnect``; returns its name, for ``removes``."""
        return self._listen("onDisconnect", label, then)

    def _listen(self, event: Any, label: str, then: Callable[[PortEnd], object] | None) -> str:
        ops = self.play.reaction(self.actor, then, PortEnd(self.play, self.actor, THIS_PORT, self.shown))
        listener = f"{self.name}.{event}" + (f".{label}" if label else "")
        self.play.do(self.actor, s.Listen(listener, event, self.name, ops))
        shown = listener.replace(THIS_PORT, self.shown)
        self.play.listeners[shown] = self.actor
        return shown

    def removes(self, listener: str) -> None:
        """Remove a listener that was added here."""
        self.play.do(self.actor, s.Unlisten(listener))

    def echoes(self) -> None:
        """Answer each message with the same value."""
        self.on_message("echo", lambda port: port.post(tag("argument")))

    # ---- checks

    def fired(self, event: str, **more: Any) -> Pattern:
        """An event of this port, as its first recording listener saw it."""
        return Pattern("fire", event, port=self.shown, listener=f"{self.shown}.{event}", **more)

    def disconnected(
        self, *, error: Wanted | None = "anything", after: Done | None = None, before: Done | None = None
    ) -> Times:
        """``onDisconnect`` came, once. ``error``: ``None`` or "nothing", "something", or "anything"."""
        return exactly_once(self.disconnects(error=error, after=after, before=before))

    def disconnects(
        self, *, error: Wanted | None = "anything", after: Done | None = None, before: Done | None = None
    ) -> Pattern:
        """The event of ``onDisconnect``, for patterns."""
        return self.fired("onDisconnect", error=error or "nothing", after=_at(after), before=_at(before))

    def open(self, *, after: Done | None = None, before: Done | None = None) -> Times:
        """``onDisconnect`` never came."""
        return never(self.fired("onDisconnect", after=_at(after), before=_at(before)))

    def received(self, *values: Any, after: Done | None = None, before: Done | None = None) -> Values:
        """These messages came, in this order, and no others."""
        return Values(
            self.fired("onMessage", after=_at(after), before=_at(before)), tuple(encode(value) for value in values)
        )

    def has_heard(self, times: int) -> Times:
        """This many messages came, whatever they were."""
        return Times(self.fired("onMessage"), times, times)

    def heard_by(self, listener: str, *values: Any) -> Values:
        """These messages came to one listener of this port."""
        return Values(
            Pattern("fire", "onMessage", port=self.shown, listener=listener), tuple(encode(value) for value in values)
        )

    def told(self, listener: str, times: int = 1) -> Times:
        """One listener of ``onDisconnect`` was called this often."""
        return Times(Pattern("fire", "onDisconnect", port=self.shown, listener=listener), times, times)

    def born(self) -> Pattern:
        """The event that made this end: the return of the call, or ``onConnect``."""
        raise NotImplementedError

    def named(self, name: str) -> Field:
        """``port.name`` is this."""
        return Field(self.born(), "name", wanted=name)

    def has(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """A field of the port as it was born: ``sender.tab.id`` is an integer, ``sender`` is absent, …"""
        return Field(self.born(), path, is_, encode(wanted))

    def noted(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """What ``read(path)`` noted."""
        return Field(Pattern("note", path, port=self.shown), "value", is_, encode(wanted))

    def ended_with(self, path: str, is_: str = "same", wanted: Any = None) -> Field:
        """At ``onDisconnect``: ``error`` or ``last_error`` or ``value`` (the listener's argument) is so."""
        return Field(self.fired("onDisconnect"), path, is_, encode(wanted))


class OpenedPort(PortEnd):
    """The end that a call of ``connect`` returned."""

    def __init__(self, play: Play, actor: str, name: str, api: str, step: int) -> None:
        super().__init__(play, actor, name)
        self.api, self.step = api, step

    def born(self) -> Pattern:
        return Pattern("return", self.api, port=self.name)

    def call(self) -> Call:
        """The call that opened it."""
        return Call(self.step, self.actor, self.name, self.api)


class ReceivedPort(PortEnd):
    """The end that a listener was given, as the ``nth`` of its incarnation."""

    def __init__(self, play: Play, listening: Listening, nth: int) -> None:
        super().__init__(play, listening.actor, f"{listening.name}#{nth}")
        self.event = listening.event

    def born(self) -> Pattern:
        return Pattern("fire", self.event, port=self.name)


class Listening:
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

    def arrives(self, *, after: Done | None = None, before: Done | None = None, **more: Any) -> Pattern:
        """The event of a new port, for patterns."""
        return Pattern("fire", self.event, listener=self.name, after=_at(after), before=_at(before), **more)

    def fired(self, times: int = 1, *, after: Done | None = None, before: Done | None = None) -> Times:
        """It was called this often."""
        return Times(self.arrives(after=after, before=before), times, times)

    def silent(self, *, after: Done | None = None, before: Done | None = None) -> Times:
        """It was never called."""
        return self.fired(0, after=after, before=before)


class Actor:
    """Someone who can open ports and listen for them."""

    def __init__(self, play: Play, name: str) -> None:
        self.play, self.name = play, name

    def one_turn(self) -> AbstractContextManager[None]:
        """What is written inside is done in one turn of this actor's event loop."""
        return self.play.turn(self.name)

    def connect(self, *args: Any, name: str | None = None, to: str | None = None, record: bool = True) -> OpenedPort:
        """Call ``runtime.connect``: with these arguments as they are, or with ``to`` (an extension) and ``name``."""
        made = list(args)
        if to is not None:
            if to == "peer":
                self.play.peer()
            made.append(tag("id-of", extension=to) if to in ("subject", "peer") else to)
        if name is not None:
            made.append({"name": name})
        return self._connect("runtime.connect", made, record)

    def connect_tab(
        self,
        page: Document,
        *,
        name: str | None = None,
        frame: Document | None = None,
        args: Sequence[Any] | None = None,
    ) -> OpenedPort:
        """Call ``tabs.connect`` for the page's tab, for one frame of it where ``frame`` is given."""
        info: dict[str, Any] = {}
        if name is not None:
            info["name"] = name
        if frame is not None:
            info["frameId"] = tag("frame-of", document=frame.name)
        made = [tag("tab-of", document=page.name), *([info] if info else [])]
        return self._connect("tabs.connect", list(args) if args is not None else made, record=True)

    def connect_native(self, application: Application) -> OpenedPort:
        """Call ``runtime.connectNative`` with the application's name."""
        return self._connect("runtime.connectNative", [tag("host-of", application=application.name)], record=True)

    def _connect(self, api: Any, args: list[Any], record: bool) -> OpenedPort:
        port = self.play.new_port(self.name)
        ops: list[s.AnyOp] = [s.Connect(port, api, tuple(encode(arg) for arg in args))]
        if record:
            ops += [s.Listen(f"{port}.{event}", event, port) for event in ("onMessage", "onDisconnect")]
            for event in ("onMessage", "onDisconnect"):
                self.play.listeners[f"{port}.{event}"] = self.name
        return OpenedPort(self.play, self.name, port, api, self.play.do(self.name, *ops))

    def listens(
        self,
        event: str = "onConnect",
        *,
        label: str = "",
        then: Callable[[PortEnd], object] | None = None,
        record: bool = True,
    ) -> Listening:
        """Add a listener for new ports; it records what each port says, then does ``then`` with it, in the same turn."""
        name = self._listener_name(event, label)
        self.play.do(self.name, s.Listen(name, f"runtime.{event}", None, self._reaction(name, then, record)))  # type: ignore[arg-type]
        return Listening(self.play, self.name, name, f"runtime.{event}")

    def _listener_name(self, event: str, label: str) -> str:
        name = f"{self.name}.{event}" + (f".{label}" if label else "")
        if name in self.play.listeners:
            raise ScenarioError(
                f"{self.play.name}: {self.name} already listens to {event}; give the second listener a label"
            )
        return name

    def _reaction(self, listener: str, then: Callable[[PortEnd], object] | None, record: bool) -> tuple[s.AnyOp, ...]:
        recording: list[s.AnyOp] = [
            s.Listen(f"{THIS_PORT}.{event}", event, THIS_PORT) for event in ("onMessage", "onDisconnect")
        ]
        port = PortEnd(self.play, self.name, THIS_PORT, f"{listener}#1")
        return (*(recording if record else []), *self.play.reaction(self.name, then, port))

    def lived(self, life: int, *, after: Done | None = None) -> Times:
        """It did or saw something in this one of its lives: a document that comes back from the bfcache is in its first."""
        return at_least_once(Pattern(actor=self.name, incarnation=life, after=_at(after)))

    def stops_listening(self, listening: Listening) -> None:
        """Remove a listener for new ports."""
        self.play.do(self.name, s.Unlisten(listening.name))


class Background(Actor):
    """An extension's background. Its listeners are registered at its top level, in each of its incarnations."""

    def __init__(self, play: Play, name: str, extension: s.Extension) -> None:
        super().__init__(play, name)
        self.extension = extension

    def listens(
        self,
        event: str = "onConnect",
        *,
        label: str = "",
        then: Callable[[PortEnd], object] | None = None,
        record: bool = True,
    ) -> Listening:
        if label:
            return super().listens(event, label=label, then=then, record=record)
        name = self._listener_name(event, label)
        cast = self.play.backgrounds[self.name]
        listener = s.Listener(name, f"runtime.{event}", self._reaction(name, then, record))  # type: ignore[arg-type]
        self.play.backgrounds[self.name] = msgspec.structs.replace(cast, listeners=(*cast.listeners, listener))
        return Listening(self.play, self.name, name, f"runtime.{event}")

    def needs_to_stop(self) -> None:
        """The scenario is for backgrounds that can be stopped: not applicable to persistent pages."""
        self.play._step(s.Need(self.name, "background.stops"))

    def is_stopped(self) -> Done:
        """The browser stops it, by force."""
        return self.play._step(s.StopBackground(self.extension))

    def idles_until_stopped(self) -> Done:
        """Nothing is done until the browser stops it for being idle."""
        return self.play._step(s.AwaitIdleStop(self.extension))

    def is_reloaded(self) -> Done:
        """Its extension is reloaded."""
        return self.play._step(s.ReloadExtension(self.extension))


class Document(Actor):
    """A document: for a web page the subject's content script in it, for an extension's page its own script."""

    def __init__(self, play: Play, name: str, parent: Document | None = None) -> None:
        super().__init__(play, name)
        self.parent = parent
        self.frames: list[Document] = []
        self.gone = False

    @property
    def script(self) -> Actor:
        """The web page's own script."""
        return Actor(self.play, f"{self.name}.script")

    @property
    def peer(self) -> Actor:
        """The other extension's content script in this document."""
        return Actor(self.play, f"{self.name}.peer")

    @property
    def user_script(self) -> Actor:
        """The subject's user script in this document, in a world that may send messages."""
        return Actor(self.play, f"{self.name}.user_script")

    def _leaves(self) -> None:
        self.gone = True
        for frame in self.frames:
            frame._leaves()

    def add_frame(self, spec: FrameSpec = "here") -> Document:
        """One more frame comes into the page."""
        from conformance.core.play import frame_of

        frame = frame_of(f"{self.name}.frame{len(self.frames) + 1}", spec)
        self.play._step(s.AddFrame(self.name, frame))
        self.frames.append(self.play.document(frame.document, self))
        return self.frames[-1]

    def remove(self) -> Done:
        """The frame's element is removed from its page."""
        if not self.parent:
            raise ScenarioError(f"{self.play.name}: {self.name} is no frame; a page is closed, not removed")
        self._leaves()
        return self.play._step(s.RemoveFrame(self.name))

    def navigate(self, name: str = "", *, site: Site = "here") -> Document:
        """Another document is loaded in its place; returns it."""
        from conformance.core.play import frame_of

        name = name or f"{self.name}.next"
        if self.parent:
            self.play._step(s.NavigateFrame(self.name, frame_of(name, site)))
        else:
            self.play._step(s.Navigate(self.name, name, site))
        self._leaves()
        return self.play.document(name, self.parent)

    def go_back(self, to: Document) -> Done:
        """The tab goes back in its history, from this document to ``to``."""
        self._leaves()
        for document in (to, *to.frames):
            document.gone = False
        return self.play._step(s.GoBack(self.name, to.name))

    def close(self) -> Done:
        """The tab is closed."""
        self._leaves()
        return self.play._step(s.CloseTab(self.name))


class Application:
    """A native application at the other end of ``connectNative``."""

    def __init__(self, play: Play, name: str) -> None:
        self.play, self.name = play, name

    def posts(self, value: Any) -> Done:
        """It sends one message."""
        return Done(self.play.do(self.name, s.Post("", (encode(value),))))

    def exits(self, code: int = 0) -> Done:
        """It ends by itself."""
        return Done(self.play.do(self.name, s.AppExit(code)))

    def crashes(self) -> Done:
        """It is killed by SIGKILL."""
        return Done(self.play.do(self.name, s.AppCrash()))

    def writes_garbage(self) -> Done:
        """It writes a frame whose body is not JSON."""
        return Done(self.play.do(self.name, s.AppWrite("garbage")))

    def sends_message_of(self, size: int) -> Done:
        """It sends one message of this many bytes."""
        return Done(self.play.do(self.name, s.AppWrite("size", size)))

    def started(self, times: int = 1) -> Times:
        """The browser started this many processes of it."""
        return Times(Pattern("note", "started", actor=self.name), times, times)

    def received(self, *values: Any) -> Values:
        """It received these messages, in this order, and no others."""
        return Values(Pattern("fire", "onMessage", actor=self.name), tuple(encode(value) for value in values))

    def ended(self, *, after: Done | None = None) -> Times:
        """Its process ended."""
        return exactly_once(Pattern("note", "ended", actor=self.name, after=_at(after)))

    def running(self) -> Times:
        """Its process did not end."""
        return never(Pattern("note", "ended", actor=self.name))


def both(*checks: AnyCheck) -> AllOf:
    """Every check holds."""
    return all_of(*checks)


def either(*checks: AnyCheck) -> AnyCheck:
    """At least one holds."""
    return any_of(*checks)
