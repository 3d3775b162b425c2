"""What can be wrong with browsers, drivers, their sources and the cache: one class a reason."""

from __future__ import annotations

from portolan.conformance.errors import PortolanError

__all__ = [
    "CacheFull",
    "CacheLimitWrong",
    "CacheNotWritable",
    "CannotConfine",
    "DriverMismatch",
    "EntryInUse",
    "FetchFailed",
    "NoSuchManifest",
    "NothingServes",
    "PortolanError",
    "ToolPathError",
    "UnknownEntry",
    "UnknownSource",
]


class ToolPathError(PortolanError):
    """A path that the user gave for a browser, a driver or a tool does not name a usable one."""


class DriverMismatch(PortolanError):
    """The driver that the user gave does not drive the browser that the user gave."""


class NothingServes(PortolanError):
    """No source has a browser, a driver or a tool; the text has each source's reason."""


class FetchFailed(PortolanError):
    """A source could not get what it had offered; the next source is asked."""


class NoSuchManifest(PortolanError):
    """The browser was started and does not load extensions of this manifest version: there is nothing to play in it."""


class UnknownSource(PortolanError):
    """A name in the order of sources that no source has."""


class CacheNotWritable(PortolanError):
    """The cache folder cannot be made or written, or its path cannot serve."""


class CacheFull(PortolanError):
    """No space is left for the cache folder."""


class CacheLimitWrong(PortolanError):
    """PORTOLAN_CACHE_LIMIT is not a size."""


class UnknownEntry(PortolanError):
    """A name that no entry of the cache has."""


class EntryInUse(PortolanError):
    """An entry of the cache cannot be cleared: another portolan uses it, or is making it."""


class CannotConfine(PortolanError):
    """A program of another release's root cannot be started here: bubblewrap is not let make namespaces."""
