"""Results on stdout: the same for a run that was just played and for one that is judged again."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from portolan.conformance.judging.judge import VARIANT
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.comparison.baseline import Held, held_code, held_data, held_lines, held_markdown
from portolan.reports.comparison.data import history_data
from portolan.reports.comparison.differences import difference_lines, differences
from portolan.reports.comparison.history import history, history_lines, history_markdown
from portolan.reports.load import JudgedPlay, JudgedRun, earlier, exit_code
from portolan.reports.text.compact_table import compact, explanation, is_wide
from portolan.reports.text.failure import plain_lines
from portolan.reports.text.markdown import escaped
from portolan.reports.text.table import Table, as_markdown, for_terminal, legend, make_table
from portolan.reports.text.wrapping import wrapped
from portolan.reports.versions import version_key
from portolan.runners.session.extensions import MANIFESTS

HANGING = 4
PIPED_WIDTH = 120
"""Columns where stdout is no terminal and nobody says how wide it is."""


def console(*, err: bool = False) -> Console:
    """A console that takes nothing for markup."""
    file = sys.stderr if err else sys.stdout
    width = None if file.isatty() or os.environ.get("COLUMNS") else PIPED_WIDTH
    return Console(file=file, width=width, markup=False, emoji=False, highlight=False)


def print_lines(shown: Console, lines: Iterable[str], headings: Container[str] = ()) -> None:
    """Print lines that may be longer than the console is wide, the rest of each below its beginning."""
    for line in lines:
        indent = len(line) - len(line.lstrip())
        first, *rest = wrapped(line.lstrip(), max(shown.width - indent - HANGING, 20))
        shown.print(Text(" " * indent + first, style="bold" if line in headings else ""), soft_wrap=True)
        for part in rest:
            shown.print(Text(" " * (indent + HANGING) + part), soft_wrap=True)


def print_results(
    runs: Sequence[JudgedRun],
    scenarios: Mapping[str, Scenario],
    form: str,
    held: Held | None = None,
    left_out: Sequence[str] = (),
) -> None:
    """Print the table, what was unexpected, and what differs: as text, Markdown or JSON; what a baseline says of it.

    ``left_out``: a sentence for each browser that loads no extension of a manifest version.
    """
    runs = in_order(runs)
    table = make_table(runs, scenarios)
    if form == "json":
        data = {**results_data(runs, table), "left_out": left_out}
        print_json({**data, "exit_code": held_code(held, runs), "baseline": held_data(held)} if held else data)
    elif form == "markdown":
        print(as_markdown(table), end="")
        if any(len(line.versions) > 1 for line in history(runs)):
            print(f"\n{history_markdown(history(runs))}", end="")
        if held:
            print(f"\n{held_markdown(held)}", end="")
        for line in filter(None, chain.from_iterable(map(again_lines, runs))):
            print(f"\n{escaped(line)}.")
        for sentence in left_out:
            print(f"\nLeft out: {sentence}.")
    else:
        _print_text(runs, table)
        print_lines(console(), (f"left out: {sentence}" for sentence in left_out))
        if held:
            print_lines(console(), ["", *held_lines(held)])


def in_order(runs: Sequence[JudgedRun]) -> list[JudgedRun]:
    """Runs by family and version, the oldest first."""
    families = list(MANIFESTS)

    def key(run: JudgedRun) -> tuple[Any, ...]:
        browser = run.run.header.browser
        place = families.index(browser.family) if browser.family in families else len(families)
        return place, browser.family, version_key(browser.version), run.run.header.manifest

    return sorted(runs, key=key)


def _print_text(runs: Sequence[JudgedRun], table: Table) -> None:
    shown = console()
    if is_wide(table, shown.width):
        shown.print(compact(table, shown.width))
        print_lines(shown, filter(None, [explanation(table)]))
    else:
        shown.print(for_terminal(table, shown.width))
    if signs := legend(table):
        shown.print(signs)
    for run in runs:
        print_lines(shown, trouble_lines(run))
    shown.print()
    print_lines(shown, difference_lines(differences(table), len(table.columns)))
    if len(table.columns) > 1:
        shown.print()
    print_lines(shown, version_lines(runs))
    for run in runs:
        shown.print(Text(summary(run)))


def version_lines(runs: Sequence[JudgedRun]) -> Iterator[str]:
    """What changed between versions, where several of one browser family were played."""
    lines = [line for line in history(runs) if len(line.versions) > 1]
    if lines:
        yield "Between versions:"
        yield from (f"  {text}" if text else "" for text in history_lines(lines, gaps=False))


def trouble_lines(run: JudgedRun) -> Iterator[str]:
    """What was unexpected or is no result, a paragraph each; what was not run at all, once."""
    troubled = [each for each in run.plays if each.status != "expected"]
    not_run = [each for each in troubled if each.play.outcome == "not-run"]
    for each in troubled:
        if each not in not_run:
            yield ""
            yield f"{_which(each)} in {run.label}: {each.answer}"
            yield f"    {plain(each.sentence, 1200)}"
    yield from again_lines(run)
    for name in run.unstable:
        yield ""
        yield f"{plain(name)} in {run.label}: the verdict changes between repeats"
    if not_run:
        yield ""
        yield f"{_plays(len(not_run))} not run in {run.label}:"
        yield from (f"    {line}" for line in plain_lines(not_run[0].play.reason))
    yield from _end_lines(run, told=bool(not_run))


def again_lines(run: JudgedRun) -> Iterator[str]:
    """What was played again, and what became of it before."""
    for each in run.plays:
        if each.play.attempts:
            yield ""
            yield f"{_which(each)} in {run.label}: {earlier(each.play)}"


def _end_lines(run: JudgedRun, *, told: bool) -> Iterator[str]:
    if run.run.cut_off:
        yield ""
        yield f"{run.label}: the run was cut off; what is here is not all of it"
    elif run.run.footer and run.run.footer.ended and not told:
        yield ""
        yield f"{run.label}: the run ended early: {plain(run.run.footer.ended, 1200)}"


def _which(each: JudgedPlay) -> str:
    return plain(each.play.scenario) + (f" (repeat {each.play.repeat})" if each.play.repeat > 1 else "")


def _plays(count: int) -> str:
    return "1 play" if count == 1 else f"{count} plays"


def summary(run: JudgedRun) -> str:
    """One line about a run."""
    statuses = run.statuses
    said = [_plays(len(run.plays)), f"{statuses['expected']} as expected"]
    said += [f"{statuses['unexpected']} unexpected"] if statuses["unexpected"] else []
    said += [f"{statuses['incomplete']} not a result"] if statuses["incomplete"] else []
    said += [f"{len(run.unstable)} unstable"] if run.unstable else []
    again = sum(bool(each.play.attempts) for each in run.plays)
    said += [f"{again} played again"] if again else []
    return f"{run.label}: {', '.join(said)}{' (cut off)' if run.run.cut_off else ''}"


# ---- for programs


def results_data(runs: Sequence[JudgedRun], table: Table) -> dict[str, Any]:
    """Everything as plain data."""
    found = differences(table)
    return {
        "exit_code": exit_code(runs),
        "runs": [_run_data(run, column) for run, column in zip(runs, table.columns, strict=True)],
        "scenarios": [
            {
                "scenario": row.scenario,
                "topic": topic,
                "answers": {column: _cell_data(cell) for column, cell in zip(table.columns, row.cells, strict=True)},
            }
            for topic, rows in table.topics.items()
            for row in rows
        ],
        "history": history_data(history(runs)),
        "differences": [msgspec.to_builtins(group) for group in found.groups],
    }


def _run_data(run: JudgedRun, column: str) -> dict[str, Any]:
    return {
        "run": column,
        "path": run.run.path,
        "header": msgspec.to_builtins(run.run.header),
        "cut_off": run.run.cut_off,
        "ended": run.run.footer.ended if run.run.footer else "",
        "statuses": dict(run.statuses),
        "unstable": run.unstable,
        "plays": [
            {
                "scenario": each.play.scenario,
                "repeat": each.play.repeat,
                "outcome": each.play.outcome,
                "verdict": each.judgement.verdict if each.judgement else None,
                "title": each.answer.removeprefix(VARIANT),
                "status": each.status,
                "sentence": each.sentence,
                "claims": dict(each.judgement.claims) if each.judgement else {},
                "attempts": msgspec.to_builtins(each.play.attempts),
            }
            for each in run.plays
        ],
    }


def _cell_data(cell: Any) -> dict[str, str]:
    return {"answer": cell.answer, "status": cell.mood}


def print_json(data: Any) -> None:
    """Print JSON in ASCII: whatever a browser said, it is harmless on a terminal."""
    print(json.dumps(data, indent=2))
