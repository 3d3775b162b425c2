"""The command ``portolan``. Each command is a module of :mod:`portolan.cli.commands`, imported when it is used."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import IO, Any, NoReturn

import click

from portolan.conformance.errors import PortolanError
from portolan.run_header import version

COMMANDS = (
    "run",
    "new",
    "browsers",
    "show",
    "judge",
    "report",
    "compare",
    "diff",
    "history",
    "export",
    "scenarios",
    "claims",
    "contradictions",
    "pairs",
    "bugs",
    "reproduce",
    "doctor",
    "cache",
)
BAD_INPUT, INTERRUPTED = 2, 130

HELP = """Play scenarios about WebExtension messaging ports in real browsers, and read the recordings.

\b
Examples:
  portolan run                          every scenario, in Firefox and Chromium
  portolan run "one_of_two_*" --browser firefox
  portolan show RUN nobody_listens      a play as a sequence chart
  portolan claims                       which sentence of the documentation holds where
"""

EPILOG = """
\b
Exit codes:
  0    all as expected
  1    something unexpected
  2    bad usage or input
  3    the run is incomplete: crash, timeout, harness error, cut off
  130  interrupted
"""


class Problem(click.ClickException):
    """Something in the input, or in the environment, that was found before anything was done: one sentence."""

    exit_code = BAD_INPUT

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"portolan: {self.message}", file=file or sys.stderr)


class Commands(click.Group):
    """The commands, by name; errors of ours in one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"portolan.cli.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PortolanError as error:
            raise Problem(str(error)) from error
        except KeyboardInterrupt:
            click.echo("\nportolan: interrupted", err=True)
            ctx.exit(INTERRUPTED)


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"portolan {version()}")
        ctx.exit()


@click.group(
    cls=Commands,
    help=HELP,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """The command as a whole."""


def main() -> NoReturn:
    """Run the command as a program: whatever its output's encoding, and whenever it is interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        cli(prog_name="portolan")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    sys.exit(0)
