"""From the kinds of tools that a run needs to tools that can be started: found, else fetched, source by source."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from portolan.runners.errors import DriverMismatch, FetchFailed, NothingServes, UnknownSource
from portolan.runners.sources.base import (
    BROWSERS,
    DRIVERS,
    KINDS,
    PARTNERS,
    Kind,
    Offer,
    Place,
    Progress,
    Silent,
    Source,
    Tool,
    Want,
    newest,
)
from portolan.runners.sources.cache import Cache
from portolan.runners.sources.debian.packages import Debian
from portolan.runners.sources.debian.suites import Suites
from portolan.runners.sources.downloads.geckodriver_autoinstaller import GeckodriverAutoinstaller
from portolan.runners.sources.downloads.selenium_manager import SeleniumManager
from portolan.runners.sources.fitting import mismatch
from portolan.runners.sources.installed import Installed
from portolan.runners.sources.installed import given as given_tool
from portolan.runners.sources.registries.cargo import Cargo
from portolan.runners.sources.registries.npm import Npm, pinned_version

SOURCES: Mapping[str, Callable[[Place], Source]] = {
    "installed": Installed,
    "selenium-manager": SeleniumManager,
    "geckodriver-autoinstaller": GeckodriverAutoinstaller,
    "cargo": Cargo,
    "debian": Debian,
    "suites": Suites,
    "npm": Npm,
}
"""Every source, by name; the order is the one in which they are asked if the user does not say otherwise."""

ORDER: tuple[str, ...] = tuple(SOURCES)
ORDER_VARIABLE = "PORTOLAN_SOURCES"
"""The environment's own order: names with commas or spaces between them."""


class Finding(msgspec.Struct, frozen=True):
    """What ``survey`` saw of one kind: the tool that would be used, the best offer, and each source's reason."""

    kind: Kind
    tool: Tool | None
    offer: Offer | None
    reasons: dict[str, str]


