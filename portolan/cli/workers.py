"""How many browsers play at once: what the user says, or what the machine bears."""

from __future__ import annotations

import os
from collections.abc import Callable

from portolan.selection.settings import BadOption

AUTO = "auto"
CORES_A_BROWSER = 2
"""One browser keeps more than one core busy: two at once on two cores save an eighth of the time, and disturb each other."""

MOST = 64


def read_workers(text: str) -> int | None:
    """A number of workers, or None for the machine's. Raises BadOption."""
    if text == AUTO:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise BadOption(f"-n {text}: give a number of workers from 1 to {MOST}, or auto.")
    return int(text)


def how_many(asked: int | None, say: Callable[[str], None], cores: int | None = None) -> int:
    """The number of workers; what was chosen, where the user did not, is said."""
    if asked is not None:
        return asked
    have = cores or len(os.sched_getaffinity(0))
    chosen = max(1, have // CORES_A_BROWSER)
    there = "1 core" if have == 1 else f"{have} cores"
    at_once = "one browser at a time" if chosen == 1 else f"{chosen} browsers at once"
    say(f"{at_once}, for there are {there} (-n N for another number)")
    return chosen
