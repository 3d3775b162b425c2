"""``portolan show``: the trace of a play as a sequence chart in the terminal."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from portolan.cli.inputs import expectations, judges
from portolan.cli.main import Problem
from portolan.cli.options import format_option, scenario_files_option
from portolan.cli.output import console, print_json, print_lines, summary
from portolan.conformance.errors import UnknownScenario
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.load import JudgedPlay, JudgedRun, load, run_files
from portolan.reports.text.chart import LEGEND, chart
from portolan.reports.text.failure import explanation, proof
from portolan.reports.text.table import SIGNS, STYLES
from portolan.reports.text.wrapping import folded

EPILOG = """
\b
Examples:
  portolan show portolan-results/firefox-153.7.0-mv3.jsonl                  which scenarios were played
  portolan show portolan-results/firefox-153.7.0-mv3.jsonl "one_of_two_*"   how it went
  portolan show run.jsonl nobody_listens --format json                      every event
"""

CHART_STYLES = {"head": "bold", "step": "cyan", "settle": "dim", "error": "red", "proof": "bold red", "end": "green"}

REST = 68
"""Columns of a list of plays beside the scenarios' names."""


@click.command("show", epilog=EPILOG)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("name", required=False, metavar="[NAME-OR-GLOB]")
@click.option("--repeat", type=int, default=1, show_default=True, metavar="N", help="Which repeat of the scenario.")
@click.option("--all", "everything", is_flag=True, help="Show every event, even if there are very many of one kind.")
@scenario_files_option
@format_option
def command(run: Path, name: str | None, repeat: int, everything: bool, files: tuple[Path, ...], form: str) -> None:
    """Show a run's plays, or the trace of a play as a chart.

    A chart has a column for each actor, and a row for each thing that the actor did or saw. The steps are between the rows.
    """
    paths = run_files([run])
    if len(paths) != 1:
        raise Problem(
            f"{run} is a folder of {len(paths)} run files; give one of them: {', '.join(path.name for path in paths)}"
        )
    scenarios = judges(files)
    (judged,) = load(paths, scenarios, expectations())
    plays = _find(judged, name, repeat)
    if form == "json":
        _print_json(plays)
    elif name is None:
        _print_list(judged)
    else:
        for each in plays:
            _print_play(judged, each, scenarios.get(each.play.scenario), everything)


def _find(run: JudgedRun, name: str | None, repeat: int) -> list[JudgedPlay]:
    if name is None:
        return list(run.plays)
    named = [each for each in run.plays if fnmatchcase(each.play.scenario, name)]
    if not named:
        played = ", ".join(dict.fromkeys(each.play.scenario for each in run.plays)) or "nothing"
        raise UnknownScenario(f"{run.run.path}: no play of {plain(name)!r}; there are plays of {plain(played, 2000)}")
    found = [each for each in named if each.play.repeat == repeat]
    if not found:
        raise UnknownScenario(
            f"{run.run.path}: no repeat {repeat} of {plain(name)!r}; the last one is {max(each.play.repeat for each in named)}"
        )
    return found


def _print_list(run: JudgedRun) -> None:
    shown = console()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("scenario", "repeat", "came to", "ms", "events"):
        table.add_column(column, justify="right" if column in ("repeat", "ms", "events") else "left", overflow="fold")
    for each in run.plays:
        told = Text(SIGNS[each.status] + each.answer, style=STYLES[each.status])
        table.add_row(
            Text("\n  ".join(folded(plain(each.play.scenario), max(shown.width - REST, 20)))),
            str(each.play.repeat),
            told,
            f"{each.play.duration:.0f}",
            str(len(each.play.events)),
        )
    shown.print(table)
    shown.print(summary(run))


def _print_play(run: JudgedRun, each: JudgedPlay, scenario: Scenario | None, everything: bool) -> None:
    shown = console()
    play = each.play
    shown.print(Text(f"{plain(play.scenario)} in {run.label}", style="bold", overflow="fold"))
    if scenario:
        shown.print(Text(plain(scenario.title), overflow="fold"))
    shown.print(Text(LEGEND, style="dim"))
    shown.print()
    for line in chart(play, shown.width, proof=proof(each), everything=everything):
        shown.print(Text(line.text, style=CHART_STYLES.get(line.kind, ""), no_wrap=True, overflow="crop"))
    shown.print()
    shown.print(Text(f"{each.answer}: {each.status}", style="bold", overflow="fold"))
    print_lines(shown, explanation(each, with_chart=False))
    shown.print()


def _print_json(plays: list[JudgedPlay]) -> None:
    print_json([msgspec.to_builtins(each) for each in plays])
