"""The browsers of one process: started when first needed, one at a time, anew when broken, given up when nothing helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from portolan.conformance.errors import PortolanError
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Attempt, Browser, Outcome, Recording
from portolan.conformance.trace.run_file import as_recorded
from portolan.conformance.trace.values import plain
from portolan.selection.targets import Target

FAULTS: tuple[Outcome, ...] = ("crash", "timeout", "harness-error")
MOST_FAULTS = 3
"""After so many faulty plays in a row a browser is not tried any further."""

Turn = tuple[Scenario, int]
"""A scenario and which repeat of it."""


class LeftOut(Exception):
    """A browser does not load extensions of a manifest version: nothing is to be played there. The text says so."""


class Player(Protocol):
    """What a session and the fake browser have in common."""

    @property
    def broken(self) -> str | None:
        """Why no more plays can be done in it."""

    def start(self) -> Browser:
        """Start the browser."""

    def prepare(self, plays: Sequence[Turn]) -> None:
        """Begin those of these that wait for a clock of the browser's, to run beside the others."""

    def play(self, scenario: Scenario, repeat: int = 1) -> Recording:
        """Play one scenario."""

    def close(self) -> None:
        """End the browser."""


class Browsers:
    """Plays scenarios in the browsers they are for.

    ``open`` makes a player; ``expected`` names a browser that never started; ``retries``: how often a play is done again
    that was no result.
    """

    def __init__(
        self, open: Callable[[Target], Player], expected: Callable[[Target], Browser], retries: int = 0
    ) -> None:
        self._open, self._expected, self._retries = open, expected, retries
        self._target: Target | None = None
        self._player: Player | None = None
        self._prepared = False
        self._faults = 0
        self._known: dict[Target, Browser] = {}
        self.given_up: dict[Target, str] = {}
        self.left_out: dict[Target, str] = {}

    def browser(self, target: Target) -> Browser:
        """Which browser it is, as far as that is known."""
        return self._known.get(target) or self._expected(target)

    def play(self, target: Target, turn: Turn, beside: Sequence[Turn] = ()) -> Recording:
        """Play one scenario. ``beside``: the waiting plays that the browser may begin now.

        Whatever goes wrong is the play's outcome; but LeftOut is raised where there is nothing to be played. A play that
        is done again says what became of it before.
        """
        play = self._play(target, turn, beside)
        attempts: list[Attempt] = []
        while play.outcome in FAULTS and len(attempts) < self._retries:
            attempts.append(Attempt(play.outcome, play.reason))
            play = self._play(target, turn, beside)
        self._count(target, play)
        return msgspec.structs.replace(play, attempts=tuple(attempts)) if attempts else play

    def _play(self, target: Target, turn: Turn, beside: Sequence[Turn]) -> Recording:
        if target != self._target:
            self.close()
            self._target, self._faults = target, 0
        if reason := self.given_up.get(target):
            return unplayed(turn, "not-run", reason)
        if sentence := self.left_out.get(target):
            raise LeftOut(sentence)
        try:
            player = self._ready(target)
        except Exception as problem:
            if lacks_manifest(problem):
                self.left_out[target] = left_out_sentence(self.browser(target), target.manifest)
                raise LeftOut(self.left_out[target]) from problem
            self.given_up[target] = f"not run, because the browser did not start: {_first_line(problem)}"
            return unplayed(
                turn,
                "not-run",
                str(problem) if isinstance(problem, PortolanError) else f"{target} did not start: {_named(problem)}",
            )
        return self._attempt(player, turn, beside)

    def _count(self, target: Target, play: Recording) -> None:
        """Give a browser up in which one play after the other is no result."""
        self._faults = self._faults + 1 if play.outcome in FAULTS else 0
        if self._faults >= MOST_FAULTS:
            self.given_up[target] = (
                f"not run, because {MOST_FAULTS} plays in a row ended in {play.outcome} or the like; the last one said: {play.reason}"
            )
            self._end()

    def close(self) -> None:
        """End the browser that is running, if any."""
        self._end()
        self._target = None

    def _ready(self, target: Target) -> Player:
        if self._player is None:
            player = self._open(target)
            self._known[target] = player.start()
            self._player, self._prepared = player, False
        return self._player

    def _attempt(self, player: Player, turn: Turn, beside: Sequence[Turn]) -> Recording:
        try:
            if beside and not self._prepared:
                self._prepared = True
                player.prepare(beside)
            play = as_recorded(player.play(*turn))
        except Exception as error:
            play = unplayed(turn, "harness-error", _named(error))
            self._end()
        if player.broken:
            self._end()
        return play

    def _end(self) -> None:
        player, self._player = self._player, None
        if player is not None:
            player.close()


def lacks_manifest(problem: Exception) -> bool:
    """Whether a browser did not start because it does not load extensions of the manifest version."""
    from portolan.runners.errors import NoSuchManifest

    return isinstance(problem, NoSuchManifest)


def left_out_sentence(browser: Browser, manifest: int) -> str:
    """What a user is told of a browser that is left out."""
    return plain(f"{browser.family} {browser.version} does not load extensions of Manifest V{manifest}")


def unplayed(turn: Turn, outcome: Outcome, reason: str) -> Recording:
    """The record of a play that did not come about."""
    scenario, repeat = turn
    return Recording(
        scenario.name, scenario.digest, scenario.cast, scenario.steps, repeat, outcome=outcome, reason=reason
    )


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {_first_line(error)}"


def _first_line(error: BaseException) -> str:
    return plain((str(error).strip() or type(error).__name__).splitlines()[0])
