"""What was compared, as plain data for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from portolan.reports.comparison.compare import Comparison
from portolan.reports.comparison.diff import Diff
from portolan.reports.comparison.history import Line
from portolan.reports.comparison.run_pairs import Pair
from portolan.reports.load import JudgedRun


def comparison_data(found: Comparison) -> dict[str, Any]:
    """A comparison of runs."""
    return {
        "worse": found.worse,
        "runs": list(found.columns),
        "verdicts": msgspec.to_builtins(found.verdicts),
        "variants": msgspec.to_builtins(found.variants),
        "traces": msgspec.to_builtins(found.traces),
        "pairs": [{"before": old, "after": new, **_changes_data(each)} for old, new, each in found.pairs],
        "not_compared": [
            {"run": column, "reason": reason, "scenarios": list(names)}
            for (column, reason), names in found.not_compared.items()
        ],
        "compared": found.compared,
        "alike": found.alike,
    }


def diff_data(found: Diff) -> dict[str, Any]:
    """A difference of two sides."""
    return {
        "worse": found.worse,
        "compared": found.compared,
        "pairs": [
            {"before": _run_data(each.before), "after": _run_data(each.after), **_changes_data(each)}
            for each in found.pairs
        ],
        "alone": [{"run": _run_data(run), "sentence": sentence} for run, sentence in found.alone],
    }


def history_data(told: Sequence[Line]) -> list[dict[str, Any]]:
    """The history of each family and manifest version."""
    return [
        {
            "family": line.family,
            "manifest": line.manifest,
            "versions": list(line.versions),
            "scenarios": msgspec.to_builtins(line.stories),
            "traces": msgspec.to_builtins(line.traces),
        }
        for line in told
    ]


def _changes_data(each: Pair) -> dict[str, Any]:
    return {"worse": each.worse, "changes": msgspec.to_builtins(each.changes)}


def _run_data(run: JudgedRun) -> dict[str, Any]:
    browser = run.run.header.browser
    return {
        "run": run.label,
        "path": run.run.path,
        "family": browser.family,
        "version": browser.version,
        "build": browser.build,
        "manifest": run.run.header.manifest,
        "suite": run.run.header.suite,
        "commit": run.run.header.commit,
        "cut_off": run.run.cut_off,
    }
