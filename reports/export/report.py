"""The bug report of an exported demo: steps, what should happen and what did, the versions that were tried, the trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portolan.conformance.judging.bugs import Bug, Shown
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.knowledge.bugs import shown_by, verdict_lines, verdict_of
from portolan.reports.load import JudgedPlay, JudgedRun
from portolan.reports.text.chart import chart
from portolan.reports.text.markdown import escaped, row_of
from portolan.reports.text.prose import check_lines, scenario_lines

WIDTH = 100
"""Columns of the trace in the report."""


def should_lines(scenario: Scenario, shown: Shown | None) -> tuple[list[str], list[str]]:
    """What should happen, and what happens instead where the bug is: in words, as Markdown and HTML both show them."""
    if shown:
        return list(verdict_lines(shown.absent, scenario)), list(verdict_lines(shown.present, scenario))
    return [line.strip().removeprefix("- ") for line in check_lines(scenario)], []


def report_of(scenario: Scenario, bug: Bug | None, shown: Shown | None, runs: Sequence[JudgedRun]) -> dict[str, Any]:
    """What the template of the bug report needs."""
    should, _ = should_lines(scenario, shown)
    tried = [(run, each) for run in runs for each in run.of(scenario.name)]
    states = [(shown or shown_by(scenario, each)).state(verdict_of(each)) for _, each in tried]
    rows = [
        row_of([escaped(run.label), state, escaped(each.answer)])
        for (run, each), state in zip(tried, states, strict=True)
    ]
    proving = [pair for pair, state in zip(tried, states, strict=True) if state == "present"] or tried
    return {
        "summary": plain(bug.says if bug else scenario.title),
        "steps": [line.strip() for line in scenario_lines(scenario)],
        "should": [escaped(line) for line in should],
        "actual": [escaped(line) for line in _actual(proving[0][1], scenario)] if proving else [],
        "versions": rows,
        "charted": escaped(proving[0][0].label) if proving else "",
        "chart": [line.text for line in chart(proving[0][1].play, WIDTH)] if proving else [],
    }


def _actual(each: JudgedPlay, scenario: Scenario) -> list[str]:
    verdict = verdict_of(each)
    reasons = list(each.judgement.reasons) if each.judgement else []
    return [*verdict_lines([verdict], scenario), *reasons] if verdict else [each.sentence]
