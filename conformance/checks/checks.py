"""Checks: pure functions over a trace, made of small parts, each able to say what it accepts and what came.

A *pattern* says which events are meant. A *check* counts, orders or compares the events that a pattern finds.
A check never guesses: where the trace cannot tell, its finding is None (inconclusive).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import msgspec

from portolan.conformance.checks.patterns import ANYTHING as ANYTHING
from portolan.conformance.checks.patterns import NO_TRUTH, is_placeholder
from portolan.conformance.checks.patterns import NOTHING as NOTHING
from portolan.conformance.checks.patterns import SOMETHING as SOMETHING
from portolan.conformance.checks.patterns import TESTS as TESTS
from portolan.conformance.checks.patterns import Pattern as Pattern
from portolan.conformance.checks.patterns import Wanted as Wanted
from portolan.conformance.checks.patterns import bound as bound
from portolan.conformance.checks.patterns import describe as describe
from portolan.conformance.checks.patterns import field_of as field_of
from portolan.conformance.checks.patterns import has_error as has_error
from portolan.conformance.checks.usage import note_built
from portolan.conformance.checks.words import times_in_words
from portolan.conformance.errors import ScenarioError
from portolan.conformance.trace import values
from portolan.conformance.trace.recording import Event, EventKey, Recording
from portolan.conformance.trace.values import Json, show


class Finding(msgspec.Struct, frozen=True):
    """What a check found: whether it holds (None: the trace cannot tell), what it accepts, what came, the proof."""

    holds: bool | None
    accepted: str
    came: str
    events: tuple[EventKey, ...] = ()


class Check(msgspec.Struct, frozen=True, tag_field="check", omit_defaults=True):
    """One thing that can be asked of a trace."""

    def __post_init__(self) -> None:
        note_built(self)

    def __bool__(self) -> bool:
        raise ScenarioError(NO_TRUTH.format(what="check"))

    def judge(self, play: Recording) -> Finding:
        """What the trace says of it."""
        raise NotImplementedError

    @property
    def patterns(self) -> Sequence[Pattern]:
        """The patterns it looks for."""
        return ()

    @property
    def negative(self) -> bool:
        """Whether it can hold because something did not come: then only a settled play can tell."""
        return True


def every(told: Iterable[bool | None]) -> bool | None:
    """And, of what may be unknown."""
    known = set(told)
    return False if False in known else None if None in known else True


def some(told: Iterable[bool | None]) -> bool | None:
    """Or, of what may be unknown."""
    known = set(told)
    return True if True in known else None if None in known else False


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiouE" else "a"


def _keys(found: Sequence[Event]) -> tuple[EventKey, ...]:
    return tuple(event.key for event in found[:8])


def _no_such_port(pattern: Pattern, play: Recording) -> bool:
    """Whether a port's own events are meant, and there was no such port: then nothing is proved by their absence."""
    if pattern.port is None or pattern.operation not in ("onMessage", "onDisconnect"):
        return False
    own = [event for event in play.events if event.port == pattern.port]
    return not any(
        event.phase == "fire" or (event.phase == "return" and not values.is_nothing(event.value)) for event in own
    )


def _came(found: Sequence[Event], none: str = "no such event") -> str:
    shown = "; ".join(describe(event) for event in found[:4])
    return (shown + (f"; and {len(found) - 4} more" if len(found) > 4 else "")) or none


class Times(Check, frozen=True, tag="times"):
    """The pattern is found at least ``least`` and at most ``most`` times (None: no upper bound).

    A port that never came to be is not "open" or "silent": that an event of its own never came does not hold for it.
    """

    pattern: Pattern
    least: int = 1
    most: int | None = 1

    def judge(self, play: Recording) -> Finding:
        found = self.pattern.find(play)
        if not found and _no_such_port(self.pattern, play):
            return Finding(False, self.accepted, f"{self.pattern.port} was never opened")
        holds = self.least <= len(found) and (self.most is None or len(found) <= self.most)
        near = found or self._near(play)
        times = "once" if len(found) == 1 else f"{len(found)} times"
        came = f"{times}: {_came(found)}" if found else f"never; {_came(near, 'no such event')}"
        return Finding(holds, self.accepted, came, _keys(near))

    def _near(self, play: Recording) -> list[Event]:
        meant = self.pattern
        return Pattern(meant.phase, meant.operation, meant.actor, port=meant.port, listener=meant.listener).find(play)

    @property
    def accepted(self) -> str:
        """In words."""
        subject, verb = self.pattern.clause
        if self.most == 0:
            return f"{subject} never {verb}{self.pattern.details}"
        return f"{subject} {verb} {times_in_words(self.least, self.most)}{self.pattern.details}"

    @property
    def patterns(self) -> Sequence[Pattern]:
        return (self.pattern,)

    @property
    def negative(self) -> bool:
        return self.least == 0 or self.most is not None


