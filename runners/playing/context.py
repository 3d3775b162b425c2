"""What the steps of one play have in common: the context that every step handler receives.

The handlers know this context and not the player, which composes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError
from websocket import WebSocketException

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.recording import Event
from portolan.conformance.trace.values import sound
from portolan.runners.playing.incarnations import HOSTS, Document, Fault, Incarnation
from portolan.runners.playing.stage import Stage
from portolan.runners.session.collector import Link
from portolan.runners.session.extensions import Made
from portolan.runners.session.server import Pages

RECORDED = ("phase", "operation", "port", "listener", "value", "rest", "error", "last_error")
"""The fields of a puppet's event that are kept as they are."""


class Outside(Protocol):
    """What only WebDriver can do to a browser. Each call returns when the command has been given."""

    background_stops: bool
    extensions_share_a_process: bool
    shortens_idle_time: bool
    major: int

    def stop_background(self, extension: Made) -> None:
        """Stop the extension's event page or service worker."""

    def begin_stop_of_background(self, extension: Made) -> None:
        """Begin to stop the extension's event page, without waiting. Raises NotThere where nothing is told of that."""

    def reload_extension(self, extension: Made) -> None:
        """Reload the extension."""

    def disable_extension(self, extension: Made) -> None:
        """Disable the extension."""

    def enable_extension(self, extension: Made) -> None:
        """Enable an extension that was disabled."""

    def make_removable(self, extension: Made) -> bool:
        """See that the extension can be removed and installed again; whether it was reloaded for that.

        Raises NotThere where this browser has no way to do it.
        """

    def uninstall_extension(self, extension: Made) -> None:
        """Remove the extension."""

    def install_extension(self, extension: Made) -> None:
        """Install an extension that was removed, with what it was permitted before."""

    def update_extension(self, extension: Made) -> None:
        """Install what is in the extension's folder now, under another version than before."""

    def allow_user_scripts(self, extension: Made) -> None:
        """Let an extension that has the permission for user scripts run them, as a person does."""

    def forbid_user_scripts(self, extension: Made) -> None:
        """Take user scripts from it, as a person does. Raises NotThere where nobody can."""

    def crash_tab(self, url: str) -> None:
        """Kill the process of the tab that shows this address."""

    def crash_extensions(self) -> None:
        """Kill the process that all extensions share. Returns when the browser knows of its end."""

    def background_state(self, extension: Made) -> str:
        """``loaded``, ``loading`` or ``not-loaded``, as the browser's main process has it: looking starts nothing."""

    def open_sidebar(self, extension: Made) -> None:
        """Open the extension's sidebar, or side panel, in the window that is in front."""

    def close_sidebar(self) -> bool:
        """Close the sidebar that is open; False where nothing does it but its page's own window.close()."""

    def open_devtools(self, url: str) -> None:
        """Open DevTools for the tab that shows this address, with the devtools pages of all extensions."""

    def close_devtools(self) -> None:
        """Close DevTools: in no two plays at a time are they open."""

    def watch_console(self, extensions: list[Made]) -> None:
        """See that the console is empty, and shows from now on what these extensions cause in it."""

    def console(self, extensions: list[Made]) -> list[str]:
        """What the console shows now, line by line."""

    def shorten_idle_time(self, on: bool) -> None:
        """Let backgrounds that start from now on idle for a short time only, or as long as ever."""


class Setting(msgspec.Struct, frozen=True):
    """What a play is given: the stage, the pages, the extensions, and the deadlines' unit (1 = normal)."""

    stage: Stage
    pages: Pages
    extensions: dict[str, Made]
    outside: Outside
    family: str
    factor: float = 1.0
    troupe: int = 0


class SettlerParts(Protocol):
    """What step handlers need of the settler."""

    suspending: set[str]
    awaits_twin: bool

    def ends(self, documents: list[Document]) -> None:
        """Note that these documents should end now."""

    def extension_ends(self, extension: s.Extension) -> None:
        """Note that the pages of this extension should end now."""

    def twin_application(self, link: Link, what: str) -> None:
        """Note that the observer's own native application has started or ended."""

    async def same_fate(self, ops: list[dict[str, Any]]) -> None:
        """Do the same to the observer's own native application."""

    async def settle(self) -> None:
        """Wait until everything has arrived."""

    async def rounds(self, stable: int) -> None:
        """Barrier rounds, until this many in a row have changed nothing."""


class DocumentParts(Protocol):
    """What step handlers need of the documents."""

    def there(self) -> list[Document]:
        """The documents that exist."""

    async def arrived(self, documents: list[Document]) -> None:
        """Wait until new documents have reported."""

    def address(self, name: str, kind: str, site: str, frames: list[dict[str, str]], **more: str) -> str:
        """The address of a document of this play."""


class ProcessParts(Protocol):
    """What step handlers need of the native applications."""

    def living(self) -> list[Link]:
        """The processes of this play that are running."""

    def of(self, actor: str) -> list[Link]:
        """The running processes of one application."""


