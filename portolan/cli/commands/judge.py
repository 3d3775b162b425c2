"""``portolan judge``: today's checks over runs of any day, without a browser."""

from __future__ import annotations

from pathlib import Path

import click

from portolan.cli.inputs import expectations, judges
from portolan.cli.options import scenario_files_option, table_format_option
from portolan.cli.output import print_results
from portolan.reports.load import exit_code, load, run_files

EPILOG = """
\b
Examples:
  portolan judge portolan-results                   every run file of a folder
  portolan judge old/firefox-140.0-mv3.jsonl new/firefox-153.7.0-mv3.jsonl
  portolan judge mine.jsonl --scenarios my_scenarios.py
"""


@click.command("judge", epilog=EPILOG)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@scenario_files_option
@table_format_option
@click.pass_context
def command(ctx: click.Context, runs: tuple[Path, ...], files: tuple[Path, ...], form: str) -> None:
    """Judge stored runs again, by the checks and expectations of today.

    RUN is a run file, or a folder of them. Prints the same table as "portolan run" and has the same exit codes.
    """
    scenarios = judges(files)
    judged = load(run_files(runs), scenarios, expectations())
    print_results(judged, scenarios, form)
    ctx.exit(exit_code(judged))
