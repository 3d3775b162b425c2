"""What ``portolan browsers`` knows: which browsers are here and which can be had, and the getting of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from portolan.conformance.errors import PortolanError
from portolan.runners.errors import CacheFull, FetchFailed, NothingServes
from portolan.runners.session.extensions import MANIFESTS, Family
from portolan.runners.sources import Catalogue, Offer, Tool, Want, newest_of_each_major
from portolan.runners.sources.base import TEST_CHANNELS, newest, preference
from portolan.selection.browser_names import ALL, Name, read
from portolan.selection.selection import want_of


class NotHere(PortolanError):
    """A browser is not here, or is not Portolan's to remove; the text says what there is, and how to get it."""


class NotToBeHad(PortolanError):
    """No source has a browser that was asked for; the text has each source's reason, and what there is instead."""


class Row(msgspec.Struct, frozen=True):
    """A browser of one version and source, and a name that means it.

    ``path`` is "" if it is not here; ``entry`` is the cache's entry that it lies in, ``size`` what that takes on the
    disk, ``download`` what would travel, both in bytes.
    """

    name: str
    family: Family
    version: str
    channel: str
    source: str
    path: str = ""
    entry: str = ""
    size: int | None = None
    offered: bool = False
    origin: str = ""
    download: int | None = None


class Item(msgspec.Struct, frozen=True):
    """One browser to be had: its name, the one that is here already, and the offers to try, the best first."""

    name: str
    tool: Tool | None
    offers: tuple[Offer, ...] = ()


class Had(msgspec.Struct, frozen=True):
    """What came of an item: a browser and its driver, or a problem."""

    name: str
    fetched: bool = False
    browser: Tool | None = None
    driver: Tool | None = None
    problem: str = ""


def rows(catalogue: Catalogue, *, ask: bool, every: bool = False) -> list[Row]:
    """The browsers that are here, and the newest of each major version, by family, oldest first.

    ``every``: all others too. ``ask``: also those that could be had, which may ask the network.
    """
    sizes = {entry.name: entry.size for entry in catalogue.cache.entries()}
    found: list[Row] = []
    for family in MANIFESTS:
        made: dict[tuple[str, str], Row] = {}
        for tool in catalogue.here(Want(family)):
            entry = catalogue.entry(tool) or ""
            row = Row("", family, tool.version, tool.channel, tool.source, tool.path, entry, sizes.get(entry))
            made.setdefault((tool.version, tool.source), row)
        offers = {(offer.version, offer.source): offer for offer in (catalogue.offers(Want(family)) if ask else ())}
        for key, offer in offers.items():
            known = made.get(key) or Row("", family, offer.version, offer.channel, offer.source)
            made[key] = msgspec.structs.replace(known, offered=True, origin=offer.origin, download=offer.size)
        ordered = list(_named(sorted(made.values(), key=lambda row: newest(row.version))))
        for row in ordered if every else _telling(ordered):
            known_offer = None if row.path else offers.get((row.version, row.source))
            size = catalogue.sized(known_offer).size if known_offer else row.download
            found.append(msgspec.structs.replace(row, download=size))
    return found


def _telling(ordered: Sequence[Row]) -> list[Row]:
    """What is here, and for each major version one of its newest version."""
    here = {row.name for row in ordered if row.path}
    told = {row.name for row in ordered if "." not in row.name} - here
    first = {name: next(row for row in ordered if row.name == name) for name in told}
    return [row for row in ordered if row.path or row in first.values()]


def _named(ordered: Sequence[Row]) -> Iterator[Row]:
    """Give each row its shortest name: the newest of a major version has that, the others all of their version."""
    last = {row.version.split(".")[0]: row.version for row in ordered}
    for row in ordered:
        major = row.version.split(".")[0]
        version = major if last[major] == row.version else row.version
        yield msgspec.structs.replace(row, name=f"{row.family}@{version}")


# ---- getting


def plan(catalogue: Catalogue, texts: Iterable[str]) -> list[Item]:
    """What is to be had for these names, each browser once. Asks the network. Raises UnknownBrowser and NotToBeHad."""
    items: list[Item] = []
    for text in dict.fromkeys(texts):
        items += _everything(catalogue) if text == ALL else [_item(catalogue, read(text))]
    once: dict[Any, Item] = {}
    for item in items:
        once.setdefault(_identity(item), item)
    return list(once.values())


def _identity(item: Item) -> Any:
    return item.tool.path if item.tool else (item.offers[0].kind, item.offers[0].version)


def _everything(catalogue: Catalogue) -> list[Item]:
    """The newest of each major version of each family; betas and the like only if they are here."""
    items = []
    for family in MANIFESTS:
        here, offers = catalogue.here(Want(family)), _released(catalogue.offers(Want(family)))
        both: list[Tool | Offer] = [*here, *offers]
        majors = [each.major for each in reversed(newest_of_each_major(both))]
        items += [_best(f"{family}@{major}", Want(family, major), here, offers) for major in majors]
    if not items:
        raise NotToBeHad(_nothing(catalogue, "no browser", list(MANIFESTS)))
    return items


