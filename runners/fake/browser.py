"""The fake browser: plays scenarios on the model of ports, behind the interface of ``portolan.runners.session.session.Session``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording
from portolan.runners.fake.bugs import Bug, bug_named
from portolan.runners.fake.families import FAMILIES
from portolan.runners.fake.player import FakePlayer

NEWEST = "999.0"
"""The version that a fake browser has if nothing else is said: what is expected of the newest is expected of it."""


class FakeBrowser:
    """A browser that is none: deterministic, instant, and as wrong as its bugs say. For the suite's own tests.

    It stands in for a ``Session``: ``start()``, ``play()`` as often as wanted, ``close()``. Each play has a world of its own.
    What is under way arrives at the next settle, the latest that a browser may; ``eager``: after each step, as real ones mostly do.
    """

    def __init__(
        self,
        family: Literal["firefox", "chromium"] = "chromium",
        manifest: int = 3,
        bugs: Iterable[Bug | str] = (),
        version: str = NEWEST,
        *,
        eager: bool = False,
    ) -> None:
        self.family, self.manifest, self.version, self.eager = FAMILIES[family], manifest, version, eager
        self.bugs = frozenset(bug_named(bug) for bug in bugs)
        self.broken: str | None = None
        self.plays = 0

    def start(self) -> Browser:
        """Nothing is started; which browser it pretends to be."""
        self.broken = None
        return Browser(self.family.name, self.version, source="fake", driver="none", flags=tuple(sorted(self.bugs)))

    def prepare(self, plays: Sequence[tuple[Scenario, int]]) -> None:
        """Nothing needs preparing."""

    def close(self) -> None:
        """Nothing needs ending."""

    def play(self, scenario: Scenario, repeat: int = 1) -> Recording:
        """Play one scenario. Whatever goes wrong is the play's outcome."""
        self.plays += 1
        player = FakePlayer(self.family, self.manifest, self.bugs, scenario, eager=self.eager)
        play = player.play(repeat)
        if play.outcome != "ok":
            self.broken = self.broken or f"{scenario.name} ended as {play.outcome}: {play.reason}"
        return play
