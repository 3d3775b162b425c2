"""``portolan reproduce``: play the scenario of a bug, and say whether the bug is there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.text import Text

from portolan.cli.commands.show import CHART_STYLES
from portolan.cli.inputs import Chosen, check_writable, choose, expectations, judges, named
from portolan.cli.main import INTERRUPTED, Problem
from portolan.cli.options import (
    browser_option,
    factor_option,
    given_paths,
    headed_option,
    manifest_option,
    path_options,
    sources_option,
)
from portolan.cli.output import console, in_order, print_lines
from portolan.cli.run_pytest import play
from portolan.conformance.errors import ScenarioError
from portolan.conformance.judging.bugs import Bug, Shown, bugs_of, check_bugs, load_bugs
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.pytest_plugin import play_service as stagehand
from portolan.reports.export.demo import demo_files
from portolan.reports.knowledge.bugs import shown_by, verdict_lines, verdict_of
from portolan.reports.load import INCOMPLETE, JudgedPlay, JudgedRun, load, run_files
from portolan.reports.text.chart import chart
from portolan.reports.text.failure import proof
from portolan.selection import selection as choice
from portolan.selection.settings import Settings, check_numbers, read_sources
from portolan.selection.targets import targets

REPRODUCED, NOT_REPRODUCED, NOT_KNOWN = 0, 1, INCOMPLETE

WORDS = {"present": "reproduced", "absent": "not reproduced", "not known": "could not tell"}
STYLES = {"present": "bold red", "absent": "bold green", "not known": "bold yellow"}

EPILOG = """
\b
Examples:
  portolan reproduce bug-1465514                                     in the browsers for which it is reported
  portolan reproduce bug-1465514 --browser firefox@115 --browser firefox@esr
  portolan reproduce one_of_two_receiving_frames_is_removed --browser chromium
  portolan reproduce my_scenario.py
  portolan reproduce bug-1465514 --export demo --run portolan-results   an extension that shows it by hand

\b
Exit codes:
  0    reproduced in each browser
  1    not reproduced in at least one
  2    bad usage or input
  3    at least one could not tell: crash, timeout, not applicable, inconclusive
"""


@click.command("reproduce", epilog=EPILOG)
@click.argument("what", metavar="BUG|NAME|FILE.py")
@browser_option
@manifest_option("3")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Keep the run files there.")
@click.option(
    "--export",
    "export",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Play nothing; write an extension that shows it by hand, and a bug report.",
)
@click.option(
    "--run",
    "runs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="For --export: a run file, or a folder of them, for the bug report; repeatable.",
)
@headed_option
@factor_option
@path_options
@sources_option
@click.option("--fake", is_flag=True, help="Play on the fake browser, a model of ports: no browser is needed.")
@click.option(
    "--fake-bug", "bugs", multiple=True, metavar="FAULT", help="Give the fake browser this fault; repeatable."
)
@click.pass_context
def command(
    ctx: click.Context, /, what: str, out: Path | None, export: Path | None, runs: tuple[Path, ...], **options: Any
) -> None:
    """Play the scenario of a bug, and say whether the bug is there.

    BUG is one that “portolan bugs” lists. NAME is any scenario, FILE.py a file with one scenario of yours: where they
    show no known bug, reproduced means that a check does not hold, or that what is known of the browser is seen again.
    """
    bug, chosen = find(what)
    (scenario,) = named(chosen).values()
    if export:
        manifest = max(int(each) for each in options["manifests"] or ["2"])
        judged = in_order(load(run_files(runs), named(chosen), expectations()))
        _write(export, demo_files(scenario, bug, judged, manifest))
        return
    if runs:
        raise Problem("--run is for the bug report of --export DIR; without that, the scenario is played.")
    stagehand.check_bugs(options["bugs"])
    with _folder(out) as folder:
        played, whole = _play(ctx, chosen, _settings(options, bug, folder))
        _tell(bug, scenario)
        states = [_tell_run(run, scenario, bug) for run in played]
    ctx.exit(exit_code(states) if whole else NOT_KNOWN)


def exit_code(states: list[str]) -> int:
    """What a program is told of several browsers: first that one could not tell, then that one has not the bug."""
    if not states or "not known" in states:
        return NOT_KNOWN
    return NOT_REPRODUCED if "absent" in states else REPRODUCED


def find(what: str) -> tuple[Bug | None, Chosen]:
    """The bug and the one scenario that are meant. Raises UnknownScenario, ScenarioError and BugError."""
    bugs = load_bugs()
    check_bugs(bugs.values(), judges())
    if what in bugs:
        return bugs[what], choose([bugs[what].shown[0].scenario])
    chosen = choose([what])
    names = list(named(chosen))
    if len(names) != 1:
        raise ScenarioError(
            f"{plain(what)} means {len(names)} scenarios; give one of them: {plain(', '.join(names), 2000)}"
        )
    return next(iter(bugs_of(names[0], bugs.values())), None), chosen


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Where run files go: where they are to be kept, or somewhere for now. Raises ResultsNotWritable."""
    if out:
        check_writable(out)
        yield out.absolute()
    else:
        with tempfile.TemporaryDirectory(prefix="portolan-") as folder:
            yield Path(folder)


