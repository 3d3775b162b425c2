"""Noticing checks that are built and never used.

While a scenario is being built, every check and pattern is registered with the place in the author's file where it was
made. What no requirement and no variant contains in the end would be dropped silently: a typo, a forgotten ``expect``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

OWN_PACKAGES = ("portolan.conformance.checks", "portolan.conformance.language")
"""The modules of the language itself: a place in one of them is never the author's."""


class Place(NamedTuple):
    """A place in a source file."""

    filename: str
    line: int


class Usage:
    """The checks, patterns and variants that were built, and where."""

    def __init__(self) -> None:
        self._built: dict[int, tuple[object, Place]] = {}

    def built(self, thing: object) -> None:
        """Note that a check, pattern or variant was built."""
        self._built[id(thing)] = (thing, author_place())

    def used(self, thing: object) -> None:
        """Note that it is used: by ``expect``, or as a part of something that is used."""
        self._built.pop(id(thing), None)

    def unused(self) -> list[tuple[object, Place]]:
        """What was built and is not used, in the order in which it was built."""
        return list(self._built.values())


_CURRENT: ContextVar[Usage | None] = ContextVar("usage", default=None)


@contextmanager
def watching() -> Iterator[Usage]:
    """Note everything that is built inside."""
    usage = Usage()
    token = _CURRENT.set(usage)
    try:
        yield usage
    finally:
        _CURRENT.reset(token)


def note_built(thing: object) -> None:
    """Note a check, pattern or variant, if a scenario is being built."""
    if usage := _CURRENT.get():
        usage.built(thing)


def author_place() -> Place:
    """The innermost place outside of the language: the author's line."""
    frame = sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__", "")).startswith(OWN_PACKAGES):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)
