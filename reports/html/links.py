"""Which end of a port belongs to which, and which call caused which event: inferred from the trace, for drawing only.

A trace names ends (``port1`` here, ``background.onConnect#1`` there). They are one port if the listener was told after
the call, in the same stretch between two settles or later, with the port's own name, and if its sender is the caller
where it says so. Messages are joined in their order where their values agree. No verdict rests on any of this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import UNSET

from portolan.conformance.trace import steps as s
from portolan.conformance.trace.recording import Event, EventKey, Recording
from portolan.conformance.trace.values import Json, same
from portolan.reports.text.event_rows import CONNECTS, Row

Kind = Literal["connect", "message", "disconnect"]


class Link(NamedTuple):
    """An arrow from one row to another, by their indexes, with the number of the port that it belongs to."""

    start: int
    end: int
    kind: Kind
    port: int


class End(NamedTuple):
    """One end of a port. An application has no port object: its end is the application's life."""

    actor: str
    name: str


class Ports:
    """The ports of a play: each end with the number of its port, and what went through."""

    def __init__(self, play: Recording, rows: Sequence[Row]) -> None:
        self.play, self.rows = play, rows
        self.results: Mapping[EventKey, Event] = {event.key: event for event in play.events}
        self.numbers: dict[End, int] = {}
        self.births: dict[End, int] = {}
        self.links: list[Link] = []
        self._open()
        self._join()
        self._through()

    def end_of(self, event: Event) -> End | None:
        """The end that an event belongs to."""
        if event.port:
            return End(event.actor, event.port)
        applications = {each.actor for each in self.play.cast.applications}
        return End(event.actor, "") if event.actor in applications else None

    def number(self, event: Event) -> int | None:
        """The number of the event's port, from 1."""
        end = self.end_of(event)
        return self.numbers.get(end) if end else None

    def _open(self) -> None:
        """Each port that was opened, numbered in the order of the steps; one whose opening failed is none."""
        opened = [
            (row.event.step, index)
            for index, row in enumerate(self.rows)
            if row.event.port and row.event.operation in CONNECTS and row.kind != "error"
        ]
        for _, index in sorted(opened):
            end = End(self.rows[index].event.actor, self.rows[index].event.port or "")
            if end not in self.numbers:
                self.numbers[end], self.births[end] = len(self.numbers) + 1, index

    def _join(self) -> None:
        """Each end that a listener or an application got: which of the opened ports it is the other end of."""
        taken: dict[tuple[str, int], int] = defaultdict(int)
        for index, row in enumerate(self.rows):
            event = row.event
            end = self.end_of(event)
            if end is None or end in self.births or not _arrives(event, end):
                continue
            opener = self._opener(event, taken)
            self.births[end] = index
            if opener is None:
                self.numbers[end] = max(self.numbers.values(), default=0) + 1
                continue
            self.numbers[end] = self.numbers[opener]
            taken[event.actor, self.numbers[opener]] += 1
            self.links.append(Link(self.births[opener], index, "connect", self.numbers[end]))

    def _opener(self, event: Event, taken: Mapping[tuple[str, int], int]) -> End | None:
        """The first opened port that fits and that this actor was not given before."""
        for end, index in self.births.items():
            call = self.rows[index].event
            fits = (
                call.operation in CONNECTS
                and call.actor != event.actor
                and call.step <= event.step
                and not taken.get((event.actor, self.numbers[end]))
            )
            if fits and self._same_port(call, event):
                return end
        return None

    def _same_port(self, call: Event, event: Event) -> bool:
        native = call.operation == "runtime.connectNative"
        if not event.port:
            hosts = call.value if isinstance(call.value, list) else []
            return native and hosts[:1] == [self.play.bindings.get(f"host-of {event.actor}")]
        if native or not isinstance(event.value, dict):
            return False
        born = self._returned(call)
        if born is not None and not same(born.get("name"), event.value.get("name")):
            return False
        return self._sent_by(call.actor, event.value.get("sender"))

    def _returned(self, call: Event) -> dict[str, Json] | None:
        result = self.results.get(EventKey(call.actor, call.incarnation, call.counter + 1))
        return result.value if result and result.phase == "return" and isinstance(result.value, dict) else None

    def _sent_by(self, actor: str, sender: Json) -> bool:
        """Whether a sender can be this actor; one that does not say where it comes from can be anybody."""
        if not isinstance(sender, dict):
            return True
        tab = sender.get("tab")
        document = next((actor.removesuffix(end) for end in s.SCRIPTS if actor.endswith(end)), actor)
        in_tab, in_frame = (self.play.bindings.get(f"{kind} {document}") for kind in ("tab-of", "frame-of"))
        if isinstance(tab, dict) and tab.get("id") is not None and tab["id"] != in_tab:
            return False
        return sender.get("frameId") is None or in_frame is None or sender["frameId"] == in_frame

    # ---- what goes through

    def _through(self) -> None:
        self.links += self._pairs("postMessage", "onMessage", "message")
        self.links += self._pairs("disconnect", "onDisconnect", "disconnect")

    def _pairs(self, call: str, event: str, kind: Kind) -> Iterator[Link]:
        sent: dict[End, list[int]] = defaultdict(list)
        for index, row in enumerate(self.rows):
            end = self.end_of(row.event)
            if end and row.event.operation == call and row.kind != "error" and row.event.phase == "call":
                sent[end].append(index)
        at: dict[tuple[End, str | None, End], int] = defaultdict(int)
        for index, row in enumerate(self.rows):
            end = self.end_of(row.event)
            if end is None or row.event.operation != event or row.event.phase != "fire":
                continue
            found = self._cause(end, row.event, sent, at)
            if found is not None:
                yield Link(found, index, kind, self.numbers[end])

    def _cause(
        self,
        end: End,
        event: Event,
        sent: Mapping[End, list[int]],
        at: dict[tuple[End, str | None, End], int],
    ) -> int | None:
        for other, indexes in sent.items():
            if other == end or other not in self.numbers or self.numbers[other] != self.numbers.get(end):
                continue
            begin = at[end, event.listener, other]
            for place in range(begin, min(begin + 20, len(indexes))):
                call = self.rows[indexes[place]].event
                if event.operation == "onDisconnect" or _carries(call, event.value):
                    at[end, event.listener, other] = place + 1
                    return indexes[place]
        return None


def _arrives(event: Event, end: End) -> bool:
    return end.name == "" or (event.phase == "fire" and "onConnect" in event.operation)


def _carries(call: Event, value: Json) -> bool:
    """Whether a call may have sent this value: what a browser changes on the way is not to be guessed, only its kind."""
    args = call.value if isinstance(call.value, list) else []
    if value is UNSET or not args:
        return True
    return same(args[0], value) or not isinstance(value, str | int | float | bool)
