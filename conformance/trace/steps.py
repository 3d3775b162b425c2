"""What a scenario is made of: frozen records that can be printed, compared, stored and played.

An *op* is one call inside an actor. A *step* is what the play does next: a task (ops done in one turn
of an actor's event loop), a change of the stage, or a settle. Names of documents, actors, ports and
listeners are plain text, unique in a play. Values are in the tagged encoding (:mod:`portolan.conformance.trace.values`);
what only the play can know is written as a placeholder: ``{"$": "tab-of", "document": "page"}``,
``{"$": "frame-of", …}``, ``{"$": "id-of", "extension": "peer"}``, ``{"$": "host-of", "application": "app"}``.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from portolan.conformance.trace.values import Json

THIS_PORT = "@port"
"""Inside a reaction: the port of the event that is being handled."""

SCRIPTS = (".script", ".peer", ".user_script", ".other_user_script", ".second_script")
"""What a document of the web has besides the subject's content script, as the ends of actors' names: its own script, the
peer's content script, a user script in the default world and one in another, and the subject's second content script."""

Site = Literal["here", "elsewhere"]
"""Two web sites of the stage: documents of different sites live in different processes."""

Extension = Literal["subject", "peer"]
Document = Literal["web", "extension", "options", "popup", "sidebar", "devtools"]
Window = Literal["same", "new", "private"]

World = Literal["", "other"]
"""The worlds of user scripts: the default one, and one with a ``worldId``."""

BACKGROUNDS: dict[str, str] = {"subject": "background", "peer": "peer"}
"""The actors that extensions' backgrounds are."""

CONSOLE = "console"
"""The actor of what the browser's console shows."""

EXTENSIONS = "extensions"
"""The actor of what the browser does with extensions by itself."""
Holding = Literal["page", "about:blank", "srcdoc", "sandboxed"]


NativeManifest = Literal[
    "allowed", "forbidden", "missing", "misnamed", "relative", "typeless", "fileless", "unrunnable"
]
"""How the manifest of a native application is: only an allowed one lets the application start."""


class Op(msgspec.Struct, frozen=True, tag_field="op", omit_defaults=True, forbid_unknown_fields=True):
    """One call inside an actor."""


class Connect(Op, frozen=True, tag="connect"):
    """Call ``runtime.connect``, ``tabs.connect`` or ``runtime.connectNative``; keep the port as ``port``."""

    port: str
    api: Literal["runtime.connect", "tabs.connect", "runtime.connectNative"]
    args: tuple[Json, ...] = ()


class Post(Op, frozen=True, tag="post"):
    """Call ``port.postMessage(*args)``; in an application: write ``args[0]`` to the browser."""

    port: str
    args: tuple[Json, ...] = ()


class Ask(Op, frozen=True, tag="ask"):
    """Send a one-time message, or ask for a permission; note the answer, or the rejection, under ``name``.

    ``how``: by the promise that the call returns (where there are none, in older Chromium's Manifest V2: by a callback,
    whose ``runtime.lastError`` counts as a rejection), or by a ``callback`` of ``chrome``, which sees ``runtime.lastError``;
    or by one that leaves it ``unread``; or by one that sees ``both`` this and ``extension.lastError``, and notes the latter.
    """

    name: str
    api: Literal["runtime.sendMessage", "runtime.sendNativeMessage", "permissions.contains"]
    args: tuple[Json, ...] = ()
    how: Literal["promise", "callback", "unread", "both"] = "promise"


class Disconnect(Op, frozen=True, tag="disconnect"):
    """Call ``port.disconnect()``."""

    port: str


class Listen(Op, frozen=True, tag="listen"):
    """Add a listener that records each call, then does the ops of ``then`` in the same turn.

    ``event``: ``runtime.onConnect``, ``runtime.onConnectExternal``, ``runtime.onUserScriptConnect``, or
    ``onMessage`` or ``onDisconnect`` of ``port``; or ``runtime.onMessage`` or ``runtime.onMessageExternal``, for one-time
    messages, each of which is answered with the one value of ``answers``, if there is one. A port that arrives is named
    ``<listener>#<n>``.
    """

    listener: str
    event: Literal[
        "runtime.onConnect",
        "runtime.onConnectExternal",
        "runtime.onUserScriptConnect",
        "runtime.onMessage",
        "runtime.onMessageExternal",
        "onMessage",
        "onDisconnect",
    ]
    port: str | None = None
    then: tuple[AnyOp, ...] = ()
    answers: tuple[Json, ...] = ()


class Unlisten(Op, frozen=True, tag="unlisten"):
    """Remove a listener again."""

    listener: str


