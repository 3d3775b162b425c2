"""``portolan report``: one HTML file of stored runs, for people."""

from __future__ import annotations

from pathlib import Path

import click

from portolan.cli.inputs import expectations, judges
from portolan.cli.options import scenario_files_option
from portolan.conformance.errors import PortolanError
from portolan.conformance.judging.claims import load_claims
from portolan.conformance.judging.contradictions import load_contradictions
from portolan.reports.load import load, run_files

EPILOG = """
\b
Examples:
  portolan report portolan-results                     every run file of a folder
  portolan report old/*.jsonl new/*.jsonl -o compared  several, in another folder
"""

FILE = "index.html"


class ReportNotWritable(PortolanError):
    """The folder for the report cannot be made or written."""


@click.command("report", epilog=EPILOG)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("portolan-report"),
    show_default=True,
    metavar="DIR",
    help="Where the report goes.",
)
@scenario_files_option
def command(runs: tuple[Path, ...], out: Path, files: tuple[Path, ...]) -> None:
    """Write a report of stored runs: one HTML file that needs no network.

    RUN is a run file, or a folder of them. It is judged by the checks and expectations of today.
    """
    from portolan.reports.html.page import html_report

    scenarios = judges(files)
    judged = load(run_files(runs), scenarios, expectations())
    claims = load_claims()
    path = write_report(out, html_report(judged, scenarios, claims, load_contradictions(claims)))
    click.echo(str(path))


def write_report(folder: Path, document: str) -> Path:
    """Write the report into its folder. Raises ReportNotWritable."""
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(document, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ReportNotWritable(
            f"the report {path} cannot be written: {error.strerror or error}; give another folder with --out DIR"
        ) from error
    return path
