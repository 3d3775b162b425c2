"""``portolan bugs``: the known bugs, and which browser has them today."""

from __future__ import annotations

from pathlib import Path

import click

from portolan.cli.inputs import judges
from portolan.cli.load_runs import gather, incomplete, print_shortfalls
from portolan.cli.options import table_format_option
from portolan.cli.output import console, print_json, print_lines
from portolan.conformance.judging.bugs import check_bugs, load_bugs
from portolan.reports.knowledge.bugs import BugRow, bug_data, bug_lines, bug_rows
from portolan.reports.text.markdown import escaped, table

EPILOG = """
\b
Examples:
  portolan bugs                            by the runs in portolan-results
  portolan bugs old new --format markdown
  portolan reproduce bug-1465514           play the scenario of one of them
"""


@click.command("bugs", epilog=EPILOG)
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), metavar="[RUN]...")
@table_format_option
@click.pass_context
def command(ctx: click.Context, runs: tuple[Path, ...], form: str) -> None:
    """List the known bugs, and whether each is present, absent or not known in the browsers of the runs.

    RUN is a run file, or a folder of them (portolan-results, if none is given). Exit code 3 if a run was cut off.
    """
    bugs, scenarios = load_bugs(), judges()
    check_bugs(bugs.values(), scenarios)
    judged = gather(runs, scenarios)
    rows = bug_rows(bugs.values(), judged)
    if form == "json":
        print_json([bug_data(row) for row in rows])
    elif form == "markdown":
        print("\n".join(markdown_lines(rows)))
    else:
        shown = console()
        for number, row in enumerate(rows):
            if number:
                shown.print()
            first, *rest = bug_lines(row)
            print_lines(shown, [first, *rest], headings=[first])
    print_shortfalls(judged)
    ctx.exit(incomplete(judged))


def markdown_lines(rows: list[BugRow]) -> list[str]:
    """The bugs as a table in Markdown."""
    labels = list(rows[0].sightings) if rows else []
    cells = [
        [
            f"[{escaped(row.bug.id)}]({row.bug.address})",
            escaped(row.bug.says),
            *(row.sightings[label].state for label in labels),
        ]
        for row in rows
    ]
    return list(table(["bug", "what it is", *map(escaped, labels)], cells))
