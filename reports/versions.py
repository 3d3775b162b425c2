"""Browser versions: in order, and as short as they can be told apart."""

from __future__ import annotations

import re
from collections.abc import Collection

from portolan.conformance.trace.values import plain


def version_key(version: str) -> tuple[tuple[int, ...], bool, str]:
    """Orders versions by their numbers; ``155.0a1`` comes before ``155.0``, ``153.7.0esr`` after ``153.7.0``."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    rest = version[numbers.end() :] if numbers else version
    parts = tuple(int(part) for part in numbers.group().split(".")[:8] if len(part) < 10) if numbers else ()
    return parts, not re.match(r"[ab]\d", rest), rest


def short_versions(versions: Collection[str]) -> dict[str, str]:
    """For each version the shortest beginning, in whole numbers, that no other one of them has."""
    return {version: _shortest(version, versions) for version in versions}


def _shortest(version: str, versions: Collection[str]) -> str:
    parts = version.split(".")
    for length in range(1, len(parts)):
        beginning = parts[:length]
        if all(other == version or other.split(".")[:length] != beginning for other in versions):
            return plain(".".join(beginning), 60)
    return plain(version, 60)
