"""From tools to a session: the one place that knows which driver drives which browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from portolan.runners.errors import CacheNotWritable
from portolan.runners.families.chromium import Chromium
from portolan.runners.families.firefox import Firefox
from portolan.runners.session.extensions import Family
from portolan.runners.session.session import Driving, Session, sweep
from portolan.runners.sources import Kind, Tool, environment_for
from portolan.runners.sources.cache import Cache

DRIVERS: Mapping[Family, Kind] = {"firefox": "geckodriver", "chromium": "chromedriver"}
"""What drives the browsers of each family."""


def kinds_for(families: Iterable[Family]) -> list[Kind]:
    """The tools that these families need: each browser and its driver."""
    return [kind for family in dict.fromkeys(families) for kind in (family, DRIVERS[family])]


def sessions_folder(cache: Cache) -> Path:
    """Where sessions keep what they write."""
    return cache.folder / "sessions"


def launch(
    family: Family,
    manifest: int,
    tools: Mapping[Kind, Tool],
    *,
    sessions_folder: Path,
    headless: bool = True,
    factor: float = 1.0,
) -> Session:
    """A session of one browser, not started yet. What dead sessions have left is removed first."""
    try:
        sessions_folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CacheNotWritable(
            f"The cache folder {sessions_folder.parent} cannot be written ({problem.strerror}); make it writable, or set PORTOLAN_CACHE to another folder."
        ) from problem
    sweep(sessions_folder)
    browser, driver = tools[family], tools[DRIVERS[family]]
    driving = _driving(family, manifest, browser, environment_for(browser, driver), headless=headless)
    return Session(driving, manifest, driver, sessions_folder, factor)


def _driving(family: Family, manifest: int, browser: Tool, variables: dict[str, str], *, headless: bool) -> Driving:
    if family == "firefox":
        return Firefox(browser, variables, headless=headless, manifest=manifest)
    return Chromium(browser, variables, headless=headless, manifest=manifest)
