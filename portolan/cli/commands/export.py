"""``portolan export``: runs in other programs' formats."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from portolan.cli.inputs import expectations, judges
from portolan.cli.options import scenario_files_option
from portolan.cli.output import in_order
from portolan.conformance.errors import PortolanError
from portolan.reports.formats import MODULES, Format, Given, format_named
from portolan.reports.load import JudgedRun, load, run_files

SUMMARY = "GITHUB_STEP_SUMMARY"

EPILOG = """
\b
Examples:
  portolan export portolan-results --format junit -o report.xml
  portolan export portolan-results --format markdown --step-summary
  portolan export portolan-results --format wptreport -o reports/     one file a run
  portolan export portolan-results --format csv > results.csv
"""


class OneRunAFile(PortolanError):
    """A format that holds one run a file, and several runs for one file."""


class CannotExport(PortolanError):
    """A file that cannot be written, or no step summary to write to."""


@click.command("export", epilog=EPILOG)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUN...")
@click.option("--format", "name", type=click.Choice(list(MODULES)), required=True, help="Which format.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Where it goes: a file; or a folder (existing, or ending in “/”), a file a run.",
)
@click.option("--step-summary", is_flag=True, help=f"Append it to the file that ${SUMMARY} names, as a CI has it.")
@scenario_files_option
def command(runs: tuple[Path, ...], name: str, output: str | None, step_summary: bool, files: tuple[Path, ...]) -> None:
    """Export runs in a format for other programs, judged by the checks and expectations of today.

    RUN is a run file, or a folder of them. Without -o it is written to stdout. The exit code says only whether it could
    be written: what the runs came to is what "portolan judge" tells.
    """
    summary = _summary_file() if step_summary else None
    scenarios = judges(files)
    judged = in_order(load(run_files(runs), scenarios, expectations()))
    made = format_named(name)
    if output and _is_folder(output):
        for run, path in zip(judged, _paths(Path(output), judged, made), strict=True):
            _write(path, made.render(Given((run,), scenarios)))
        return
    if made.ONE_RUN and len(judged) > 1:
        raise OneRunAFile(
            f"{name} holds one run a file, and there are {len(judged)} runs; give one of them, or -o FOLDER/"
        )
    text = made.render(Given(tuple(judged), scenarios))
    if summary:
        _write(summary, text, append=True)
    if output:
        _write(Path(output), text)
    elif not summary:
        sys.stdout.write(text)


def _is_folder(output: str) -> bool:
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def _paths(folder: Path, runs: list[JudgedRun], made: Format) -> list[Path]:
    """A file a run, named after the run's own file; two of the same name get a number."""
    paths: list[Path] = []
    for run in runs:
        stem, number = Path(run.run.path).stem, 1
        path = folder / f"{stem}{made.SUFFIX}"
        while path in paths:
            number += 1
            path = folder / f"{stem}-{number}{made.SUFFIX}"
        paths.append(path)
    return paths


def _summary_file() -> Path:
    path = os.environ.get(SUMMARY)
    if not path:
        raise CannotExport(f"${SUMMARY} is not set: this is no step of a CI that has summaries; give -o FILE instead")
    return Path(path)


def _write(path: Path, text: str, *, append: bool = False) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a" if append else "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise CannotExport(f"{path}: it cannot be written: {error.strerror or error}") from error
    click.echo(f"written to {path}", err=True)
