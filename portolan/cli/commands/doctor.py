"""``portolan doctor``: what is there, what is missing and how to get it, and whether the instrument itself works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from portolan.cli.doctor import Report, examine
from portolan.cli.options import (
    browser_option,
    factor_option,
    format_option,
    given_paths,
    path_options,
    sources_option,
)
from portolan.cli.output import print_json
from portolan.conformance.trace.values import plain
from portolan.selection import selection as choice
from portolan.selection.settings import Settings, check_numbers, read_sources
from portolan.selection.targets import targets

EPILOG = """
\b
Examples:
  portolan doctor
  portolan doctor --browser firefox@115 --browser chromium@156
  portolan doctor --browser firefox --firefox ~/firefox/firefox
"""


@click.command("doctor", epilog=EPILOG)
@browser_option
@path_options
@sources_option
@factor_option
@format_option
@click.option("--fake", is_flag=True, hidden=True)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    browsers: tuple[str, ...],
    sources: str | None,
    factor: float,
    form: str,
    fake: bool,
    **paths: Path | None,
) -> None:
    """Show what is installed and what is missing, and play a small scenario in each browser.

    Nothing is downloaded: "portolan browsers install" and "portolan run" do that.
    """
    check_numbers(factor)
    order = read_sources(sources)
    names = choice.names(browsers, order, fake=fake)
    given = given_paths(dict(paths))
    settings = Settings(targets(names), factor=factor, given=given, fake=fake, names=names, sources=order)
    report = examine(settings, lambda text: click.echo(text, err=True))
    if form == "json":
        print_json(_data(report))
    else:
        for line in _lines(report):
            click.echo(line)
    ctx.exit(report.exit_code)


def _lines(report: Report) -> Iterator[str]:

    yield from (f"{name}: {plain(value)}" for name, value in report.facts.items())
    for tool in report.tools:
        yield ""
        whose = "" if tool.browser in ("", "firefox", "chromium") else f" for {plain(tool.browser)}"
        yield f"{tool.kind}{whose}: {plain(tool.there, 1000) or 'not there'}"
        if not tool.there:
            yield f"    to get it: {plain(tool.remedy, 1000)}"
        yield from (f"    {source}: {plain(reason, 1000)}" for source, reason in tool.reasons.items())
    yield ""
    for trial in report.trials:
        yield f"{'works' if trial.works else 'DOES NOT WORK' if trial.tried else 'not tried'}: {trial.target}{f': {trial.said}' if trial.said else ''}"


def _data(report: Report) -> Any:

    return {**msgspec.to_builtins(report), "exit_code": report.exit_code}