class HearEnd(Op, frozen=True, tag="hear-end"):
    """In a background: listen to ``runtime.onSuspend`` and ``onSuspendCanceled``, and to the ``pagehide`` of its page.

    ``hold``: the listener of ``onSuspend`` returns a promise that stays open, so that the browser waits as long as it ever does.
    """

    hold: bool = False


class Read(Op, frozen=True, tag="read"):
    """Note a property of a port (``error``, ``sender``, ``name``, …): its value, or that it is absent."""

    port: str
    path: str


class Probe(Op, frozen=True, tag="probe"):
    """Note whether something is there in this context: ``runtime.connect``, ``runtime.onUserScriptConnect``.

    A path that begins with ``browser`` or ``chrome`` is looked for in that namespace, others in the one that is used.
    """

    path: str


class Describe(Op, frozen=True, tag="describe"):
    """Note what an object consists of: of a port (``path`` empty), of what is at a path of it, or of an API object.

    Of each property: whether it is the object's own, writable, enumerable and configurable, its type, and a function's length.
    """

    path: str = ""
    port: str | None = None


class Relisten(Op, frozen=True, tag="relisten"):
    """Add the very function of a listener once more; note whether ``hasListener`` knows it then."""

    listener: str


class Throw(Op, frozen=True, tag="throw"):
    """Inside a reaction: the listener throws an error when its other ops are done."""

    message: str


class PostMany(Op, frozen=True, tag="post-many"):
    """Call ``port.postMessage(0)``, ``port.postMessage(1)`` and so on, ``count`` times; recorded as one call."""

    port: str
    count: int


class Count(Op, frozen=True, tag="count"):
    """Add a listener to ``onMessage`` that notes each thousandth message, and whether all came as ``post-many`` sends them."""

    port: str


class ConnectMany(Op, frozen=True, tag="connect-many"):
    """Call a ``connect`` so many times, recorded as one call; post a number on each port, and count what comes of them."""

    group: str
    api: Literal["runtime.connect", "tabs.connect"]
    args: tuple[Json, ...] = ()
    count: int = 1


class WelcomeMany(Op, frozen=True, tag="welcome-many"):
    """Add a listener for new ports that sends each message back, and only counts."""

    group: str


class Tally(Op, frozen=True, tag="tally"):
    """Note what was counted: how many ports came to be, how many messages were heard on them, how many have ended."""

    group: str


class PushState(Op, frozen=True, tag="push-state"):
    """Call ``history.pushState`` with the document's address and this fragment more; note the address then."""

    fragment: str


class SetGlobal(Op, frozen=True, tag="set-global"):
    """Give the context's global object a property: ``globalThis[name] = args[0]``."""

    name: str
    args: tuple[Json, ...] = ()


class ReadGlobal(Op, frozen=True, tag="read-global"):
    """Note this property of the context's global object: its value, or that it is absent."""

    name: str


class AppExit(Op, frozen=True, tag="app-exit"):
    """The native application exits by itself with this code."""

    code: int = 0


class AppCrash(Op, frozen=True, tag="app-crash"):
    """The native application is killed by SIGKILL, in the middle of everything."""


class AppWrite(Op, frozen=True, tag="app-write"):
    """The native application writes bytes that are no message: ``garbage``, or one message of ``size`` bytes."""

    what: Literal["garbage", "size"]
    size: int = 0


class AppClose(Op, frozen=True, tag="app-close"):
    """The native application closes its output, and goes on running."""


class AppLog(Op, frozen=True, tag="app-log"):
    """The native application writes a line to its standard error, and notes whether that is the browser's own."""

    text: str


class AppChild(Op, frozen=True, tag="app-child"):
    """The native application starts a child process, the actor ``child``, which notes that it has started.

    It shares no pipe with its application. It is in the same process group, unless it ``breaks_away`` into a session, and
    so a process group, of its own.
    """

    child: str
    breaks_away: bool = False


class AppAnswer(Op, frozen=True, tag="app-answer"):
    """An application's child notes that it is alive; nothing is noted where it is not."""


AnyOp = (
    Connect
    | Ask
    | Post
    | Disconnect
    | Listen
    | Unlisten
    | HearEnd
    | Read
    | Probe
    | Describe
    | Relisten
    | Throw
    | PostMany
    | Count
    | ConnectMany
    | WelcomeMany
    | Tally
    | PushState
    | SetGlobal
    | ReadGlobal
    | AppExit
    | AppCrash
    | AppWrite
    | AppClose
    | AppLog
    | AppChild
    | AppAnswer
)


NATIVE_OPS = (AppExit, AppCrash, AppWrite, AppClose, AppLog, AppChild, AppAnswer)
"""The operations that only a native application, or a child of one, can do."""