class Values(Check, frozen=True, tag="values"):
    """The values of the events found are these, in this order, and no others."""

    pattern: Pattern
    wanted: tuple[Json, ...] = ()

    def judge(self, play: Recording) -> Finding:
        found = self.pattern.find(play)
        if not found and _no_such_port(self.pattern, play):
            return Finding(False, self.accepted, f"{self.pattern.port} was never opened")
        came = [event.value for event in found]
        holds = values.same(came, bound(list(self.wanted), play))
        return Finding(holds, self.accepted, show(came, 200), _keys(found))

    @property
    def accepted(self) -> str:
        """In words."""
        if not self.wanted:
            return f"{self.pattern.clause.subject} never {self.pattern.clause.verb}{self.pattern.details}"
        return f"{self.pattern}, with exactly these values: {show(list(self.wanted), 200)}"

    @property
    def patterns(self) -> Sequence[Pattern]:
        return (self.pattern,)


class Field(Check, frozen=True, tag="field"):
    """In each event found (one at least) the field at ``path`` of the value is as wanted.

    ``path`` is dotted (``sender.tab.id``) below ``value``; it may begin with the event's own ``value``, ``error``,
    ``last_error`` or ``rest``, where the event has that. ``wanted``: a value to be the same as; or ``is_`` names
    one of the TESTS: ``absent``, ``nothing`` (absent, undefined or null), ``string``, ``number``, ``integer``,
    ``object``, ``error``, ``not-empty``, ``Error``, ``absolute path``, ``origin``, ``origin and slash``;
    or ``like``: a string in which the regular expression ``wanted`` is found.
    """

    pattern: Pattern
    path: str
    is_: str = "same"
    wanted: Json = None

    def judge(self, play: Recording) -> Finding:
        found = self.pattern.find(play)
        if not found:
            return Finding(False, self.accepted, f"no such event: {self.pattern}")
        came = [field_of(event, self.path) for event in found]
        wanted = bound(self.wanted, play)
        if is_placeholder(wanted):
            return Finding(
                None, self.accepted, f"{show(came, 200)}, but the play does not say what was meant", _keys(found)
            )
        holds = all(self._test(value, wanted) for value in came)
        return Finding(holds, self.accepted, ", ".join(show(value) for value in came[:8]), _keys(found))

    def _test(self, value: Json, wanted: Json) -> bool:
        if self.is_ == "same":
            return values.same(value, wanted)
        if self.is_ == "like":
            return re.search(wanted, values.text_in(value) or "") is not None
        return bool(TESTS[self.is_](value))

    @property
    def accepted(self) -> str:
        """In words."""
        kinds = {"same": show(self.wanted), "like": f"like {show(self.wanted)}"}
        nouns = (
            "string",
            "number",
            "integer",
            "object",
            "error",
            "Error",
            "absolute path",
            "origin",
            "origin and slash",
        )
        what = kinds.get(self.is_) or (f"{_article(self.is_)} {self.is_}" if self.is_ in nouns else self.is_)
        return f"{self.path} is {what.replace('not-empty', 'not empty')} when {self.pattern}"

    @property
    def patterns(self) -> Sequence[Pattern]:
        return (self.pattern,)


class Compared(Check, frozen=True, tag="compared"):
    """The field at ``path`` is the same in one event of each pattern (``alike``), or another in each."""

    path: str
    parts: tuple[Pattern, ...]
    alike: bool = True

    def judge(self, play: Recording) -> Finding:
        found = [pattern.find(play) for pattern in self.parts]
        keys = tuple(events[0].key for events in found if events)
        missing = [str(pattern) for pattern, events in zip(self.parts, found, strict=True) if not events]
        if missing:
            return Finding(False, self.accepted, f"no such event: {missing[0]}", keys)
        came = [field_of(events[0], self.path) for events in found]
        pairs = [values.same(left, right) for left, right in combinations(came, 2)]
        there = not any(values.is_nothing(value) for value in came)
        holds = there and (all(pairs) if self.alike else not any(pairs))
        return Finding(holds, self.accepted, ", ".join(show(value) for value in came), keys)

    @property
    def accepted(self) -> str:
        """In words."""
        how = "is present and the same" if self.alike else "is present and differs"
        return f"{self.path} {how} when {' and when '.join(str(pattern) for pattern in self.parts)}"

    @property
    def patterns(self) -> Sequence[Pattern]:
        return self.parts

    @property
    def negative(self) -> bool:
        return False