def resolve(
    kinds: Iterable[Kind],
    *,
    given: Mapping[Kind, Path] | None = None,
    wants: Mapping[Kind, Want] | None = None,
    progress: Progress | None = None,
    order: Sequence[str] | None = None,
    cache: Cache | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[Kind, Tool]:
    """A tool for each kind: the one at the given path, else the first found, else the first that can be fetched.

    ``wants`` says which version or channel of a browser is wanted; without it any serves. Browser and driver fit each
    other. ``order``: the names of sources, else PORTOLAN_SOURCES, else ORDER. Progress says what is fetched, from where,
    and how big it is. Raises ToolPathError, DriverMismatch, NothingServes, UnknownSource, CacheFull, CacheNotWritable.
    """
    shown = progress or Silent()
    sources, place = open_sources(order, cache, environment, shown)
    tools = _given_tools(given or {}, place.environment)
    wanted = [kind for kind in KINDS if kind in set(kinds)]
    for kind in wanted:
        if kind in tools:
            continue
        want = _want(kind, tools, (wants or {}).get(kind))
        tools[kind] = (
            driver_for(tools[BROWSERS[kind]], sources, shown) if _driven(kind, tools) else get(want, sources, shown)
        )
        if kind == "chromium" and "chromedriver" in wanted and "chromedriver" not in tools:
            tools |= _pair(want, tools[kind], sources, shown)
    for tool in tools.values():
        hold(place.cache, tool)
    return {kind: tools[kind] for kind in wanted}


def survey(
    kinds: Iterable[Kind] = KINDS,
    *,
    given: Mapping[Kind, Path] | None = None,
    wants: Mapping[Kind, Want] | None = None,
    offers: bool = False,
    order: Sequence[str] | None = None,
    cache: Cache | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Finding]:
    """What is there of each kind, without fetching anything: for ``portolan doctor``.

    With ``offers``, what could be fetched as well, also where a tool is there already (a newer version, say): that may
    ask the network. Raises as ``resolve`` does, but NothingServes.
    """
    sources, place = open_sources(order, cache, environment, Silent())
    tools = _given_tools(given or {}, place.environment)
    findings = []
    for kind in (kind for kind in KINDS if kind in set(kinds)):
        want = _want(kind, tools, (wants or {}).get(kind))
        browser = tools[BROWSERS[kind]] if _driven(kind, tools) else None
        tool = tools.get(kind) or (driver_here(browser, sources) if browser else _found(want, sources))
        if tool is not None:
            tools[kind] = tool
        why_found = _reasons(want, sources, {}) if tool is not None else None
        offer = next(filter(None, (source.offer(want) for source in sources)), None) if offers else None
        findings.append(Finding(kind, tool, offer, why_found or _reasons(want, sources, {})))
    return findings


def open_sources(
    order: Sequence[str] | None, cache: Cache | None, environment: Mapping[str, str] | None, progress: Progress
) -> tuple[list[Source], Place]:
    """The sources in the order in which they are asked, and what they work with. Raises UnknownSource."""
    known = dict(os.environ if environment is None else environment)
    place = Place(cache=cache or Cache.from_environment(known), environment=known, say=progress.said)
    return [SOURCES[name](place) for name in order_of(order, known)], place


def order_of(order: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The names of the sources, each once: as given, else as the environment says, else all. Raises UnknownSource."""
    told = (os.environ if environment is None else environment).get(ORDER_VARIABLE, "")
    names = order or re.findall(r"[^\s,]+", told) or tuple(SOURCES)
    for name in names:
        if name not in SOURCES:
            raise UnknownSource(f"There is no source {name!r}; the sources are {', '.join(SOURCES)}.")
    return tuple(dict.fromkeys(names))


def hold(cache: Cache, tool: Tool) -> None:
    """Keep other processes from clearing what this one uses, if it lies in the cache."""
    if name := entry_of(cache, tool):
        cache.use(name)


def entry_of(cache: Cache, tool: Tool) -> str | None:
    """The name of the cache's entry that a tool lies in; None if it is not the cache's."""
    place = Path(tool.root or tool.path)
    entries = cache.path("").absolute()
    return place.relative_to(entries).parts[0] if place.is_relative_to(entries) and place != entries else None


def _given_tools(given: Mapping[Kind, Path], environment: Mapping[str, str]) -> dict[Kind, Tool]:
    """The tools at the paths that the user gave. Raises ToolPathError and DriverMismatch."""
    tools = {kind: given_tool(kind, path, environment) for kind, path in given.items()}
    for driver_kind, browser_kind in BROWSERS.items():
        browser, driver = tools.get(browser_kind), tools.get(driver_kind)
        if browser and driver and (problem := mismatch(browser, driver)):
            raise DriverMismatch(
                f"--{driver.kind} {driver.path} is version {driver.version} and does not drive --{browser.kind} "
                f"{browser.path}, version {browser.version}: {problem}."
            )
    return tools


def _want(kind: Kind, tools: Mapping[Kind, Tool], wanted: Want | None = None) -> Want:
    """What is wanted of a kind, beside the tools that are chosen already; of web-ext, the pinned version.

    Raises DriverMismatch if the user gave a driver of another major version than the browser that is wanted.
    """
    if kind == "web-ext":
        return Want(kind, pinned_version() or "")
    partner = tools.get(PARTNERS[kind]) if kind in PARTNERS else None
    if wanted is None or partner is None:
        return wanted or Want(kind, partner.major if partner else "")
    if wanted.version and wanted.version.split(".")[0] != partner.major:
        raise DriverMismatch(
            f"--{partner.kind} {partner.path} is version {partner.version} and does not go with {wanted}; "
            f"give one of version {wanted.version.split('.')[0]}."
        )
    return msgspec.structs.replace(wanted, version=wanted.version or partner.major)


def _driven(kind: Kind, tools: Mapping[Kind, Tool]) -> bool:
    """Whether a kind is a driver, to a browser that is chosen."""
    return kind in BROWSERS and BROWSERS[kind] in tools


def driver_for(browser: Tool, sources: Sequence[Source], progress: Progress) -> Tool:
    """The driver that goes with a browser: found, else fetched. Raises NothingServes, CacheFull, CacheNotWritable.

    chromedriver: of the same major version, in the same root, of the same source before others. geckodriver: any.
    """
    want, tool = driver_want(browser), driver_here(browser, sources)
    able = [source for source in sources if source.name == browser.source or not (browser.root and want.version)]
    return tool or get(want, able, progress, lambda tool: _goes_with(tool, browser))


def driver_want(browser: Tool | Offer) -> Want:
    """What is wanted of a browser's driver."""
    kind = DRIVERS[browser.kind]
    return Want(kind, browser.major if kind in PARTNERS else "")


def driver_here(browser: Tool, sources: Sequence[Source]) -> Tool | None:
    """The driver that goes with a browser, without any network."""
    want = driver_want(browser)
    found = [tool for source in sources if (tool := source.find(want))]
    found += [tool for source in sources for tool in source.tools(want.kind) if want.fits(tool.version)]
    fitting = [tool for tool in found if _goes_with(tool, browser)]
    own = [tool for tool in fitting if want.version and tool.source == browser.source]
    return next(iter([*own, *fitting]), None)


def _goes_with(driver: Tool, browser: Tool) -> bool:
    """Whether a driver reaches a browser: chromedriver where the browser's root is, geckodriver from outside too."""
    return driver.root == browser.root or (driver.kind == "geckodriver" and not driver.root)


def _pair(want: Want, browser: Tool, sources: Sequence[Source], progress: Progress) -> dict[Kind, Tool]:
    """A browser with a driver that fits: this browser, or another source's if no driver for this one is to be had."""
    try:
        return {"chromium": browser, "chromedriver": driver_for(browser, sources, progress)}
    except NothingServes as problem:
        others = [source for source in sources if source.name != browser.source]
        if browser.source == "given" or not others:
            raise
        progress.said(f"{browser.path} ({browser.version}) is not used, for want of a chromedriver {browser.major}.")
        try:
            other = get(want, others, progress)
            return {"chromium": other, "chromedriver": driver_for(other, sources, progress)}
        except NothingServes:
            raise problem from None


def _found(want: Want, sources: Sequence[Source]) -> Tool | None:
    """The first that is here; of a version or channel of a browser the newest, and of equal ones the first."""
    if want.kind not in DRIVERS or not (want.version or want.channel):
        return next(filter(None, (source.find(want) for source in sources)), None)
    tools = [tool for source in sources for tool in source.tools(want.kind) if want.fits(tool.version, tool.channel)]
    if not tools:
        for source in sources:  # so that each has a reason
            source.find(want)
    return max(tools, key=lambda tool: newest(tool.version), default=None)


def get(
    want: Want, sources: Sequence[Source], progress: Progress, serves: Callable[[Tool], bool] = lambda _: True
) -> Tool:
    """The first found that serves, else the first that can be fetched. Raises NothingServes with each source's reason."""
    tool = _found(want, sources)
    if tool is not None and serves(tool):
        return tool
    failures: dict[str, str] = {}
    for source in sources:
        offer = source.offer(want)
        if offer is None:
            continue
        try:
            tool = fetch(source, offer, progress)
        except FetchFailed as problem:
            failures[source.name] = str(problem).rstrip(".")
            continue
        if serves(tool):
            return tool
        failures[source.name] = f"{tool.path} cannot reach into the browser's root"
    reasons = "; ".join(f"{name}: {reason}" for name, reason in _reasons(want, sources, failures).items())
    asked = reasons or "none of the sources asked ever has one"
    raise NothingServes(
        f"There is no {want} to be had ({asked}); install one, or give its path with --{want.kind} PATH."
    )


def fetch(source: Source, offer: Offer, progress: Progress) -> Tool:
    """Fetch what was offered, in sight of the user. Raises what the source raises."""
    progress.started(f"{offer.kind} {offer.version}".rstrip(), offer.where(), offer.size)
    try:
        tool = source.fetch(offer, progress)
    except BaseException as problem:
        progress.finished("not had" if isinstance(problem, Exception) else "interrupted")
        raise
    progress.finished()
    return tool


def _reasons(want: Want, sources: Iterable[Source], failures: Mapping[str, str]) -> dict[str, str]:
    """Each source's reason, of those that ever have such a kind."""
    return {
        source.name: failures.get(source.name) or source.reason(want) for source in sources if want.kind in source.kinds
    }
