"""``portolan browsers``: what there is and what can be had, and the getting and removing of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from portolan.cli.options import format_option, sources_option
from portolan.cli.output import console, print_json
from portolan.conformance.trace.values import plain
from portolan.reports.load import INCOMPLETE
from portolan.runners.session.extensions import MANIFESTS
from portolan.runners.sources import Catalogue, RichProgress, Tool
from portolan.selection import inventory as shelf
from portolan.selection.browser_names import ALL, VARIABLE, accepted, read, split
from portolan.selection.settings import read_sources

EPILOG = """
\b
Examples:
  portolan browsers                                   what is available, and what can be installed
  portolan browsers install firefox@115 chromium@150  get some, with their drivers
  portolan browsers install all                       the newest of each major version
  portolan browsers where firefox@esr                 the path of its program
  portolan browsers remove firefox@115

\b
Names: firefox, firefox@140, firefox@140.12, firefox@esr, chromium@stable, firefox@oldest, chromium@newest
"""


@click.group("browsers", invoke_without_command=True, epilog=EPILOG)
@click.option("--here", is_flag=True, help="Only what is available; does not use the network.")
@click.option("--every", is_flag=True, help="Every version, not just the newest of each major version.")
@sources_option
@format_option
@click.pass_context
def command(ctx: click.Context, here: bool, every: bool, sources: str | None, form: str) -> None:
    """List browsers: which are available, and which can be installed, from where, how large."""
    if ctx.invoked_subcommand is not None:
        return
    catalogue = _catalogue(sources)
    if not here:
        click.echo("asking the sources; give --here to list only what is here", err=True)
    found = shelf.rows(catalogue, ask=not here, every=every)
    reasons = {} if here else {family: catalogue.reasons(family) for family in MANIFESTS}
    if form == "json":
        print_json({"browsers": msgspec.to_builtins(found), "reasons": reasons, "cache": str(catalogue.cache.folder)})
        return
    _print_rows(found)
    for family, told in reasons.items():
        if not any(row.offered and row.family == family for row in found):
            click.echo(f"\nNo source offers {family}:")
            for source, reason in told.items():
                click.echo(f"    {source}: {plain(reason, 1000)}")


@command.command("install", epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="(NAME | all)...")
@sources_option
@format_option
@click.pass_context
def install(ctx: click.Context, names: tuple[str, ...], sources: str | None, form: str) -> None:
    """Install browsers with their drivers, the newest that each name means; "all" is one of each major version.

    Without a name those that PORTOLAN_BROWSERS names. What is here already is not fetched again. Exit code 3 if some
    could not be had; the others are kept.
    """
    wanted = names or tuple(name for name in split(os.environ.get(VARIABLE, "")) if _is_to_install(name))
    if not wanted:
        raise click.UsageError(f"Name a browser, or all; {accepted()}.")
    catalogue = _catalogue(sources, RichProgress(console(err=True)))
    had = []
    for each in shelf.get(catalogue, shelf.plan(catalogue, wanted)):
        had.append(each)
        if form == "text":
            click.echo(_line(each))
    if form == "json":
        print_json(msgspec.to_builtins(had))
    ctx.exit(INCOMPLETE if any(each.problem for each in had) else 0)


@command.command("remove", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="(NAME | all)...")
@sources_option
def remove(names: tuple[str, ...], sources: str | None) -> None:
    """Remove every browser that fits a name from the cache. What lies elsewhere is never touched."""
    catalogue = _catalogue(sources)
    found = shelf.entries(catalogue, names)
    for entry in catalogue.cache.clear(found) if found else ():
        click.echo(f"removed {entry.kind} {entry.version} ({decimal(entry.size)})")
    if not found:
        click.echo("there is nothing to remove")


@command.command("where", epilog=EPILOG)
@click.argument("name")
@sources_option
@format_option
def where(name: str, sources: str | None, form: str) -> None:
    """Print the path of the browser that fits a name, if it is available."""
    catalogue = _catalogue(sources)
    tool = shelf.find(catalogue, read(name))[0]
    if form == "json":
        print_json({"name": name, **_data(tool), "driver": _data(catalogue.driver_here(tool))})
    else:
        click.echo(tool.path)


def _is_to_install(text: str) -> bool:
    """Whether a name of the environment is one to install: a path is there by itself. Raises UnknownBrowser."""
    return text == ALL or read(text).path is None


def _catalogue(sources: str | None, progress: RichProgress | None = None) -> Catalogue:
    return Catalogue(order=read_sources(sources), progress=progress)


def _data(tool: Tool | None) -> Any:
    return None if tool is None else msgspec.to_builtins(tool)


def _line(had: shelf.Had) -> str:
    if had.problem or had.browser is None:
        return f"{had.name}: not had: {plain(had.problem, 2000)}"
    browser, driver = had.browser, had.driver
    driven = f", with {driver.kind} {driver.version}" if driver else ""
    state = "" if had.fetched else "here already: "
    return plain(f"{had.name}: {state}{browser.kind} {browser.version}{driven}, at {browser.path}", 2000)


def _print_rows(found: Sequence[shelf.Row]) -> None:
    shown = console()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("name", "version", "channel", "source", "from", "download", "here"):
        table.add_column(column, justify="right" if column in ("download", "here") else "left", overflow="fold")
    for number, row in enumerate(found):
        if number and row.family != found[number - 1].family:
            table.add_section()
        cells = (row.name, row.version, row.channel or "?", row.source, row.origin, _size(row.download), _here(row))
        table.add_row(*(Text(plain(cell)) for cell in cells))
    shown.print(table)
    for row in found:
        if row.path:
            shown.print(Text(plain(f"{row.name} is at {row.path}", 2000), overflow="fold"), soft_wrap=True)
    total = sum({row.entry: row.size for row in found if row.entry and row.size}.values())
    here = sum(bool(row.path) for row in found)
    shown.print(Text(f"{len(found)} browsers, {here} here, {decimal(total)} in the cache"))


def _size(size: int | None) -> str:
    return "" if size is None else decimal(size)


def _here(row: shelf.Row) -> str:
    return (_size(row.size) or "yes") if row.path else ""
