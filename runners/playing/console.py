"""What the browser's console shows of what a play has caused."""

from __future__ import annotations

import re

from portolan.conformance.trace import steps as s
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.polling import Sight
from portolan.runners.playing.settle import TWIN_HOST

LONGEST_LINE = 1000
"""Characters."""


class Console:
    """One play's looks at the console: each when a mark is there, which came into it behind all that is meant."""

    def __init__(self, player: PlayContext) -> None:
        self.player = player
        self.sight = Sight(player, s.CONSOLE)
        self._extensions = [made for name, made in player.setting.extensions.items() if name != "observer"]
        self._outside = player.setting.outside

    async def begin(self) -> None:
        """See that a play that looks at it finds it empty."""
        if any(isinstance(step, s.ReadConsole) for step in self.player.scenario.steps):
            await self.player.outside(self._outside.watch_console, self._extensions)

    async def _do_ReadConsole(self, step: s.ReadConsole) -> None:
        mark = await (self._mark_of_stderr(step) if step.actor in self.player.hosts else self._mark(step))
        lines = await self._until_there(mark)
        for line in lines:
            found = re.search(step.like, line, re.IGNORECASE)
            if found and not (mark and mark in line):
                self.sight.note("shown", found.group()[:LONGEST_LINE])  # the rest may tell of this machine
        self.sight.note("looked", step.like)

    async def _mark(self, step: s.ReadConsole) -> str:
        """Let the actor report an error of ours."""
        mark = f"mark of {self.player.id} in step {self.player.step + 1}"
        living = await self.player.living(step.actor)
        await self.player.stage.send(living, self.player.deadline, do="mark", text=mark)
        return mark

    async def _mark_of_stderr(self, step: s.ReadConsole) -> str:
        """The observer's application has written the same a moment later; but what the browser does not read shows nothing."""
        shared = [
            event.value for event in self.player.events if event.actor == step.actor and event.operation == "stderr"
        ]
        return "" if shared and shared[-1] == {"browsers": True} else TWIN_HOST

    async def _until_there(self, mark: str) -> list[str]:
        lines: list[str] = await self.sight.until(
            lambda: self.player.outside(self._outside.console, self._extensions),
            lambda lines: not mark or any(mark in line for line in lines),
            self.player.deadline,
            f"“{mark}” in the browser's console",
        )
        return lines