def _settings(options: dict[str, Any], bug: Bug | None, out: Path) -> Settings:
    check_numbers(options["factor"])
    sources = read_sources(options["sources"])
    names = choice.names(options["browsers"] or (bug.browsers if bug else ()), sources, fake=options["fake"])
    return Settings(
        targets=targets(names, [int(manifest) for manifest in options["manifests"] or ["3"]]),
        names=names,
        sources=sources,
        headed=options["headed"],
        factor=options["factor"],
        out=out,
        given=given_paths(options),
        fake=options["fake"],
        bugs=options["bugs"],
    )


def _play(ctx: click.Context, chosen: Chosen, settings: Settings) -> tuple[list[JudgedRun], bool]:
    """The runs, and whether there is one of each browser."""
    screen, tools = console(err=True), None
    if not settings.fake:
        from portolan.runners.sources import RichProgress

        tools = choice.get_tools(settings.targets, settings, RichProgress(screen))
        kept, doubles = choice.without_doubles(settings.targets, tools)
        settings = msgspec.structs.replace(settings, targets=kept)
        for sentence in doubles:
            click.echo(f"portolan: {sentence}", err=True)
    outcome = play(chosen, settings, tools, screen)
    for sentence in filter(None, [outcome.problem, *outcome.left_out]):
        click.echo(f"portolan: {sentence}", err=True)
    if outcome.interrupted:
        ctx.exit(INTERRUPTED)
    runs = load(outcome.paths, named(chosen), expectations())
    return runs, len(runs) == len(settings.targets)


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write an export into a new folder. Raises Problem for one that is in use, or cannot be written."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Problem(f"{folder} is there already, and not empty; give --export a folder that is not there.")
    try:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise Problem(f"{folder} cannot be written: {error.strerror or error}") from error
    click.echo(f"exported to {folder}; begin with {folder / 'README.md'}")


# ---- what is told


def _tell(bug: Bug | None, scenario: Scenario) -> None:
    first = f"{bug.id}: {bug.says}" if bug else plain(scenario.title)
    lines = [first, *([bug.address] if bug else []), f"played: {plain(scenario.name)}"]
    print_lines(console(), lines, headings=[first])


def _tell_run(run: JudgedRun, scenario: Scenario, bug: Bug | None) -> str:
    """Print what happened in one browser; returns whether the bug is there."""
    shown = console()
    state = "not known"
    for each in run.plays:
        counts = (bug.by(scenario.name) if bug else None) or shown_by(scenario, each)
        state = counts.state(verdict_of(each))
        shown.print()
        shown.print(Text(f"{run.label}: {WORDS[state]}", style=STYLES[state]))
        print_lines(shown, lines_of(each, scenario, counts))
        shown.print()
        for line in chart(each.play, shown.width, proof=proof(each)):
            shown.print(Text(line.text, style=CHART_STYLES.get(line.kind, ""), no_wrap=True, overflow="crop"))
    return state


def lines_of(each: JudgedPlay, scenario: Scenario, counts: Shown) -> Iterator[str]:
    """What happened, and what should have."""
    verdict = verdict_of(each)
    if counts.state(verdict) == "not known":
        yield f"  actual:   {each.sentence}"
    else:
        yield f"  actual:   {next(verdict_lines([verdict or ''], scenario))}"
    if each.judgement:
        yield from (f"      {plain(reason, 1200)}" for reason in each.judgement.reasons)
    if counts.state(verdict) != "absent":
        yield f"  expected: {'; or '.join(verdict_lines(counts.absent, scenario))}"
