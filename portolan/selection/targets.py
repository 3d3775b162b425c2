"""What is played in: a browser with one manifest version."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from portolan.conformance.errors import PortolanError
from portolan.runners.session.extensions import MANIFESTS, Family
from portolan.selection.browser_names import Name, read


class NothingToPlayIn(PortolanError):
    """None of the manifest versions that were asked for is generated for a browser; the text names those that are."""


class Target(msgspec.Struct, frozen=True, order=True):
    """A browser with one manifest version. ``browser`` is its name as the user wrote it (:mod:`portolan.selection.browser_names`)."""

    browser: str
    family: Family
    manifest: int

    @property
    def label(self) -> str:
        """What stands in the id of a test: ``firefox-mv3``, ``firefox@115-mv2``."""
        return f"{self.browser}-mv{self.manifest}"

    def __str__(self) -> str:
        return f"{self.browser} mv{self.manifest}"


def targets(names: Sequence[Name | str] = (), manifests: Sequence[int] = ()) -> tuple[Target, ...]:
    """Each browser with each of the manifest versions that its family may load; nothing given means all.

    Whether a version does load them is found out when it is started. Raises NothingToPlayIn where no browser has any of
    the manifest versions, and UnknownBrowser.
    """
    told = [read(name) if isinstance(name, str) else name for name in names or MANIFESTS]
    found = [
        Target(name.text, name.family, manifest)
        for name in dict.fromkeys(told)
        if name.family
        for manifest in MANIFESTS[name.family]
        if not manifests or manifest in manifests
    ]
    if not found:
        families = dict.fromkeys(name.family for name in told if name.family)
        have = "; ".join(f"{each} is played with manifest version {_list(MANIFESTS[each], 'and')}" for each in families)
        raise NothingToPlayIn(f"{have}, not {_list(sorted(set(manifests)), 'or')}.")
    return tuple(found)


def _list(manifests: Sequence[int], word: str) -> str:
    return f" {word} ".join(map(str, manifests))
