"""Why a play did not go as expected: for each check what was accepted, what came and by which events, then the chart."""

from __future__ import annotations

from collections.abc import Iterator

from portolan.conformance.checks.checks import Finding
from portolan.conformance.judging.judge import Judged
from portolan.conformance.trace.recording import EventKey
from portolan.conformance.trace.values import plain
from portolan.reports.load import JudgedPlay
from portolan.reports.text.chart import LEGEND, chart

HOLDS = {True: "holds", False: "does not hold", None: "inconclusive"}


def explanation(each: JudgedPlay, width: int = 100, *, with_chart: bool = True) -> Iterator[str]:
    """The whole text, line by line. A check that holds is told only where no other is in question."""
    if each.expected and each.status != "incomplete":
        holds = (
            "as expected"
            if each.status == "expected"
            else f"the expectation of {plain(each.expected.verdict)} no longer holds"
        )
        yield f"{holds}: {plain(each.expected.why, 1000)}"
    elif each.judgement is None:
        yield plain(each.sentence, 1000)
    for judged in in_question(each):
        yield ""
        yield from _finding(judged)
    if with_chart and each.play.events:
        yield ""
        yield LEGEND
        yield from (line.text for line in chart(each.play, width, proof=proof(each)))


def in_question(each: JudgedPlay) -> list[Judged]:
    """The findings that made the verdict: those that do not hold, or where all is decided, those that do."""
    findings = each.judgement.findings if each.judgement else ()
    return _undecided(each) or [judged for judged in findings if judged.finding.holds]


def proof(each: JudgedPlay) -> frozenset[EventKey]:
    """The events by which a check does not hold."""
    return frozenset(key for judged in _undecided(each) for key in judged.finding.events)


def _undecided(each: JudgedPlay) -> list[Judged]:
    """The findings that do not hold; of an open point only where no variant was seen."""
    findings = each.judgement.findings if each.judgement else ()
    seen = {judged.topic for judged in findings if judged.variant and judged.finding.holds}
    return [
        judged
        for judged in findings
        if judged.finding.holds is not True and not (judged.variant and judged.topic in seen)
    ]


def _finding(judged: Judged) -> Iterator[str]:
    finding: Finding = judged.finding
    of = f"“{plain(judged.title)}” ({plain(judged.topic)}) " if judged.variant else ""
    claims = f"[{plain(', '.join(judged.says))}] " if judged.says else ""
    because = f" (because {plain(judged.because)})" if judged.because else ""
    yield f"{of}{claims}{HOLDS[finding.holds]}{because}"
    yield f"    expected: {plain(finding.accepted, 2000)}"
    yield f"    actual:   {plain(finding.came, 2000)}"
    if finding.events:
        yield f"    events:   {plain(', '.join(map(str, finding.events)))}"


def plain_lines(text: str) -> Iterator[str]:
    """A text of several lines, each made harmless."""
    yield from (plain(line, 2000) for line in text.splitlines() or [""])
