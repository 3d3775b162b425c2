"""What a user sees while scenarios are played: a line a browser on stderr, live in a terminal."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import Self

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

from conformance.core.values import plain
from portolan.items import ScenarioItem
from portolan.played import Played, played_of
from portolan.targets import Target
from reports.failure import plain_lines


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
        items = [item for item in session.items if isinstance(item, ScenarioItem)]
        self._totals.update(item.target for item in items)
        for target, total in self._totals.items():
            self._statuses[target] = Counter()
            self._tasks[target] = self._bars.add_task(str(target), total=total, start=False, what="")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """A scenario begins."""
        if not isinstance(item, ScenarioItem):
            return
        if item.target not in self._began:
            self._began[item.target] = time.monotonic()
            self._bars.start_task(self._tasks[item.target])
            self._say(f"{item.target}: {_plays(self._totals[item.target])}")
        self._bars.update(self._tasks[item.target], what=item.scenario.name)

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A play has ended."""
        played = played_of(report)
        if played is None:
            return
        target, statuses = played.target, self._statuses[played.target]
        statuses[played.status] += 1
        self._labels[target] = plain(f"{played.browser.family} {played.browser.version} mv{target.manifest}")
        self._bars.update(self._tasks[target], advance=1, description=self._labels[target])
        if played.status != "expected" and not (played.play.outcome == "not-run" and target in self._given_up):
            self._console.print(Text(self._told(played), overflow="fold"))
        if played.play.outcome == "not-run":
            self._given_up.add(target)
        if statuses.total() == self._totals[target]:
            self._finished(target)

    def _told(self, played: Played) -> str:
        """A line about a play, or the lines about a browser that was given up."""
        if played.play.outcome == "not-run":
            return "\n".join(
                ["? " + self._labels[played.target], *(f"    {line}" for line in plain_lines(played.play.reason))]
            )
        sign = "✗" if played.status == "unexpected" else "?"
        again = f" (repeat {played.play.repeat})" if played.play.repeat > 1 else ""
        reason = f": {plain(played.play.reason)}" if played.play.reason else ""
        return f"{sign} {plain(played.play.scenario)}{again} in {self._labels[played.target]}: {played.answer}{reason}"

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
