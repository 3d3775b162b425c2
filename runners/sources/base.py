"""The words that every source of browsers shares: what is wanted, offered and had, and who shows progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol, get_args

import msgspec
from packaging.version import InvalidVersion, Version

from portolan.runners.sources.cache import Cache

Kind = Literal["firefox", "chromium", "geckodriver", "chromedriver", "web-ext"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""Every kind of tool; browsers before their drivers."""

DRIVERS: Mapping[Kind, Kind] = {"firefox": "geckodriver", "chromium": "chromedriver"}
"""What drives each browser."""

BROWSERS: Mapping[Kind, Kind] = {driver: browser for browser, driver in DRIVERS.items()}
"""What each driver drives."""

PARTNERS: Mapping[Kind, Kind] = {"chromium": "chromedriver", "chromedriver": "chromium"}
"""Kinds whose major versions must be the same."""


CHANNELS: tuple[str, ...] = ("esr", "stable", "beta", "dev", "nightly")
"""The channels that browsers come from, by the vendors' names; Chrome's Canary counts as its nightly."""


TEST_CHANNELS = frozenset({"beta", "dev", "nightly"})
"""The channels that a name without a channel does not mean, where there is anything else."""


class Want(msgspec.Struct, frozen=True):
    """A kind of tool, the leading parts of the version it must have ("156", "140.12"), and its channel; "" is any."""

    kind: Kind
    version: str = ""
    channel: str = ""

    def fits(self, version: str, channel: str = "") -> bool:
        """Whether a tool of this version and channel would do. One whose channel is not known ("") fits no channel."""
        wanted = self.version.split(".") if self.version else []
        return version.split(".")[: len(wanted)] == wanted and self.channel in ("", channel)

    def __str__(self) -> str:
        return " ".join(part for part in (self.kind, self.version, self.channel) if part)


class Tool(msgspec.Struct, frozen=True):
    """Something that can be started.

    ``environment`` holds the variables to set for it and for whatever starts it (a driver starts its browser, so the
    driver needs the browser's variables too: see ``environment_for``). ``channel`` is one of CHANNELS, or "" where the
    program does not tell. ``root`` is the folder of a whole system that the program must be started in, confined; its
    ``path`` is then the path from outside, which begins with the root. "" is the machine itself.
    """

    kind: Kind
    version: str
    path: str
    source: str
    environment: dict[str, str] = {}
    channel: str = ""
    root: str = ""

    @property
    def major(self) -> str:
        """The first part of the version, which a driver must share with its browser."""
        return self.version.split(".")[0]


class Offer(msgspec.Struct, frozen=True):
    """Something that a source can get: what, in words where from, and how many bytes travel.

    ``hosts`` are the machines it would come from: for the user's screen alone, never for a file.
    ``package`` is the source's own name of it.
    """

    kind: Kind
    version: str
    origin: str
    size: int | None = None
    source: str = ""
    package: str = ""
    hosts: tuple[str, ...] = ()
    channel: str = ""

    @property
    def major(self) -> str:
        """The first part of the version."""
        return self.version.split(".")[0]

    def where(self) -> str:
        """Where it comes from, for the user's screen."""
        return f"{self.origin} ({', '.join(self.hosts)})" if self.hosts else self.origin


class Progress(Protocol):
    """Who shows a user what is being fetched, and how far it is."""

    def started(self, what: str, origin: str, size: int | None) -> None:
        """One item begins: what it is, where it comes from, how many bytes it has (None: not known)."""

    def advanced(self, done: int, total: int | None) -> None:
        """So much is done: bytes if the item's size is known, else steps."""

    def said(self, text: str) -> None:
        """A sentence about what goes on now."""

    def noted(self, text: str) -> None:
        """A sentence that the user must not miss."""

    def finished(self, problem: str = "") -> None:
        """The item ended: well, or with a problem."""


class Silent:
    """The progress that shows nothing."""

    def started(self, what: str, origin: str, size: int | None) -> None:
        """Show nothing."""

    def advanced(self, done: int, total: int | None) -> None:
        """Show nothing."""

    def said(self, text: str) -> None:
        """Show nothing."""

    def noted(self, text: str) -> None:
        """Show nothing."""

    def finished(self, problem: str = "") -> None:
        """Show nothing."""


class Place(msgspec.Struct, frozen=True):
    """What a source works with: the cache, the environment that programs are looked up and started in, and a voice."""

    cache: Cache
    environment: Mapping[str, str]
    say: Callable[[str], None]


class Source(Protocol):
    """One way to come by tools. A new one is a module with a class like this, and its name in ``choosing.SOURCES``."""

    name: str
    kinds: frozenset[Kind]

    def find(self, want: Want) -> Tool | None:
        """What is there already, without any network."""

    def offer(self, want: Want) -> Offer | None:
        """What this source could get now; may ask the network. None if nothing, and ``reason`` says why."""

    def tools(self, kind: Kind) -> list[Tool]:
        """Everything of this kind that is there already, without any network; newest first."""

    def offers(self, kind: Kind) -> list[Offer]:
        """Everything of this kind that this source could get now; newest first. May ask the network.

        A source with hundreds of versions lists those that channels hold now; ``offer`` gives the others.
        Empty if nothing, and then ``reason(Want(kind))`` says why.
        """

    def fetch(self, offer: Offer, progress: Progress) -> Tool:
        """Get what was offered. Raises FetchFailed, CacheFull, CacheNotWritable."""

    def reason(self, want: Want) -> str:
        """In half a sentence, why this source was or was not used: asked after ``find`` and ``offer``, or ``offers``."""


def newest(version: str) -> Version:
    """The key by which versions are sorted; what is no version is older than all."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


def preference(one: Tool | Offer) -> tuple[bool, Version]:
    """The key of what a user means who names no channel: releases before test builds, and of these the newest."""
    return one.channel not in TEST_CHANNELS, newest(one.version)


def environment_for(*tools: Tool, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """One environment for tools that start each other; library folders are joined, the first tool's first."""
    together = dict(base or {})
    paths: list[str] = []
    for tool in tools:
        together.update(tool.environment)
        paths += [part for part in tool.environment.get("LD_LIBRARY_PATH", "").split(":") if part]
    if paths:
        together["LD_LIBRARY_PATH"] = ":".join(dict.fromkeys(paths))
    return together
