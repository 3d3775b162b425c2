"""How a user names a browser: ``firefox``, ``firefox@140``, ``chromium@stable``, ``/opt/firefox/firefox``.

The one place where that little language is read; ``docs/browsers.md`` describes it. Reading a name asks nobody: which
browser it means is found out by :mod:`portolan.selection.selection`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from portolan.conformance.errors import PortolanError
from portolan.runners.session.extensions import MANIFESTS, Family
from portolan.runners.sources.base import CHANNELS, newest

VARIABLE = "PORTOLAN_BROWSERS"
"""The environment variable that names the browsers, if no option does."""

ALL = "all"
"""The name of all browsers: where one is played in, of all that are here."""

ENDS = ("oldest", "newest")
"""Words for one end of a family's versions: of those that are here, or for installing of those that can be had."""

_VERSION = re.compile(r"\d+(\.\d+)*([ab]\d+)?")


class UnknownBrowser(PortolanError):
    """What a user wrote is no name of a browser; the text lists what is accepted."""


class Name(msgspec.Struct, frozen=True):
    """A browser's name as it was written, and what it asks for.

    ``version`` has the leading parts of a version ("140", "140.12"), ``channel`` is one of CHANNELS, ``end`` one of ENDS;
    "" is any. A name that is a path has ``path`` and no family: the program itself is asked for that.
    """

    text: str
    family: Family | None = None
    version: str = ""
    channel: str = ""
    path: Path | None = None
    end: str = ""

    @property
    def plain_family(self) -> bool:
        """Whether it is a family's name alone."""
        return self.path is None and not (self.version or self.channel or self.end)

    def among(self, versions: Iterable[str]) -> Name:
        """For one end of a family's versions, the name that means it: a major version. Any other name stays.

        Nothing to choose from leaves the name as it is.
        """
        ordered = sorted(versions, key=newest)
        if not self.end or not ordered:
            return self
        return read(f"{self.family}@{ordered[-1 if self.end == 'newest' else 0].split('.')[0]}")

    def __str__(self) -> str:
        return self.text


def read(text: str) -> Name:
    """Read one name. Raises UnknownBrowser."""
    if "/" in text or text.startswith("~"):
        return Name(text, path=Path(os.path.expanduser(text)))
    start, at, rest = text.partition("@")
    family = next((family for family in MANIFESTS if family == start), None)
    if family is None:
        raise UnknownBrowser(f"There is no browser {text!r}; {accepted()}.")
    if not at:
        return Name(text, family)
    if rest in CHANNELS:
        return Name(text, family, channel=rest)
    if rest in ENDS:
        return Name(text, family, end=rest)
    if not _VERSION.fullmatch(rest):
        raise UnknownBrowser(f"{text!r} names no version or channel of {family}; {accepted()}.")
    return Name(text, family, version=rest)


def read_all(texts: Iterable[str]) -> list[Name]:
    """Read names, each once. Raises UnknownBrowser."""
    return [read(text) for text in dict.fromkeys(texts)]


def split(text: str) -> list[str]:
    """The names in a text with commas or spaces between them, as in PORTOLAN_BROWSERS."""
    return re.findall(r"[^\s,]+", text)


def accepted() -> str:
    """In half a sentence, what is accepted as a name."""
    families = " or ".join(MANIFESTS)
    return (
        f"accepted: {families}; with a version (firefox@140, firefox@140.12), a channel "
        f"({', '.join(f'@{channel}' for channel in CHANNELS)}) or an end ({', '.join(f'@{end}' for end in ENDS)}); "
        "a path (/opt/firefox/firefox); or all"
    )
