"""``portolan scenarios``: what there is to play, in words, without a browser."""

from __future__ import annotations

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from portolan.cli.inputs import choose, load_suite, named
from portolan.cli.options import format_option
from portolan.cli.output import console, print_json, print_lines
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.values import plain
from portolan.reports.text.prose import HEADINGS, scenario_text
from portolan.reports.text.table import topic_name

EPILOG = """
\b
Examples:
  portolan scenarios                                list them
  portolan scenarios show one_of_two_receiving_frames_is_removed
  portolan scenarios show my_scenarios.py           those in a file of yours
"""


@click.group("scenarios", invoke_without_command=True, epilog=EPILOG)
@format_option
@click.pass_context
def command(ctx: click.Context, form: str) -> None:
    """List the scenarios, or show some in words."""
    if ctx.invoked_subcommand is None:
        _print_list(load_suite(), form)


@command.command("show", epilog=EPILOG)
@click.argument("what", nargs=-1, required=True, metavar="(NAME-OR-GLOB | FILE.py)...")
@format_option
def show(what: tuple[str, ...], form: str) -> None:
    """Show what scenarios do, step by step, and what must hold."""
    _print_each(list(named(choose(what)).values()), form)


def _print_list(scenarios: list[Scenario], form: str) -> None:

    if form == "json":
        keys = ("name", "title", "topic", "claims", "bug", "idle")
        print_json([{key: getattr(each, key) for key in keys} for each in scenarios])
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("scenario", "title", "claims"):
        table.add_column(column, overflow="fold")
    for number, each in enumerate(scenarios):
        if number == 0 or each.topic != scenarios[number - 1].topic:
            table.add_section()
            table.add_row(Text(topic_name(each.topic), style="bold"))
        table.add_row(Text(f"  {each.name}"), Text(plain(each.title)), Text(plain(" ".join(each.claims), 2000)))
    console().print(table)
    console().print(f"{len(scenarios)} scenarios")


def _print_each(scenarios: list[Scenario], form: str) -> None:

    if form == "json":
        print_json([{**msgspec.to_builtins(each), "digest": each.digest} for each in scenarios])
        return
    shown = console()
    for number, each in enumerate(scenarios):
        if number:
            shown.print()
        print_lines(shown, scenario_text(each), headings=[each.name, *HEADINGS])
