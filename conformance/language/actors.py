"""Whom a scenario speaks to: actors and documents. Each method writes a step or builds a check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from portolan.conformance.checks.checks import Field, Pattern, Times, at_least_once, exactly_once
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.connectable import Connectable, as_step
from portolan.conformance.language.ports import (
    BackgroundCrash,
    ConnectListener,
    MessageCall,
    MessageListener,
    OpenedPort,
    PortEnd,
    StepRef,
    at,
)
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.steps import THIS_PORT, Site
from portolan.conformance.trace.values import encode, tag

if TYPE_CHECKING:
    from portolan.conformance.language.native import Application
    from portolan.conformance.language.play import FrameSpec, Play


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

    def connect_native(self, application: Application, *, args: Sequence[Any] | None = None) -> OpenedPort:
        """Call ``runtime.connectNative`` with the application's name, or with these arguments as they are."""
        made = [tag("host-of", application=application.name)]
        return self._connect("runtime.connectNative", list(args) if args is not None else made, record=True)

    def _connect(self, api: Any, args: list[Any], record: bool) -> OpenedPort:
        port = self.play.new_port(self.name)
        ops: list[s.AnyOp] = [s.Connect(port, api, tuple(encode(arg) for arg in args))]
        if record:
            ops += [s.Listen(f"{port}.{event}", event, port) for event in ("onMessage", "onDisconnect")]
            for event in ("onMessage", "onDisconnect"):
                self.play.listeners[f"{port}.{event}"] = self.name
        return OpenedPort(self.play, self.name, port, api, self.play.do(self.name, *ops))

    def listen(
        self,
        event: str = "onConnect",
        *,
        label: str = "",
        then: Callable[[PortEnd], object] | None = None,
        record: bool = True,
    ) -> ConnectListener:
        """Add a listener for new ports; it records what each port says, then does ``then`` with it, in the same turn."""
        name = self._listener_name(event, label)
        self.play.do(self.name, s.Listen(name, f"runtime.{event}", None, self._reaction(name, then, record)))  # type: ignore[arg-type]
        return ConnectListener(self.play, self.name, name, f"runtime.{event}")

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

    def connect_many(self, count: int, tab: Document | None = None) -> PortGroup:
        """Call ``runtime.connect`` (or ``tabs.connect``, for a tab) so often in one turn, and post once on each port."""
        group = f"{self.name}.many{len([step for step in self.play.steps if isinstance(step, s.Task)])}"
        args = () if tab is None else (tag("tab-of", document=tab.name),)
        api: Any = "runtime.connect" if tab is None else "tabs.connect"
        self.play.do(self.name, s.ConnectMany(group, api, args, count))
        return PortGroup(self, group)

    def accept_many(self) -> PortGroup:
        """Listen for ports, send each message back, and only count."""
        group = f"{self.name}.welcome"
        self.play.do(self.name, s.WelcomeMany(group))
        return PortGroup(self, group)

    def send_message(self, *args: Any, callback: bool | Literal["unread", "both"] = False) -> MessageCall:
        """Call ``runtime.sendMessage`` with these arguments; ``callback``: that of ``chrome``, with a callback.

        ``"unread"``: one that never looks at ``runtime.lastError``; ``"both"``: one that notes ``extension.lastError`` too.
        """
        return self._asks("runtime.sendMessage", args, "callback" if callback is True else callback or "promise")

    def send_native_message(self, application: Application, message: Any) -> MessageCall:
        """Call ``runtime.sendNativeMessage`` with the application's name and a message."""
        return self._asks(
            "runtime.sendNativeMessage", (tag("host-of", application=application.name), message), "promise"
        )

    def _asks(
        self, api: Any, args: Sequence[Any], how: Literal["promise", "callback", "unread", "both"]
    ) -> MessageCall:
        name = f"ask{sum(listener.startswith('ask') for listener in self.play.listeners) + 1}"
        self.play.listeners[name] = self.name
        op = s.Ask(name, api, tuple(encode(arg) for arg in args), how)
        return MessageCall(self.play.do(self.name, op), name)

    def check_permission(self, permission: str) -> MessageCall:
        """Call ``permissions.contains`` for this permission of the extension."""
        return self._asks("permissions.contains", ({"permissions": [permission]},), "promise")

    def listen_for_messages(
        self, event: Literal["onMessage", "onMessageExternal"] = "onMessage", *, answer: Any = None
    ) -> MessageListener:
        """Add a listener for one-time messages, which answers each with ``answer``, or none."""
        name = f"{self.name}.runtime.{event}"
        self.play.listeners[name] = self.name
        answers = () if answer is None else (encode(answer),)
        self.play.do(self.name, s.Listen(name, f"runtime.{event}", answers=answers))  # type: ignore[arg-type]
        return MessageListener(name, f"runtime.{event}")

    def probe(self, path: str) -> None:
        """Note whether the API at ``path`` is there in this context; ``sees`` asks for it.

        A path that begins with ``browser`` or ``chrome`` is looked for in that namespace, others in the one that is used.
        """
        self.play.do(self.name, s.Probe(path))

    def found(
        self, path: str, type: str = "function", *, after: StepRef | None = None, before: StepRef | None = None
    ) -> Times:
        """What ``looks_for(path)`` found is of this JavaScript type; ``"undefined"``: nothing is there; ``"throws"``: reading it throws."""
        found: Any = {"path": path, "type": type}
        return exactly_once(Pattern("note", "probe", actor=self.name, value=found, after=at(after), before=at(before)))

    def set_global(self, name: str, value: Any) -> None:
        """Give its global object a property."""
        self.play.do(self.name, s.SetGlobal(name, (encode(value),)))

    def read_global(self, name: str) -> None:
        """Note a property of its global object; ``has_global`` asks for it."""
        self.play.do(self.name, s.ReadGlobal(name))

    def global_was(self, name: str, is_: str = "same", wanted: Any = None) -> Field:
        """What ``reads_global(name)`` noted: the same as a value, or of a kind."""
        return Field(Pattern("note", f"globalThis.{name}", actor=self.name), "value", is_, encode(wanted))

    def acted_in(self, life: int, *, after: StepRef | None = None) -> Times:
        """It did or saw something in this one of its lives: a document that comes back from the bfcache is in its first."""
        return at_least_once(Pattern(actor=self.name, incarnation=life, after=at(after)))

    def add_listener_again(self, listening: ConnectListener) -> None:
        """Add the very function of a listener for new ports once more."""
        self.play.do(self.name, s.Relisten(listening.name))

    def describe(self, path: str) -> None:
        """Note what an object of the API consists of, such as ``runtime.onConnect``; ``described`` asks for it."""
        self.play.do(self.name, s.Describe(path))

    def described(self, path: str, field: str, is_: str = "same", wanted: Any = None) -> Field:
        """What ``describe(path)`` noted here."""
        return Field(Pattern("note", f"describe {path}", actor=self.name), f"value.{field}", is_, encode(wanted))

    def stop_listening(self, listening: ConnectListener) -> None:
        """Remove a listener for new ports."""
        self.play.do(self.name, s.Unlisten(listening.name))


