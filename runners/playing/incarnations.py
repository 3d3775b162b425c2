"""Who is on the stage: incarnations of actors, and the documents they live in.

Everything here is bookkeeping of what the observer reported; nothing is asked of a browser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portolan.conformance.trace import steps as s

Envelope = dict[str, Any]

HOSTS: dict[s.NativeManifest, str] = {
    "allowed": "portolan.application",
    "forbidden": "portolan.forbidden",
    "missing": "portolan.missing",
    "misnamed": "portolan-misnamed",
    "relative": "portolan.relative",
    "typeless": "portolan.typeless",
    "fileless": "portolan.fileless",
    "unrunnable": "portolan.unrunnable",
}
"""The first native application of a play, by what is wrong with its manifest; others have a number after it."""

FILES = {
    "extension": "/shared/page.html",
    "options": "/shared/options.html",
    "popup": "/shared/page.html",
    "sidebar": "/shared/page.html",
    "devtools": "/shared/page.html",
}
"""The files of the subject's own pages, by the kind of document."""

TABLESS = ("popup", "sidebar", "devtools")
"""The kinds of document that are in no tab: one of each, in the window that is in front or in DevTools."""


@dataclass(eq=False)
class Incarnation:
    """One life of an actor. ``counter`` is the number of its last event that has arrived."""

    id: str
    actor: str
    role: dict[str, Any]
    number: int = 1
    channel: int = 0
    counter: int = 0
    alive: bool = True
    play: str | None = None
    url: str = ""

    @property
    def is_background(self) -> bool:
        """Whether this is an extension's background, which outlives plays."""
        return self.role.get("context") == "background"

    @property
    def troupe(self) -> int:
        """Which copy of the extensions it is of."""
        return int(self.role.get("troupe") or 0)

    def belongs(self, play: str | None, troupe: int) -> bool:
        """Whether it takes part in this play: as one of its documents, or as a background of its troupe."""
        return self.troupe == troupe if self.is_background else self.play == play


@dataclass(eq=False)
class Channel:
    """The observer's connection with one document or background: its twins.

    A document has ended when both twins have; in Firefox also when it said that it goes into the bfcache.
    """

    id: int
    tab: int | None
    frame: int | None
    document_id: str | None = None
    twin: bool = False
    cached: bool = False
    gone: set[str] = field(default_factory=set)

    @property
    def has_observers_twin(self) -> bool:
        """Whether the observer opened a twin of its own: in documents of the web."""
        return self.tab is not None and self.frame is not None

    def over(self, *, observer_twin: bool) -> bool:
        """Whether the document has ended, or sits in the bfcache."""
        return self.cached or ("document" in self.gone and (not observer_twin or "observer" in self.gone))


@dataclass(eq=False)
class Document:
    """A document of the play's stage: where it is, and its frames."""

    name: str
    kind: str
    site: str
    tab: int | None = None
    channel: Channel | None = None
    parent: Document | None = None
    children: list[Document] = field(default_factory=list)
    inspects: Document | None = None

    def tree(self) -> list[Document]:
        """This document and every one below it."""
        return [self, *(document for child in self.children for document in child.tree())]


class Fault(Exception):
    """The instrument failed: a gap or a duplicate in an actor's events, a command that failed. Never a verdict."""


class Missing(Exception):
    """A deadline passed; the text says what was waited for."""


class Crash(Exception):
    """The browser or its driver has ended in the middle of a play."""


class NotThere(Exception):
    """The browser lacks what the scenario needs; the text names it."""
