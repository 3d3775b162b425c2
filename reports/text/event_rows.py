"""The events of a trace as rows that people read: a call and its return are one, each with a sign and its words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import NamedTuple

from msgspec import UNSET

from portolan.conformance.checks.checks import has_error
from portolan.conformance.trace.recording import Event, EventKey, Recording
from portolan.conformance.trace.values import Json, is_nothing, plain, show

CONNECTS = ("runtime.connect", "tabs.connect", "runtime.connectNative")
DOES, HEARS, THROWS, NOTES = "→", "←", "✗", "·"

MOST_ALIKE, SHOWN_FIRST, SHOWN_LAST = 12, 5, 2
"""In one step, how many events of one kind of one actor are shown in full; of more, the first and the last."""


class Row(NamedTuple):
    """One thing to draw: on whose life line, in which step, the sign, the words, what it is."""

    event: Event
    sign: str
    words: str
    kind: str
    keys: tuple[EventKey, ...]


def rows_of(play: Recording) -> list[Row]:
    """The events as rows, in an order in which each incarnation's own order is kept. A call and its return are one row."""
    lives: dict[tuple[str, int], list[Event]] = defaultdict(list)
    for event in play.events:
        lives[event.actor, event.incarnation].append(event)
    each = (life_rows(sorted(events, key=lambda event: event.counter)) for events in lives.values())
    return list(merge(*each, key=lambda row: (row.event.step, row.event.time)))


def life_rows(events: Sequence[Event]) -> Iterator[Row]:
    """One incarnation's events as rows, in their own order."""
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
        words += f" = {port_of(event)}"
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
    note = f"{port_of(event)}.{plain(event.operation)} is" if event.port else plain(event.operation)
    value = "" if event.value is UNSET else f" {show(event.value)}"
    return Row(event, NOTES, note + value, "event", keys)


def port_of(event: Event) -> str:
    """The port's name, without the actor on whose life line it stands."""
    return plain((event.port or "").removeprefix(f"{event.actor}."))


def _spelled(event: Event, *, call: bool = True) -> str:
    """A call as it would be written."""
    args = event.value if call and isinstance(event.value, list) else []
    method = plain(event.operation)
    if event.port and event.operation in ("postMessage", "disconnect"):
        method = f"{port_of(event)}.{method}"
    return f"{method}({', '.join(show(arg, 80) for arg in args)})"


def _heard(event: Event) -> str:
    operation = plain(event.operation)
    label = _label(event)
    if event.operation == "onDisconnect":
        return f"{port_of(event)}.{operation}{label}{_reasons(event)}"
    if event.port and "onConnect" in event.operation:
        name = event.value.get("name") if isinstance(event.value, dict) else None
        return f"{operation}: {port_of(event)}" + (f", named {show(name)}" if isinstance(name, str) and name else "")
    owner = f"{port_of(event)}." if event.port else ""
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


def shortened(rows: Sequence[Row]) -> Iterator[Row]:
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
                words=f"… {hidden} more of {port_of(row.event) or plain(row.event.actor)}.{plain(row.event.operation)}",
                keys=(),
            )
