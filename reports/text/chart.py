"""The trace of a play as a sequence chart in text: one life line an actor, steps as separators in prose.

Each row is one event. Its sign stands on the actor's life line and its words beside it, so that a chart of many
actors fits into 80 columns and a wide terminal gets more room between the lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from portolan.conformance.trace.recording import EventKey, Recording
from portolan.conformance.trace.steps import Settle
from portolan.conformance.trace.values import plain
from portolan.reports.load import earlier
from portolan.reports.text.event_rows import DOES, HEARS, NOTES, THROWS, Row, rows_of, shortened
from portolan.reports.text.prose import step_sentence
from portolan.reports.text.wrapping import wrapped

LIFE, PROOF = "│", "!"
LEGEND = f"{DOES} call   {HEARS} event   {THROWS} call that threw   {NOTES} note   {PROOF} why a check does not hold"

WIDEST_GAP, NARROWEST_GAP = 28, 3
TEXT_ROOM = 34
"""Columns that are kept free at the right of the last life line."""

NARROWEST_ROW = 8
"""Columns that a row needs beside the last life line; where there are fewer, each row names its actor instead."""


class Line(NamedTuple):
    """One line of a chart, and what it is: ``head``, ``step``, ``settle``, ``event``, ``error``, ``proof`` or ``end``."""

    text: str
    kind: str


def chart(
    play: Recording, width: int = 80, *, proof: Collection[EventKey] = (), everything: bool = False
) -> list[Line]:
    """The chart of a play, no line wider than ``width``. ``proof``: the events to be marked."""
    rows = rows_of(play)
    lanes = lanes_of(play, rows)
    drawing = _Drawing(lanes, width, frozenset(proof))
    shown = rows if everything else list(shortened(rows))
    return [*drawing.head(), *_body(play, shown, drawing), *_end(play, width)]


def _body(play: Recording, rows: Sequence[Row], drawing: _Drawing) -> Iterator[Line]:
    at = 0
    for number, step in enumerate(play.steps):
        told = [row for row in rows[at:] if row.event.step <= number]
        at += len(told)
        last = number == len(play.steps) - 1
        yield from drawing.step(number + 1, step_sentence(step), settle=isinstance(step, Settle))
        for row in [*told, *(rows[at:] if last else [])]:
            yield from drawing.row(row)


def _end(play: Recording, width: int) -> Iterator[Line]:
    words = f"{play.outcome} after {play.duration:.0f} ms"
    words += f": {plain(play.reason)}" if play.reason else ""
    words += f"; the browser lacks {plain(play.lacking)}" if play.lacking else ""
    words += f"; {earlier(play)}" if play.attempts else ""
    yield from (Line(part, "end" if play.outcome == "ok" else "error") for part in wrapped(words, width))


# ---- how it is drawn


def lanes_of(play: Recording, rows: Sequence[Row]) -> list[str]:
    """The actors that did or saw something: backgrounds first, then as the steps bring them, applications last."""
    acting = dict.fromkeys(row.event.actor for row in rows)
    first = [background.actor for background in play.cast.backgrounds]
    last = [application.actor for application in play.cast.applications]
    middle = [word for step in play.steps for word in _brought(step)]
    middle += [actor for actor in acting if actor not in middle]
    order = dict.fromkeys([*first, *(actor for actor in middle if actor not in last), *last])
    return [actor for actor in order if actor in acting]


def _brought(step: object) -> list[str]:
    document, frames = getattr(step, "document", None), getattr(step, "frames", ())
    return [document, *(frame.document for frame in frames)] if isinstance(document, str) else []


class _Drawing:
    """Where the life lines are, and which lives have begun."""

    def __init__(self, lanes: Sequence[str], width: int, proof: frozenset[EventKey]) -> None:
        self.names = [plain(name, 40) for name in lanes]
        self.index = {name: index for index, name in enumerate(lanes)}
        self.width = max(width, 20)
        free = max(self.width - TEXT_ROOM, 0)
        self.gap = max(NARROWEST_GAP, min(WIDEST_GAP, free // max(len(lanes) - 1, 1)))
        self.listed = (len(lanes) - 1) * self.gap + NARROWEST_ROW > self.width
        self.proof = proof
        self.lives: dict[str, int] = {}

    def head(self) -> Iterator[Line]:
        """The actors' names: in one row if they fit, else as a staircase; where no life lines fit, how many there are."""
        if self.listed:
            yield Line(self._cut(f"{len(self.names)} actors"), "head")
            return
        if all(cell_len(name) < self.gap for name in self.names[:-1]):
            row = "".join(set_cell_size(name, self.gap) for name in self.names[:-1]) + "".join(self.names[-1:])
            yield Line(self._cut(row).rstrip(), "head")
            return
        for index, name in enumerate(self.names):
            yield Line(self._cut((LIFE + " " * (self.gap - 1)) * index + name), "head")

    def step(self, number: int, sentence: str, *, settle: bool) -> Iterator[Line]:
        """A separator."""
        rule, kind = ("╌", "settle") if settle else ("─", "step")
        parts = wrapped(f"{number}. {sentence}", self.width - 4)
        for part in parts:
            head = rule * 2 if part is parts[0] else "  "
            rest = rule * (self.width - cell_len(part) - 4) if part is parts[-1] else ""
            yield Line(f"{head} {part} {rest}".rstrip(), kind)

    def row(self, row: Row) -> Iterator[Line]:
        """One event; before it, that a new life of its actor begins."""
        event = row.event
        if event.incarnation != self.lives.get(event.actor, 1):
            yield from self._draw(event.actor, NOTES, f"life {event.incarnation} of {plain(event.actor)}", "head")
        self.lives[event.actor] = event.incarnation
        proves = any(key in self.proof for key in row.keys)
        kind = "proof" if proves else row.kind
        yield from self._draw(event.actor, row.sign, row.words + (f"  {PROOF}" if proves else ""), kind)

    def _draw(self, actor: str, sign: str, words: str, kind: str) -> Iterator[Line]:
        lane = self.index[actor]
        if self.listed:
            for number, part in enumerate(wrapped(f"{self.names[lane]}: {words}", self.width - 2)):
                yield Line(f"{sign if number == 0 else ' '} {part}".rstrip(), kind)
            return
        right = self.width - lane * self.gap - 2
        left = lane * self.gap - 1
        if right >= min(cell_len(words), TEXT_ROOM - 2) or right >= left:
            before = (LIFE + " " * (self.gap - 1)) * lane
            for number, part in enumerate(wrapped(words, right)):
                yield Line(f"{before}{sign if number == 0 else LIFE} {part}".rstrip(), kind)
            return
        for number, part in enumerate(wrapped(words, left)):
            room = left - cell_len(part)
            before = set_cell_size((LIFE + " " * (self.gap - 1)) * lane, max(room - 1, 0))
            after = "".join(" " * (self.gap - 1) + LIFE for _ in self.names[lane + 1 :])
            text = f"{before}{' ' if room else ''}{part} {sign if number == 0 else LIFE}{after}"
            yield Line(text.rstrip(), kind)

    def _cut(self, text: str) -> str:
        return text if cell_len(text) <= self.width else set_cell_size(text, self.width - 1) + "…"
