"""``portolan claims``: which sentence of the documentation holds where, by the runs that are there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from portolan.cli.inputs import judges
from portolan.cli.load_runs import gather, incomplete, print_shortfalls
from portolan.cli.options import scenario_files_option, table_format_option
from portolan.cli.output import console, print_json, print_lines
from portolan.conformance.judging.claims import load_claims, select_claims
from portolan.reports.knowledge.claims import ClaimRow, claim_lines, claim_rows, count_line, speaks_of, verdict_words
from portolan.reports.text.markdown import code, escaped, row_of

EPILOG = """
\b
Examples:
  portolan claims                          every claim, by the runs in portolan-results
  portolan claims old new/firefox-153.7.0-mv3.jsonl
  portolan claims P71 P73                  two claims in full, with their scenarios
  portolan claims --format json old        for programs
"""

STYLES = {"does not hold": "bold red", "holds in part": "yellow", "not judged": "dim", "not applicable": "dim"}
NARROW = {"not applicable": "n/a", "not judged": "–", "holds in part": "in part", "does not hold": "does not"}
LEGEND = (
    "does not: it does not hold   in part: it holds in some scenarios only   n/a: not applicable   "
    "–: not judged   (…): not said of this browser"
)


@click.command("claims", epilog=EPILOG)
@click.argument("what", nargs=-1, metavar="[ID]... [RUN]...")
@scenario_files_option
@table_format_option
@click.pass_context
def command(ctx: click.Context, what: tuple[str, ...], files: tuple[Path, ...], form: str) -> None:
    """Show what the documentation claims, and which claim holds in which browser.

    ID is a claim, such as P71; RUN is a run file, or a folder of them (portolan-results, if none is given). Only what
    a check found in a real browser counts: a claim that no run has judged is not covered. Exit code 3 if a run was cut off.
    """
    ids = [each for each in what if not is_run(each)]
    claims = load_claims()
    chosen = select_claims(claims, ids)
    scenarios = judges(files)
    runs = gather([Path(each) for each in what if is_run(each)], scenarios)
    rows = claim_rows(chosen, scenarios, runs)
    if form == "json":
        print_json([row_data(row) for row in rows])
    elif form == "markdown":
        print("\n".join(markdown_lines(rows)))
    elif ids:
        _print_each(rows)
    else:
        _print_table(rows)
    print_shortfalls(runs)
    ctx.exit(incomplete(runs))


def is_run(argument: str) -> bool:
    """Whether an argument is a run file or a folder, and not a claim's id."""
    return not argument.isalnum() or Path(argument).exists()


def row_data(row: ClaimRow) -> dict[str, Any]:
    """A claim as plain data."""
    claim = row.claim
    return {
        "id": claim.id,
        "covered": row.covered,
        "untestable": claim.untestable or None,
        "verdicts": {label: verdict.word for label, verdict in row.verdicts.items()},
        "in_part": {
            label: {"holds": list(verdict.holding), "does not hold": list(verdict.failing)}
            for label, verdict in row.verdicts.items()
            if verdict.word == "holds in part"
        },
        "scenarios": list(row.scenarios),
        "subject": claim.subject,
        "statement": claim.statement,
        "source": claim.source,
        "level": claim.level,
        "strength": claim.strength,
        "browsers": list(claim.browsers),
        "contradicts": list(claim.contradicts),
    }


def _print_each(rows: Sequence[ClaimRow]) -> None:
    shown = console()
    for number, row in enumerate(rows):
        if number:
            shown.print()
        first, *rest = claim_lines(row)
        print_lines(shown, [first, *rest], headings=[first])


def _print_table(rows: Sequence[ClaimRow]) -> None:
    shown = console()
    labels = list(rows[0].verdicts) if rows else []
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("what the documentation says", overflow="fold", min_width=30)
    for label in labels or ["verdicts"]:
        table.add_column(Text(label), overflow="fold", min_width=8)
    page = ""
    for row in rows:
        if (here := row.claim.source.partition("#")[0]) != page:
            page = here
            table.add_section()
            table.add_row("", Text(page.partition("WebExtensions/")[2] or page, style="bold"))
        cells = [Text(_cell(row, label), style=STYLES.get(row.verdicts[label].word, "")) for label in labels]
        table.add_row(Text(row.claim.id), Text(row.claim.statement), *(cells or [Text(_without_runs(row))]))
    shown.print(table)
    shown.print(LEGEND if labels else "No runs: portolan-results is empty. “portolan run” plays everything.")
    shown.print(Text(count_line(rows)))


def _without_runs(row: ClaimRow) -> str:
    return "untestable" if row.claim.untestable else "–"


def _cell(row: ClaimRow, label: str) -> str:
    word = row.verdicts[label].word
    if row.claim.untestable and word == "not judged":
        return "untestable"
    short = NARROW.get(word, word)
    return short if speaks_of(row.claim.browsers, label) or word == "not judged" else f"({short})"


def markdown_lines(rows: Sequence[ClaimRow]) -> list[str]:
    """The table in Markdown, with what it counts below it."""
    labels = list(rows[0].verdicts) if rows else []
    lines = [row_of(["claim", "what the documentation says", *map(escaped, labels)])]
    lines.append(row_of(["---"] * (len(labels) + 2)))
    for row in rows:
        claim = row.claim
        words = [escaped(verdict_words(claim, label, row.verdicts[label])) for label in labels]
        lines.append(row_of([code(claim.id), f"[{escaped(claim.statement)}]({claim.source})", *words]))
    return [*lines, "", escaped(count_line(rows))]
