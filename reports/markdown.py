"""Markdown's small pieces: rows of tables, names as code, and texts that are shown as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable


def row_of(cells: Iterable[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join(cells)} |"


def code(name: str) -> str:
    """A name as code; one that is no name, as a text."""
    return f"`{name}`" if re.fullmatch(r"\w+", name) else escaped(name)


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|~" else "&amp;" if char == "&" else char for char in text)
