"""The contradictions of the documentation in the browsers of stored runs: which side each browser is on, from evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from portolan.conformance.judging.contradictions import Contradiction, Seen, Side
from portolan.conformance.judging.judge import VARIANT, Judgement
from portolan.reports.knowledge.claims import ClaimRow, ClaimVerdict, speaks_of
from portolan.reports.load import JudgedPlay, JudgedRun

NONE, UNJUDGED, NOT_ASKED = "no side", "not judged", "not asked of it"


class Answer(msgspec.Struct, frozen=True):
    """Which sides a browser is on (their numbers, from 1), and what that was seen by; ``word`` where it is on none."""

    sides: tuple[int, ...]
    evidence: tuple[str, ...] = ()
    word: str = ""

    def __str__(self) -> str:
        return " and ".join(f"side {number}" for number in self.sides) or self.word


class ContradictionRow(msgspec.Struct, frozen=True):
    """One contradiction, and each browser's answer to it."""

    contradiction: Contradiction
    answers: dict[str, Answer]


def contradiction_rows(
    contradictions: Mapping[str, Contradiction], claims: Mapping[str, ClaimRow], runs: Sequence[JudgedRun]
) -> list[ContradictionRow]:
    """Every contradiction with the answers of the runs' browsers, in the order of the runs."""
    plays: dict[str, list[JudgedPlay]] = {}
    for run in runs:
        plays.setdefault(run.label, []).extend(run.plays)
    return [
        ContradictionRow(each, {label: _answer(each, label, claims, of_one) for label, of_one in plays.items()})
        for each in contradictions.values()
    ]


def _answer(
    contradiction: Contradiction, label: str, claims: Mapping[str, ClaimRow], plays: Sequence[JudgedPlay]
) -> Answer:
    if not speaks_of(contradiction.browsers, label):
        return Answer((), word=NOT_ASKED)
    told = [_taken(side, label, claims, plays) for side in contradiction.sides]
    on = tuple(number for number, (taken, _) in enumerate(told, 1) if taken)
    evidence = tuple(dict.fromkeys(each for _, found in told for each in found))
    if on:
        return Answer(on, evidence)
    return Answer((), evidence, NONE if any(taken is False for taken, _ in told) else UNJUDGED)


def _taken(
    side: Side, label: str, claims: Mapping[str, ClaimRow], plays: Sequence[JudgedPlay]
) -> tuple[bool | None, list[str]]:
    """Whether the browser is on this side (None: nothing of it was judged), and by what that is known."""
    verdicts = {id: claims[id].verdicts.get(label, ClaimVerdict("not judged")) for id in side.claims}
    evidence = [f"{id} {verdict.word}" for id, verdict in verdicts.items() if verdict.holding or verdict.failing]
    told = [verdict.word == "holds" for verdict in verdicts.values() if verdict.holding or verdict.failing]
    for seen in side.variants:
        for judgement in _judgements(seen, plays):
            told.append(seen.variant in (judgement.verdict or "").removeprefix(VARIANT).split(" + "))
            evidence.append(f"{seen.scenario}: {(judgement.answer or '').removeprefix(VARIANT)}")
    return (all(told) if told else None), evidence


def _judgements(seen: Seen, plays: Sequence[JudgedPlay]) -> list[Judgement]:
    """The judgements of the plays of a scenario in which variants were seen."""
    found = [each.judgement for each in plays if each.judgement and each.play.scenario == seen.scenario]
    return [judgement for judgement in found if (judgement.verdict or "").startswith(VARIANT)]


def contradiction_lines(row: ContradictionRow) -> Iterator[str]:
    """One contradiction in words."""
    each = row.contradiction
    yield f"{each.id}: {each.about}"
    for number, side in enumerate(each.sides, 1):
        who = ", ".join(side.claims) or side.source
        yield f"  side {number}: {side.says} ({who})"
        if side.unplayed:
            yield f"      not to be recognised: {side.unplayed}"
    for label, answer in row.answers.items():
        proof = f" ({'; '.join(answer.evidence)})" if answer.evidence else ""
        yield f"  {label}: {answer}{proof}"
