"""How large the cache folder may become, and what has to go when something new is put into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from portolan.runners.errors import CacheLimitWrong

VARIABLE = "PORTOLAN_CACHE_LIMIT"

_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]I?B)", re.IGNORECASE)


class Entry(msgspec.Struct, frozen=True):
    """One line of ``portolan cache``: an entry, its size in bytes, and when it was last used (seconds since 1970)."""

    name: str
    kind: str
    version: str
    source: str
    size: int
    used: float


def limit_of(environment: Mapping[str, str]) -> int | None:
    """How many bytes the cache folder may have, by PORTOLAN_CACHE_LIMIT; None if it is not set. Raises CacheLimitWrong."""
    told = environment.get(VARIABLE, "").strip()
    if not told:
        return None
    size = _SIZE.fullmatch(told)
    factor = _UNITS.get(size[2].upper(), 0) if size else 0
    limit = int(float(size[1]) * factor) if size else 0
    if limit <= 0:
        raise CacheLimitWrong(f"{VARIABLE} is {told!r}, which is no size; give one such as 6GB, 500MB or 1.5GiB.")
    return limit


def make_room(
    entries: Iterable[Entry], limit: int, keep: str, remove: Callable[[str], bool], note: Callable[[str], None]
) -> None:
    """Remove what was used longest ago until the rest is within the limit, and say what was removed.

    ``keep`` is the new entry. ``remove`` is False for what is in use, or being made. Working files (no version) stay.
    """
    known = sorted(entries, key=lambda entry: (entry.used, entry.name))
    total = sum(entry.size for entry in known)
    for entry in known:
        if total <= limit:
            return
        if entry.name != keep and entry.version and remove(entry.name):
            total -= entry.size
            when = datetime.fromtimestamp(entry.used, UTC).strftime("%Y-%m-%d")
            note(f"Removed {entry.name} from the cache ({_told(entry.size)}, last used {when}), for {VARIABLE}.")
    if total > limit:
        note(f"The cache has {_told(total)}, more than {VARIABLE} ({_told(limit)}): the rest is new or in use.")


def _told(size: int) -> str:
    return f"{size / 10**9:.1f} GB" if size >= 10**9 else f"{size / 10**6:.0f} MB"
