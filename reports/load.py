"""Runs read back and judged by today's checks: what every other report starts from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from portolan.conformance.errors import RunFileError
from portolan.conformance.judging.expectations import Expectations, Expected, assess
from portolan.conformance.judging.judge import Judgement, judge
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording, Run
from portolan.conformance.trace.run_file import read_run
from portolan.conformance.trace.values import plain

Status = Literal["expected", "unexpected", "incomplete"]

EXPECTED, UNEXPECTED, INCOMPLETE = 0, 1, 3
"""Exit codes. An incomplete run is told first: it is no result, whatever the rest of it says."""


class JudgedPlay(msgspec.Struct, frozen=True):
    """A play, what today's checks say of it (None: they cannot judge it), and whether that was known."""

    play: Recording
    judgement: Judgement | None
    status: Status
    sentence: str = ""
    expected: Expected | None = None

    @property
    def answer(self) -> str:
        """In a word or two: the verdict, or how the play went."""
        if self.play.outcome != "ok":
            return self.play.outcome
        return plain(self.judgement.answer) if self.judgement and self.judgement.answer else "not judged"


def earlier(play: Recording) -> str:
    """What became of the attempts before this play, in words; empty where it is the first."""
    said = (f"{each.outcome}{f': {plain(each.reason, 1200)}' if each.reason else ''}" for each in play.attempts)
    return f"played again after {'; then '.join(said)}" if play.attempts else ""


class JudgedRun(msgspec.Struct, frozen=True):
    """A run with each of its plays judged."""

    run: Run
    plays: tuple[JudgedPlay, ...]

    @property
    def label(self) -> str:
        """A short name, such as ``firefox 153.7.0 mv3``."""
        return plain(self.run.label)

    @property
    def whole(self) -> bool:
        """Whether the run came to its end, and through all of its plays."""
        return not self.run.cut_off and not (self.run.footer and self.run.footer.ended)

    @property
    def answers(self) -> Counter[str]:
        """How often each answer was given."""
        return Counter(each.answer for each in self.plays)

    @property
    def statuses(self) -> Counter[str]:
        """How many plays went as expected, unexpectedly, or could not tell."""
        return Counter(each.status for each in self.plays)

    @property
    def unstable(self) -> list[str]:
        """The scenarios whose verdict changed between repeats."""
        verdicts: dict[str, set[str]] = {}
        for each in self.plays:
            if each.status != "incomplete":
                verdicts.setdefault(each.play.scenario, set()).add(each.answer)
        return [name for name, seen in verdicts.items() if len(seen) > 1]

    def of(self, scenario: str) -> list[JudgedPlay]:
        """The plays of one scenario."""
        return [each for each in self.plays if each.play.scenario == scenario]


def judge_play(
    play: Recording, scenario: Scenario | None, known: Expectations, browser: Browser, manifest: int
) -> JudgedPlay:
    """Judge one play of a browser by the scenario as it is today."""
    if scenario is None:
        return JudgedPlay(
            play,
            None,
            "incomplete",
            f"there is no scenario {plain(play.scenario)} today, so nothing can judge this play",
        )
    if scenario.digest != play.digest and play.outcome == "ok":
        return JudgedPlay(
            play,
            None,
            "incomplete",
            f"the steps of {plain(play.scenario)} are not the ones that were played; play it again",
        )
    judgement = judge(scenario, play)
    expected = known.find(play.scenario, browser.family, browser.version, manifest)
    assessment = assess(play, judgement, expected)
    return JudgedPlay(play, judgement, assessment.status, assessment.sentence, expected)


def judge_run(run: Run, scenarios: Mapping[str, Scenario], known: Expectations) -> JudgedRun:
    """Judge a whole run."""
    header = run.header
    plays = (
        judge_play(play, scenarios.get(play.scenario), known, header.browser, header.manifest) for play in run.plays
    )
    return JudgedRun(run, tuple(plays))


def load(paths: Iterable[Path], scenarios: Mapping[str, Scenario], known: Expectations) -> list[JudgedRun]:
    """Read and judge run files. Raises RunFileError."""
    return [judge_run(read_run(path), scenarios, known) for path in paths]


def run_files(paths: Sequence[Path]) -> list[Path]:
    """The run files that are meant: each path, and for a folder every run file in it. Raises RunFileError."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise RunFileError(f"There is no run file {path}.")
        inside = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
        if not inside:
            raise RunFileError(f"There is no run file (*.jsonl) in the folder {path}.")
        found += inside
    return list(dict.fromkeys(found))


def exit_code(runs: Iterable[JudgedRun]) -> int:
    """What a program is told: 0 all as expected, 1 something unexpected, 3 incomplete."""
    told = list(runs)
    if not told or any(not run.whole or run.statuses["incomplete"] or not run.plays for run in told):
        return INCOMPLETE
    return UNEXPECTED if any(run.statuses["unexpected"] or run.unstable for run in told) else EXPECTED