class PlayContext:
    """One play while it is played: the stage, the scenario, its actors and its events. For step handlers."""

    settler: SettlerParts
    documents: DocumentParts
    processes: ProcessParts

    def __init__(self, setting: Setting, scenario: Scenario, id: str) -> None:
        self.setting = setting
        self.stage = setting.stage
        self.scenario = scenario
        self.id = id
        self.troupe = setting.troupe
        self.step = 0
        self.lacking = ""
        self.events: list[Event] = []
        self.lives: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        self.hosts = {
            app.actor: f"{HOSTS[app.manifest]}{'' if n == 0 else n + 1}"
            for n, app in enumerate(scenario.cast.applications)
        }
        self.bindings: dict[str, Any] = {
            f"id-of {name}": made.id for name, made in setting.extensions.items() if name != "observer"
        }
        self.bindings |= {f"host-of {actor}": host for actor, host in self.hosts.items()}
        self.began = 0.0
        self.deadline = 5.0 * setting.factor
        self.opening = 20.0 * setting.factor

    # ---- what comes in

    def on_hello(self, incarnation: Incarnation) -> None:
        if incarnation.id in self.numbers:
            return
        self.lives[incarnation.actor] = self.lives.get(incarnation.actor, 0) + 1
        self.numbers[incarnation.id] = self.lives[incarnation.actor]

    def on_events(self, incarnation: Incarnation, events: list[dict[str, Any]]) -> None:
        for event in events:
            play = event.get("play")
            if (
                play == self.id
                or (play is None and incarnation.is_background)
                or incarnation.role.get("context") == "application"
            ):
                self.events.append(self._event(incarnation, event))

    def _event(self, incarnation: Incarnation, event: dict[str, Any]) -> Event:
        if incarnation.id not in self.numbers:
            self.on_hello(incarnation)
        fields: dict[str, Any] = {key: event[key] for key in RECORDED if key in event}
        if incarnation.role.get("context") == "application":  # the puppets see to it themselves
            fields |= {key: sound(fields[key]) for key in ("value", "rest") if key in fields}
        fields |= {
            "actor": incarnation.actor,
            "incarnation": self.numbers.get(incarnation.id, 1),
            "counter": event["n"],
        }
        fields |= {"step": self.step, "time": round(event["t"] - self.began, 1)}
        return msgspec.convert(fields, Event)

    # ---- who is meant

    def alive(self, actor: str) -> Incarnation | None:
        """The incarnation of an actor of this play that is alive now."""
        return self.stage.living(actor, self.id, self.troupe)

    async def background(self, extension: str) -> Incarnation:
        """The extension's background, started if it is not there."""
        actor = s.BACKGROUNDS[extension]
        if not (living := self.alive(actor)):
            await self.stage.command("wake", self.deadline, extensions=[self.setting.extensions[extension].id])
            await self.stage.until(lambda: self.alive(actor), self.opening, f"{actor} to start")
            living = self.alive(actor)
        assert living
        return living

    async def living(self, actor: str) -> Incarnation:
        """The incarnation that a task is for. A background that was stopped is started: a task is an event to it."""
        for extension in ("subject", "peer"):
            if actor == s.BACKGROUNDS[extension]:
                before = self.alive(actor)
                living = await self.background(extension)
                if before is None:
                    await self.join(living, extension)
                return living
        if not (living_now := self.alive(actor)):
            raise Fault(f"a task is for {actor}, which is no longer there")
        return living_now

    async def join(self, living: Incarnation, extension: str) -> None:
        """Tell a background that was started in the middle of the play what it listens to."""
        listeners = [
            listener
            for cast in self.scenario.cast.backgrounds
            if cast.extension == extension
            for listener in cast.listeners
        ]
        plan = [msgspec.to_builtins(listener) for listener in listeners]
        await self.stage.send(living, self.deadline, do="join", play=self.id, listeners=plan)

    def resolve(self, value: Any) -> Any:
        """Put in what only the play knows: ids of tabs, frames, documents, extensions, names of hosts."""
        if isinstance(value, list | tuple):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if str(value.get("$", "")).endswith("-of"):
            (name,) = (item for key, item in value.items() if key != "$")
            return self.bindings[f"{value['$']} {name}"]
        return {key: self.resolve(item) for key, item in value.items()}

    def plain(self, op: Any) -> dict[str, Any]:
        """An op as it is sent."""
        plain: dict[str, Any] = msgspec.to_builtins(op)
        if "args" in plain:
            plain["args"] = self.resolve(plain["args"])
        if "then" in plain:
            plain["then"] = [self.plain(inner) for inner in op.then]
        return plain

    # ---- control from outside

    async def outside(self, do: Callable[..., Any], *args: Any) -> Any:
        """Have WebDriver do something."""
        try:
            return await asyncio.to_thread(do, *args)
        except (WebDriverException, RuntimeError, HTTPError, OSError, WebSocketException) as error:
            self.stage.raise_fault()
            raise Fault(f"WebDriver could not do it: {str(error).strip().splitlines()[0]}") from error
