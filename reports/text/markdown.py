"""Markdown's small pieces: rows of tables, names as code, and texts that are shown as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator


def row_of(cells: Iterable[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join(cells)} |"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table, line by line; its cells are Markdown already."""
    names = list(head)
    yield row_of(names)
    yield row_of(["---"] * len(names))
    yield from map(row_of, rows)


def code(name: str) -> str:
    """A name as code; one that is no name, as a text."""
    return f"`{name}`" if re.fullmatch(r"\w+", name) else escaped(name)


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|~#" else "&amp;" if char == "&" else char for char in text)
