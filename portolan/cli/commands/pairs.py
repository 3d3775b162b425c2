"""``portolan pairs``: which kind of context reaches which, by the runs that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from portolan.cli.inputs import judges
from portolan.cli.load_runs import gather, incomplete, print_shortfalls
from portolan.cli.options import table_format_option
from portolan.cli.output import console, print_json
from portolan.reports.knowledge.reachability import (
    CONNECTS,
    NO_RESULT,
    NOBODY,
    NOT_APPLICABLE,
    REFUSED,
    Matrix,
    Pair,
    matrices,
)
from portolan.reports.text.markdown import escaped
from portolan.reports.text.markdown import table as markdown_table

EPILOG = """
\b
Examples:
  portolan run "pairs_*"                   play the scenarios for the matrix
  portolan pairs                           the matrix of each browser in portolan-results
  portolan pairs new --format markdown
"""

SHORT = {CONNECTS: "connects", NOBODY: "nobody", REFUSED: "refused", NOT_APPLICABLE: "n/a", NO_RESULT: "?"}
STYLES = {NOBODY: "dim", REFUSED: "yellow", NOT_APPLICABLE: "dim", NO_RESULT: "bold red"}
WAYS = {"runtime.connect": "R", "tabs.connect": "T"}
LEGEND = (
    "connects: R by runtime.connect, T by tabs.connect   nobody: it returned a port that nobody listens for   "
    "refused: the call threw   n/a: not applicable   –: not played"
)
NOTHING = "No pairs: no run here has played them; “portolan run pairs_*” does."


@click.command("pairs", epilog=EPILOG)
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), metavar="[RUN]...")
@table_format_option
@click.pass_context
def command(ctx: click.Context, runs: tuple[Path, ...], form: str) -> None:
    """Show which kind of context (row) can connect to which (column), for each browser.

    RUN is a run file, or a folder of them (portolan-results, if none is given). Exit code 3 if a run was cut off.
    """
    judged = gather(runs, judges(()))
    found = matrices(judged)
    if form == "json":
        print_json([data for matrix in found for data in _data(matrix)])
    elif form == "markdown":
        print("\n".join(line for matrix in found for line in _markdown(matrix)))
    else:
        for matrix in found:
            _print(matrix)
        console().print(LEGEND if found else NOTHING)
    print_shortfalls(judged)
    ctx.exit(incomplete(judged))


def _data(matrix: Matrix) -> Iterator[dict[str, Any]]:
    for pair in matrix.pairs:
        yield {
            "browser": matrix.label,
            "opener": pair.opener,
            "receiver": pair.receiver,
            "answer": pair.answer,
            "ways": list(pair.ways),
        }


def _cell(pair: Pair | None) -> str:
    if pair is None:
        return "–"
    words = " / ".join(SHORT.get(answer, answer) for answer in pair.answers)
    ways = "".join(WAYS.get(way, way) for way in pair.ways)
    return f"{words} {ways}".strip()


def _rows(matrix: Matrix) -> Iterator[tuple[str, list[Pair | None]]]:
    for opener in matrix.openers:
        yield opener, [matrix.at(opener, receiver) for receiver in matrix.receivers]


def _print(matrix: Matrix) -> None:
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, title=Text(matrix.label), title_justify="left")
    drawn.add_column("opener → receiver", overflow="fold", min_width=14)
    for receiver in matrix.receivers:
        drawn.add_column(Text(receiver), overflow="fold", min_width=7)
    for opener, pairs in _rows(matrix):
        drawn.add_row(Text(opener), *(Text(_cell(pair), style=_style(pair)) for pair in pairs))
    console().print(drawn)


def _style(pair: Pair | None) -> str:
    return STYLES.get(pair.answer, "" if len(pair.answers) == 1 else "bold red") if pair else "dim"


def _markdown(matrix: Matrix) -> Sequence[str]:
    rows = [[escaped(opener), *(_cell(pair) for pair in pairs)] for opener, pairs in _rows(matrix)]
    head = ["opener → receiver", *map(escaped, matrix.receivers)]
    return [f"### {escaped(matrix.label)}", "", *markdown_table(head, rows), ""]
