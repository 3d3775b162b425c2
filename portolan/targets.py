"""What is played in: a browser with one manifest version, from the names that a user gave."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from conformance.core.errors import PortolanError
from runners.extensions import MANIFESTS, Family


class UnknownBrowser(PortolanError):
    """A name that no browser has; the text lists the names that are accepted."""


class NothingToPlayIn(PortolanError):
    """None of the manifest versions that were asked for exists in a browser; the text names those that do."""


class Target(msgspec.Struct, frozen=True, order=True):
    """A browser with one manifest version. ``browser`` is its name as the user wrote it, today its family's."""

    browser: str
    family: Family
    manifest: int

    @property
    def label(self) -> str:
        """What stands in the id of a test: ``firefox-mv3``."""
        return f"{self.browser}-mv{self.manifest}"

    def __str__(self) -> str:
        return f"{self.browser} mv{self.manifest}"


def family_of(name: str) -> Family:
    """Which family a browser's name is of. Raises UnknownBrowser. Names with versions will be read here."""
    for family in MANIFESTS:
        if name == family:
            return family
    raise UnknownBrowser(f"There is no browser {name!r}; accepted: {', '.join(MANIFESTS)}.")


def targets(browsers: Sequence[str] = (), manifests: Sequence[int] = ()) -> tuple[Target, ...]:
    """Each browser with each of the manifest versions that it has; nothing given means all.

    Raises UnknownBrowser, and NothingToPlayIn where a browser that was named has none of the versions.
    """
    found: list[Target] = []
    for name in dict.fromkeys(browsers or MANIFESTS):
        family = family_of(name)
        fitting = [
            Target(name, family, manifest) for manifest in MANIFESTS[family] if not manifests or manifest in manifests
        ]
        if browsers and not fitting:
            raise NothingToPlayIn(
                f"{name} is played with manifest version {' and '.join(map(str, MANIFESTS[family]))}, not {' or '.join(map(str, sorted(set(manifests))))}."
            )
        found += fitting
    if not found:
        raise NothingToPlayIn(f"No browser has manifest version {' or '.join(map(str, sorted(set(manifests))))}.")
    return tuple(found)
