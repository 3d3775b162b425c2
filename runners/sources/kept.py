"""Cache entries whose card says which programs are in them: for sources that fetch ready-made programs."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from portolan.runners.errors import FetchFailed
from portolan.runners.sources.base import Kind, Offer, Progress, Tool, Want, newest, preference
from portolan.runners.sources.cache import Build, Cache, Card

MACHINE = f"{platform.system()}-{platform.machine()}".lower()
"""What a fetched program runs on."""


class Program(msgspec.Struct, frozen=True):
    """A program in an entry: what it is, and where, from the entry's folder."""

    kind: Kind
    version: str
    path: str
    channel: str = ""


def card_of(source: str, programs: Mapping[Kind, Program], main: Kind) -> Card:
    """The card of an entry with these programs; ``main`` is what it was fetched for."""
    detail = {"machine": MACHINE}
    for kind, program in programs.items():
        detail |= {kind: program.path, f"{kind} version": program.version, f"{kind} channel": program.channel}
    return Card(kind=main, version=programs[main].version, source=source, detail=detail)


def program_in(card: Card, kind: Kind) -> Program | None:
    """The program of a kind that a card speaks of; None if there is none, or none inside the entry."""
    path = card.detail.get(kind, "")
    if not path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        return None
    return Program(kind, card.detail.get(f"{kind} version", ""), path, card.detail.get(f"{kind} channel", ""))


class Kept:
    """The entries that one source has put into the cache."""

    def __init__(self, cache: Cache, source: str) -> None:
        self._cache = cache
        self._source = source

    def name(self, what: str, version: str) -> str:
        """The name of an entry."""
        return f"{self._source}_{what}_{version}_{MACHINE}"

    def tools(self, want: Want) -> list[Tool]:
        """Everything that fits, newest first."""
        found = [tool for name, card in self._cache.cards().items() if (tool := self.tool(name, card, want.kind))]
        fitting = [tool for tool in found if want.fits(tool.version, tool.channel)]
        return sorted(fitting, key=lambda tool: newest(tool.version), reverse=True)

    def first(self, want: Want) -> Tool | None:
        """The newest release that fits and is still there, else a test build; it is in use from now on."""
        ordered = sorted(self.tools(want), key=preference, reverse=True)
        return next((tool for tool in ordered if self._cache.use(self._entry(tool))), None)

    def find(self, want: Want, reasons: dict[Want, str]) -> Tool | None:
        """What ``first`` gives, with its reason noted."""
        tool = self.first(want)
        if tool is not None:
            reasons[want] = f"{tool.version} in the cache"
        return tool

    def fetch(
        self,
        offer: Offer,
        progress: Progress,
        make: Callable[[Build, Offer], Mapping[Kind, Program]],
        says: str,
        *,
        anew: bool = False,
    ) -> Tool:
        """The tool of an offer's entry, made where it is not there yet, or ``anew``; ``make`` fills the entry's folder."""
        entry = self.name(offer.kind, offer.package)
        with self._cache.building(entry, progress.said, progress.noted) as build:
            card = self._cache.card(entry)
            if card is None or anew or self.tool(entry, card, offer.kind) is None:
                progress.said(says)
                card = card_of(self._source, make(build, offer), offer.kind)
                build.publish(card)
        self._cache.use(entry)
        tool = self.tool(entry, card, offer.kind)
        if tool is None:
            raise FetchFailed(f"{offer.kind} {offer.version} was removed from the cache again by somebody else.")
        return tool

    def tool(self, name: str, card: Card, kind: Kind) -> Tool | None:
        """The tool of a kind in an entry; None if it is another source's, for another machine, or not there."""
        program = program_in(card, kind)
        if program is None or card.source != self._source or card.detail.get("machine") != MACHINE:
            return None
        path = self._cache.path(name) / program.path
        if not path.is_file():
            return None
        return Tool(kind, program.version, str(path), self._source, channel=program.channel)

    def _entry(self, tool: Tool) -> str:
        return Path(tool.path).relative_to(self._cache.folder / "entries").parts[0]
