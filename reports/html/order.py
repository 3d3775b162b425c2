"""One order for what happened at the same time: that of the trace's partial order, the same wherever it is the same.

Clocks of different actors tell no order. Here what follows from something stands right after it, and what came of itself
at the settle that it came before. So traces that say the same look the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

import msgspec

from portolan.conformance.trace.recording import Event, Recording
from portolan.conformance.trace.steps import Task
from portolan.reports.html.links import Link
from portolan.reports.text.event_rows import Row

Life = tuple[str, int]


def life_of(event: Event) -> Life:
    """Whose event it is: actor and incarnation."""
    return event.actor, event.incarnation


class Placed:
    """Rows in their order, and for each the index of the step under which it stands."""

    def __init__(self, play: Recording, rows: Sequence[Row], links: Iterable[Link], lanes: Sequence[str]) -> None:
        self.rows = rows
        self.after: dict[int, list[int]] = defaultdict(list)
        self.before: dict[int, list[int]] = defaultdict(list)
        self.waits = [0] * len(rows)
        self.own = [_is_own(play, row) for row in rows]
        self.caused: set[int] = set()
        self._join(links)
        self.steps = self._steps(play)
        self.order = self._sorted({name: index for index, name in enumerate(lanes)})

    def _join(self, links: Iterable[Link]) -> None:
        last: dict[Life, int] = {}
        births: dict[str, int] = {}
        for index, row in enumerate(self.rows):
            life = life_of(row.event)
            before = last.get(life)
            if before is None and row.event.incarnation > 1:
                before = births.get(row.event.actor)
            if before is not None:
                self._edge(before, index)
                if row.event.phase != "fire" and not self.own[index]:
                    self.caused.add(index)  # a call inside a listener follows from what the listener was told
            last[life] = births[row.event.actor] = index
        for link in links:
            self._edge(link.start, link.end)
            self.caused.add(link.end)

    def _edge(self, before: int, after: int) -> None:
        self.after[before].append(after)
        self.before[after].append(before)
        self.waits[after] += 1

    def _steps(self, play: Recording) -> list[int]:
        """The step under which each row stands.

        A task's own calls stand at that task, what is known to follow from something as early as that allows, and what
        came of itself at the settle that closes the step at which it was seen.
        """
        walk = self._sorted({}, by_step=False)
        latest = [
            event.step if own else play.upto(event.step)
            for event, own in zip(self._events(play), self.own, strict=True)
        ]
        for index in reversed(walk):
            latest[index] = min([latest[index], *(latest[after] for after in self.after[index])])
        steps = [0] * len(self.rows)
        for index in walk:
            earliest = max((steps[before] for before in self.before[index]), default=0)
            free = not self.own[index] and index not in self.caused
            steps[index] = max(latest[index], earliest) if free or self.own[index] else earliest
        return steps

    def _events(self, play: Recording) -> list[Event]:
        last = max(len(play.steps) - 1, 0)
        return [msgspec.structs.replace(row.event, step=min(row.event.step, last)) for row in self.rows]

    def _sorted(self, lanes: Mapping[str, int], *, by_step: bool = True) -> list[int]:
        """Every row after those that it waits for. A circle, which no true trace has, is broken at its first row."""
        waits = list(self.waits)

        def rank(index: int) -> tuple[int, bool, int, int, int]:
            event = self.rows[index].event
            return (
                self.steps[index] if by_step else 0,
                not self.own[index],  # one turn is one turn
                lanes.get(event.actor, 0),
                event.incarnation,
                event.counter,
            )

        ready = [(rank(index), index) for index, count in enumerate(waits) if count == 0]
        heapify(ready)
        done: dict[int, None] = {}
        while len(done) < len(self.rows):
            if not ready:
                ready = [min((rank(index), index) for index in range(len(self.rows)) if index not in done)]
            _, index = heappop(ready)
            if index in done:
                continue
            done[index] = None
            for after in self.after[index]:
                waits[after] -= 1
                if waits[after] == 0:
                    heappush(ready, (rank(after), after))
        return list(done)


def _is_own(play: Recording, row: Row) -> bool:
    """Whether a row is a call that a task makes, not one that a listener makes in its turn."""
    event = row.event
    if event.phase == "fire" or not 0 <= event.step < len(play.steps):
        return False
    step = play.steps[event.step]
    return isinstance(step, Task) and step.actor == event.actor
