"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How results are printed.",
)

table_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How results are printed.",
)

scenario_files_option = click.option(
    "--scenarios",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Your own scenarios, to judge their plays by; repeatable.",
)

browser_option = click.option(
    "--browser",
    "browsers",
    multiple=True,
    metavar="NAME",
    help="firefox, firefox@140, chromium@stable, a path, or all available ones; repeatable.  "
    "[default: $PORTOLAN_BROWSERS, else firefox and chromium]",
)

headed_option = click.option("--headed", is_flag=True, help="Show the browsers.")

factor_option = click.option(
    "--timeout-factor",
    "factor",
    type=float,
    default=1.0,
    metavar="F",
    help="Multiply every timeout, for slow machines.",
)


def manifest_option(default: str) -> Callable[[F], F]:
    """The option for manifest versions; ``default`` says what is taken without it."""
    return click.option(
        "--manifest",
        "manifests",
        multiple=True,
        type=click.Choice(["2", "3"]),
        help=f"Manifest version; repeatable.  [default: {default}]",
    )


sources_option = click.option(
    "--sources",
    metavar="NAMES",
    help="Where to look for browsers, in this order, such as debian,cargo.  [default: $PORTOLAN_SOURCES, else all]",
)


def path_options(function: F) -> F:
    """Add the options for browsers and drivers that the user has."""
    for kind in ("chromedriver", "geckodriver", "chromium", "firefox"):
        what = "driver" if kind.endswith("driver") else "browser"
        function = click.option(
            f"--{kind}", type=click.Path(path_type=Path), metavar="PATH", help=f"The {what} to use as {kind}."
        )(function)
    return function


def given_paths(options: dict[str, Any]) -> dict[str, Path]:
    """The paths that were given, by kind."""
    return {
        kind: path for kind in ("firefox", "chromium", "geckodriver", "chromedriver") if (path := options.get(kind))
    }


baseline_option = click.option(
    "--baseline",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="RUNS",
    help="Run files, or folders of them; repeatable. Fail only if something is worse than there.",
)
