"""The puppet as the fake plays it: does ops in a context, and records what the real one records, in the same form.

The real one is ``fixtures-extensions/shared/puppet.js``; where it changes, this follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from portolan.conformance.trace import steps as s
from portolan.conformance.trace.steps import THIS_PORT
from portolan.conformance.trace.values import Json, tag
from portolan.runners.fake import asking, opening, shapes, worlds
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import CONNECT_EVENTS, INVALIDATED, JsError
from portolan.runners.fake.jsvalues import live, shown
from portolan.runners.fake.native import connect_native
from portolan.runners.fake.network import Network
from portolan.runners.fake.state import Context, Emitter, Handler, PortEnd

MOST_EVENTS = 50_000
COUNTED = 1000
RECORD_PORT: tuple[s.AnyOp, ...] = (
    s.Listen(f"{THIS_PORT}.onMessage", "onMessage", THIS_PORT),
    s.Listen(f"{THIS_PORT}.onDisconnect", "onDisconnect", THIS_PORT),
)
"""What every listener for ports does unless a scenario says otherwise."""


class PuppetError(Exception):
    """An op could not be done at all: the scenario asks for what this context does not have."""


class Stage(Protocol):
    """What a puppet needs of the play around it."""

    network: Network
    manifest: int

    def record(self, context: Context, phase: str, operation: str, **more: Any) -> None:
        """Keep one event."""

    def resolve(self, value: Json) -> Json:
        """Put in what only the play knows."""

    def application(self, host: str) -> tuple[s.Application | None, Callable[[], Callable[..., None]]]:
        """The play's application of this name, and what makes a recorder for a new process of it."""


@dataclass(frozen=True)
class Scope:
    """What an op in a reaction may speak of."""

    port: PortEnd | None = None
    port_name: str = ""
    argument: Json = None


@dataclass
class TopLevel:
    """A listener that a background registered at its top level: what it does changes from play to play."""

    handler: Handler
    listener: str
    then: tuple[s.AnyOp, ...]
    on: bool = True


@dataclass
class Numbers:
    """What is kept of many ports."""

    ports: int = 0
    heard: int = 0
    ended: int = 0

    def hear(self) -> None:
        """A message has come."""
        self.heard += 1

    def end(self) -> None:
        """One of the ports has ended."""
        self.ended += 1