class InOrder(Check, frozen=True, tag="in-order"):
    """The first event of each pattern comes before the first of the next.

    Order is told by one incarnation's counter, or by a settle between two steps. Where neither tells, the finding is None.
    """

    parts: tuple[Pattern, ...]

    def judge(self, play: Recording) -> Finding:
        found = [pattern.find(play) for pattern in self.parts]
        came = ", and then ".join(describe(events[0]) if events else "nothing" for events in found)
        keys = tuple(events[0].key for events in found if events)
        if not all(found):
            return Finding(False, self.accepted, came, keys)
        firsts = [_firsts(events) for events in found]
        holds = every(_first_before(play, left, right) for left, right in pairwise(firsts))
        return Finding(holds, self.accepted, came, keys)

    @property
    def accepted(self) -> str:
        """In words."""
        return ", and then ".join(str(pattern) for pattern in self.parts)

    @property
    def patterns(self) -> Sequence[Pattern]:
        return self.parts


def _firsts(events: Sequence[Event]) -> list[Event]:
    """Each incarnation's first: one of them is the first of all, and the order of arrival does not tell which."""
    firsts: dict[tuple[str, int], Event] = {}
    for event in events:
        firsts.setdefault((event.actor, event.incarnation), event)
    return list(firsts.values())


def _first_before(play: Recording, left: Sequence[Event], right: Sequence[Event]) -> bool | None:
    return some(every(_before(play, one, other) for other in right) for one in left)


def _before(play: Recording, left: Event, right: Event) -> bool | None:
    if (left.actor, left.incarnation) == (right.actor, right.incarnation):
        return left.counter < right.counter
    if play.upto(left.step) < right.step:
        return True
    return False if play.upto(right.step) < left.step else None


class AllOf(Check, frozen=True, tag="all-of"):
    """Every part holds."""

    parts: tuple[AnyCheck, ...]

    def judge(self, play: Recording) -> Finding:
        findings = [part.judge(play) for part in self.parts]
        decisive = [finding for finding in findings if not finding.holds] or findings
        return _joined(every(finding.holds for finding in findings), decisive, " and ")

    @property
    def patterns(self) -> Sequence[Pattern]:
        return [pattern for part in self.parts for pattern in part.patterns]

    @property
    def negative(self) -> bool:
        return any(part.negative for part in self.parts)


class AnyOf(Check, frozen=True, tag="any-of"):
    """At least one part holds."""

    parts: tuple[AnyCheck, ...]

    def judge(self, play: Recording) -> Finding:
        findings = [part.judge(play) for part in self.parts]
        good = [finding for finding in findings if finding.holds]
        return _joined(some(finding.holds for finding in findings), good or findings, " or ")

    @property
    def patterns(self) -> Sequence[Pattern]:
        return [pattern for part in self.parts for pattern in part.patterns]

    @property
    def negative(self) -> bool:
        return any(part.negative for part in self.parts)


def _joined(holds: bool | None, findings: Sequence[Finding], word: str) -> Finding:
    events = tuple(dict.fromkeys(key for finding in findings for key in finding.events))
    return Finding(
        holds,
        word.join(finding.accepted for finding in findings),
        "; ".join(finding.came for finding in findings),
        events,
    )


AnyCheck = Times | Values | Field | Compared | InOrder | AllOf | AnyOf


def exactly_once(pattern: Pattern) -> Times:
    """It came once."""
    return Times(pattern, 1, 1)


def never(pattern: Pattern) -> Times:
    """It never came (only a settled play can tell)."""
    return Times(pattern, 0, 0)


def at_most_once(pattern: Pattern) -> Times:
    """It came once or not at all."""
    return Times(pattern, 0, 1)


def at_least_once(pattern: Pattern) -> Times:
    """It came."""
    return Times(pattern, 1, None)


def in_order(*parts: Pattern) -> InOrder:
    """One came before the next."""
    return InOrder(parts)


def same_field(path: str, *parts: Pattern) -> Compared:
    """The field is there in an event of each pattern, and the same."""
    return Compared(path, parts)


def different_fields(path: str, *parts: Pattern) -> Compared:
    """The field is there in an event of each pattern, and another each time."""
    return Compared(path, parts, alike=False)


def all_of(*parts: AnyCheck) -> AllOf:
    """Every part holds."""
    return AllOf(parts)


def any_of(*parts: AnyCheck) -> AnyOf:
    """At least one part holds."""
    return AnyOf(parts)
