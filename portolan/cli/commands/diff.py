"""``portolan diff``: before and after, of two runs or of two folders."""

from __future__ import annotations

from pathlib import Path

import click

from portolan.cli.inputs import expectations, judges
from portolan.cli.options import scenario_files_option, table_format_option
from portolan.cli.output import console, print_json, print_lines
from portolan.reports.comparison.data import diff_data
from portolan.reports.comparison.diff import diff, diff_lines, diff_markdown
from portolan.reports.load import EXPECTED, INCOMPLETE, UNEXPECTED, load, run_files

EPILOG = """
\b
Examples:
  portolan diff yesterday today                     two folders, run by run
  portolan diff old.jsonl new.jsonl --format markdown
"""


@click.command("diff", epilog=EPILOG)
@click.argument("before", type=click.Path(path_type=Path), metavar="BEFORE")
@click.argument("after", type=click.Path(path_type=Path), metavar="AFTER")
@scenario_files_option
@table_format_option
@click.pass_context
def command(ctx: click.Context, before: Path, after: Path, files: tuple[Path, ...], form: str) -> None:
    """Show what changed in each scenario: worse, fixed, changed, new, gone.

    BEFORE and AFTER are run files or folders of them. A run's counterpart is the one of the same browser, version and
    manifest version; else, of the same family and manifest version. Scenarios are joined by name and by what was
    played: runs of different versions of the suite can be compared as far as its scenarios are the same. Exit code 1
    if anything got worse, 3 if nothing could be compared, else 0.
    """
    scenarios, known = judges(files), expectations()
    old, new = (load(run_files([side]), scenarios, known) for side in (before, after))
    found = diff(old, new)
    if form == "json":
        print_json(diff_data(found))
    elif form == "markdown":
        print(diff_markdown(found), end="")
    else:
        print_lines(console(), diff_lines(found))
    ctx.exit(UNEXPECTED if found.worse else EXPECTED if found.compared else INCOMPLETE)