class Frame(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A child frame of a page: the document in it, and where that document comes from.

    ``holds``: a ``page`` of the server; ``about:blank``; what the attribute ``srcdoc`` has; or a page in a frame that is
    ``sandboxed``, so that its origin is opaque.
    """

    document: str
    site: Site = "here"
    kind: Document = "web"
    holds: Holding = "page"


class Step(msgspec.Struct, frozen=True, tag_field="step", omit_defaults=True, forbid_unknown_fields=True):
    """One instruction of a play."""


class Task(Step, frozen=True, tag="task"):
    """Port calls made in one turn of an actor's event loop."""

    actor: str
    ops: tuple[AnyOp, ...]


class Need(Step, frozen=True, tag="need"):
    """Go on only where the browser has this; else the scenario is not applicable to it.

    ``path`` is an API path probed in the actor, or one of BACKGROUND_NEEDS.
    """

    actor: str
    path: str


class BackgroundNeed(NamedTuple):
    """What a scenario can ask of backgrounds, whose kind is the manifest's and cannot be probed: that they can be stopped, or not."""

    stops: bool
    lacking: str


BACKGROUND_NEEDS: dict[str, BackgroundNeed] = {
    "background.stops": BackgroundNeed(True, "a background that can be stopped (it is a persistent page)"),
    "background.stays": BackgroundNeed(False, "a persistent background"),
}


class OpenPage(Step, frozen=True, tag="open-page"):
    """Open a document in a tab of its own, with its frames; done when each of its actors is there.

    ``window``: where that tab is: in the window that is there, or in a new one of its own. ``kept``: whether browsers
    may keep the page in the bfcache when it is left (a page that listens for ``unload`` and is ``no-store`` they may not).
    ``inspects``: the page for whose tab DevTools are opened, where this is a devtools page. The subject's manifest names
    one in such a play alone, from its beginning to its end.
    """

    document: str
    site: Site = "here"
    kind: Document = "web"
    frames: tuple[Frame, ...] = ()
    window: Window = "same"
    kept: bool = True
    inspects: str = ""


class AddFrame(Step, frozen=True, tag="add-frame"):
    """Put one more frame into a page."""

    into: str
    frame: Frame


class RemoveFrame(Step, frozen=True, tag="remove-frame"):
    """Remove the frame's element from its page."""

    document: str


class NavigateFrame(Step, frozen=True, tag="navigate-frame"):
    """Load another document, ``to``, in the frame that holds ``document``."""

    document: str
    to: Frame


class Navigate(Step, frozen=True, tag="navigate"):
    """Load another document, ``to``, in the tab that shows ``document``.

    ``how``: ``follow`` a link to it, which leaves the old one in the tab's history; or ``replace`` it there, as
    ``location.replace()`` does.
    """

    document: str
    to: str
    site: Site = "here"
    how: Literal["follow", "replace"] = "follow"


class RewriteDocument(Step, frozen=True, tag="rewrite-document"):
    """Call ``document.open()`` and ``close()`` in a document of the web: its content is another one."""

    document: str


class GoBack(Step, frozen=True, tag="go-back"):
    """Go back in the tab's history from ``document`` to ``to``."""

    document: str
    to: str


class Reload(Step, frozen=True, tag="reload"):
    """Reload a page that has no frames: the same actor in a new document."""

    document: str


class CloseTab(Step, frozen=True, tag="close-tab"):
    """Close the tab that shows ``document``."""

    document: str


class CloseWindow(Step, frozen=True, tag="close-window"):
    """Close the window in which ``document`` is, with all of its tabs."""

    document: str


class DiscardTab(Step, frozen=True, tag="discard-tab"):
    """Call ``tabs.discard``: the browser unloads what the tab shows, and keeps the tab."""

    document: str


class CrashTab(Step, frozen=True, tag="crash-tab"):
    """Kill the process that renders ``document``."""

    document: str


class StopBackground(Step, frozen=True, tag="stop-background"):
    """Stop the extension's event page or service worker by force, as the browser does when it needs the memory."""

    extension: Extension = "subject"


class BeginStop(Step, frozen=True, tag="begin-stop"):
    """The browser begins to stop the extension's event page; done when ``runtime.onSuspend`` has fired there."""

    extension: Extension = "subject"


class AwaitIdleStop(Step, frozen=True, tag="await-idle-stop"):
    """Leave the extension alone until the browser stops its background for being idle."""

    extension: Extension = "subject"


class CrashExtensions(Step, frozen=True, tag="crash-extensions"):
    """Kill the process in which every extension runs, and note of each background of the cast whether it is loaded again.

    All of them are loaded when it is killed: one that is stopped is started before.
    """


class ReloadExtension(Step, frozen=True, tag="reload-extension"):
    """Reload the extension, as a developer or an update does."""

    extension: Extension = "subject"


class DisableExtension(Step, frozen=True, tag="disable-extension"):
    """Disable the extension, as a person does. It is enabled again when the play is over."""

    extension: Extension = "subject"


class UninstallExtension(Step, frozen=True, tag="uninstall-extension"):
    """Remove the extension from the browser. It is installed again when the play is over."""

    extension: Extension = "subject"


class Connectable(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a manifest's key ``externally_connectable`` says; with neither, the manifest has no such key.

    ``ids``: the subject's or the peer's by its name, ``*``, or an id as it is. ``matches``: the pages of these sites.
    """

    ids: tuple[str, ...] = ()
    matches: tuple[Site, ...] = ()


class UpdateExtension(Step, frozen=True, tag="update-extension"):
    """Install a newer version over the extension that is there.

    ``externally_connectable``: what this key of its manifest says then; it is as before where nothing is given.
    ``permissions``: what it asks for besides, at installation. ``both_backgrounds``: its background is listed twice, as
    ``scripts`` and as a ``service_worker``. What the manifest said is said again when the play is over.
    """

    extension: Extension = "subject"
    externally_connectable: Connectable | None = None
    permissions: tuple[str, ...] = ()
    both_backgrounds: bool = False


class ConfigureWorld(Step, frozen=True, tag="configure-world"):
    """Call ``userScripts.configureWorld`` in the subject's background: whether user scripts may send messages.

    ``world``: a ``worldId``; empty: none is given.
    """

    messaging: bool
    world: World = ""


class ResetWorld(Step, frozen=True, tag="reset-world"):
    """Call ``userScripts.resetWorldConfiguration`` in the subject's background."""

    world: World = ""


class ForbidUserScripts(Step, frozen=True, tag="forbid-user-scripts"):
    """A person takes user scripts from the subject: the optional permission in Firefox, the switch for them in Chromium.

    They are given back when the play is over.
    """


class RegisterUserScripts(Step, frozen=True, tag="register-user-scripts"):
    """Register the play's user scripts once more in the subject's background: an update has taken them away."""


class ReadConsole(Step, frozen=True, tag="read-console"):
    """Note for each line of the browser's console what of it is ``like`` this regular expression, where anything is.

    ``actor``: who may have caused it; what it caused before has reached the console by then.
    """

    actor: str
    like: str


class Settle(Step, frozen=True, tag="settle"):
    """Wait until everything that was set in motion has arrived (``docs/settling.md``)."""


AnyStep = (
    Task
    | Need
    | OpenPage
    | AddFrame
    | RemoveFrame
    | NavigateFrame
    | Navigate
    | RewriteDocument
    | GoBack
    | Reload
    | CloseTab
    | CloseWindow
    | DiscardTab
    | CrashTab
    | StopBackground
    | BeginStop
    | AwaitIdleStop
    | CrashExtensions
    | ReloadExtension
    | DisableExtension
    | UninstallExtension
    | UpdateExtension
    | ConfigureWorld
    | ResetWorld
    | RegisterUserScripts
    | ReadConsole
    | ForbidUserScripts
    | Settle
)


class Listener(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A listener that a background registers at its top level, in each of its incarnations."""

    listener: str
    event: Literal["runtime.onConnect", "runtime.onConnectExternal", "runtime.onUserScriptConnect"]
    then: tuple[AnyOp, ...] = ()


class Background(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The background of an extension in this play: what it listens to from the start."""

    actor: str
    extension: Extension
    listeners: tuple[Listener, ...] = ()


class Application(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A native application of this play.

    ``manifest``: ``allowed``; ``forbidden`` (its manifest lists another extension only); ``missing`` (no manifest);
    or one that is wrong in another way: ``misnamed`` (a hyphen in the name), ``relative`` (the path), ``typeless`` (of
    a type that there is not), ``fileless`` (there is no file at its path), ``unrunnable`` (the file is no program).
    ``on_message``: ``record``, or ``echo`` each message back, or ``ignore`` them: nothing is ever read. ``on_eof``: ``exit``, or ``stay`` until it is killed.
    """

    actor: str
    manifest: NativeManifest = "allowed"
    on_message: Literal["record", "echo", "ignore"] = "record"
    on_eof: Literal["exit", "stay"] = "exit"


class Cast(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who is there before the first step: backgrounds and native applications."""

    backgrounds: tuple[Background, ...] = ()
    applications: tuple[Application, ...] = ()
