"""Plays one scenario on a stage: does its steps one after the other and keeps the events as a trace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.conformance.trace.recording import Outcome, Recording
from portolan.runners.playing.console import Console
from portolan.runners.playing.context import Outside as Outside
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.context import Setting as Setting
from portolan.runners.playing.crash import Crashes
from portolan.runners.playing.documents import Documents
from portolan.runners.playing.extension_lifecycle import Extensions
from portolan.runners.playing.incarnations import Crash, Fault, Missing, NotThere
from portolan.runners.playing.native_processes import Processes
from portolan.runners.playing.settle import Settler
from portolan.runners.playing.user_scripts import Worlds
from portolan.runners.session.collector import Link

SAME_TURN_SECONDS = 10.0
"""The timeout of a task, before the timeout factor."""


class Player(PlayContext):
    """One play. Use it once: ``await Player(setting, scenario, "p1").play()``."""

    settler_class = Settler
    settler: Settler
    documents: Documents
    processes: Processes

    def __init__(self, setting: Setting, scenario: Scenario, id: str, repeat: int = 1) -> None:
        super().__init__(setting, scenario, id)
        self.repeat = repeat
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

    def claims(self, link: Link) -> bool:
        return self.processes.claims(link)

    def on_application(self, link: Link, what: str) -> None:
        self.processes.on_link(link, what)

    # ---- steps

    async def _do(self, step: s.AnyStep) -> None:
        await STEP_HANDLERS[type(step)](self)(step)

    async def _do_Task(self, task: s.Task) -> None:
        if await self.processes.do(task):
            return
        actor = await self.living(task.actor)
        ops = [self.plain(op) for op in task.ops]
        self.settler.about_to(task)
        await self.stage.send(actor, SAME_TURN_SECONDS * self.setting.factor, do="task", ops=ops)

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


Handler = Callable[[Any], Coroutine[Any, Any, None]]

STEP_HANDLERS: dict[type[s.Step], Callable[[Player], Handler]] = {
    s.Task: lambda play: play._do_Task,
    s.Need: lambda play: play._do_Need,
    s.OpenPage: lambda play: play.documents._do_OpenPage,
    s.AddFrame: lambda play: play.documents._do_AddFrame,
    s.RemoveFrame: lambda play: play.documents._do_RemoveFrame,
    s.NavigateFrame: lambda play: play.documents._do_NavigateFrame,
    s.Navigate: lambda play: play.documents._do_Navigate,
    s.RewriteDocument: lambda play: play.documents._do_RewriteDocument,
    s.GoBack: lambda play: play.documents._do_GoBack,
    s.Reload: lambda play: play.documents._do_Reload,
    s.CloseTab: lambda play: play.documents._do_CloseTab,
    s.CloseWindow: lambda play: play.documents._do_CloseWindow,
    s.DiscardTab: lambda play: play.documents._do_DiscardTab,
    s.CrashTab: lambda play: play.documents._do_CrashTab,
    s.StopBackground: lambda play: play.lives_of_extensions._do_StopBackground,
    s.BeginStop: lambda play: play.lives_of_extensions._do_BeginStop,
    s.AwaitIdleStop: lambda play: play.lives_of_extensions._do_AwaitIdleStop,
    s.CrashExtensions: lambda play: play.crashes._do_CrashExtensions,
    s.ReloadExtension: lambda play: play.lives_of_extensions._do_ReloadExtension,
    s.DisableExtension: lambda play: play.lives_of_extensions._do_DisableExtension,
    s.UninstallExtension: lambda play: play.lives_of_extensions._do_UninstallExtension,
    s.UpdateExtension: lambda play: play.lives_of_extensions._do_UpdateExtension,
    s.ConfigureWorld: lambda play: play.worlds._do_ConfigureWorld,
    s.ResetWorld: lambda play: play.worlds._do_ResetWorld,
    s.RegisterUserScripts: lambda play: play.worlds._do_RegisterUserScripts,
    s.ReadConsole: lambda play: play.console._do_ReadConsole,
    s.ForbidUserScripts: lambda play: play.lives_of_extensions._do_ForbidUserScripts,
    s.Settle: lambda play: play._do_Settle,
}
"""The handler of each step."""
