"""How pytest-xdist's workers share the plays: in the given order, and the idle-time plays of one browser all to one worker.

A worker begins all its idle-time plays at once, beside each other. Results do not depend on who plays what.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

LEAST_PENDING = 2
"""Items that a worker has at least, as long as there are any: the one that it plays and the next."""


class PortolanScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """One item a unit of work, but for the idle-time plays of a target, which are one unit together."""

    def __init__(self, config: pytest.Config, log: Any, idle: Callable[[Sequence[str]], dict[str, str]]) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the collection's order is meant
        self._idle = idle
        self._scopes: dict[str, str] = {}

    def schedule(self) -> None:
        """Find out which items belong together, then share them out."""
        if self.collection is None and self.registered_collections:
            self._scopes = self._idle(next(iter(self.registered_collections.values())))
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
            if not self.workqueue:
                node.shutdown()
            elif self._pending_of(self.assigned_work[node]) < LEAST_PENDING:
                self._assign_work_unit(node)
            else:
                return

    def _split_scope(self, nodeid: str) -> str:
        return self._scopes.get(nodeid, nodeid)
