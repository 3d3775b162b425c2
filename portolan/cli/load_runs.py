"""The runs that a reader is about: those that are named, else those of the usual folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from portolan.cli.inputs import expectations
from portolan.cli.output import console, print_lines
from portolan.conformance.language.scenario import Scenario
from portolan.reports.knowledge.claims import is_real
from portolan.reports.load import EXPECTED, INCOMPLETE, JudgedRun, load, run_files

USUAL = Path("portolan-results")
"""Where “portolan run” leaves its runs unless it is told otherwise."""


def gather(paths: Sequence[Path], scenarios: Mapping[str, Scenario]) -> list[JudgedRun]:
    """The runs of these paths, judged by today's checks; those of the usual folder (or none) if no path is given."""
    if not paths:
        paths = [USUAL] if USUAL.is_dir() and any(USUAL.glob("*.jsonl")) else []
    return load(run_files(paths), scenarios, expectations())


def print_shortfalls(runs: Sequence[JudgedRun]) -> None:
    """Say on stderr what in the runs counts for nothing, and why."""
    lines = []
    for run in runs:
        lost = sum(each.status == "incomplete" for each in run.plays)
        if run.run.cut_off:
            lines.append(f"{run.label}: the run was cut off; what is here is not all of it")
        if lost:
            lines.append(f"{run.label}: {lost} of {len(run.plays)} plays are no result, and say nothing of any claim")
        if not is_real(run):
            lines.append(f"{run.label}: a fake browser, whose plays cover no claim")
    print_lines(console(err=True), lines)


def incomplete(runs: Sequence[JudgedRun]) -> int:
    """The exit code of a reader: 3 where a run was cut off."""
    return INCOMPLETE if any(run.run.cut_off for run in runs) else EXPECTED
