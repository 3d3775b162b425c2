"""What two traces have in common: events in their normal form, and where two plays of one scenario part.

The normal form of a trace holds what a browser did, and nothing that is another at every play: ids, tab and frame
numbers, addresses of the stage, times. Each incarnation's own order is kept, and what lies between the same two
settles; nothing else is known of an order (``docs/trace.md``).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec
from msgspec import UNSET

from portolan.conformance.trace.recording import Event, Phase, Recording
from portolan.conformance.trace.values import Json, plain, show, tag

Life = tuple[str, int]
"""An actor and one of its incarnations."""

Shape = tuple[int, str, str, str | None, str | None]
"""Of an event: until when, phase, operation, port, listener."""

SEEN = ("value", "rest", "error", "last_error")
"""What an event carries. A call's arguments are left out: they are the scenario's."""

ANY_ID, ANY_HOST, ANY_NUMBER, ANY_TAB = "<id>", "<host>", "<number>", "<tab>"

_TAKEN_OUT = (
    (re.compile(r"(https?://)(?:localhost|[\w.-]+:\d+|\d+(?:\.\d+){3})(?::\d+)?(?:/\d+(?=/))?"), rf"\1{ANY_HOST}"),
    (re.compile(r"\b(?:play|frames|hold)=[^&\s]*&?"), ""),
    (re.compile(r"^/(?:[^/\s]+/)+"), "<folder>/"),
    (re.compile(r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b"), ANY_ID),
    (re.compile(r"\b(?:[a-p]{32}|[0-9A-F]{32})\b"), ANY_ID),
)
"""Addresses of the stage; paths of its home; UUIDs; Chromium's ids of extensions and documents."""

LONGEST_NORMALISED = 2000
"""Longer texts are the scenario's own: nothing in them is taken out."""

DEEPEST = 70
"""Deeper values are not compared; the puppet records 64 levels."""

MOST_ALIGNED = 4_000_000
"""Of two lives whose middle parts are longer (the product of their lengths), only the first difference is told."""

MOST_PARTINGS = 50
"""No more places are told of one pair of traces."""

NO_EVENT, NO_VALUE = "nothing", "not there"

LONGEST_SHOWN = 100
"""Characters of one value in words."""


class NormalEvent(msgspec.Struct, frozen=True):
    """An event without what is another at every play. ``until``: the index of the settle by which it had come."""

    until: int
    phase: Phase
    operation: str
    port: str | None
    listener: str | None
    seen: str
    """The values that it carries, as JSON with sorted keys: comparable at once."""

    @property
    def shape(self) -> Shape:
        """Everything but the values."""
        return self.until, self.phase, self.operation, self.port, self.listener

    @property
    def values(self) -> dict[str, Json]:
        """The values by the field that holds them: ``value``, ``rest``, ``error``, ``last_error``."""
        values: dict[str, Json] = json.loads(self.seen)
        return values

    @property
    def name(self) -> str:
        """What happened to what, without the values, in words."""
        which = plain(self.listener if self.phase == "fire" and self.listener else self.port or "")
        return f"{self.phase} {plain(self.operation)}{f' of {which}' if which else ''}"

    def __str__(self) -> str:
        """The event in words, harmless on a terminal."""
        said = ", ".join(f"{name} {show(value, LONGEST_SHOWN)}" for name, value in self.values.items())
        return f"{self.name}: {said}" if said else self.name


NormalTrace = dict[Life, tuple[NormalEvent, ...]]


def normal(play: Recording) -> NormalTrace:
    """A play's events in their normal form, life by life."""
    lives: dict[Life, list[Event]] = {}
    for event in play.events:
        lives.setdefault((event.actor, event.incarnation), []).append(event)
    return {
        life: tuple(_normal_event(play, event) for event in sorted(events, key=lambda event: event.counter))
        for life, events in sorted(lives.items())
    }


def _normal_event(play: Recording, event: Event) -> NormalEvent:
    values = {} if event.phase == "call" else {name: getattr(event, name) for name in SEEN}
    take = _sender if (event.phase, event.operation) == ("note", "sender") else _without_ids
    seen = {name: take(value) for name, value in values.items() if value is not UNSET}
    return NormalEvent(
        play.upto(event.step),
        event.phase,
        event.operation,
        event.port,
        event.listener,
        json.dumps(seen, sort_keys=True),
    )


def _without_ids(value: Json, depth: int = 0) -> Json:
    if depth > DEEPEST:
        return tag("deeper")
    match value:
        case str():
            return _text(value)
        case list():
            return [_without_ids(item, depth + 1) for item in value]
        case dict():
            return {
                key: _sender(item, depth) if key == "sender" else _without_ids(item, depth + 1)
                for key, item in value.items()
            }
    return value


def _sender(value: Json, depth: int = 0) -> Json:
    """A sender: which fields it has, and what is in those that say more than which tab or frame it was."""
    if not isinstance(value, dict) or "$" in value:
        return _without_ids(value, depth + 1)
    return {key: ANY_TAB if key == "tab" else _field(item, depth) for key, item in value.items()}


def _field(value: Json, depth: int) -> Json:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return 0 if value == 0 else ANY_NUMBER
    return _without_ids(value, depth + 1)


def _text(text: str) -> str:
    if len(text) > LONGEST_NORMALISED:
        return text
    for pattern, stands_for in _TAKEN_OUT:
        text = pattern.sub(stands_for, text)
    return text


# ---- where two traces part


