"""Text in lines that fit: counted in terminal cells, for some characters take two of them."""

from __future__ import annotations

import re

from rich.cells import cell_len, chop_cells


def wrapped(text: str, width: int) -> list[str]:
    """A line of text in lines of at most ``width`` terminal cells."""
    lines = [""]
    for word in text.split(" "):
        for part in chop_cells(word, max(width, 2)) or [""]:
            joined = f"{lines[-1]} {part}" if lines[-1] else part
            if cell_len(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(part)
    return lines


def folded(name: str, width: int) -> list[str]:
    """A long name in several lines, broken after an underscore where that can be."""
    lines = [""]
    for word in re.findall(r"[^_]*_*", name):
        for part in chop_cells(word, width - 2) or [""]:
            if cell_len(lines[-1] + part) <= width - (2 if len(lines) > 1 else 0):
                lines[-1] += part
            else:
                lines.append(part)
    return lines
