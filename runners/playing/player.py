"""Plays one scenario on a stage: does its steps one after the other and keeps the events as a trace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec
from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError
from websocket import WebSocketException

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.recording import Event, Outcome, Recording
from portolan.conformance.trace.values import sound
from portolan.runners.playing.console import Console
from portolan.runners.playing.crash import Crashes
from portolan.runners.playing.documents import Documents
from portolan.runners.playing.extension_lifecycle import Extensions
from portolan.runners.playing.incarnations import HOSTS, Crash, Fault, Incarnation, Missing, NotThere
from portolan.runners.playing.native_processes import Processes
from portolan.runners.playing.settle import Settler
from portolan.runners.playing.stage import Stage
from portolan.runners.playing.user_scripts import Worlds
from portolan.runners.session.collector import Link
from portolan.runners.session.extensions import Made
from portolan.runners.session.server import Pages

RECORDED = ("phase", "operation", "port", "listener", "value", "rest", "error", "last_error")
SAME_TURN_SECONDS = 10.0


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


class Player:
    """One play. Use it once: ``await Player(setting, scenario, "p1").play()``."""

    settler_class = Settler

    def __init__(self, setting: Setting, scenario: Scenario, id: str, repeat: int = 1) -> None:
        self.setting = setting
        self.stage = setting.stage
        self.scenario = scenario
        self.id = id
        self.troupe = setting.troupe
        self.repeat = repeat
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
        self.settler = self.settler_class(self)
        self.documents = Documents(self)
        self.lives_of_extensions = Extensions(self)
        self.worlds = Worlds(self)
        self.processes = Processes(self)
        self.console = Console(self)
        self.crashes = Crashes(self)

    # ---- the play as a whole

    async def play(self) -> Recording:
        """Do it all. Whatever goes wrong is the play's outcome; nothing is raised."""
        clock = time.monotonic()
        outcome, reason, lacking = await self._attempt()
        duration = round((time.monotonic() - clock) * 1000, 1)
        return Recording(
            scenario=self.scenario.name,
            digest=self.scenario.digest,
            cast=self.scenario.cast,
            steps=self.scenario.steps,
            repeat=self.repeat,
            events=tuple(self.events),
            outcome=outcome,
            reason=reason,
            lacking=lacking,
            duration=duration,
            bindings=self.bindings,
        )

    async def _attempt(self) -> tuple[Outcome, str, str]:
        outcome: Outcome = "ok"
        reason = lacking = ""
        try:
            done = await self._begin_with_first_page()
            for step in self.scenario.steps[done:]:
                self.step = done
                await self._do(step)
                done += 1
        except NotThere as there:
            self.lacking = lacking = str(there)
        except Missing as missing:
            outcome, reason = "timeout", f"step {self.step + 1}: waited for {missing}"
        except Crash as crash:
            outcome, reason = "crash", f"step {self.step + 1}: {crash}"
        except Fault as fault:
            outcome, reason = "harness-error", f"step {self.step + 1}: {fault}"
        try:
            await self._end()
        except (Missing, Crash, Fault) as error:
            if outcome == "ok":
                outcome, reason = ("crash" if isinstance(error, Crash) else "harness-error"), f"afterwards: {error}"
        return outcome, reason, lacking

    async def _begin_with_first_page(self) -> int:
        """Begin, and open the first page meanwhile: it is nobody's event. How many steps are done."""
        self.began = time.time() * 1000
        self.stage.plays[self.id] = self
        await self.stage.until(
            lambda: not self.stage.leaving, self.opening, "the end of an earlier play's extension pages"
        )
        first = self.scenario.steps[0]
        if (
            not isinstance(first, s.OpenPage)
            or first.kind != "web"
            or self.worlds.folders
            or self.lives_of_extensions.removed
            or self.lives_of_extensions.needs_other_manifest
        ):
            await self._begin()
            return 0
        problems = await asyncio.gather(self._begin(), self._do(first), return_exceptions=True)
        for problem in problems:
            if problem is not None:
                raise problem
        return 1

    async def _begin(self) -> None:
        if self.scenario.idle and self.setting.outside.shortens_idle_time:
            await self.lives_of_extensions.restart_with_short_idle_time()
        await self.lives_of_extensions.make_removable()
        await self.lives_of_extensions.name_devtools_page()
        await self.console.begin()
        listeners = {background.extension: background.listeners for background in self.scenario.cast.backgrounds}
        for extension in ["subject", *(["peer"] if "peer" in listeners else [])]:
            background = await self.background(extension)
            plan = [msgspec.to_builtins(listener) for listener in listeners.get(extension, ())]  # type: ignore[call-overload]
            await self.stage.send(background, self.deadline, do="begin", play=self.id, listeners=plan)
        if self.scenario.cast.applications:
            await self.settler.open_twins()
        await self.worlds.begin()

    async def outside(self, do: Callable[..., Any], *args: Any) -> Any:
        """Have WebDriver do something."""
        try:
            return await asyncio.to_thread(do, *args)
        except (WebDriverException, RuntimeError, HTTPError, OSError, WebSocketException) as error:
            self.stage.raise_fault()
            raise Fault(f"WebDriver could not do it: {str(error).strip().splitlines()[0]}") from error

    async def _end(self) -> None:
        self.stage.plays.pop(self.id, None)  # what comes now is of our own clearing up
        if self.stage.spent:
            self.stage.forget(self.id)  # the browser goes with this play: there is nothing to be cleared up
            return
        await self.documents.close_tabless()
        await self.documents.close_windows()
        await self.lives_of_extensions.bring_back()
        if self.scenario.idle and self.setting.outside.shortens_idle_time:
            await self.outside(self.setting.outside.shorten_idle_time, False)
        for link in self.stage.applications:
            if link.owner == self.id:  # another play may have one at the same time
                self.settler.end_application(link)
        await self.worlds.end()
        for actor in ("background", "peer"):
            background = self.alive(actor)
            if background and (
                actor == "background" or any(cast.extension == "peer" for cast in self.scenario.cast.backgrounds)
            ):
                await self.stage.send(background, self.deadline, do="end")
        await self.settler.close_twin()
        if tabs := self.documents.tabs:
            self.stage.close_tabs(tabs, self.documents.extension_channels(), self.opening)
        self.stage.forget(self.id)

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

    def claims(self, link: Link) -> bool:
        return self.processes.claims(link)

    def on_application(self, link: Link, what: str) -> None:
        self.processes.on_link(link, what)

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

    # ---- steps

    async def _do(self, step: s.AnyStep) -> None:
        name = f"_do_{type(step).__name__}"
        holders = (self, self.documents, self.lives_of_extensions, self.worlds, self.console, self.crashes)
        holder = next(each for each in holders if hasattr(each, name))
        handler: Callable[[Any], Coroutine[Any, Any, None]] = getattr(holder, name)
        await handler(step)

    async def _do_Task(self, task: s.Task) -> None:
        if await self.processes.do(task):
            return
        actor = await self.living(task.actor)
        ops = [self.plain(op) for op in task.ops]
        self.settler.about_to(task)
        await self.stage.send(actor, SAME_TURN_SECONDS * self.setting.factor, do="task", ops=ops)

    def plain(self, op: Any) -> dict[str, Any]:
        """An op as it is sent."""
        plain: dict[str, Any] = msgspec.to_builtins(op)
        if "args" in plain:
            plain["args"] = self.resolve(plain["args"])
        if "then" in plain:
            plain["then"] = [self.plain(inner) for inner in op.then]
        return plain

    async def _do_Need(self, need: s.Need) -> None:
        if asked := s.BACKGROUND_NEEDS.get(need.path):
            if self.setting.outside.background_stops is not asked.stops:
                raise NotThere(asked.lacking)
            return
        actor = await self.living(need.actor)
        before = len(self.events)
        await self.stage.send(actor, self.deadline, do="task", ops=[{"op": "probe", "path": need.path}])
        probed = next(event.value for event in self.events[before:] if event.operation == "probe")
        if isinstance(probed, dict) and probed["type"] in ("undefined", "null", "throws"):
            raise NotThere(f"{need.path} in {need.actor}")

    async def _do_Settle(self, step: s.Settle) -> None:
        await self.settler.settle()
