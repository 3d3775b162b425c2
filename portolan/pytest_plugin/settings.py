"""What a run of pytest was asked for: the plugin's options, read once."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from portolan.conformance.errors import PortolanError
from portolan.conformance.language.scenario import Scenario
from portolan.runners.session.extensions import MANIFESTS
from portolan.selection import selection as choice
from portolan.selection.browser_names import Name, split
from portolan.selection.targets import Target, targets

if TYPE_CHECKING:
    from portolan.runners.sources import Kind

OUT = "portolan-results"
MOST_RETRIES = 10
"""What comes to no result ten times more often is no chance."""
PATHS: tuple[Kind, ...] = ("firefox", "chromium", "geckodriver", "chromedriver")
"""The tools whose paths can be given."""


class BadOption(PortolanError):
    """An option's value that cannot be used."""


class Settings(msgspec.Struct, frozen=True):
    """What is played, how often, and where from.

    ``retry``: how often a play is done again that was no result: a crash, a timeout, a fault of the harness.
    ``names`` are the browsers' names in the targets; ``sources`` the sources to ask, in this order (None: as the
    environment says, else all). ``problem`` is what is wrong with the environment's choice of browsers: told when
    something is to be played, for other people's tests run with our plugin too.
    """

    targets: tuple[Target, ...]
    repeat: int = 1
    retry: int = 0
    headed: bool = False
    factor: float = 1.0
    out: Path = Path(OUT)
    given: dict[str, Path] = {}
    fake: bool = False
    bugs: tuple[str, ...] = ()
    names: tuple[Name, ...] = ()
    sources: tuple[str, ...] | None = None
    problem: str = ""


SETTINGS = pytest.StashKey[Settings]()
CHOSEN = pytest.StashKey[Mapping[Path, list[Scenario]]]()
"""The scenarios that ``portolan run`` has chosen, by file; without it every scenario of a file is played."""

TOOLS: pytest.StashKey[choice.Tools] = pytest.StashKey()
"""The browser and the driver of each name, if they were looked for already."""

BROWSER_HELP = (
    "a browser: firefox, firefox@140, chromium@stable, a path, or all that are here; repeatable, "
    f"default: ${choice.VARIABLE}, else firefox and chromium"
)

RETRY_HELP = "play up to N times more what was no result (crash, timeout, harness error); it is told"


def add_options(parser: pytest.Parser) -> None:
    """Tell pytest our options."""
    group = parser.getgroup("portolan", "portolan: WebExtension ports in real browsers")
    group.addoption("--browser", action="append", default=[], metavar="NAME", help=BROWSER_HELP)
    group.addoption(
        "--sources", default=None, metavar="NAMES", help="where browsers are looked for, in this order: debian,cargo"
    )
    group.addoption(
        "--manifest",
        action="append",
        type=int,
        default=[],
        metavar="N",
        help="manifest version 2 or 3; repeatable, default: all that a browser has",
    )
    group.addoption("--repeat", type=int, default=1, metavar="N", help="play each scenario N times")
    group.addoption("--retry", type=int, default=0, metavar="N", help=RETRY_HELP)
    group.addoption("--headed", action="store_true", help="show the browsers")
    group.addoption(
        "--timeout-factor", type=float, default=1.0, metavar="F", help="multiply every deadline, for slow machines"
    )
    group.addoption("--out", default=OUT, metavar="DIR", help=f"where run files go (default: {OUT})")
    for kind in PATHS:
        group.addoption(f"--{kind}", default=None, metavar="PATH", help=f"the {kind} to use")
    group.addoption("--fake", action="store_true", help=argparse.SUPPRESS)
    group.addoption("--fake-bug", action="append", default=[], help=argparse.SUPPRESS)


def read(config: pytest.Config) -> Settings:
    """Read the options. Raises PortolanError."""
    option = config.option
    check_numbers(option.timeout_factor, option.repeat, option.retry)
    sources = read_sources(option.sources)
    names, problem = _names(option.browser, sources, fake=option.fake)
    if not problem:  # workers get the options as they are now, and need not ask again
        option.browser = [name.text for name in names]
    given = {kind: Path(path) for kind in PATHS if (path := getattr(option, kind))}
    return Settings(
        targets=targets(names, option.manifest),
        names=names,
        sources=sources,
        problem=problem,
        repeat=option.repeat,
        retry=option.retry,
        headed=option.headed,
        factor=option.timeout_factor,
        out=config.invocation_params.dir / option.out,
        given={kind: config.invocation_params.dir / path for kind, path in given.items()},
        fake=option.fake,
        bugs=tuple(option.fake_bug),
    )


def _names(browsers: list[str], sources: tuple[str, ...] | None, *, fake: bool) -> tuple[tuple[Name, ...], str]:
    """The browsers' names, and what is wrong if the environment names what cannot be."""
    try:
        return choice.names(browsers, sources, fake=fake), ""
    except PortolanError as problem:
        if browsers:
            raise
        return choice.names(list(MANIFESTS)), f"{choice.VARIABLE}: {problem}"


def read_sources(text: str | None) -> tuple[str, ...] | None:
    """The sources that the user names. Raises UnknownSource, also for the environment's."""
    from portolan.runners.sources import order_of

    return order_of(split(text or "")) if text else None


def check_numbers(factor: float, repeat: int = 1, retry: int = 0) -> None:
    """Raise BadOption for numbers that make no sense."""
    if repeat < 1:
        raise BadOption(f"--repeat {repeat}: give 1 or more.")
    if not 0 <= retry <= MOST_RETRIES:
        raise BadOption(f"--retry {retry}: give a number from 0 to {MOST_RETRIES}.")
    if not 0 < factor <= 1000:
        raise BadOption(f"--timeout-factor {factor:g}: give a number above 0, at most 1000.")
