"""What a play sees of the browser from outside of all its extensions, as the events of an actor of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from portolan.conformance.trace.recording import Event
from portolan.runners.playing.context import PlayContext
from portolan.runners.playing.incarnations import Missing

GLANCE_SECONDS = 0.05
"""Between two looks at what announces nothing."""

Seen = TypeVar("Seen")


class Sight:
    """The one looking: what it notes is the ``actor``'s."""

    def __init__(self, player: PlayContext, actor: str) -> None:
        self.player, self.actor = player, actor
        self._counter = 0

    def note(self, operation: str, value: Any) -> None:
        """Keep one event."""
        self._counter += 1
        moment = round(time.time() * 1000 - self.player.began, 1)
        self.player.events.append(
            Event(self.actor, 1, self._counter, self.player.step, "note", operation, value=value, time=moment)
        )

    async def until(
        self, look: Callable[[], Awaitable[Seen]], wanted: Callable[[Seen], bool], seconds: float, what: str
    ) -> Seen:
        """Look again and again; what is seen when it is as wanted. Raises Missing where it does not come to that in time."""
        deadline = time.monotonic() + seconds
        while not wanted(seen := await look()):
            if time.monotonic() > deadline:
                raise Missing(what)
            await asyncio.sleep(GLANCE_SECONDS)
        return seen
