"""The actors of a scenario: whoever can open ports and listen for them, and the documents in which they live."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, get_args

from portolan.conformance.checks.checks import Field, Times, at_least_once, exactly_once
from portolan.conformance.checks.patterns import FieldTest, Pattern
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.arguments import checked
from portolan.conformance.language.native import Application
from portolan.conformance.language.ports import (
    ConnectListener,
    MessageCall,
    MessageListener,
    OpenedPort,
    PortEnd,
    StepRef,
    index_of,
)
from portolan.conformance.language.script import Script
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.steps import THIS_PORT
from portolan.conformance.trace.values import encode, tag

SiteName = Literal["same-site", "cross-site"]
"""The two web sites on which pages can be. Two documents of one site may share a process; those of different sites never do."""

FrameSpec = Literal["same-site", "cross-site", "extension", "about:blank", "srcdoc", "sandboxed"]
"""Where the document of a frame comes from."""

LOADED_FRAMES = ("same-site", "cross-site", "extension")
"""The frames whose document is loaded from an address: these can be added later, and be in an extension's page."""

ConnectEventName = Literal["onConnect", "onConnectExternal", "onUserScriptConnect"]
MessageEventName = Literal["onMessage", "onMessageExternal"]
Callback = Literal["unread", "both"]
HowAnswered = Literal["promise", "callback", "unread", "both"]

RECORDING_LISTENERS = ("onMessage", "onDisconnect")
"""The events of each port that are recorded, unless ``record=False``."""

SITES: dict[str, s.Site] = {"same-site": "here", "cross-site": "elsewhere"}


def site_of(name: SiteName) -> s.Site:
    """A site as steps record it."""
    return SITES[name]


def frame_of(name: str, spec: FrameSpec) -> s.Frame:
    """A frame as steps record it."""
    if spec == "extension":
        return s.Frame(name, "here", "extension")
    if spec == "about:blank" or spec == "srcdoc" or spec == "sandboxed":
        return s.Frame(name, holds=spec)
    return s.Frame(name, site_of(spec))


def id_of(extension: s.Extension) -> Any:
    """The id of an extension, as a value in the arguments of ``connect``; what it is, only the play knows."""
    return tag("id-of", extension=extension)


