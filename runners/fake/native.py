"""Native applications as the fake plays them: one process for each port, which records what the real one does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from portolan.conformance.trace import steps as s
from portolan.conformance.trace.values import Json, tag
from portolan.runners.fake import families
from portolan.runners.fake.bugs import Bug
from portolan.runners.fake.families import MEBIBYTE, UNEXPECTED, JsError
from portolan.runners.fake.interface import Model
from portolan.runners.fake.opening import Request, name_at
from portolan.runners.fake.state import Channel, PortEnd, Record, unheard

CHROMIUM_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
LONGEST_BODY = 8192
CAUSES: dict[s.NativeManifest, str] = {
    "forbidden": "Access is forbidden.",
    "typeless": "The manifest is invalid.",
    "fileless": "Failed to start: no such file.",
    "unrunnable": "Failed to start: the file cannot be executed.",
}
"""What a browser could say that names every cause."""
IN_THE_CONSOLE: dict[s.NativeManifest, str] = {
    "typeless": ".type must be one of stdio",
    "forbidden": "This extension does not have permission to use native manifest",
    "fileless": "File does not exist, or is not executable",
    "unrunnable": "File does not exist, or is not executable",
}
"""What Firefox tells its console of a refusal."""


class Child:
    """One child process of a native application."""

    def __init__(self, op: s.AppChild, record: Record) -> None:
        self.actor, self.broken_away, self.record = op.child, op.breaks_away, record
        self.running = True
        record("note", "started", value={"broken_away": op.breaks_away})

    def answer(self) -> None:
        """It is asked whether it is alive."""
        if self.running:
            self.record("note", "alive")

    def stop(self) -> None:
        """The browser ends it."""
        if self.running:
            self.running = False
            self.record("fire", "SIGTERM")
            self.record("note", "ended")


class Process:
    """One process of a native application, or the lack of one where it was not started."""

    def __init__(self, network: Model, part: s.Application, record: Record) -> None:
        self.network, self.part, self.record = network, part, record
        self.running = False
        self.over = False
        self.end: PortEnd | None = None
        self.children: list[Child] = []

    # ---- its life

    def start(self, arguments: list[str]) -> None:
        """The browser starts it."""
        self.running = True
        self.record("note", "started", value=arguments)

    def stop(self) -> None:
        """It has ended, for whatever reason."""
        if self.running:
            self.running = False
            self.record("note", "ended")
            for child in self.children:  # both families leave them alone
                if Bug.NATIVE_ENDS_EVERY_CHILD in self.network.bugs or (
                    Bug.NATIVE_ENDS_CHILDREN in self.network.bugs and not child.broken_away
                ):
                    child.stop()

    def input_ends(self) -> None:
        """The browser closes its input: the port was closed, or its context has ended."""
        self.over = True
        if not self.running or Bug.NATIVE_SURVIVES_DISCONNECT in self.network.bugs:
            return
        if self.part.on_message == "ignore":
            if self.network.family is families.FIREFOX:
                self.record("fire", "SIGTERM")
            self.stop()
            return
        self.record("fire", "end-of-input")
        if self.part.on_eof == "stay" and self.network.rule(
            self.network.family is families.FIREFOX, Bug.NATIVE_ENDS_AS_ELSEWHERE
        ):
            self.record("fire", "SIGTERM")  # Chromium kills it outright
        self.stop()

    def fails(self, text: str | None) -> None:
        """The browser ends the port."""
        self.over = True
        if self.end:
            self.network.tell(self.end, text)

    # ---- what it hears and says

    def hear(self, value: Json) -> None:
        """A message of the extension has arrived."""
        if not self.running or self.part.on_message == "ignore":
            return
        if value == tag("undefined"):
            self._hears_nothing()
            return
        long = isinstance(value, dict) and value.get("$") == "repeat"
        size = value["times"] + 2 if long else len(json.dumps(value))
        self.record(
            "fire", "onMessage", value=value if size < LONGEST_BODY else tag("text", length=size, hash="", start="")
        )
        if self.part.on_message == "echo":
            self.post(value)

    def _hears_nothing(self) -> None:
        """Firefox sends no body at all for undefined, which is no JSON."""
        self.record("fire", "onMessage", value=tag("unreadable", bytes=""))
        if self.part.on_message == "echo":
            self.post(tag("unreadable", bytes=""))

    def post(self, value: Json) -> None:
        """It sends one message."""
        self.record("call", "postMessage", value=[value])
        self._say(value)

    def _say(self, value: Json) -> None:
        end = self.end
        if end and not self.over:
            self.network.send(end.channel, [value] if Bug.MANGLES_VALUES in self.network.bugs else value, None)

    # ---- what it is told to do

    def obey(self, ops: tuple[s.AnyOp, ...]) -> None:
        """Do the ops of a task, up to its own end."""
        for op in ops:
            if self.running:
                self._do(op)

    def _do(self, op: s.AnyOp) -> None:
        match op:
            case s.Post():
                self.post(op.args[0])
            case s.AppExit():
                self.record("call", "exit", value=[op.code])
                self._dies()
            case s.AppCrash():
                self.record("call", "crash")
                self._dies()
            case s.AppLog():
                shared = self.network.rule(self.network.family is families.CHROMIUM, Bug.NATIVE_STDERR_OPPOSITE)
                self.record("note", "stderr", value={"browsers": shared})
                if not shared:
                    self.network.show(f"stderr output from native app: {op.text}")
            case s.AppChild():
                self.children.append(Child(op, self.network.recorder(op.child)))
            case s.AppClose():
                self.record("call", "close")
                self.network.later(lambda: self._refused(self.network.family.exited))
            case s.AppWrite():
                self.record("call", "write", value=[op.what, op.size])
                self._writes_garbage() if op.what == "garbage" else self._writes_size(op.size)

    def _dies(self) -> None:
        self.stop()
        self.network.later(lambda: self.fails(self.network.family.exited))

    def _writes_garbage(self) -> None:
        network = self.network
        if Bug.NATIVE_GARBAGE_ARRIVES in network.bugs:
            self._say("garbage")
        elif Bug.NATIVE_GARBAGE_QUIET in network.bugs:
            network.later(lambda: self._refused(None))
        elif network.rule(network.family.garbage is not None, Bug.NATIVE_GARBAGE_OPPOSITE):
            network.later(lambda: self._refused(network.family.garbage or UNEXPECTED))

    def _writes_size(self, size: int) -> None:
        network = self.network
        limit = (
            size
            if Bug.NATIVE_HAS_NO_LIMIT in network.bugs
            else MEBIBYTE - 1
            if Bug.NATIVE_LIMIT_TOO_SMALL in network.bugs
            else MEBIBYTE
        )
        if size <= limit:
            self._say("x" * (size - 2))
            return
        network.later(lambda: self._refused(network.family.too_big(size)))

    def _refused(self, text: str | None) -> None:
        self.fails(text)
        self.input_ends()


def connect_native(
    network: Model, request: Request, part: s.Application | None, record: Callable[[], Record]
) -> PortEnd:
    """``runtime.connectNative``: a port at once, and the application's start later."""
    if Bug.CONNECT_THROWS in network.bugs:
        raise JsError("Error", "connect is broken")
    channel = Channel("")
    sender = {"id": "nobody"} if Bug.SENDER_EVERYWHERE in network.bugs else tag("undefined")
    end = channel.opener = network.end(
        request.opener, channel, name_at(network, request.name, own=True), sender, opener=True
    )
    process = channel.process = Process(network, part or s.Application(request.host, "missing"), unheard)
    process.end = end
    network.channels.append(channel)
    network.later(lambda: _start(network, request, process, record), (id(channel), "open"))
    return end