How = Literal["only left", "only right", "another", "moved"]
"""Only one trace has it; both have it with another value; both have it, in another order or step."""


Cause = tuple[tuple[str, How], ...]
"""What differs, and how."""


class Parting(msgspec.Struct, frozen=True):
    """One place where two traces part.

    ``cause`` is the same for all places that differ in the same way, in whichever scenario. ``step`` is the index of
    the settle by which it had come. ``left`` and ``right`` are the event as each trace has it, in words (``nothing``
    where it has none).
    """

    cause: Cause
    actor: str
    step: int
    left: str
    right: str

    def words(self, left: str, right: str) -> str:
        """The cause as people read it, the two traces called by these names."""
        how = {
            "only left": f"only in {left}",
            "only right": f"only in {right}",
            "another": "another value",
            "moved": "in another order or step",
        }
        return "; ".join(f"{what}: {how[which]}" for what, which in self.cause)


def partings(left: Recording, right: Recording) -> list[Parting]:
    """Where two plays of the same steps part: the earliest first, each cause once. None: their traces are alike."""
    a, b = normal(left), normal(right)
    found = [parting for life in sorted({*a, *b}) for parting in _life_partings(life, a.get(life, ()), b.get(life, ()))]
    found.sort(key=lambda parting: parting.step)
    first: dict[Cause, Parting] = {}
    for parting in found:
        first.setdefault(parting.cause, parting)
    return list(first.values())[:MOST_PARTINGS]


def _life_partings(life: Life, left: Sequence[NormalEvent], right: Sequence[NormalEvent]) -> Iterator[Parting]:
    actor = plain(life[0]) if life[1] == 1 else f"{plain(life[0])} (life {life[1]})"
    parts = list(_aligned([each.shape for each in left], [each.shape for each in right]))
    for alike, a, b, c, d in parts:
        if alike:
            for one, other in zip(left[a:b], right[c:d], strict=True):
                yield from _value_partings(actor, one, other)
    differing = [(left[a:b], right[c:d]) for alike, a, b, c, d in parts if not alike]
    if differing and Counter(each.shape[1:] for each in left) == Counter(each.shape[1:] for each in right):
        moved = dict.fromkeys(_kind(event) for here, there in differing for event in (*here, *there))
        yield _parting(tuple((what, "moved") for what in moved), actor, *differing[0])
    else:
        yield from (_parting(_shape_cause(here, there), actor, here, there) for here, there in differing)


def _kind(event: NormalEvent) -> str:
    return f"{event.phase} {plain(event.operation)}"


def _parting(cause: Cause, actor: str, left: Sequence[NormalEvent], right: Sequence[NormalEvent]) -> Parting:
    """Where two parts of a life differ, told by the first event of each."""
    until = min(event.until for event in (*left[:1], *right[:1]))
    return Parting(cause, actor, until, *(str(events[0]) if events else NO_EVENT for events in (left, right)))


def _aligned(left: Sequence[Shape], right: Sequence[Shape]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Which parts of two lives stand against each other, and whether they are of the same shape."""
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    ends = len(left) - tail, len(right) - tail
    yield True, 0, head, 0, head
    middle = left[head : ends[0]], right[head : ends[1]]
    if len(middle[0]) * len(middle[1]) > MOST_ALIGNED:
        yield False, head, ends[0], head, ends[1]
    else:
        for kind, a, b, c, d in SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
            yield kind == "equal", head + a, head + b, head + c, head + d
    yield True, ends[0], len(left), ends[1], len(right)


def _common(left: Sequence[Shape], right: Sequence[Shape]) -> int:
    """How many shapes they have in common from the beginning."""
    differs = (index for index, (one, other) in enumerate(zip(left, right, strict=False)) if one != other)
    return next(differs, min(len(left), len(right)))


def _shape_cause(left: Sequence[NormalEvent], right: Sequence[NormalEvent]) -> Cause:
    """What kind of events one has and the other has not; or that the same come in another order or step."""
    a, b = (Counter(map(_kind, events)) for events in (left, right))
    only: list[tuple[str, How]] = [(what, "only left") for what in a - b]
    only += [(what, "only right") for what in b - a]
    return tuple(only) or tuple((what, "moved") for what in a)


def _value_partings(actor: str, left: NormalEvent, right: NormalEvent) -> Iterator[Parting]:
    if left.seen != right.seen:
        for path, how, one, other in _paths(left.values, right.values):
            cause: Cause = ((f"{left.phase} {plain(left.operation)} {path}", how),)
            words = (NO_VALUE if value is UNSET else f"{path} {show(value, LONGEST_SHOWN)}" for value in (one, other))
            yield Parting(cause, actor, left.until, *(f"{left.name}: {each}" for each in words))


def _paths(left: Json, right: Json, at: str = "") -> Iterator[tuple[str, How, Json, Json]]:
    """Which parts of two values differ, and what each has there."""
    if isinstance(left, dict) and isinstance(right, dict) and left.get("$") == right.get("$"):
        for key in sorted({*left, *right}):
            place = f"{at}.{plain(key, 40)}" if at else plain(key, 40)
            if key not in left or key not in right:
                how: How = "only left" if key in left else "only right"
                yield place, how, left.get(key, UNSET), right.get(key, UNSET)
            else:
                yield from _paths(left[key], right[key], place)
    elif json.dumps(left, sort_keys=True) != json.dumps(right, sort_keys=True):
        yield at, "another", left, right