@checked
class Actor:
    """Someone who can open ports and listen for them: a background, a page, or a script in a page."""

    def __init__(self, script: Script, name: str) -> None:
        self._script, self.name = script, name

    def one_turn(self) -> AbstractContextManager[None]:
        """Do everything that is written inside a ``with`` statement in one turn of this actor's event loop."""
        return self._script.turn(self.name)

    # ---- ports

    def connect(self, *args: Any, name: str | None = None, to: str | None = None, record: bool = True) -> OpenedPort:
        """Call ``runtime.connect``.

        Args:
            args: the arguments, passed as they are.
            name: the port's name.
            to: the extension to connect to: ``"subject"``, ``"peer"``, or an id.
            record: whether what the port receives is recorded.
        """
        made = list(args)
        if to is not None:
            if to == "peer":
                self._script.add_background("peer", "peer")
            made.append(tag("id-of", extension=to) if to in get_args(s.Extension) else to)
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
        """Call ``tabs.connect`` for the tab of a page.

        Args:
            page: the page.
            name: the port's name.
            frame: connect to this frame of the page alone.
            args: the arguments as they are, in place of those that follow from the other parameters.
        """
        info: dict[str, Any] = {}
        if name is not None:
            info["name"] = name
        if frame is not None:
            info["frameId"] = tag("frame-of", document=frame.name)
        made = [tag("tab-of", document=page.name), *([info] if info else [])]
        return self._connect("tabs.connect", list(args) if args is not None else made, record=True)

    def connect_native(self, application: Application, *, args: Sequence[Any] | None = None) -> OpenedPort:
        """Call ``runtime.connectNative`` with the application's name, or with these arguments as they are."""
        made = [tag("host-of", application=application.name)]
        return self._connect("runtime.connectNative", list(args) if args is not None else made, record=True)

    def _connect(self, api: Any, args: list[Any], record: bool) -> OpenedPort:
        port = self._script.new_port(self.name)
        ops: list[s.AnyOp] = [s.Connect(port, api, tuple(encode(arg) for arg in args))]
        for event in RECORDING_LISTENERS if record else ():
            ops.append(s.Listen(f"{port}.{event}", event, port))  # type: ignore[arg-type]
            self._script.listeners[f"{port}.{event}"] = self.name
        return OpenedPort(self._script, self.name, port, api, self._script.do(self.name, *ops))

    def listen(
        self,
        event: ConnectEventName = "onConnect",
        *,
        label: str = "",
        then: Callable[[PortEnd], object] | None = None,
        record: bool = True,
    ) -> ConnectListener:
        """Add a listener for new ports.

        Args:
            event: the event of ``runtime`` to listen to.
            label: what tells a second listener of the same event from the first.
            then: a function of the port; what it writes is done inside the listener, in the same turn.
            record: whether what each port receives is recorded.
        """
        name = self._listener_name(event, label)
        self._script.do(self.name, s.Listen(name, f"runtime.{event}", None, self._reaction(name, then, record)))  # type: ignore[arg-type]
        return ConnectListener(self._script, self.name, name, f"runtime.{event}")

    def _listener_name(self, event: str, label: str) -> str:
        name = f"{self.name}.{event}" + (f".{label}" if label else "")
        if name in self._script.listeners:
            raise ScenarioError(f"{self.name} already listens to {event}; give the second listener a label of its own")
        return name

    def _reaction(self, listener: str, then: Callable[[PortEnd], object] | None, record: bool) -> tuple[s.AnyOp, ...]:
        recording: list[s.AnyOp] = [
            s.Listen(f"{THIS_PORT}.{event}", event, THIS_PORT)  # type: ignore[arg-type]
            for event in (RECORDING_LISTENERS if record else ())
        ]
        port = PortEnd(self._script, self.name, THIS_PORT, f"{listener}#1")
        return (*recording, *(self._script.reaction(self.name, lambda: then(port)) if then else ()))

    def stop_listening(self, listener: ConnectListener) -> None:
        """Remove a listener for new ports."""
        self._script.do(self.name, s.Unlisten(listener.name))

    def add_listener_again(self, listener: ConnectListener) -> None:
        """Add the same function of a listener for new ports a second time."""
        self._script.do(self.name, s.Relisten(listener.name))

    def connect_many(self, count: int, tab: Document | None = None) -> PortGroup:
        """Call ``runtime.connect`` ``count`` times in one turn, and post once on each port.

        ``tab``: call ``tabs.connect`` for the tab of this page instead.
        """
        group = f"{self.name}.many{len([step for step in self._script.steps if isinstance(step, s.Task)])}"
        args = () if tab is None else (tag("tab-of", document=tab.name),)
        api: Any = "runtime.connect" if tab is None else "tabs.connect"
        self._script.do(self.name, s.ConnectMany(group, api, args, count))
        return PortGroup(self, group)

    def accept_many(self) -> PortGroup:
        """Listen for new ports and send each message back. Only numbers are recorded."""
        group = f"{self.name}.welcome"
        self._script.do(self.name, s.WelcomeMany(group))
        return PortGroup(self, group)

    # ---- one-time messages

    def send_message(self, *args: Any, callback: bool | Callback = False) -> MessageCall:
        """Call ``runtime.sendMessage`` with these arguments.

        ``callback``: use ``chrome`` with a callback in place of a promise; ``"unread"``: a callback that never reads
        ``runtime.lastError``; ``"both"``: one that records ``extension.lastError`` too.
        """
        return self._send("runtime.sendMessage", args, "callback" if callback is True else callback or "promise")

    def send_native_message(self, application: Application, message: Any) -> MessageCall:
        """Call ``runtime.sendNativeMessage`` with the application's name and a message."""
        return self._send("runtime.sendNativeMessage", (tag("host-of", application=application.name), message))

    def check_permission(self, permission: str) -> MessageCall:
        """Call ``permissions.contains`` for this permission of the extension."""
        return self._send("permissions.contains", ({"permissions": [permission]},))

    def _send(self, api: Any, args: Sequence[Any], how: HowAnswered = "promise") -> MessageCall:
        name = f"ask{sum(listener.startswith('ask') for listener in self._script.listeners) + 1}"
        self._script.listeners[name] = self.name
        op = s.Ask(name, api, tuple(encode(arg) for arg in args), how)
        return MessageCall(self._script.do(self.name, op), name)

    def listen_for_messages(self, event: MessageEventName = "onMessage", *, answer: Any = None) -> MessageListener:
        """Add a listener for one-time messages, which answers each with ``answer``, or not at all without one."""
        name = f"{self.name}.runtime.{event}"
        self._script.listeners[name] = self.name
        answers = () if answer is None else (encode(answer),)
        self._script.do(self.name, s.Listen(name, f"runtime.{event}", answers=answers))  # type: ignore[arg-type]
        return MessageListener(name, f"runtime.{event}")

    # ---- what this context has

    def probe(self, path: str) -> None:
        """Record whether this context has the API at ``path``; ``found`` checks it.

        A path that begins with ``browser`` or ``chrome`` is looked up in that namespace; another one in the namespace that
        the actor uses.
        """
        self._script.do(self.name, s.Probe(path))

    def found(
        self, path: str, type: str = "function", *, after: StepRef | None = None, before: StepRef | None = None
    ) -> Times:
        """``probe(path)`` found a value of this JavaScript type. ``"undefined"``: nothing; ``"throws"``: reading it throws."""
        found: Any = {"path": path, "type": type}
        return exactly_once(
            Pattern("note", "probe", actor=self.name, value=found, after=index_of(after), before=index_of(before))
        )

    def describe(self, path: str) -> None:
        """Record the properties of an API object such as ``runtime.onConnect``; ``described`` checks them."""
        self._script.do(self.name, s.Describe(path))

    def described(self, path: str, field: str, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """What ``describe(path)`` recorded here."""
        return Field(Pattern("note", f"describe {path}", actor=self.name), f"value.{field}", is_, encode(wanted))

    def set_global(self, name: str, value: Any) -> None:
        """Give the global object of this context a property."""
        self._script.do(self.name, s.SetGlobal(name, (encode(value),)))

    def read_global(self, name: str) -> None:
        """Record a property of the global object; ``global_was`` checks it."""
        self._script.do(self.name, s.ReadGlobal(name))

    def global_was(self, name: str, is_: FieldTest = "same", wanted: Any = None) -> Field:
        """What ``read_global(name)`` recorded."""
        return Field(Pattern("note", f"globalThis.{name}", actor=self.name), "value", is_, encode(wanted))

    def acted_in(self, incarnation: int, *, after: StepRef | None = None) -> Times:
        """It did or saw something in this incarnation, from 1. A document that returns from the bfcache is in its first."""
        return at_least_once(Pattern(actor=self.name, incarnation=incarnation, after=index_of(after)))


@checked
class PortGroup:
    """Many ports of one actor, of which only numbers are recorded."""

    def __init__(self, actor: Actor, group: str) -> None:
        self.actor, self.group = actor, group

    def counted(self, *, ports: int, heard: int, ended: int) -> Field:
        """By now this many ports exist, this many messages were received on them, and this many ports have ended."""
        step = self.actor._script.do(self.actor.name, s.Tally(self.group))
        wanted = {"ports": ports, "heard": heard, "ended": ended}
        return Field(Pattern("note", "tally", actor=self.actor.name, step=step), "value", wanted=wanted)


@checked
class Document(Actor):
    """A document: a web page, an extension's page, or a frame in one.

    As an actor it is the content script of the extension under test in a web page, and the page's own script in an
    extension's page. The other scripts of a web page are actors of their own: ``script``, ``peer``, ``user_script`` …
    """

    def __init__(self, script: Script, name: str, parent: Document | None = None) -> None:
        super().__init__(script, name)
        script.add_document(name)
        self.parent = parent
        self.frames: list[Document] = []

    @property
    def script(self) -> Actor:
        """The web page's own script."""
        return Actor(self._script, f"{self.name}.script")

    @property
    def peer(self) -> Actor:
        """The content script of the second extension in this document."""
        return Actor(self._script, f"{self.name}.peer")

    @property
    def user_script(self) -> Actor:
        """The user script of the extension under test in this document, in the default world."""
        return Actor(self._script, f"{self.name}.user_script")

    @property
    def other_user_script(self) -> Actor:
        """The user script of the extension under test in a world with a ``worldId``."""
        return Actor(self._script, f"{self.name}.other_user_script")

    @property
    def second_script(self) -> Actor:
        """The second content script of the extension under test in this document, from another entry of its manifest."""
        return Actor(self._script, f"{self.name}.second_script")

    # ---- frames

    def add_frame(self, spec: FrameSpec = "same-site") -> Document:
        """Add a frame to the page; returns its document."""
        if spec not in LOADED_FRAMES:
            raise ScenarioError(f"a frame that is added later cannot be {spec!r}; accepted: {', '.join(LOADED_FRAMES)}")
        frame = frame_of(f"{self.name}.frame{len(self.frames) + 1}", spec)
        self._script.step(s.AddFrame(self.name, frame))
        self.frames.append(Document(self._script, frame.document, self))
        return self.frames[-1]

    def remove(self) -> StepRef:
        """Remove the frame's element from its page."""
        if not self.parent:
            raise ScenarioError(f"{self.name} is not a frame, so it cannot be removed; close() closes a page")
        return StepRef(self._script.step(s.RemoveFrame(self.name)))

    # ---- navigation

    def navigate(self, name: str = "", *, site: SiteName = "same-site", replacing: bool = False) -> Document:
        """Load another document in its place; returns that document.

        Args:
            name: the new document's name.
            site: the web site of the new document.
            replacing: navigate by ``location.replace()``, in a tab: the old document is not in the history then.
        """
        name = name or f"{self.name}.next"
        if self.parent:
            self._script.step(s.NavigateFrame(self.name, s.Frame(name, site_of(site))))
        else:
            self._script.step(s.Navigate(self.name, name, site_of(site), "replace" if replacing else "follow"))
        return Document(self._script, name, self.parent)

    def go_back(self, to: Document) -> StepRef:
        """Go back in the history of the tab, from this document to ``to``."""
        return StepRef(self._script.step(s.GoBack(self.name, to.name)))

    def rewrite(self) -> StepRef:
        """Call ``document.open()`` and ``document.close()`` in it."""
        return StepRef(self._script.step(s.RewriteDocument(self.name)))

    def reload(self) -> StepRef:
        """Reload the page: the same actor, in its next incarnation. For pages without frames."""
        if self.parent or self.frames:
            raise ScenarioError(f"{self.name} cannot be reloaded; accepted: a page without frames")
        return StepRef(self._script.step(s.Reload(self.name)))

    def push_state(self, fragment: str) -> None:
        """Call ``history.pushState``: the document stays, and its address gets this fragment."""
        self._script.do(self.name, s.PushState(fragment))

    # ---- the end of it

    def close(self) -> StepRef:
        """Close the tab."""
        return StepRef(self._script.step(s.CloseTab(self.name)))

    def close_window(self) -> StepRef:
        """Close the window that the page is in."""
        return StepRef(self._script.step(s.CloseWindow(self.name)))

    def discard(self) -> StepRef:
        """Let the browser unload the page and keep its tab, as ``tabs.discard`` does."""
        return StepRef(self._script.step(s.DiscardTab(self.name)))

    def crash(self) -> StepRef:
        """Kill the process that renders the page.

        For an extension's page not applicable to Firefox, where all extensions share one process.
        """
        return StepRef(self._script.step(s.CrashTab(self.name)))
