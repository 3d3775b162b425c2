"""The user scripts of one play, and the worlds in which they run."""

from __future__ import annotations

from typing import Any

from portolan.conformance.trace import steps as s
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.incarnations import NotThere
from portolan.runners.playing.stage import SUFFIXES
from portolan.runners.session.extensions import SCRIPTS
from portolan.runners.session.server import SITES

FOLDERS = {SUFFIXES[folder]: folder for folder, last in SCRIPTS.items() if last == "user-script.js"}
"""The folders of the subject's user scripts, by the ends of their actors' names."""


class Worlds:
    """What a play does to user scripts. Before its first step they are registered, and may send messages."""

    def __init__(self, player: PlayContext) -> None:
        self.player = player
        self.folders = sorted(
            {folder for actor in player.scenario.actors for end, folder in FOLDERS.items() if actor.endswith(end)}
        )
        self._registered = False

    async def begin(self) -> None:
        """Register the user scripts that take part. Raises NotThere where the browser has none."""
        if self.folders:
            await self._register(fresh=True)
            self._registered = True

    async def end(self) -> None:
        """No user script stays."""
        if self._registered and self.player.alive("background"):
            await self._tell(do="unregisterUserScripts", folders=self.folders)

    async def _register(self, *, fresh: bool = False) -> None:
        matches = [f"http://{host}/{self.player.troupe}/*" for host in SITES.values()]
        await self._tell(do="registerUserScripts", folders=self.folders, matches=matches, fresh=fresh)

    async def _tell(self, **command: Any) -> None:
        background = await self.player.living("background")
        answer = await self.player.stage.send(background, self.player.opening, **command)
        if lacking := answer.get("lacking"):
            raise NotThere(str(lacking))

    async def _do_ConfigureWorld(self, step: s.ConfigureWorld) -> None:
        await self._tell(do="configureWorld", messaging=step.messaging, world=step.world)

    async def _do_ResetWorld(self, step: s.ResetWorld) -> None:
        await self._tell(do="resetWorld", world=step.world)

    async def _do_RegisterUserScripts(self, step: s.RegisterUserScripts) -> None:
        await self._register()
