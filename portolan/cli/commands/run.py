"""``portolan run``: play scenarios in browsers, then print what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from portolan.cli.inputs import check_writable, choose, expectations, judges, named
from portolan.cli.main import INTERRUPTED, Problem
from portolan.cli.options import (
    baseline_option,
    browser_option,
    factor_option,
    given_paths,
    headed_option,
    manifest_option,
    path_options,
    sources_option,
    table_format_option,
)
from portolan.cli.output import console, print_results
from portolan.cli.run_pytest import play
from portolan.cli.workers import how_many, read_workers
from portolan.pytest_plugin import play_service as stagehand
from portolan.reports.comparison.baseline import held_code, hold_against
from portolan.reports.load import INCOMPLETE, exit_code, load, run_files
from portolan.selection import selection as choice
from portolan.selection.settings import RETRY_HELP, Settings, check_numbers, read_sources
from portolan.selection.targets import targets

EPILOG = """
\b
Examples:
  portolan run                                      everything, everywhere
  portolan run "one_of_two_*" --browser firefox --manifest 3
  portolan run --browser firefox@115 --browser firefox@esr --browser chromium@156
  portolan run --browser all                        every available browser
  portolan run my_scenarios.py --repeat 10          scenarios of your own
  portolan run --baseline last-week                 fail only if something is worse than last week
  portolan run --format json > results.json
"""


@click.command("run", epilog=EPILOG)
@click.argument("what", nargs=-1, metavar="[NAME-OR-GLOB | FILE.py]...")
@browser_option
@manifest_option("all that a browser loads")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("portolan-results"),
    show_default=True,
    metavar="DIR",
    help="The folder for run files.",
)
@click.option("--repeat", type=int, default=1, metavar="N", help="Play each scenario N times.")
@click.option("--retry", type=int, default=0, metavar="N", help=f"{RETRY_HELP[0].upper()}{RETRY_HELP[1:]}.")
@headed_option
@factor_option
@click.option(
    "-n",
    "workers",
    default="auto",
    metavar="N|auto",
    show_default=True,
    help="How many browsers play at once; auto: by the machine's cores.",
)
@path_options
@sources_option
@baseline_option
@table_format_option
@click.option("--fake", is_flag=True, help="Play on the fake browser, a model of ports: no browser is needed.")
@click.option(
    "--fake-bug", "bugs", multiple=True, metavar="FAULT", help="Give the fake browser this fault; repeatable."
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    what: tuple[str, ...],
    form: str,
    workers: str,
    baseline: tuple[Path, ...],
    **options: Any,
) -> None:
    """Play scenarios in browsers, record them, judge them.

    Gets the browsers and drivers that are missing, plays every scenario in each browser with each manifest version
    that it loads, writes one run file each, and prints one table and what differs. NAME-OR-GLOB means scenarios of the
    suite, FILE.py all scenarios of a file of yours.
    """
    workers_asked = read_workers(workers)
    chosen = choose(what)
    settings = _settings(options)
    known = expectations()
    scenarios = judges() | named(chosen)
    before = load(run_files(baseline), scenarios, known)
    stagehand.check_bugs(settings.bugs)
    check_writable(settings.out)
    screen = console(err=True)
    tools = None
    if not settings.fake:
        from portolan.runners.sources import RichProgress

        tools = choice.get_tools(settings.targets, settings, RichProgress(screen))
        targets_, doubles = choice.without_doubles(settings.targets, tools)
        settings = msgspec.structs.replace(settings, targets=targets_)
        for sentence in doubles:
            click.echo(f"portolan: {sentence}", err=True)
    count = how_many(workers_asked, say=lambda text: click.echo(f"portolan: {text}", err=True))
    outcome = play(chosen, settings, tools, screen, count)
    _tell_files(outcome.paths, outcome.problem)
    if outcome.interrupted:
        click.echo(
            "portolan: interrupted; what was recorded is kept; what a browser had not finished is marked as cut off",
            err=True,
        )
        ctx.exit(INTERRUPTED)
    if outcome.left_out and not outcome.paths and not outcome.incomplete:
        raise Problem(f"{'; '.join(outcome.left_out)}: there is nothing to play in.")
    runs = load(outcome.paths, scenarios, known)
    held = hold_against(before, runs, scenarios, named(chosen)) if baseline else None
    print_results(runs, scenarios, form, held, outcome.left_out)
    if held:
        ctx.exit(INCOMPLETE if outcome.problem else held_code(held, runs))
    ctx.exit(INCOMPLETE if outcome.incomplete else exit_code(runs))


def _settings(options: dict[str, Any]) -> Settings:
    check_numbers(options["factor"], options["repeat"], options["retry"])
    sources = read_sources(options["sources"])
    names = choice.names(options["browsers"], sources, fake=options["fake"])
    return Settings(
        targets=targets(names, [int(manifest) for manifest in options["manifests"]]),
        names=names,
        sources=sources,
        repeat=options["repeat"],
        retry=options["retry"],
        headed=options["headed"],
        factor=options["factor"],
        out=options["out"].absolute(),
        given=given_paths(options),
        fake=options["fake"],
        bugs=options["bugs"],
    )


def _tell_files(paths: tuple[Path, ...], problem: str) -> None:
    for path in paths:
        shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        click.echo(f"recorded in {shown}", err=True)
    if problem:
        click.echo(f"portolan: {problem}", err=True)
