"""What a user sees while scenarios are played: a line a browser on stderr, live in a terminal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import pytest
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from portolan.conformance.trace.values import plain
from portolan.pytest_plugin.options import SETTINGS
from portolan.pytest_plugin.worker_result import Omitted, Played, omitted_of, played_of
from portolan.reports.load import earlier
from portolan.reports.text.failure import plain_lines
from portolan.selection.targets import Target


class _What(ProgressColumn):
    """The scenario that is being played, or how it went."""

    def render(self, task: Task) -> Text:
        return Text(str(task.fields["what"]), overflow="ellipsis", no_wrap=True)


class ShowProgress:
    """A plugin for pytest, in the place of its terminal reporter."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            _What(),
        )
        self._bars = Progress(*columns, console=console, disable=not self._live)
        self._targets: dict[str, tuple[Target, str]] = {}
        self._tasks: dict[Target, TaskID] = {}
        self._totals: Counter[Target] = Counter()
        self._statuses: dict[Target, Counter[str]] = {}
        self._labels: dict[Target, str] = {}
        self._began: dict[Target, float] = {}
        self._given_up: set[Target] = set()
        self.interrupted = False
        self.crashed = ""

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Find out how much there is to play."""
        if session.items:
            self._count(session.config, [item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: Sequence[str]) -> None:
        """The same, where workers of pytest-xdist collect: each of them has found the same."""
        if not self._targets:
            self._count(node.config, ids)

    def _count(self, config: pytest.Config, nodeids: Sequence[str]) -> None:
        labels = {target.label: target for target in config.stash[SETTINGS].targets}
        for nodeid in nodeids:
            scenario, _, label = nodeid.rpartition("::")[2].removesuffix("]").partition("[")
            target = labels.get(label) or labels.get(label.rpartition("-repeat")[0])
            if target:
                self._targets[nodeid] = target, scenario
        self._totals.update(target for target, _ in self._targets.values())
        for target, total in self._totals.items():
            self._statuses[target] = Counter()
            self._tasks[target] = self._bars.add_task(str(target), total=total, start=False, what="")

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A scenario begins, here or in a worker."""
        if nodeid not in self._targets:
            return
        target, scenario = self._targets[nodeid]
        if target not in self._began:
            self._began[target] = time.monotonic()
            self._bars.start_task(self._tasks[target])
            self._say(f"{target}: {_plays(self._totals[target])}")
        self._bars.update(self._tasks[target], what=scenario)

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A play has ended."""
        if omitted := omitted_of(report):
            self._omit(omitted)
        played = played_of(report)
        if played is None:
            return
        target, statuses = played.target, self._statuses[played.target]
        statuses[played.status] += 1
        self._labels[target] = plain(f"{played.browser.family} {played.browser.version} mv{target.manifest}")
        self._bars.update(self._tasks[target], advance=1, description=self._labels[target])
        if (played.status != "expected" or played.play.attempts) and not (
            played.play.outcome == "not-run" and target in self._given_up
        ):
            self._console.print(Text(self._told(played), overflow="fold"))
        if played.play.outcome == "not-run":
            self._given_up.add(target)
        if statuses.total() == self._totals[target]:
            self._finished(target)

    def _omit(self, omitted: Omitted) -> None:
        """A target is left out: told once, by the command; here its bar goes."""
        self._bars.update(self._tasks[omitted.target], visible=False)

    def _told(self, played: Played) -> str:
        """A line about a play, or the lines about a browser that was given up."""
        if played.play.outcome == "not-run":
            return "\n".join(
                ["? " + self._labels[played.target], *(f"    {line}" for line in plain_lines(played.play.reason))]
            )
        sign = {"unexpected": "✗", "incomplete": "?"}.get(played.status, "↻")
        again = f" (repeat {played.play.repeat})" if played.play.repeat > 1 else ""
        reason = f": {plain(played.play.reason)}" if played.play.reason else ""
        before = f", {earlier(played.play)}" if played.play.attempts else ""
        where = f"{plain(played.play.scenario)}{again} in {self._labels[played.target]}"
        return f"{sign} {where}: {played.answer}{reason}{before}"

    def _finished(self, target: Target) -> None:
        statuses = self._statuses[target]
        said = ", ".join(f"{count} {name}" for name, count in sorted(statuses.items()))
        self._bars.update(self._tasks[target], what=said)
        self._bars.stop_task(self._tasks[target])
        self._say(
            f"{self._labels[target]}: {_plays(self._totals[target])} in {time.monotonic() - self._began[target]:.1f} s: {said}"
        )

    def _say(self, text: str) -> None:
        """A line, where nothing is live."""
        if not self._live:
            self._console.print(Text(text, overflow="fold"))

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self) -> None:
        """Ctrl-C, or a plugin that ends everything."""
        self.interrupted = True

    @pytest.hookimpl
    def pytest_internalerror(self, excrepr: object) -> None:
        """An error of ours, which pytest's terminal reporter would print."""
        self.crashed = str(excrepr)


def _plays(count: int) -> str:
    return "1 play" if count == 1 else f"{count} plays"
