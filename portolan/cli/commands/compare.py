"""``portolan compare``: what differs between any number of runs, grouped by cause."""

from __future__ import annotations

from pathlib import Path

import click

from portolan.cli.inputs import TooFewRuns, expectations, judges
from portolan.cli.options import scenario_files_option, table_format_option
from portolan.cli.output import console, in_order, print_json, print_lines
from portolan.reports.comparison.compare import compare, comparison_lines, comparison_markdown
from portolan.reports.comparison.data import comparison_data
from portolan.reports.load import EXPECTED, UNEXPECTED, load, run_files

EPILOG = """
\b
Examples:
  portolan compare portolan-results                 all run files of a folder with each other
  portolan compare firefox-153.7.0-mv3.jsonl chromium-156.0.8078.79-mv3.jsonl
  portolan compare old/firefox-140.0-mv3.jsonl new/firefox-153.7.0-mv3.jsonl --format json
"""


@click.command("compare", epilog=EPILOG)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN RUN...")
@scenario_files_option
@table_format_option
@click.pass_context
def command(ctx: click.Context, runs: tuple[Path, ...], files: tuple[Path, ...], form: str) -> None:
    """Show what differs between runs: verdicts, variants, or only traces.

    RUN is a run file, or a folder of them; browsers of all kinds may be compared. Of runs of one browser family
    and manifest version each is also held against the next older one, by version and then by time. Exit code 1 if
    anything got worse (docs/reading-results.md says what is worse), else 0.
    """
    judged = load(run_files(runs), judges(files), expectations())
    if len(judged) < 2:
        raise TooFewRuns(f"there is one run file in {runs[0]}; give two or more to compare")
    found = compare(in_order(judged))
    if form == "json":
        print_json(comparison_data(found))
    elif form == "markdown":
        print(comparison_markdown(found), end="")
    else:
        print_lines(console(), comparison_lines(found))
    ctx.exit(UNEXPECTED if found.worse else EXPECTED)