def _start(network: Model, request: Request, process: Process, record: Callable[[], Record]) -> None:
    if Bug.NATIVE_IS_A_CONNECT in network.bugs:
        _as_connect(network, request)
    if Bug.NATIVE_NEVER_STARTS in network.bugs or process.over:
        return
    if text := refusal(network, request, process.part):
        process.fails(text)
        return
    if Bug.NATIVE_SHARES_PROCESS in network.bugs and any(
        each.process is not process
        and isinstance(each.process, Process)
        and each.process.running
        and each.process.part is process.part
        for each in network.channels
    ):
        return
    if Bug.NATIVE_STARTS_TWICE in network.bugs:
        record()("note", "started", value=arguments(network, request))
    process.record = record()
    process.start(arguments(network, request))
    if Bug.INVENTS_MESSAGES in network.bugs and process.end:
        network.invent(process.end.channel)


def refusal(network: Model, request: Request, part: s.Application) -> str | None:
    """Why the browser does not start the application, if it does not."""
    if Bug.NATIVE_STARTS_ANYTHING in network.bugs:
        return None
    if request.opener.kind == "content" and Bug.API_EVERYWHERE not in network.bugs:
        return UNEXPECTED
    if not CHROMIUM_NAME.fullmatch(request.host) and network.family is families.CHROMIUM:
        return "Invalid native messaging host name specified."
    if part.manifest == "allowed":
        return None
    return _said_of(network, part).format(host=request.host)


def _said_of(network: Model, part: s.Application) -> str:
    if network.family is families.FIREFOX:
        network.show(IN_THE_CONSOLE.get(part.manifest, network.family.missing))
    elif Bug.CONSOLE_SAYS_EVERYTHING in network.bugs:
        network.show(CAUSES.get(part.manifest, network.family.missing))
    if Bug.NATIVE_CAUSES_UNNAMED in network.bugs:
        return UNEXPECTED
    if Bug.NATIVE_CAUSES_NAMED in network.bugs:
        return CAUSES.get(part.manifest, network.family.missing)
    said = {
        "forbidden": network.family.forbidden,
        "fileless": network.family.fileless,
        "unrunnable": network.family.unrunnable,
    }
    return said.get(part.manifest, network.family.missing)


def arguments(network: Model, request: Request) -> list[str]:
    """What the browser starts the application with."""
    extension = str(request.opener.extension)
    if network.family is families.FIREFOX:
        return [f"/home/.mozilla/native-messaging-hosts/{request.host}.json", network.family.extension_id(extension)]
    slash = "" if Bug.NATIVE_ORIGIN_WITHOUT_SLASH in network.bugs else "/"
    return [f"{network.family.origin(extension)}{slash}"]


def _as_connect(network: Model, request: Request) -> None:
    for context in network.contexts:
        if context.alive and context.extension == request.extension:
            for emitter in context.events.values():
                channel = Channel("")
                channel.opener = network.end(request.opener, channel, "", tag("undefined"), opener=True)
                emitter.fire(network.end(context, channel, request.host, tag("undefined"), opener=False))
