"""``portolan history``: in which versions the behaviour changed."""

from __future__ import annotations

from pathlib import Path

import click

from portolan.cli.inputs import expectations, judges
from portolan.cli.options import scenario_files_option, table_format_option
from portolan.cli.output import console, print_json, print_lines
from portolan.reports.comparison.data import history_data
from portolan.reports.comparison.history import history, history_lines, history_markdown
from portolan.reports.load import load, run_files

EPILOG = """
\b
Examples:
  portolan history portolan-results                 every run file of a folder
  portolan history portolan-results --traces
  portolan history firefox-140*.jsonl firefox-153*.jsonl --format markdown
"""


@click.command("history", epilog=EPILOG)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--traces", is_flag=True, help="Also show what differs in the traces if the behaviour is the same.")
@scenario_files_option
@table_format_option
def command(runs: tuple[Path, ...], traces: bool, files: tuple[Path, ...], form: str) -> None:
    """Show in which versions of a browser the behaviour of a scenario changed.

    RUN is a run file, or a folder of them. Versions of one family and manifest version are put in order; a change lies
    between two that were played and differ ("after 140, by 153"). A version that was cut off, or whose play has no
    result, is not known: a gap is shown as a gap.
    """
    told = history(load(run_files(runs), judges(files), expectations()), traces=traces)
    if form == "json":
        print_json(history_data(told))
    elif form == "markdown":
        print(history_markdown(told), end="")
    else:
        print_lines(console(), history_lines(told))
