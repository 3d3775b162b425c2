"""The command line of the benchmarks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks import growth as growing
from benchmarks import measure, profiling, reporting, show
from benchmarks.summary import plain, summary
from benchmarks.tools import NoSuchScenario, suite, tools_for
from benchmarks.tools import families as known
from portolan.conformance.errors import PortolanError
from portolan.runners.errors import DriverMismatch, ToolPathError
from portolan.runners.session.extensions import MANIFESTS, Family
from portolan.runners.sources import Kind

F = TypeVar("F", bound=Callable[..., Any])

KINDS: tuple[Kind, ...] = ("firefox", "chromium", "geckodriver", "chromedriver")
WIDE = 200
"""Columns of a table where there is no terminal."""

errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Failed(click.ClickException):
    """What went wrong, in one line: exit code 2 for bad input, 3 for a measurement that was not finished."""

    def __init__(self, error: PortolanError) -> None:
        super().__init__(str(error))
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """By the error's reason."""
        return 2 if isinstance(self.error, ToolPathError | DriverMismatch | NoSuchScenario) else 3


class Group(click.Group):
    """A group whose first command is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the comparison's name."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["compare", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Tell what is wrong without a traceback."""
        try:
            return super().invoke(ctx)
        except PortolanError as error:
            raise Failed(error) from error


def browsers_and_format(function: F) -> F:
    """The arguments that all commands have."""
    function = click.argument("families", nargs=-1, type=click.Choice(list(MANIFESTS)), metavar="[firefox|chromium]…")(
        function
    )
    for kind in KINDS:
        function = click.option(f"--{kind}", type=click.Path(path_type=Path), help=f"The {kind} to use.")(function)
    return click.option("--format", type=click.Choice(["text", "json"]), default="text", show_default=True)(function)


def _given(paths: Mapping[str, Path | None]) -> dict[Kind, Path]:
    return {kind: path for kind in KINDS if (path := paths[kind])}


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def _tell(family: Family, sample: growing.Sample) -> None:
    errors.print(show.sample_line(family, sample), markup=False)


def _waiting() -> Progress:
    """What is going on, on stderr."""
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


@click.group(cls=Group)
def main() -> None:
    """What a scenario costs, beside what it would cost otherwise.

    Without a command the comparison is made, such as: python -m benchmarks firefox --rounds 3
    """


@main.command()
@browsers_and_format
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Each round starts each browser twice and plays the whole suite.",
)
@click.option("--scenarios", multiple=True, metavar="GLOB", help="Only scenarios whose name fits; may be given again.")
def compare(
    families: tuple[str, ...], rounds: int, scenarios: tuple[str, ...], format: str, **paths: Path | None
) -> None:
    """Compare Portolan's cost with a browser per scenario and with the bare tab cycle.

    Such as: python -m benchmarks chromium --scenarios "content_script_*" --format json
    """
    wanted, chosen = known(families), suite(scenarios)
    tools = tools_for(wanted, _given(paths))
    with _waiting() as waiting:
        task = waiting.add_task("")
        measured = measure.measure(wanted, chosen, tools, rounds, lambda text: waiting.update(task, description=text))
    summaries = [summary(measured[family]) for family in wanted]
    if format == "json":
        click.echo(json.dumps({each.family: plain(each) for each in summaries}, indent=2))
    else:
        console = _console()
        for table in (show.ratio_table(summaries), show.time_table(summaries), show.slowest_table(summaries)):
            console.print(table)
        for line in show.left_out_lines(summaries):
            console.print(line, markup=False)
    if failed := sum(each.failed for each in summaries):
        errors.print(f"{failed} plays failed: the figures are of the others", style="red")
        raise SystemExit(3)


@main.command()
@browsers_and_format
@click.option("--plays", type=click.IntRange(1), default=2000, show_default=True)
@click.option("--every", type=click.IntRange(1), default=200, show_default=True, help="Look after so many plays.")
@click.option("--scenarios", multiple=True, metavar="GLOB", help="Only scenarios whose name fits; may be given again.")
def growth(
    families: tuple[str, ...], plays: int, every: int, scenarios: tuple[str, ...], format: str, **paths: Path | None
) -> None:
    """Play many plays in one browser, and look at what grows.

    Such as: python -m benchmarks growth firefox --plays 2000
    """
    wanted, chosen = known(families), suite(scenarios)
    tools = tools_for(wanted, _given(paths))
    found = [growing.grow(family, chosen, tools, plays, every, partial(_tell, family)) for family in wanted]
    if format == "json":
        read = {each.family: {**msgspec.to_builtins(each), "per_1000_plays": each.trends} for each in found}
        click.echo(json.dumps(read, indent=2))
    else:
        for each in found:
            _console().print(show.growth_table(each))


@main.command()
@click.argument("scenario", metavar="SCENARIO")
@browsers_and_format
@click.option("--plays", type=click.IntRange(1), default=20, show_default=True)
def profile(scenario: str, families: tuple[str, ...], plays: int, format: str, **paths: Path | None) -> None:
    """Show where the time of a SCENARIO goes, step by step; with a pattern, where the time of all that fit goes.

    Such as: python -m benchmarks profile one_of_two_receiving_frames_is_removed firefox
    """
    wanted, chosen = known(families), suite([scenario])
    tools = tools_for(wanted, _given(paths))
    found = {family: profiling.profile(family, chosen, tools, plays) for family in wanted}
    if format == "json":
        click.echo(json.dumps({family: msgspec.to_builtins(profiles) for family, profiles in found.items()}, indent=2))
        return
    for family, profiles in found.items():
        if not profiles:
            errors.print(f"{family} lacks what the scenario needs", markup=False)
        else:
            _console().print(
                show.profile_table(profiles[0]) if len(chosen) == 1 else show.total_table(family, profiles)
            )


@main.command()
@browsers_and_format
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="How often each browser opens it.")
@click.option("--count", type=click.IntRange(1), default=300, show_default=True, help="How many scenarios.")
def report(families: tuple[str, ...], rounds: int, count: int, format: str, **paths: Path | None) -> None:
    """Measure a big HTML report: its size, and how long browsers take to open and to filter it.

    Such as: python -m benchmarks report chromium --count 100
    """
    wanted = known(families)
    tools = tools_for(wanted, _given(paths))
    with tempfile.TemporaryDirectory(prefix="portolan-report-") as folder:
        path = Path(folder) / "index.html"
        made = reporting.make(path, count)
        found = [reporting.read(path, family, tools, rounds) for family in wanted]
    if format == "json":
        click.echo(json.dumps({**msgspec.to_builtins(made), "browsers": msgspec.to_builtins(found)}, indent=2))
    else:
        for line in reporting.report_lines(made, found):
            click.echo(line)
