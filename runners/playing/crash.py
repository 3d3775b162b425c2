"""The crash of the process in which all of Firefox's extensions run: the one step that takes the observer off the stage.

The observer would die with it, so it leaves before, and comes back after: its extension is disabled, and enabled again.
Puppets in web pages outlive that. They keep what they record meanwhile, and join the next observer; their counters tell
whether anything was lost. Backgrounds do not outlive it. Whether the browser loads one again by itself is asked of the
browser's main process, where nothing is an event to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portolan.conformance.trace import steps as s
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.incarnations import NotThere
from portolan.runners.playing.polling import Sight

if TYPE_CHECKING:
    from portolan.runners.session.extensions import Made


class Crashes:
    """What one play does to the process of extensions, and what it sees of backgrounds afterwards."""

    def __init__(self, player: PlayContext) -> None:
        self.player = player
        self.stage = player.stage
        self.sight = Sight(player, s.EXTENSIONS)
        self._outside = player.setting.outside

    async def _do_CrashExtensions(self, step: s.CrashExtensions) -> None:
        if not self._outside.extensions_share_a_process:
            raise NotThere("a process that all extensions share, and that can crash")
        for cast in self.player.scenario.cast.backgrounds:
            await self.player.living(cast.actor)  # only what is loaded can be loaded again
        await self.player.settler.settle()  # whatever the observer has to say, it says now
        there = self.player.documents.there()
        await self._observer_leaves()
        await self.player.outside(self._outside.crash_extensions)
        await self._observer_comes_back()
        await self.player.documents.arrived(there)
        for cast in self.player.scenario.cast.backgrounds:
            await self._see(cast)

    @property
    def _observer(self) -> Made:
        return self.player.setting.extensions["observer"]

    async def _observer_leaves(self) -> None:
        for incarnation in list(self.stage.incarnations.values()):
            if incarnation.alive and incarnation.play == self.player.id:
                await self.stage.send(incarnation, self.player.deadline, do="hold")
        await self.stage.let_observer_leave()
        self.stage.spent = f"{self.player.scenario.name} has crashed the process of its extensions"
        await self.player.outside(self._outside.disable_extension, self._observer)
        await self.stage.until(
            lambda: self.stage.observer is None, self.player.deadline, "the end of the observer, which was disabled"
        )
        self.stage.forget_channels()

    async def _observer_comes_back(self) -> None:
        await self.player.outside(self._outside.enable_extension, self._observer)
        await self.stage.until(
            lambda: self.stage.observer_ready, self.player.opening, "the observer, which was enabled again"
        )

    async def _see(self, cast: s.Background) -> None:
        """Note whether it is loaded again. One that is takes part in the play."""
        loaded = await self._is_loaded(self.player.setting.extensions[cast.extension])
        self.sight.note("loaded" if loaded else "not-loaded", cast.actor)
        if loaded:  # it was there before the observer, which it has to be told of
            await self.player.join(await self.player.background(cast.extension), cast.extension)

    async def _is_loaded(self, extension: Made) -> bool:
        state: str = await self.sight.until(
            lambda: self.player.outside(self._outside.background_state, extension),
            lambda state: state != "loading",
            self.player.opening,
            f"the background of {extension.name}, which was being loaded again",
        )
        return state == "loaded"
