"""What a run was asked for: which browsers, how often, and from where. For the command line and the pytest plugin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from portolan.conformance.errors import PortolanError
from portolan.selection.browser_names import VARIABLE, Name, split
from portolan.selection.targets import Target

if TYPE_CHECKING:
    from portolan.runners.sources import Kind

OUT = "portolan-results"
"""The folder for run files, unless another one is named."""

MOST_REPEATS = 10_000
"""Every play is an item of pytest in memory."""

MOST_RETRIES = 10
"""What has no result ten times in a row does not fail by chance."""

PATHS: tuple[Kind, ...] = ("firefox", "chromium", "geckodriver", "chromedriver")
"""The tools whose paths can be given."""

BROWSER_HELP = (
    "a browser: firefox, firefox@140, chromium@stable, a path, or all for every available one; repeatable. "
    f"Default: ${VARIABLE}, else firefox and chromium"
)

RETRY_HELP = "play a scenario without a result (crash, timeout, harness error) up to N more times; the results say so"


class BadOption(PortolanError):
    """An option's value that cannot be used."""


class Settings(msgspec.Struct, frozen=True):
    """What is played, how often, and from where.

    Attributes:
        targets: the browsers with their manifest versions.
        repeat: how many times each scenario is played.
        retry: how many times a scenario without a result (a crash, a timeout, a harness error) is played again.
        headed: whether the browsers are visible.
        factor: what every timeout is multiplied by.
        out: the folder for run files.
        given: the paths of tools that the user gives.
        fake: whether the fake browser is used.
        bugs: the faults that the fake browser is given.
        names: the names of the browsers in the targets.
        sources: the sources to ask, in this order; None: as the environment says, else all.
        problem: what is wrong with the browsers that the environment names. It is reported when something is to be
            played, because other people's tests run with the plugin too.
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


def read_sources(text: str | None) -> tuple[str, ...] | None:
    """The sources that the user names. Raises UnknownSource, also for those that the environment names."""
    from portolan.runners.sources import order_of

    return order_of(split(text or "")) if text else None


def check_numbers(factor: float, repeat: int = 1, retry: int = 0) -> None:
    """Raise BadOption for numbers that make no sense."""
    if not 1 <= repeat <= MOST_REPEATS:
        raise BadOption(f"--repeat {repeat}: give a number from 1 to {MOST_REPEATS}.")
    if not 0 <= retry <= MOST_RETRIES:
        raise BadOption(f"--retry {retry}: give a number from 0 to {MOST_RETRIES}.")
    if not 0 < factor <= 1000:
        raise BadOption(f"--timeout-factor {factor:g}: give a number above 0, at most 1000.")
