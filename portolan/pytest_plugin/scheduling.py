"""How pytest-xdist's workers share the plays: in the given order, and the waiting plays of one browser all to one worker.

Plays that wait for a clock of the browser's are begun by the worker that plays the browser's first scenario, run beside
the others, and are collected by that worker when the others have been given out. Results do not depend on who plays what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

LEAST_PENDING = 2
"""Items that a worker has at least, as long as there are any: the one that it plays and the next."""


class Shares(msgspec.Struct, frozen=True):
    """What belongs together, by ids of items: the unit of each waiting play, and the unit that an item's worker begins."""

    units: dict[str, str] = {}
    begins: dict[str, str] = {}


class PortolanScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """One item a unit of work, but for the waiting plays of a target, which are one unit together."""

    def __init__(self, config: pytest.Config, log: Any, find: Callable[[Sequence[str]], Shares]) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the collection's order is meant
        self._find = find
        self._shares = Shares()
        self._begun: dict[str, WorkerController] = {}

    def schedule(self) -> None:
        """Find out which items belong together, then share them out."""
        if self.collection is None and self.registered_collections:
            self._shares = self._find(next(iter(self.registered_collections.values())))
        super().schedule()

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker has ended: what it had finished is not shared out again."""
        work = self.assigned_work[node]
        for scope in [scope for scope, unit in work.items() if all(unit.values())]:
            del work[scope]
        crashed: str | None = super().remove_node(node)
        return crashed

    def _reschedule(self, node: WorkerController) -> None:
        """Keep a worker busy: it begins an item only when it knows the next one, or that there is none."""
        while not node.shutting_down:
            if self._next_for(node) is None:
                node.shutdown()
            elif self._pending_of(self.assigned_work[node]) < LEAST_PENDING:
                self._assign_work_unit(node)
            else:
                return

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give a worker the next unit that it may have, if there is one."""
        if (scope := self._next_for(node)) is None:
            return
        for nodeid in self.workqueue[scope]:
            if unit := self._shares.begins.get(nodeid):
                self._begun[unit] = node
        self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str | None:
        """The first unit that is not for another worker, in which it has begun already."""
        for scope in self.workqueue:
            begun_by = self._begun.get(scope)
            if begun_by in (None, node) or begun_by not in self.assigned_work:
                return str(scope)
        return None

    def _split_scope(self, nodeid: str) -> str:
        return self._shares.units.get(nodeid, nodeid)
