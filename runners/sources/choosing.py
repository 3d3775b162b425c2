"""From the kinds of tools that a run needs to tools that can be started: found, else fetched, source by source."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from runners.cache import Cache
from runners.errors import DriverMismatch, FetchFailed, NothingServes, UnknownSource
from runners.sources.base import KINDS, PARTNERS, Kind, Offer, Place, Progress, Silent, Source, Tool, Want
from runners.sources.cargo import Cargo
from runners.sources.debian import Debian
from runners.sources.installed import Installed
from runners.sources.installed import given as given_tool
from runners.sources.npm import Npm, pinned_version
from runners.sources.suites import Suites

SOURCES: Mapping[str, Callable[[Place], Source]] = {
    "installed": Installed,
    "debian": Debian,
    "suites": Suites,
    "cargo": Cargo,
    "npm": Npm,
}
"""Every source, by name; the order is the one in which they are asked if the user does not say otherwise."""

ORDER: tuple[str, ...] = tuple(SOURCES)


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
    progress: Progress | None = None,
    order: Sequence[str] = ORDER,
    cache: Cache | None = None,
    environment: Mapping[str, str] | None = None,
) -> dict[Kind, Tool]:
    """A tool for each kind: the one at the given path, else the first found, else the first that can be fetched.

    Browser and driver fit each other. Progress says what is fetched, from where, and how big it is. Raises
    ToolPathError, DriverMismatch, NothingServes, UnknownSource, CacheFull, CacheNotWritable.
    """
    shown = progress or Silent()
    sources, place = _sources(order, cache, environment, shown)
    tools = _given_tools(given or {}, place.environment)
    wanted = [kind for kind in KINDS if kind in set(kinds)]
    for kind in wanted:
        if kind not in tools:
            tools[kind] = _get(_want(kind, tools), sources, shown)
            if kind == "chromium" and "chromedriver" in wanted and "chromedriver" not in tools:
                tools |= _pair(tools[kind], sources, shown)
    return {kind: tools[kind] for kind in wanted}


def survey(
    kinds: Iterable[Kind] = KINDS,
    *,
    given: Mapping[Kind, Path] | None = None,
    offers: bool = False,
    order: Sequence[str] = ORDER,
    cache: Cache | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Finding]:
    """What is there of each kind, without fetching anything: for ``portolan doctor``.

    With ``offers``, what could be fetched as well, also where a tool is there already (a newer version, say): that may
    ask the network. Raises as ``resolve`` does, but NothingServes.
    """
    sources, place = _sources(order, cache, environment, Silent())
    tools = _given_tools(given or {}, place.environment)
    findings = []
    for kind in (kind for kind in KINDS if kind in set(kinds)):
        want = _want(kind, tools)
        tool = tools.get(kind) or _found(want, sources)
        if tool is not None:
            tools[kind] = tool
        why_found = _reasons(want, sources, {}) if tool is not None else None
        offer = next(filter(None, (source.offer(want) for source in sources)), None) if offers else None
        findings.append(Finding(kind, tool, offer, why_found or _reasons(want, sources, {})))
    return findings


def _sources(
    order: Sequence[str], cache: Cache | None, environment: Mapping[str, str] | None, progress: Progress
) -> tuple[list[Source], Place]:
    for name in order:
        if name not in SOURCES:
            raise UnknownSource(f"There is no source {name!r}; the sources are {', '.join(SOURCES)}.")
    known = dict(os.environ if environment is None else environment)
    place = Place(cache=cache or Cache.from_environment(known), environment=known, say=progress.said)
    return [SOURCES[name](place) for name in dict.fromkeys(order)], place


def _given_tools(given: Mapping[Kind, Path], environment: Mapping[str, str]) -> dict[Kind, Tool]:
    """The tools at the paths that the user gave. Raises ToolPathError and DriverMismatch."""
    tools = {kind: given_tool(kind, path, environment) for kind, path in given.items()}
    browser, driver = tools.get("chromium"), tools.get("chromedriver")
    if browser and driver and browser.major != driver.major:
        raise DriverMismatch(
            f"--chromedriver {driver.path} is version {driver.version} and does not drive --chromium {browser.path}, "
            f"version {browser.version}; give a chromedriver {browser.major}."
        )
    return tools


def _want(kind: Kind, tools: Mapping[Kind, Tool]) -> Want:
    """What is wanted of a kind, beside the tools that are chosen already; of web-ext, the pinned version."""
    if kind == "web-ext":
        return Want(kind, pinned_version() or "")
    partner = tools.get(PARTNERS[kind]) if kind in PARTNERS else None
    return Want(kind, partner.major if partner else "")


def _pair(browser: Tool, sources: Sequence[Source], progress: Progress) -> dict[Kind, Tool]:
    """A browser with a driver that fits: this browser, or another source's if no driver for this one is to be had."""
    try:
        return {"chromium": browser, "chromedriver": _get(Want("chromedriver", browser.major), sources, progress)}
    except NothingServes as problem:
        others = [source for source in sources if source.name != browser.source]
        if browser.source == "given" or not others:
            raise
        progress.said(f"{browser.path} ({browser.version}) is not used, for want of a chromedriver {browser.major}.")
        try:
            other = _get(Want("chromium"), others, progress)
            return {"chromium": other, "chromedriver": _get(Want("chromedriver", other.major), sources, progress)}
        except NothingServes:
            raise problem from None


def _found(want: Want, sources: Iterable[Source]) -> Tool | None:
    return next(filter(None, (source.find(want) for source in sources)), None)


def _get(want: Want, sources: Sequence[Source], progress: Progress) -> Tool:
    """The first found, else the first that can be fetched. Raises NothingServes with each source's reason."""
    tool = _found(want, sources)
    if tool is not None:
        return tool
    failures: dict[str, str] = {}
    for source in sources:
        offer = source.offer(want)
        if offer is None:
            continue
        try:
            return _fetch(source, offer, progress)
        except FetchFailed as problem:
            failures[source.name] = str(problem).rstrip(".")
    reasons = "; ".join(f"{name}: {reason}" for name, reason in _reasons(want, sources, failures).items())
    asked = reasons or "none of the sources asked ever has one"
    raise NothingServes(
        f"There is no {want} to be had ({asked}); install one, or give its path with --{want.kind} PATH."
    )


def _fetch(source: Source, offer: Offer, progress: Progress) -> Tool:
    """Fetch what was offered, in sight of the user."""
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
