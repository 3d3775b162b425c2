"""The trace of a play as a sequence chart in text: one life line an actor, steps as separators in prose.

Each row is one event. Its sign stands on the actor's life line and its words beside it, so that a chart of many
actors fits into 80 columns and a wide terminal gets more room between the lines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from heapq import merge
from typing import NamedTuple

from msgspec import UNSET
from rich.cells import cell_len, set_cell_size

from conformance.core.checks import has_error
from conformance.core.steps import Settle
from conformance.core.trace import Event, EventKey, Play
from conformance.core.values import Json, is_nothing, plain, show
from reports.prose import step_sentence
from reports.text import wrapped

CONNECTS = ("runtime.connect", "tabs.connect", "runtime.connectNative")
LIFE, DOES, HEARS, THROWS, NOTES, PROOF = "│", "→", "←", "✗", "·", "!"
LEGEND = f"{DOES} calls   {HEARS} is told   {THROWS} the call threw   {NOTES} notes   {PROOF} decided a check that does not hold"

WIDEST_GAP, NARROWEST_GAP = 28, 3
TEXT_ROOM = 34
"""Columns that are kept free at the right of the last life line."""

MOST_ALIKE, SHOWN_FIRST, SHOWN_LAST = 12, 5, 2
"""In one step, how many events of one kind of one actor are shown in full; of more, the first and the last."""


class Line(NamedTuple):
    """One line of a chart, and what it is: ``head``, ``step``, ``settle``, ``event``, ``error``, ``proof`` or ``end``."""

    text: str
    kind: str


class Row(NamedTuple):
    """One thing to draw: on whose life line, in which step, the sign, the words, what it is."""

    event: Event
    sign: str
    words: str
    kind: str
    keys: tuple[EventKey, ...]


def chart(play: Play, width: int = 80, *, proof: Collection[EventKey] = (), everything: bool = False) -> list[Line]:
    """The chart of a play, no line wider than ``width``. ``proof``: the events to be marked."""
    rows = _rows(play)
    lanes = _lanes(play, rows)
    drawing = _Drawing(lanes, width, frozenset(proof))
    shown = rows if everything else list(_shortened(rows))
    return [*drawing.head(), *_body(play, shown, drawing), *_end(play, width)]


def _body(play: Play, rows: Sequence[Row], drawing: _Drawing) -> Iterator[Line]:
    at = 0
    for number, step in enumerate(play.steps):
        told = [row for row in rows[at:] if row.event.step <= number]
        at += len(told)
        last = number == len(play.steps) - 1
        yield from drawing.step(number + 1, step_sentence(step), settle=isinstance(step, Settle))
        for row in [*told, *(rows[at:] if last else [])]:
            yield from drawing.row(row)


def _end(play: Play, width: int) -> Iterator[Line]:
    words = f"{play.outcome} after {play.duration:.0f} ms"
    words += f": {plain(play.reason)}" if play.reason else ""
    words += f"; the browser lacks {plain(play.lacking)}" if play.lacking else ""
    yield from (Line(part, "end" if play.outcome == "ok" else "error") for part in wrapped(words, width))


# ---- what is drawn


def _rows(play: Play) -> list[Row]:
    """The events as rows, in an order in which each incarnation's own order is kept. A call and its return are one row."""
    lives: dict[tuple[str, int], list[Event]] = defaultdict(list)
    for event in play.events:
        lives[event.actor, event.incarnation].append(event)
    each = (_life_rows(sorted(events, key=lambda event: event.counter)) for events in lives.values())
    return list(merge(*each, key=lambda row: (row.event.step, row.event.time)))


def _life_rows(events: Sequence[Event]) -> Iterator[Row]:
    at = 0
    while at < len(events):
        event = events[at]
        result = events[at + 1] if at + 1 < len(events) else None
        if (
            result
            and event.phase == "call"
            and result.phase in ("return", "throw")
            and _call_key(event) == _call_key(result)
        ):
            yield _call(event, result)
            at += 2
        else:
            yield _single(event)
            at += 1


def _call_key(event: Event) -> tuple[str, str | None]:
    return event.operation, event.port