class Puppet:
    """The puppet of one context."""

    def __init__(self, stage: Stage, context: Context) -> None:
        self.stage, self.network, self.context = stage, stage.network, context
        self.ports: dict[str, PortEnd] = {}
        self.names: dict[PortEnd, str] = {}
        self.listeners: dict[str, tuple[Emitter, Handler]] = {}
        self.arrivals: dict[str, int] = {}
        self.top_level: dict[str, TopLevel] = {}
        self.tallies: dict[str, Numbers] = {}

    # ---- recording

    def record(self, phase: str, operation: str, **more: Any) -> None:
        """Keep one event of this context, up to a number that only a flood reaches."""
        if self.context.counter == MOST_EVENTS - 1:
            phase, operation, more = "note", "flood", {}
        if self.context.counter < MOST_EVENTS:
            self.stage.record(self.context, phase, operation, **more)

    def encode(self, value: Any) -> Json:
        """A value as it is recorded; a port that this puppet knows by its name."""
        if isinstance(value, PortEnd):
            return (
                tag("port", port=self.names[value])
                if value in self.names
                else tag("instance", **{"class": "Object", "properties": {}})
            )
        return shown(value)

    def snapshot(self, port: PortEnd) -> dict[str, Json]:
        """What a port says of itself."""
        return {key: self.encode(port.property(key)) for key in ("name", "sender", "error")}

    # ---- ops

    def perform(self, ops: tuple[s.AnyOp, ...], scope: Scope) -> None:
        """Do ops in one turn."""
        for op in ops:
            port = getattr(op, "port", None)
            if port and not isinstance(op, s.Connect) and self.port_of(port, scope) is None:
                kind = str(msgspec.to_builtins(op)["op"])
                self.record("note", "no-port", port=self.name_of(port, scope), value=kind)
            else:
                handler: Callable[[Any, Scope], None] = getattr(self, f"_do_{type(op).__name__}")
                handler(op, scope)

    def port_of(self, name: str, scope: Scope) -> PortEnd | None:
        """The port of this name."""
        return scope.port if name == THIS_PORT else self.ports.get(name)

    def name_of(self, name: str, scope: Scope) -> str:
        """The name that is recorded."""
        return scope.port_name if name == THIS_PORT else name

    def _attempt(self, operation: str, port: str, args: list[Json], call: Callable[[], Any]) -> tuple[Any] | None:
        self.record("call", operation, port=port, value=[self.encode(arg) for arg in args])
        try:
            opening.throw_if_gone(self.context, INVALIDATED)
            worlds.throw_if_forbidden(self.network, self.context)
            return (call(),)
        except JsError as error:
            self.record("throw", operation, port=port, value=error.value)
            return None

    def _args(self, args: tuple[Json, ...], scope: Scope) -> list[Json]:
        return [live(self.stage.resolve(arg), scope.argument) for arg in args]

    def _do_Connect(self, op: s.Connect, scope: Scope) -> None:
        args = self._args(op.args, scope)
        if made := self._attempt(op.api, op.port, args, lambda: self._connect(op.api, args)):
            nothing = Bug.CONNECT_RETURNS_NOTHING in self.network.bugs
            if not nothing:
                self.keep(op.port, made[0])
            self.record("return", op.api, port=op.port, value=tag("undefined") if nothing else self.snapshot(made[0]))

    def _connect(self, api: str, args: list[Json]) -> PortEnd:
        self.context.looked = True
        if api not in self.context.apis:
            raise self.network.family.no_method(self.context.apis, api)
        request = opening.parse(self.network, self.context, api, args)
        if api == "runtime.connectNative":
            part, recorder = self.stage.application(request.host)
            return connect_native(self.network, request, part, recorder)
        return self.network.connect(request)

    def keep(self, name: str, port: PortEnd) -> None:
        """Know a port by a name; the first name is the one that is recorded."""
        self.ports[name] = port
        self.names.setdefault(port, name)

    def _do_Post(self, op: s.Post, scope: Scope) -> None:
        args, port = self._args(op.args, scope), self.port_of(op.port, scope)
        assert port
        name = self.name_of(op.port, scope)
        if self._attempt("postMessage", name, args, lambda: self.network.post(port, args)):
            self.record("return", "postMessage", port=name, value=tag("undefined"))

    def _do_Ask(self, op: s.Ask, scope: Scope) -> None:
        args = self._args(op.args, scope)
        self.record("call", op.api, listener=op.name, value=[self.encode(arg) for arg in args])

        def tell(value: Json, error: str | None) -> None:
            if op.how == "both":
                self.record("note", "extension.lastError", listener=op.name, value=self._alias(error))
            if op.how == "unread":
                self.record("fire", "answer", listener=op.name, value=self.encode(value))
                if error:
                    self.network.show(f"Unchecked lastError: {error}")
            elif op.how != "promise":
                if error and Bug.CONSOLE_SAYS_EVERYTHING in self.network.bugs:
                    self.network.show(f"lastError: {error}")
                seen = asking.last_error(self.network, error)
                self.record("fire", "answer", listener=op.name, value=self.encode(value), last_error=seen)
            elif error is None:
                self.record("fire", "answer", listener=op.name, value=self.encode(value))
            else:
                problem = tag("error", name="Error", message=error)
                self.record("fire", "rejection", listener=op.name, value=problem)

        if op.api == "runtime.sendMessage":
            try:
                asking.send(self.network, self.context, args, tell)
            except JsError as thrown:
                self.record("fire", "rejection", listener=op.name, value=thrown.value)
            return
        if op.api == "permissions.contains":
            permitted = self.context.extension in self.network.worlds.permitted
            self.network.later(lambda: tell(permitted, None))
            return
        request = opening.Request(op.api, self.context, host=str(args[0]))
        part, recorder = self.stage.application(request.host)
        asking.send_native(self.network, request, part, recorder, args[1], tell)

    def _alias(self, error: str | None) -> Json:
        """``extension.lastError`` beside ``runtime.lastError``: of Manifest V2 only."""
        if (
            not self.network.rule(self.stage.manifest == 2, Bug.ALIAS_OPPOSITE)
            and Bug.ALIAS_OF_ITS_OWN not in self.network.bugs
        ):
            return {"error": tag("absent"), "same": False}
        return {
            "error": asking.last_error(self.network, error),
            "same": Bug.ALIAS_OF_ITS_OWN not in self.network.bugs,
        }

    def _do_HearEnd(self, op: s.HearEnd, _: Scope) -> None:
        self.context.hears_end = True

    def _do_Disconnect(self, op: s.Disconnect, scope: Scope) -> None:
        port, name = self.port_of(op.port, scope), self.name_of(op.port, scope)
        assert port
        if self._attempt("disconnect", name, [], lambda: self.network.disconnect(port)):
            self.record("return", "disconnect", port=name, value=tag("undefined"))

    def _do_Read(self, op: s.Read, scope: Scope) -> None:
        port = self.port_of(op.port, scope)
        assert port
        self.record("note", op.path, port=self.name_of(op.port, scope), value=self.encode(port.property(op.path)))

    def _do_Probe(self, op: s.Probe, scope: Scope) -> None:
        found = self.network.type_at(self.context, op.path)
        self.record("note", "probe", value={"path": op.path, "type": found})

    def _do_Describe(self, op: s.Describe, scope: Scope) -> None:
        port = self.port_of(op.port, scope) if op.port else None
        more = {"port": self.name_of(op.port, scope)} if op.port else {}
        if port is None:
            made = shapes.event(self.network, of_port=False) if op.path in self.context.events else shapes.function()
        else:
            made = shapes.event(self.network, of_port=True) if op.path else shapes.port(self.network, port)
        self.record("note", f"describe {op.path}".strip(), value=made, **more)

    def _do_PostMany(self, op: s.PostMany, scope: Scope) -> None:
        port, name = self.port_of(op.port, scope), self.name_of(op.port, scope)
        assert port

        def call() -> None:
            for number in range(op.count):
                self.network.post(port, [number])

        if self._attempt("postMany", name, [op.count], call):
            self.record("return", "postMany", port=name, value=tag("undefined"))

    def _do_Count(self, op: s.Count, scope: Scope) -> None:
        port, name = self.port_of(op.port, scope), self.name_of(op.port, scope)
        assert port
        count, in_order = 0, True

        def counts(message: Any, *_: Any) -> None:
            nonlocal count, in_order
            in_order = in_order and message == count
            count += 1
            if count % COUNTED == 0:
                self.record("note", "count", port=name, value={"count": count, "in_order": in_order})

        port.on["onMessage"].add(Handler(counts))

    def _do_ConnectMany(self, op: s.ConnectMany, scope: Scope) -> None:
        args, tally = self._args(op.args, scope), self.tallies.setdefault(op.group, Numbers())

        def call() -> None:
            for number in range(op.count):
                port = self._connect(op.api, args)
                self._count(tally, port)
                port.on["onMessage"].add(Handler(lambda *_: tally.hear()))
                self.network.post(port, [number])

        self.record("call", "connectMany", value=[op.api, op.count])
        try:
            call()
        except JsError as error:
            self.record("throw", "connectMany", value=error.value)
        else:
            self.record("return", "connectMany", value=tag("undefined"))

    def _count(self, tally: Numbers, port: PortEnd) -> None:
        tally.ports += 1
        port.on["onDisconnect"].add(Handler(lambda *_: tally.end()))

    def _do_WelcomeMany(self, op: s.WelcomeMany, _: Scope) -> None:
        tally = self.tallies.setdefault(op.group, Numbers())

        def welcome(port: PortEnd) -> None:
            self._count(tally, port)

            def send_back(message: Any, *_: Any) -> None:
                tally.hear()
                self.network.post(port, [message])

            port.on["onMessage"].add(Handler(send_back))

        self.context.events["runtime.onConnect"].add(Handler(welcome))

    def _do_Tally(self, op: s.Tally, _: Scope) -> None:
        tally = self.tallies.setdefault(op.group, Numbers())
        self.record("note", "tally", value={"ports": tally.ports, "heard": tally.heard, "ended": tally.ended})

    def _do_PushState(self, op: s.PushState, _: Scope) -> None:
        page = self.context.page
        assert page
        page.address = f"{page.address}#{op.fragment}"
        self.record("note", "pushState", value=page.address)

    def _do_SetGlobal(self, op: s.SetGlobal, scope: Scope) -> None:
        (self.context.globals[op.name],) = self._args(op.args, scope)

    def _do_ReadGlobal(self, op: s.ReadGlobal, _: Scope) -> None:
        value = self.context.globals.get(op.name, tag("absent"))
        self.record("note", f"globalThis.{op.name}", value=self.encode(value))

    def _do_Throw(self, op: s.Throw, scope: Scope) -> None:
        """The reaction's last: see ``_react``."""

    # ---- listeners

    def _do_Relisten(self, op: s.Relisten, scope: Scope) -> None:
        id = op.listener.replace(THIS_PORT, scope.port_name)
        if id not in self.listeners:
            raise PuppetError(f"there is no listener {id} in {self.context.actor}")
        emitter, handler = self.listeners[id]
        emitter.add(handler)
        self.record("note", "addListener", listener=op.listener, value=handler in emitter.handlers)

    def _do_Listen(self, op: s.Listen, scope: Scope) -> None:
        port = self.port_of(op.port, scope) if op.port else None
        port_name = self.name_of(op.port, scope) if op.port else ""
        id = op.listener.replace(THIS_PORT, port_name)
        emitter = port.on[op.event] if port else self.context.events.get(op.event)
        if emitter is None:
            raise PuppetError(f"{op.event} is not there in {self.context.actor}")
        arrived = Handler(lambda port: self._arrived(port, op.event, id, op.then))
        handler = Handler(self._told(op, id)) if op.event in asking.EVENTS else arrived
        if port:
            handler = self._port_handler(id, op.event, port, port_name, op.then)
        self.listeners[id] = (emitter, handler)
        emitter.add(handler)

    def _told(self, op: s.Listen, id: str) -> Callable[..., None]:
        def told(value: Json, respond: Callable[[Json], None] | None = None) -> None:
            self.record("fire", op.event, listener=id, value=self.encode(value))
            if respond:
                for answer in op.answers:
                    respond(live(self.stage.resolve(answer)))

        return told

    def _do_Unlisten(self, op: s.Unlisten, scope: Scope) -> None:
        for event, entry in self.top_level.items():
            if entry.on and entry.listener == op.listener:
                self._unregister(event, entry)
                return
        if op.listener not in self.listeners:
            raise PuppetError(f"there is no listener {op.listener} in {self.context.actor}")
        emitter, handler = self.listeners[op.listener]
        emitter.remove(handler)
        self.record("note", "removeListener", listener=op.listener, value=handler in emitter.handlers)

    def _unregister(self, event: str, entry: TopLevel) -> None:
        emitter = self.context.events[event]
        emitter.remove(entry.handler)
        there = entry.handler in emitter.handlers
        entry.on = there
        self.context.unregistered |= set() if there else {event}
        self.record("note", "removeListener", listener=entry.listener, value=there)

    def _port_handler(self, id: str, event: str, port: PortEnd, port_name: str, then: tuple[s.AnyOp, ...]) -> Handler:
        def call(*args: Any) -> bool:
            more: dict[str, Any] = {"port": port_name, "listener": id, "value": self.encode(args[0])}
            if len(args) > 1:
                more["rest"] = [self.encode(arg) for arg in args[1:]]
            if event == "onDisconnect":
                more |= {"error": self.encode(port.property("error")), "last_error": self.context.last_error}
            self.record("fire", event, **more)
            return self._react(then, Scope(port, port_name, args[0]))

        return Handler(call)

    def _arrived(self, port: PortEnd, event: str, id: str, then: tuple[s.AnyOp, ...]) -> bool:
        count = self.arrivals[id] = self.arrivals.get(id, 0) + 1
        name = f"{id}#{count}"
        known = self.names.get(port)
        self.keep(name, port)
        value = self.snapshot(port) | ({"same": known} if known else {})
        self.record("fire", event, port=name, listener=id, value=value)
        return self._react(then, Scope(port, name))

    def _react(self, then: tuple[s.AnyOp, ...], scope: Scope) -> bool:
        """Do the ops; whether the listener throws in the end."""
        if self.context.counter >= MOST_EVENTS:
            return False
        try:
            self.perform(
                then, replace(scope, argument=live(scope.argument) if not isinstance(scope.argument, PortEnd) else None)
            )
        except PuppetError as failed:
            self.record("note", "puppet-failed", value=str(failed))
        return any(isinstance(op, s.Throw) for op in then)

    # ---- what a background registers at its top level

    def register_top_level(self) -> None:
        """While the script is first evaluated: a listener for every event of ports, which records what each port says."""
        for event in CONNECT_EVENTS:
            if emitter := self.context.events.get(event):
                entry = TopLevel(
                    Handler(self._top_level_handler(event)),
                    f"{self.context.actor}.{event.removeprefix('runtime.')}",
                    RECORD_PORT,
                )
                self.top_level[event] = entry
                emitter.add(entry.handler)

    def _top_level_handler(self, event: str) -> Callable[..., bool]:
        return lambda port: self._arrived(port, event, self.top_level[event].listener, self.top_level[event].then)

    def begin(self, listeners: tuple[s.Listener, ...]) -> None:
        """A play begins: only its own listeners stay."""
        wanted = {listener.event: listener for listener in listeners}
        for event, entry in self.top_level.items():
            if event not in wanted and entry.on:
                entry.on = False
                self.context.events[event].handlers.remove(entry.handler)
        self.join(listeners)

    def join(self, listeners: tuple[s.Listener, ...]) -> None:
        """What the play's listeners do is known from here on."""
        for listener in listeners:
            entry = self.top_level.get(listener.event)
            if entry:
                entry.listener, entry.then = listener.listener, listener.then
                if not entry.on:
                    entry.on = True
                    self.context.events[listener.event].add(entry.handler)