class PortGroup:
    """Many ports of one actor, of which only numbers are kept."""

    def __init__(self, actor: Actor, group: str) -> None:
        self.actor, self.group = actor, group

    def counted(self, *, ports: int, heard: int, ended: int) -> Field:
        """By now (nothing else is in motion) so many ports have come to be, have heard a message, and have ended."""
        step = self.actor.play.do(self.actor.name, s.Tally(self.group))
        wanted = {"ports": ports, "heard": heard, "ended": ended}
        return Field(Pattern("note", "tally", actor=self.actor.name, step=step), "value", wanted=wanted)


class Background(Actor):
    """An extension's background. Its listeners are registered at its top level, in each of its incarnations."""

    def __init__(self, play: Play, name: str, extension: s.Extension) -> None:
        super().__init__(play, name)
        self.extension = extension

    def listen(
        self,
        event: str = "onConnect",
        *,
        label: str = "",
        then: Callable[[PortEnd], object] | None = None,
        record: bool = True,
    ) -> ConnectListener:
        if label:
            return super().listen(event, label=label, then=then, record=record)
        name = self._listener_name(event, label)
        cast = self.play.backgrounds[self.name]
        listener = s.Listener(name, f"runtime.{event}", self._reaction(name, then, record))  # type: ignore[arg-type]
        self.play.backgrounds[self.name] = msgspec.structs.replace(cast, listeners=(*cast.listeners, listener))
        return ConnectListener(self.play, self.name, name, f"runtime.{event}")

    def configure_world(self, *, messaging: bool, world: s.World = "") -> StepRef:
        """Call ``userScripts.configureWorld``: may user scripts send messages, in all worlds or in one with a ``worldId``?"""
        return self._step_of_subject(s.ConfigureWorld(messaging, world))

    def reset_world(self, world: s.World = "") -> StepRef:
        """Call ``userScripts.resetWorldConfiguration``."""
        return self._step_of_subject(s.ResetWorld(world))

    def register_user_scripts(self) -> StepRef:
        """Register the play's user scripts once more, as after an update."""
        return self._step_of_subject(s.RegisterUserScripts())

    def forbid_user_scripts(self) -> StepRef:
        """A person takes user scripts from it: the permission in Firefox, the switch for them in Chromium."""
        return self._step_of_subject(s.ForbidUserScripts())

    def _step_of_subject(self, step: s.AnyStep) -> StepRef:
        if self.extension != "subject":
            raise ScenarioError(f"{self.play.name}: {self.name} has no user scripts; accepted: play.background()")
        return self.play._step(step)

    def listen_for_suspend(self, *, hold: bool = False) -> None:
        """Listen to ``runtime.onSuspend`` and ``onSuspendCanceled``, and to the ``pagehide`` of its page.

        ``hold``: the browser is kept waiting for ``onSuspend`` as long as it ever waits.
        """
        self.play.do(self.name, s.HearEnd(hold))
        for event in ("runtime.onSuspend", "runtime.onSuspendCanceled", "pagehide"):
            self.play.listeners[f"{self.name}.{event}"] = self.name

    def suspend_event(self, event: Literal["onSuspend", "onSuspendCanceled", "pagehide"]) -> Pattern:
        """One of the events that ``hears_its_end`` listens to. For patterns."""
        return Pattern("fire", event if event == "pagehide" else f"runtime.{event}", actor=self.name)

    def disable(self) -> StepRef:
        """Its extension is disabled."""
        return self.play._step(s.DisableExtension(self.extension))

    def uninstall(self) -> StepRef:
        """Its extension is removed from the browser."""
        return self.play._step(s.UninstallExtension(self.extension))

    def update(
        self,
        *,
        externally_connectable: Connectable | None = None,
        permissions: Sequence[str] = (),
        both_backgrounds: bool = False,
    ) -> StepRef:
        """A newer version of its extension is installed.

        ``externally_connectable``: what this key of its manifest says then, as ``{"ids": […], "matches": […]}``; ``{}``:
        the manifest has no such key. ``ids`` are extensions as in ``connect(to=…)``, or ``"*"``; ``matches`` are sites.
        ``permissions``: what it asks for besides, at installation. ``both_backgrounds``: its background is listed as
        ``scripts`` and, beside them, as a ``service_worker``.
        """
        key = as_step(self.play.name, externally_connectable)
        return self.play._step(s.UpdateExtension(self.extension, key, tuple(permissions), both_backgrounds))

    def require_stoppable(self) -> None:
        """The scenario is for backgrounds that can be stopped: not applicable to persistent pages."""
        self.play._step(s.Need(self.name, "background.stops"))

    def require_persistent(self) -> None:
        """The scenario is for persistent pages: not applicable to backgrounds that can be stopped."""
        self.play._step(s.Need(self.name, "background.stays"))

    def stop(self) -> StepRef:
        """The browser stops it, by force."""
        return self.play._step(s.StopBackground(self.extension))

    def begin_stop(self) -> StepRef:
        """The browser begins to stop it, and waits for its ``onSuspend``: see ``hears_its_end``. For event pages."""
        return self.play._step(s.BeginStop(self.extension))

    def wait_for_idle_stop(self) -> StepRef:
        """Nothing is done until the browser stops it for being idle."""
        return self.play._step(s.AwaitIdleStop(self.extension))

    def crash(self) -> BackgroundCrash:
        """The process in which it runs is killed: in Firefox that of all extensions. Not applicable to Chromium."""
        return BackgroundCrash(self.play._step(s.CrashExtensions()).step, self.name)

    def reload(self) -> StepRef:
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
        """The subject's user script in this document, in the default world."""
        return Actor(self.play, f"{self.name}.user_script")

    @property
    def other_user_script(self) -> Actor:
        """The subject's user script in a world with a ``worldId``."""
        return Actor(self.play, f"{self.name}.other_user_script")

    @property
    def second_script(self) -> Actor:
        """The subject's second content script in this document, which another entry of its manifest names."""
        return Actor(self.play, f"{self.name}.second_script")

    def _leaves(self) -> None:
        self.gone = True
        for frame in self.frames:
            frame._leaves()

    def add_frame(self, spec: FrameSpec = "here") -> Document:
        """One more frame comes into the page."""
        from portolan.conformance.language.play import frame_of

        frame = frame_of(f"{self.name}.frame{len(self.frames) + 1}", spec)
        self.play._step(s.AddFrame(self.name, frame))
        self.frames.append(self.play.document(frame.document, self))
        return self.frames[-1]

    def remove(self) -> StepRef:
        """The frame's element is removed from its page."""
        if not self.parent:
            raise ScenarioError(f"{self.play.name}: {self.name} is no frame; a page is closed, not removed")
        self._leaves()
        return self.play._step(s.RemoveFrame(self.name))

    def navigate(self, name: str = "", *, site: Site = "here", replacing: bool = False) -> Document:
        """Another document is loaded in its place; returns it. ``replacing``: by ``location.replace()``, in a tab."""
        from portolan.conformance.language.play import frame_of

        name = name or f"{self.name}.next"
        if self.parent:
            self.play._step(s.NavigateFrame(self.name, frame_of(name, site)))
        else:
            self.play._step(s.Navigate(self.name, name, site, "replace" if replacing else "follow"))
        self._leaves()
        return self.play.document(name, self.parent)

    def go_back(self, to: Document) -> StepRef:
        """The tab goes back in its history, from this document to ``to``."""
        self._leaves()
        for document in (to, *to.frames):
            document.gone = False
        return self.play._step(s.GoBack(self.name, to.name))

    def rewrite(self) -> StepRef:
        """``document.open()`` and ``close()`` are called in it."""
        return self.play._step(s.RewriteDocument(self.name))

    def reload(self) -> StepRef:
        """The page is loaded anew: the same actor, in its next life. For pages without frames."""
        if self.parent or self.frames:
            raise ScenarioError(f"{self.play.name}: {self.name} cannot be reloaded; accepted: a page without frames")
        return self.play._step(s.Reload(self.name))

    def push_state(self, fragment: str) -> None:
        """``history.pushState``: the document stays, its address gets this fragment."""
        self.play.do(self.name, s.PushState(fragment))

    def close(self) -> StepRef:
        """The tab is closed."""
        self._leaves()
        return self.play._step(s.CloseTab(self.name))

    def close_window(self) -> StepRef:
        """The window that the page is in is closed."""
        self._leaves()
        return self.play._step(s.CloseWindow(self.name))

    def discard(self) -> StepRef:
        """The browser unloads the page, and keeps its tab."""
        self._leaves()
        return self.play._step(s.DiscardTab(self.name))

    def crash(self) -> StepRef:
        """The process that renders the page is killed. For an extension's page not applicable to Firefox: all extensions share one."""
        self._leaves()
        return self.play._step(s.CrashTab(self.name))
