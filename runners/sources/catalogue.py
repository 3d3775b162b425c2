"""What there is of browsers, and what could be had: for ``portolan browsers``, and for all that are here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from portolan.runners.errors import ToolPathError
from portolan.runners.sources.base import Kind, Offer, Progress, Silent, Source, Tool, Want, newest
from portolan.runners.sources.cache import Cache
from portolan.runners.sources.choosing import driver_for, driver_here, entry_of, fetch, hold, open_sources
from portolan.runners.sources.installed import given

Browser = Literal["firefox", "chromium"]
FAMILIES: tuple[Browser, ...] = ("firefox", "chromium")

T = TypeVar("T", bound=Tool | Offer)


def newest_of_each_major(found: Iterable[T]) -> list[T]:
    """One of each major version, newest first; of equal versions the first."""
    best: dict[str, T] = {}
    for each in found:
        known = best.get(each.major)
        if known is None or newest(each.version) > newest(known.version):
            best[each.major] = each
    return sorted(best.values(), key=lambda each: newest(each.version), reverse=True)


class Catalogue:
    """The sources, asked for everything that they have. Raises UnknownSource when it is made."""

    def __init__(
        self,
        *,
        order: Sequence[str] | None = None,
        cache: Cache | None = None,
        environment: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._progress = progress or Silent()
        self._sources, place = open_sources(order, cache, environment, self._progress)
        self.cache, self.environment = place.cache, place.environment
        self._here: dict[Kind, list[Tool]] = {}
        self._offers: dict[tuple[str, Kind], list[Offer]] = {}

    def here(self, want: Want) -> list[Tool]:
        """What is here already and fits, in the order of the sources, without any network."""
        if want.kind not in self._here:
            self._here[want.kind] = [tool for source in self._sources for tool in source.tools(want.kind)]
        return [tool for tool in self._here[want.kind] if want.fits(tool.version, tool.channel)]

    def offers(self, want: Want) -> list[Offer]:
        """What could be got now and fits, in the order of the sources; may ask the network.

        A source that lists only what is current is asked outright for a version that is not in its list.
        """
        found: list[Offer] = []
        for source in (source for source in self._sources if want.kind in source.kinds):
            fitting = [offer for offer in self._listed(source, want.kind) if want.fits(offer.version, offer.channel)]
            if not fitting and want.version and (outright := source.offer(want)):
                fitting = [outright]
            found += fitting
        return found

    def _listed(self, source: Source, kind: Kind) -> list[Offer]:
        """What a source lists, asked once."""
        key = (source.name, kind)
        if key not in self._offers:
            self._offers[key] = source.offers(kind)
        return self._offers[key]

    def reasons(self, kind: Kind) -> dict[str, str]:
        """Of each source that ever has such a kind, why it offers what it does; asked after ``offers``."""
        return {source.name: source.reason(Want(kind)) for source in self._sources if kind in source.kinds}

    def sized(self, offer: Offer) -> Offer:
        """The offer with its size, where its source can tell that; may ask the network."""
        if offer.size is not None:
            return offer
        told = self._source(offer).offer(Want(offer.kind, offer.version, offer.channel))
        return told if told is not None and told.version == offer.version else offer

    def get(self, offer: Offer) -> Tool:
        """Fetch what was offered, in sight of the user, and keep it. Raises FetchFailed, CacheFull, CacheNotWritable."""
        tool = fetch(self._source(offer), self.sized(offer), self._progress)
        self._here.clear()
        hold(self.cache, tool)
        return tool

    def _source(self, offer: Offer) -> Source:
        return next(source for source in self._sources if source.name == offer.source)

    def driver(self, browser: Tool) -> Tool:
        """The driver that goes with a browser: found, else fetched. Raises NothingServes, CacheFull, CacheNotWritable."""
        return driver_for(browser, self._sources, self._progress)

    def driver_here(self, browser: Tool) -> Tool | None:
        """The driver that goes with a browser, if it is here."""
        return driver_here(browser, self._sources)

    def entry(self, tool: Tool) -> str | None:
        """The name of the cache's entry that a tool lies in, if it does."""
        return entry_of(self.cache, tool)


def browser_at(path: Path, environment: Mapping[str, str]) -> Tool:
    """The browser at a path, by asking the program what it is. Raises ToolPathError."""
    problems = []
    for family in FAMILIES:
        try:
            return given(family, path, environment)
        except ToolPathError as problem:
            problems.append(str(problem).replace(f"--{family} ", "", 1))
    first, *_ = problems
    if "--version" in first:
        first = f"{path}: this is neither Firefox nor Chromium; give the path of the program itself."
    raise ToolPathError(first.replace("a firefox program", "Firefox's or Chromium's program"))
