"""Judging: a scenario and the trace of one of its plays make a verdict. Pure: no browser is needed, or asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from portolan.conformance.checks.checks import AnyCheck, Finding, every, some
from portolan.conformance.language.scenario import OpenPoint, Scenario
from portolan.conformance.trace.recording import Recording
from portolan.conformance.trace.steps import Settle

PASS = "pass"
FAIL = "fail"
VARIANT = "variant:"
NOT_APPLICABLE = "not-applicable"
INCONCLUSIVE = "inconclusive"
RECORDED = "recorded"
"""The verdicts. ``variant:`` is followed by the ids of the variants that were seen, joined by “ + ”."""

Standing = Literal["holds", "does not hold", "inconclusive"]
"""What one play says of one claim."""

STANDINGS: dict[bool | None, Standing] = {True: "holds", False: "does not hold", None: "inconclusive"}

CHANGED = "the scenario has changed since it was played"
UNSETTLED = "; but the play ended before everything had arrived"


class Judged(msgspec.Struct, frozen=True):
    """One finding in its place: the claims that it judges, and the variant and open point that it belongs to, if any.

    ``variant`` is the variant's id, ``title`` its title.
    """

    says: tuple[str, ...]
    variant: str
    finding: Finding
    topic: str = ""
    because: str = ""
    title: str = ""


class Judgement(msgspec.Struct, frozen=True):
    """What a play says.

    ``verdict`` is None if the play itself went wrong: a fault of the instrument is never a verdict about a browser.
    ``reasons`` has a sentence for each check that made it fail or inconclusive. ``title`` is the verdict in words for
    people: with the titles of the variants in place of their ids.
    """

    verdict: str | None
    reasons: tuple[str, ...] = ()
    findings: tuple[Judged, ...] = ()
    claims: dict[str, Standing] = {}
    title: str = ""

    @property
    def answer(self) -> str | None:
        """The verdict for people."""
        return self.title or self.verdict


def judge(scenario: Scenario, play: Recording) -> Judgement:
    """Judge one play of this scenario by the scenario's checks of today."""
    if play.outcome != "ok":
        return Judgement(None)
    if play.lacking:
        return Judgement(NOT_APPLICABLE)
    if play.digest != scenario.digest:
        return Judgement(INCONCLUSIVE, (CHANGED,), claims=dict.fromkeys(scenario.claims, "inconclusive"))
    if scenario.observation:
        return Judgement(RECORDED)
    expectations = tuple(
        Judged(each.claims, "", _find(each.check, play), because=each.because) for each in scenario.requirements
    )
    points = [_Point(point, play) for point in scenario.open_points]
    findings = (*expectations, *(judged for point in points for judged in point.findings))
    holds = every([*(judged.finding.holds for judged in expectations), *(point.holds for point in points)])
    reasons = [reason for judged in expectations for reason in _reasons(judged)]
    reasons += [reason for point in points for reason in point.reasons()]
    seen = [judged for point in points for judged in point.seen]
    variants = f"{VARIANT}{' + '.join(judged.variant for judged in seen)}"
    verdict = {False: FAIL, None: INCONCLUSIVE, True: variants if seen else PASS}[holds]
    title = f"{VARIANT}{' + '.join(judged.title for judged in seen)}" if verdict.startswith(VARIANT) else ""
    return Judgement(verdict, tuple(reasons), findings, _claims(expectations, points), title)


def _find(check: AnyCheck, play: Recording) -> Finding:
    """What a check finds; where it holds because nothing else came, only a play that was settled can tell."""
    finding = check.judge(play)
    if finding.holds and check.negative and not (play.steps and isinstance(play.steps[-1], Settle)):
        return msgspec.structs.replace(finding, holds=None, came=finding.came + UNSETTLED)
    return finding


def _reasons(judged: Judged) -> Iterator[str]:
    if judged.finding.holds is not True:
        yield _sentence(judged.finding) + (f" ({judged.because})" if judged.because else "")


def _sentence(finding: Finding) -> str:
    cannot = "; the trace cannot tell" if finding.holds is None else ""
    return f"expected: {finding.accepted}; actual: {finding.came}{cannot}"


class _Point:
    """An open point as it was played: what each variant's check found."""

    def __init__(self, point: OpenPoint, play: Recording) -> None:
        self.topic = point.topic
        self.findings = [
            Judged(each.claims, each.id, _find(each.check, play), point.topic, title=each.title)
            for each in point.variants
        ]
        self.seen = [judged for judged in self.findings if judged.finding.holds]

    @property
    def holds(self) -> bool | None:
        """Whether one variant was seen, and no other; None where that cannot be told."""
        found = [judged.finding.holds for judged in self.findings]
        return None if len(self.seen) > 1 or None in found else some(found)

    def reasons(self) -> Iterator[str]:
        """Why the point is not decided, if it is not."""
        if len(self.seen) > 1:
            yield f"{self.topic}: more than one variant was seen: {', '.join(judged.title for judged in self.seen)}"
        elif self.holds is not True:
            missed = [judged for judged in self.findings if judged.finding.holds is not True]
            yield f"{self.topic}: " + "; or ".join(f"“{judged.title}” {_sentence(judged.finding)}" for judged in missed)

    def claims(self) -> Iterator[tuple[str, bool | None]]:
        """What the point says of each claim that a variant names: it holds if each variant seen names it."""
        for claim in dict.fromkeys(claim for judged in self.findings for claim in judged.says):
            naming = [judged.finding.holds for judged in self.findings if claim in judged.says]
            others = [judged.finding.holds for judged in self.findings if claim not in judged.says]
            told = some(naming)
            yield claim, None if told and some(others) is not False else told


def _claims(expectations: Iterable[Judged], points: Sequence[_Point]) -> dict[str, Standing]:
    """What the play says of each claim: it holds if everything that judges it does."""
    told: dict[str, list[bool | None]] = {}
    for judged in expectations:
        for claim in judged.says:
            told.setdefault(claim, []).append(judged.finding.holds)
    for point in points:
        for claim, holds in point.claims():
            told.setdefault(claim, []).append(holds)
    return {claim: STANDINGS[every(found)] for claim, found in told.items()}
