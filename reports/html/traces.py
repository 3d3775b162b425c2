"""The traces of one scenario, each drawn once however many browsers it was the same in, and where two part."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import UNSET

from portolan.conformance.trace.recording import Event, EventKey, Recording
from portolan.conformance.trace.steps import AnyStep
from portolan.conformance.trace.values import Json, is_nothing, show
from portolan.reports.html.links import Link, Ports
from portolan.reports.html.names import Names
from portolan.reports.html.order import Placed
from portolan.reports.load import JudgedPlay
from portolan.reports.text.chart import lanes_of
from portolan.reports.text.event_rows import CONNECTS, Row, rows_of, shortened
from portolan.reports.text.failure import proof

LONGEST_DETAIL = 400


class Drawn(msgspec.Struct, frozen=True):
    """One row of a trace: who, in which life, under which step (index), the sign, the words, the port's number.

    ``opens`` and ``closes`` say whether an end of that port begins or ends here; ``end`` is that end's name.
    """

    actor: str
    life: int
    step: int
    sign: str
    words: str
    kind: str
    port: int | None = None
    end: str = ""
    opens: bool = False
    closes: bool = False
    proof: bool = False


class Trace(msgspec.Struct, frozen=True):
    """What was seen in one or more browsers."""

    number: int
    steps: tuple[AnyStep, ...]
    lanes: tuple[str, ...]
    rows: tuple[Drawn, ...]
    links: tuple[Link, ...]
    columns: tuple[int, ...]
    details: tuple[tuple[tuple[tuple[int, ...], str], ...], ...]
    """For each row what its event says more, by the columns that say so; columns that agree stand together."""

    total: int
    """How many rows there are with those that are too many of one kind to be shown."""


class Seen(msgspec.Struct, frozen=True):
    """The trace of one play, before it is compared with others."""

    steps: tuple[AnyStep, ...]
    lanes: tuple[str, ...]
    rows: tuple[Drawn, ...]
    links: tuple[Link, ...]
    details: tuple[str, ...]
    total: int


def traces_of(plays: Sequence[tuple[int, JudgedPlay]]) -> tuple[list[Trace], dict[int, int]]:
    """The distinct traces of plays of one scenario, each with its column; and for each play its trace's number.

    What is seen in most columns comes first.
    """
    groups: dict[tuple[object, ...], list[tuple[int, int, Seen]]] = {}
    for index, (column, each) in enumerate(plays):
        if each.play.events:
            seen = _seen(each)
            key = (each.play.digest, seen.lanes, seen.rows, seen.links)
            groups.setdefault(key, []).append((index, column, seen))
    ordered = sorted(groups.values(), key=lambda group: -len({column for _, column, _ in group}))
    numbers = {index: number for number, group in enumerate(ordered, 1) for index, _, _ in group}
    return [_trace(number, group) for number, group in enumerate(ordered, 1)], numbers


def _trace(number: int, group: Sequence[tuple[int, int, Seen]]) -> Trace:
    seen = group[0][2]
    details = tuple(_by_columns(group, at) for at in range(len(seen.rows)))
    columns = tuple(dict.fromkeys(column for _, column, _ in group))
    return Trace(number, seen.steps, seen.lanes, seen.rows, seen.links, columns, details, seen.total)


def _by_columns(group: Sequence[tuple[int, int, Seen]], at: int) -> tuple[tuple[tuple[int, ...], str], ...]:
    said: dict[str, dict[int, None]] = {}
    for _, column, seen in group:
        said.setdefault(seen.details[at], {})[column] = None
    if set(said) == {""}:
        return ()
    return tuple((tuple(columns), text) for text, columns in said.items())


def _seen(each: JudgedPlay) -> Seen:
    play = each.play
    ports = Ports(play, rows := rows_of(play))
    lanes = lanes_of(play, rows)
    placed = Placed(play, rows, ports.links, lanes)
    names = Names(play)
    named = _named_rows(play, names, rows)
    failed = proof(each)
    order = [
        named[index]._replace(event=msgspec.structs.replace(named[index].event, step=placed.steps[index]))
        for index in placed.order
    ]
    shown = list(shortened(order))
    at = {row.keys: place for place, row in enumerate(shown) if row.keys}
    drawn = tuple(_drawn(row, ports, failed) for row in shown)
    kept = (
        link._replace(start=at[rows[link.start].keys], end=at[rows[link.end].keys])
        for link in ports.links
        if rows[link.start].keys in at and rows[link.end].keys in at
    )
    links = tuple(sorted(kept))
    details = tuple(_detail(play, names, row) if row.keys else "" for row in shown)
    return Seen(play.steps, tuple(lanes), drawn, links, details, len(rows))


def _named_rows(play: Recording, names: Names, rows: Sequence[Row]) -> list[Row]:
    """The rows with names in place of ids, in the order of ``rows``."""
    renamed = msgspec.structs.replace(play, events=tuple(map(names.event, play.events)))
    by_keys = {row.keys: row for row in rows_of(renamed)}
    return [by_keys[row.keys] for row in rows]


def _drawn(row: Row, ports: Ports, failed: frozenset[EventKey]) -> Drawn:
    event = row.event
    end = ports.end_of(event)
    known = row.keys and end is not None
    birth = ports.births.get(end) if end else None
    opens = bool(known and birth is not None and ports.rows[birth].keys == row.keys)
    closes = bool(known and ((_ends(event) and row.kind != "error") or event.operation == "onDisconnect"))
    return Drawn(
        event.actor,
        event.incarnation,
        event.step,
        row.sign,
        row.words,
        row.kind,
        ports.number(event),
        end.name if end else "",
        opens,
        closes,
        any(key in failed for key in row.keys),
    )


def _ends(event: Event) -> bool:
    return event.operation in ("disconnect", "ended")


def _detail(play: Recording, names: Names, row: Row) -> str:
    """What an event says beside its words: of a new port all of its fields, if any is more than its name."""
    event = row.event
    born = event if event.phase == "fire" and "onConnect" in event.operation else None
    if event.operation in CONNECTS and row.kind != "error":
        results = {each.key: each for each in play.events}
        result = results.get(row.keys[-1])
        told = isinstance(result.value, dict) and not is_nothing(result.value.get("sender")) if result else False
        born = names.event(result) if result and told else None
    if born is None or born.value is UNSET or is_nothing(born.value):
        return ""
    return show(_telling(born.value), LONGEST_DETAIL)


def _telling(value: Json) -> Json:
    """The fields of a new port without its name, which its words say, and without an error that is none."""
    if not isinstance(value, dict):
        return value
    return {key: field for key, field in value.items() if key != "name" and not (key == "error" and is_nothing(field))}


# ---- where two part


def _parting(trace: Trace, other: Trace) -> int | None:
    theirs = _lives(other)
    seen = Counter[tuple[str, int]]()
    for index, row in enumerate(trace.rows):
        life = row.actor, row.life
        at = seen[life]
        seen[life] += 1
        lived = theirs.get(life, [])
        if at >= len(lived) or _said(lived[at]) != _said(row):
            return index
    return None


def _said(row: Drawn) -> tuple[object, ...]:
    return row.step, row.sign, row.words, row.end


def _lives(trace: Trace) -> Mapping[tuple[str, int], list[Drawn]]:
    lives: dict[tuple[str, int], list[Drawn]] = defaultdict(list)
    for row in trace.rows:
        lives[row.actor, row.life].append(row)
    return lives


def differences(traces: Sequence[Trace]) -> Iterator[tuple[int, int, int | None]]:
    """For each trace and each other (by their numbers) the row at which the first leaves the second."""
    for left in traces:
        for right in traces:
            if left is not right:
                yield left.number, right.number, _parting(left, right)