def _item(catalogue: Catalogue, name: Name) -> Item:
    family = name.family
    if family is None:
        raise NotToBeHad(f"{name} is a path: what is there is not installed by Portolan; give it to “portolan run”.")
    if name.end:
        here, offers = catalogue.here(Want(family)), _released(catalogue.offers(Want(family)))
        name = name.among([*(tool.version for tool in here), *(offer.version for offer in offers)])
    want = want_of(name)
    here, offers = catalogue.here(want), catalogue.offers(want)
    if not here and not offers:
        raise NotToBeHad(_nothing(catalogue, f"no {want}", [family]))
    return _best(name.text, want, here, offers)


def _versions(catalogue: Catalogue, family: Family) -> list[str]:
    """All versions that are here or can be had."""
    here, offers = catalogue.here(Want(family)), catalogue.offers(Want(family))
    return [*(tool.version for tool in here), *(offer.version for offer in offers)]


def _released(offers: Iterable[Offer]) -> list[Offer]:
    """Without betas and the like: nobody gets those who does not ask for them."""
    return [offer for offer in offers if offer.channel not in TEST_CHANNELS]


def _best(name: str, want: Want, here: Sequence[Tool], offers: Sequence[Offer]) -> Item:
    """The newest release that fits; of the same version the one that is here, then that of the first source.

    A beta or the like only if nothing else fits.
    """
    mine = [tool for tool in here if want.fits(tool.version, tool.channel)]
    theirs = [offer for offer in offers if want.fits(offer.version, offer.channel)]
    tool = max(mine, key=preference, default=None)
    best = max(theirs, key=preference, default=None)
    if best is None or (tool is not None and preference(tool) >= preference(best)):
        return Item(name, tool)
    return Item(name, None, tuple(offer for offer in theirs if offer.version == best.version))


def _nothing(catalogue: Catalogue, what: str, families: Sequence[Family]) -> str:
    """Why there is none: what there is instead, or each source's reason if that is nothing."""
    reasons, there = [], []
    for family in families:
        versions = _versions(catalogue, family)
        there += [f"{family} {version}" for version in sorted(set(versions), key=newest)]
        reasons += [f"{source}: {reason}" for source, reason in catalogue.reasons(family).items()]
    why = f"; there is {', '.join(there)}" if there else f" ({'; '.join(reasons) or 'no source was asked'})"
    return f"There is {what} to be had{why}."


def get(catalogue: Catalogue, items: Sequence[Item]) -> Iterator[Had]:
    """Get one browser after the other, each with its driver. A failure of one does not lose the others; a full disk ends it.

    Raises CacheNotWritable.
    """
    stopped = ""
    for item in items:
        if stopped:
            yield Had(item.name, problem=stopped)
            continue
        try:
            yield _get_one(catalogue, item)
        except (FetchFailed, NothingServes) as problem:
            yield Had(item.name, problem=str(problem))
        except CacheFull as problem:
            stopped = f"not tried: {problem}"
            yield Had(item.name, problem=str(problem))


def _get_one(catalogue: Catalogue, item: Item) -> Had:
    browser = item.tool or _fetch_any(catalogue, item.offers)
    return Had(item.name, item.tool is None, browser, catalogue.driver(browser))


def _fetch_any(catalogue: Catalogue, offers: Sequence[Offer]) -> Tool:
    problems = []
    for offer in offers:
        try:
            return catalogue.get(offer)
        except FetchFailed as problem:
            problems.append(f"{offer.source}: {str(problem).rstrip('.')}")
    raise FetchFailed("; ".join(problems) + ".")


# ---- what is here


def find(catalogue: Catalogue, name: Name) -> list[Tool]:
    """The browsers that are here and that a name means; the one that would be played in first. Raises NotHere."""
    if name.path is not None:
        paths = {str(name.path.absolute()), str(Path(name.path).resolve())}
        found = [tool for family in MANIFESTS for tool in catalogue.here(Want(family)) if tool.path in paths]
    else:
        assert name.family
        here = [tool.version for tool in catalogue.here(Want(name.family))] if name.end else []
        found = catalogue.here(want_of(name.among(here)))
        if not name.plain_family:
            found.sort(key=lambda tool: newest(tool.version), reverse=True)
    if not found:
        there = [f"{family} {tool.version}" for family in MANIFESTS for tool in catalogue.here(Want(family))]
        have = ", ".join(dict.fromkeys(there)) or "no browser"
        what = f"browser {name} among those" if name.path else str(want_of(name))
        raise NotHere(f"There is no {what} here, but {have}; “portolan browsers” lists what can be had.")
    return found


def entries(catalogue: Catalogue, texts: Iterable[str]) -> list[str]:
    """The cache's entries that hold all browsers of these names. Raises UnknownBrowser and NotHere."""
    found: list[str] = []
    for text in dict.fromkeys(texts):
        if text == ALL:
            tools = [tool for family in MANIFESTS for tool in catalogue.here(Want(family))]
            found += filter(None, map(catalogue.entry, tools))
            continue
        tools = find(catalogue, read(text))
        mine = list(filter(None, map(catalogue.entry, tools)))
        if not mine:
            raise NotHere(f"{text} at {tools[0].path} is not in the cache: Portolan did not put it there.")
        found += mine
    return list(dict.fromkeys(found))