def _call(event: Event, result: Event) -> Row:
    words = _spelled(event)
    keys = (event.key, result.key)
    if result.phase == "throw":
        return Row(event, THROWS, f"{words} threw {_value(result.value)}", "error", keys)
    if event.port and event.operation in CONNECTS:
        words += f" = {_port(event)}"
    elif result.value is not UNSET and not is_nothing(result.value):
        words += f" returned {_value(result.value)}"
    return Row(event, DOES, words, "event", keys)


def _single(event: Event) -> Row:
    keys = (event.key,)
    match event.phase:
        case "call":
            return Row(event, DOES, _spelled(event), "event", keys)
        case "throw":
            return Row(event, THROWS, f"{_spelled(event, call=False)} threw {_value(event.value)}", "error", keys)
        case "return":
            return Row(event, DOES, f"{_spelled(event, call=False)} returned {_value(event.value)}", "event", keys)
        case "fire":
            return Row(event, HEARS, _heard(event), "error" if has_error(event) else "event", keys)
    note = f"{_port(event)}.{plain(event.operation)} is" if event.port else plain(event.operation)
    value = "" if event.value is UNSET else f" {show(event.value)}"
    return Row(event, NOTES, note + value, "event", keys)


def _port(event: Event) -> str:
    """The port's name, without the actor on whose life line it stands."""
    return plain((event.port or "").removeprefix(f"{event.actor}."))


def _spelled(event: Event, *, call: bool = True) -> str:
    """A call as it would be written."""
    args = event.value if call and isinstance(event.value, list) else []
    method = plain(event.operation)
    if event.port and event.operation in ("postMessage", "disconnect"):
        method = f"{_port(event)}.{method}"
    return f"{method}({', '.join(show(arg, 80) for arg in args)})"


def _heard(event: Event) -> str:
    operation = plain(event.operation)
    label = _label(event)
    if event.operation == "onDisconnect":
        return f"{_port(event)}.{operation}{label}{_reasons(event)}"
    if event.port and "onConnect" in event.operation:
        name = event.value.get("name") if isinstance(event.value, dict) else None
        return f"{operation}: {_port(event)}" + (f", named {show(name)}" if isinstance(name, str) and name else "")
    owner = f"{_port(event)}." if event.port else ""
    return f"{owner}{operation}{label}" + ("" if event.value is UNSET else f": {_value(event.value)}")


def _label(event: Event) -> str:
    """Which of several listeners heard it; nothing for the first one."""
    label = (event.listener or "").removeprefix(f"{event.port}.{event.operation}").lstrip(".")
    return f" ({plain(label)})" if event.port and label else ""


def _reasons(event: Event) -> str:
    said = [
        f"{name} {_value(value)}"
        for name, value in (("port.error", event.error), ("runtime.lastError", event.last_error))
        if value is not UNSET and not is_nothing(value)
    ]
    return f", {', '.join(said)}" if said else ", without an error"


def _value(value: Json) -> str:
    """A value, for a row; of an error its message."""
    if isinstance(value, dict) and value.get("$") == "instance" and isinstance(value.get("properties"), dict):
        message = value["properties"].get("message")
        if isinstance(message, str):
            return show(message, 120)
    return show(value, 120)


def _shortened(rows: Sequence[Row]) -> Iterator[Row]:
    """Of very many events of one kind in one step: the first, how many more there are, and the last."""
    kinds = [
        (row.event.step, row.event.actor, row.event.incarnation, row.sign, row.event.operation, row.event.port)
        for row in rows
    ]
    total, seen = Counter(kinds), Counter[object]()
    for row, kind in zip(rows, kinds, strict=True):
        seen[kind] += 1
        hidden = total[kind] - SHOWN_FIRST - SHOWN_LAST
        if total[kind] <= MOST_ALIKE or seen[kind] <= SHOWN_FIRST or seen[kind] > SHOWN_FIRST + hidden:
            yield row
        elif seen[kind] == SHOWN_FIRST + 1:
            yield row._replace(
                words=f"… {hidden} more of {_port(row.event) or plain(row.event.actor)}.{plain(row.event.operation)}",
                keys=(),
            )


# ---- how it is drawn


def _lanes(play: Play, rows: Sequence[Row]) -> list[str]:
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
        self.proof = proof
        self.lives: dict[str, int] = {}

    def head(self) -> Iterator[Line]:
        """The actors' names: in one row if they fit, else as a staircase."""
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
