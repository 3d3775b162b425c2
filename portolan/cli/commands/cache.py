"""``portolan cache``: what the cache folder holds, and how to clear it."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import msgspec
from rich.box import SIMPLE_HEAD
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from portolan.cli.options import format_option
from portolan.cli.output import console, print_json
from portolan.runners.sources.cache import Cache

EPILOG = """
\b
Examples:
  portolan cache                     list it
  portolan cache clear               remove all of it
  portolan cache clear NAME...       remove some
  PORTOLAN_CACHE=/big/disk portolan run
  PORTOLAN_CACHE_LIMIT=6GB portolan run
"""


@click.group("cache", invoke_without_command=True, epilog=EPILOG)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List and clear the cache folder: browsers, drivers, tools."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_entries)


@command.command("list", epilog=EPILOG)
@format_option
def list_entries(form: str = "text") -> None:
    """List what is in the cache folder."""
    cache = Cache.from_environment()
    entries = cache.entries()
    if form == "json":
        print_json({"folder": str(cache.folder), "entries": msgspec.to_builtins(entries)})
        return
    shown = console()
    if entries:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for column in ("name", "what", "version", "from", "size", "last used"):
            table.add_column(column, justify="right" if column == "size" else "left", overflow="fold")
        for each in entries:
            used = datetime.fromtimestamp(each.used, UTC).strftime("%Y-%m-%d %H:%M")
            table.add_row(*map(Text, (each.name, each.kind, each.version, each.source, decimal(each.size), used)))
        shown.print(table)
    total = sum(each.size for each in entries)
    shown.print(Text(f"{cache.folder}: {len(entries)} entries, {decimal(total)}", overflow="fold"))


@command.command("clear", epilog=EPILOG)
@click.argument("names", nargs=-1)
def clear(names: tuple[str, ...]) -> None:
    """Remove everything from the cache folder, or only what is named."""
    cache = Cache.from_environment()
    removed = cache.clear(names or None)
    for each in removed:
        click.echo(f"removed {each.name} ({decimal(each.size)})")
    if not removed:
        click.echo(f"{cache.folder}: there is nothing to remove")
