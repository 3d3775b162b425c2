"""Gets the browsers that a process needs, plays items in them, judges, and puts everything away again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, cast

import pytest

from portolan.conformance.errors import PortolanError
from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.judging.expectations import load as load_expectations
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording
from portolan.pytest_plugin.running_browsers import Browsers, Player, Turn
from portolan.reports.load import JudgedPlay, judge_play
from portolan.selection import selection as choice
from portolan.selection.browser_names import read
from portolan.selection.settings import BadOption, Settings
from portolan.selection.targets import Target

if TYPE_CHECKING:
    from portolan.runners.sources import Progress


class PlayItem(Protocol):
    """What is to be played: a scenario in a target, as pytest's items have it."""

    target: Target
    scenario: Scenario
    repeat: int


class PlayService:
    """Plays the scenarios of one process: gets the browsers, plays, judges, and ends the browsers again."""

    def __init__(self, settings: Settings, tools: choice.Tools | None, *, shared: bool) -> None:
        self.settings, self.shared = settings, shared
        self._tools: choice.Tools | None = tools
        self._problem: PortolanError | None = None
        self._known: Expectations | None = None
        self._waiting: list[PlayItem] = []  # those for a clock of the browser's, as long as they are not collected
        self._begins: set[Target] = set()  # where this process begins them
        self._first: dict[Target, PlayItem] = {}
        self._browsers = Browsers(self._open, self._expected, settings.retry)

    def get_ready(self, items: Sequence[PlayItem], progress: Progress) -> None:
        """Find out everything that can be wrong before a browser starts. Raises PortolanError.

        Where workers share the items an error cannot end the run from here: then each item tells it.
        """
        self._waiting = [item for item in items if item.scenario.waits]
        for item in items:
            self._first.setdefault(item.target, item)
        try:
            if self.settings.problem:
                raise BadOption(self.settings.problem)
            self._known = load_expectations()
            if self.settings.fake:
                self._open(items[0].target)
            elif self._tools is None:
                self._tools = choice.get_tools((item.target for item in items), self.settings, progress)
        except PortolanError as problem:
            if not self.shared:
                raise
            self._problem = problem

    def play(self, item: PlayItem) -> tuple[Browser, JudgedPlay]:
        """Play and judge one item."""
        beside = self._beside(item)
        if item in self._waiting:
            self._waiting.remove(item)
        play = self._browsers.play(item.target, (item.scenario, item.repeat), beside)
        browser = self._browsers.browser(item.target)
        known = self._known or load_expectations()
        return browser, judge_play(play, item.scenario, known, browser, item.target.manifest)

    def play_once(self, target: Target, scenario: Scenario) -> tuple[Browser, Recording]:
        """Play a scenario that is no item."""
        play = self._browsers.play(target, (scenario, 1))
        return self._browsers.browser(target), play

    def _beside(self, item: PlayItem) -> list[Turn]:
        """The target's waiting plays that may run beside others here: where items are shared, they are with its first one."""
        if item is self._first.get(item.target) or item.scenario.waits or not self.shared:
            self._begins.add(item.target)
        if item.target not in self._begins:
            return []
        return [(each.scenario, each.repeat) for each in self._waiting if each.target == item.target]

    def close(self) -> None:
        """End every browser."""
        self._browsers.close()

    def _open(self, target: Target) -> Player:
        if self._problem:
            raise self._problem
        if self.settings.fake:
            return open_fake(target, self.settings.bugs)
        from portolan.runners.session.launch import launch, sessions_folder
        from portolan.runners.sources.cache import Cache

        assert self._tools is not None
        return launch(
            target.family,
            target.manifest,
            self._tools[target.browser],
            sessions_folder=sessions_folder(Cache.from_environment()),
            headless=not self.settings.headed,
            factor=self.settings.factor,
        )

    def _expected(self, target: Target) -> Browser:
        """What is known of a browser that did not start."""
        tool = (self._tools or {}).get(target.browser, {}).get(target.family)
        return Browser(target.family, tool.version if tool else "unknown", source=tool.source if tool else "")


PLAY_SERVICE = pytest.StashKey[PlayService]()


def check_bugs(bugs: Iterable[str]) -> None:
    """Raise BadOption for a bug that the fake browser does not know."""
    if not bugs:
        return
    from portolan.runners.fake import Bug

    for bug in bugs:
        if bug not in list(Bug):
            raise BadOption(f"The fake browser has no bug {bug!r}; it has {', '.join(Bug)}.")


def open_fake(target: Target, bugs: Iterable[str]) -> Player:
    """A fake browser, of the version that its name has. Raises BadOption for a bug that it does not know."""
    from portolan.runners.fake import NEWEST, FakeBrowser

    check_bugs(bugs)
    return cast("Player", FakeBrowser(target.family, target.manifest, bugs, read(target.browser).version or NEWEST))
