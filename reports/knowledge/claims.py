"""The claims of the documentation in the browsers of stored runs: what the checks that name them have found there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from portolan.conformance.judging.claims import Claim
from portolan.conformance.judging.judge import NOT_APPLICABLE
from portolan.conformance.language.scenario import Scenario
from portolan.reports.load import JudgedPlay, JudgedRun

Word = Literal["holds", "does not hold", "holds in part", "not applicable", "not judged"]

FAKE = "fake"
"""The source of a browser that is none: what it does is no evidence, and covers no claim."""


class ClaimVerdict(msgspec.Struct, frozen=True):
    """What the plays of one browser say of one claim: in a word, and by the names of the scenarios."""

    word: Word
    holding: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()


class ClaimRow(msgspec.Struct, frozen=True):
    """One claim: the scenarios that test it, whether a real browser has been judged by one, and its verdicts by browser."""

    claim: Claim
    scenarios: tuple[str, ...]
    covered: bool
    verdicts: dict[str, ClaimVerdict]

    @property
    def refuted(self) -> list[str]:
        """The browsers of which the claim speaks, and in which it does not hold."""
        return [
            label
            for label, verdict in self.verdicts.items()
            if verdict.word == "does not hold" and speaks_of(self.claim.browsers, label)
        ]


def speaks_of(browsers: Sequence[str], label: str) -> bool:
    """Whether a list of browsers (an empty one means all) has the browser of this label."""
    return not browsers or label.split(" ")[0] in browsers


def claim_rows(
    claims: Mapping[str, Claim], scenarios: Mapping[str, Scenario], runs: Sequence[JudgedRun]
) -> list[ClaimRow]:
    """Every claim with its verdicts. Runs of the same build and manifest version count as one browser."""
    naming = {id: tuple(each.name for each in scenarios.values() if id in each.claims) for id in claims}
    browsers: dict[str, list[JudgedRun]] = {}
    for run in runs:
        browsers.setdefault(run.label, []).append(run)
    return [
        ClaimRow(
            claim,
            naming[id],
            any(_decided(run, id) for run in runs if is_real(run)),
            {label: _verdict(_plays(of_one), id, naming[id]) for label, of_one in browsers.items()},
        )
        for id, claim in claims.items()
    ]


def is_real(run: JudgedRun) -> bool:
    """Whether a run is of a browser, and not of the fake."""
    return run.run.header.browser.source != FAKE


def _decided(run: JudgedRun, id: str) -> bool:
    return any(_standing(each, id) in ("holds", "does not hold") for each in run.plays)


def _standing(each: JudgedPlay, id: str) -> str | None:
    return each.judgement.claims.get(id) if each.judgement and each.judgement.verdict else None


def _plays(runs: Iterable[JudgedRun]) -> list[JudgedPlay]:
    return [each for run in runs for each in run.plays]


def _verdict(plays: Sequence[JudgedPlay], id: str, naming: Sequence[str]) -> ClaimVerdict:
    holding, failing = (
        tuple(dict.fromkeys(each.play.scenario for each in plays if _standing(each, id) == told))
        for told in ("holds", "does not hold")
    )
    if holding and failing:
        return ClaimVerdict("holds in part", holding, failing)
    if holding or failing:
        return ClaimVerdict("holds" if holding else "does not hold", holding, failing)
    lacking = any(
        each.play.scenario in naming and each.judgement and each.judgement.verdict == NOT_APPLICABLE for each in plays
    )
    return ClaimVerdict("not applicable" if lacking else "not judged")


# ---- in words


def count_line(rows: Sequence[ClaimRow]) -> str:
    """How many claims real browsers have been judged by."""
    covered = sum(row.covered for row in rows)
    untestable = sum(bool(row.claim.untestable) for row in rows)
    open_ones = sum(not row.covered and not row.claim.untestable for row in rows)
    return (
        f"{covered} of {len(rows)} claims judged in real browsers; {untestable} untestable; "
        f"{open_ones} that could be and were not"
    )


def claim_lines(row: ClaimRow) -> Iterator[str]:
    """One claim in full."""
    claim = row.claim
    said_of = ", ".join(claim.browsers) or "all browsers"
    yield f"{claim.id}: {claim.statement}"
    yield f"  {claim.subject}; {claim.level}, {'said outright' if claim.strength == 'outright' else 'implied'}, of {said_of}"
    yield f"  {claim.source}"
    if claim.contradicts:
        yield f"  contradicts {', '.join(claim.contradicts)}"
    if claim.untestable:
        yield f"  untestable: {claim.untestable}"
    yield f"  {'covered: a check that names it has judged a real browser' if row.covered else 'not covered by these runs'}"
    if not row.scenarios:
        yield "  no scenario tests it"
    for name in row.scenarios:
        told = ", ".join(_told(label, verdict, name) for label, verdict in row.verdicts.items())
        yield f"    - {name}{': ' if told else ''}{told}"
    for label, verdict in row.verdicts.items():
        yield f"  {label}: {verdict_words(claim, label, verdict)}"


def _told(label: str, verdict: ClaimVerdict, scenario: str) -> str:
    holds, fails = scenario in verdict.holding, scenario in verdict.failing
    word = "now so, now not" if holds and fails else "holds" if holds else "does not hold" if fails else "no result"
    return f"{label} {word}"


def verdict_words(claim: Claim, label: str, verdict: ClaimVerdict) -> str:
    """A verdict for people: which scenarios speak against the claim, and whether it is said of this browser at all."""
    against = f" (not in {', '.join(verdict.failing)})" if verdict.word == "holds in part" else ""
    silent = "" if speaks_of(claim.browsers, label) or verdict.word == "not judged" else ", but it is not said of it"
    return f"{verdict.word}{against}{silent}"
