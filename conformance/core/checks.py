"""Checks: pure functions over a trace, made of small parts, each able to say what it accepts and what came.

A *pattern* says which events are meant. A *check* counts, orders or compares the events that a pattern finds.
A check never guesses: where the trace cannot tell, its finding is None (inconclusive).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from conformance.core import values
from conformance.core.trace import Event, EventKey, Play
from conformance.core.values import Json, show

ANYTHING = "anything"
NOTHING = "nothing"
SOMETHING = "something"
"""What may be asked of an error: not looked at, not there (absent, undefined or null), or there with a message."""

Wanted = Literal["anything", "nothing", "something"]


class Finding(msgspec.Struct, frozen=True):
    """What a check found: whether it holds (None: the trace cannot tell), what it accepts, what came, the proof."""

    holds: bool | None
    accepted: str
    came: str
    events: tuple[EventKey, ...] = ()


class Pattern(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which events are meant. What is not given is not looked at.

    ``after`` and ``before`` are indexes of steps: at or after the one, before the other. They are exact between two
    settles only, which the play builder sees to.
    """

    phase: str | None = None
    operation: str | None = None
    actor: str | None = None
    incarnation: int | None = None
    port: str | None = None
    listener: str | None = None
    value: Json | msgspec.UnsetType = msgspec.UNSET
    like: str | None = None
    error: Wanted = "anything"
    after: int | None = None
    before: int | None = None
    step: int | None = None

    def matches(self, event: Event) -> bool:
        """Whether this event is meant."""
        plain = ("phase", "operation", "actor", "incarnation", "port", "listener", "step")
        if any(getattr(self, key) not in (None, getattr(event, key)) for key in plain):
            return False
        if self.after is not None and event.step < self.after or self.before is not None and event.step >= self.before:
            return False
        if self.value is not msgspec.UNSET and (event.value is msgspec.UNSET or not values.same(self.value, event.value)):
            return False
        if self.like is not None and not _like(self.like, event):
            return False
        return self.error == ANYTHING or (self.error == SOMETHING) == has_error(event)

    def find(self, play: Play) -> list[Event]:
        """The events that are meant."""
        return [event for event in play.events if self.matches(event)]

    def __str__(self) -> str:
        what = " ".join(part for part in (self.phase, self.operation) if part)
        where = [f"on {self.port}" if self.port else "", f"in {self.listener}" if self.listener and not self.port else ""]
        where.append(f"at {self.actor}" if self.actor and not self.port and not self.listener else "")
        more = [f"with {show(self.value)}" if self.value is not msgspec.UNSET else "", f"saying “{self.like}”" if self.like else ""]
        more.append({"nothing": "without an error", "something": "with an error"}.get(self.error, ""))
        more.append(f"after step {self.after + 1}" if self.after is not None else "")
        more.append(f"before step {self.before + 1}" if self.before is not None else "")
        return " ".join(part for part in (what, *where, *more) if part)


def _like(wanted: str, event: Event) -> bool:
    texts = [text for value in (event.value, event.error, event.last_error) if (text := values.message_of(value))]
    return any(re.search(wanted, text, re.IGNORECASE) for text in texts)


def has_error(event: Event) -> bool:
    """Whether an ``onDisconnect`` came with an error, in ``port.error`` or in ``runtime.lastError``."""
    return any(values.message_of(value) is not None for value in (event.error, event.last_error))


def describe(event: Event) -> str:
    """An event on one line, for people."""
    parts = [f"{event.key}:", event.phase, event.operation, f"on {event.port}" if event.port else ""]
    parts += [f"{label}{show(value)}" for label, value in (("", event.value), ("error ", event.error), ("lastError ", event.last_error)) if value is not msgspec.UNSET]
    return " ".join(part for part in parts if part)


class Check(msgspec.Struct, frozen=True, tag_field="check", omit_defaults=True):
    """One thing that can be asked of a trace."""

    def judge(self, play: Play) -> Finding:
        """What the trace says of it."""
        raise NotImplementedError

    @property
    def patterns(self) -> Sequence[Pattern]:
        """The patterns it looks for."""
        return ()

    @property
    def negative(self) -> bool:
        """Whether it can hold because something did not come: then only a settled play can tell."""
        return False


def _came(found: Sequence[Event], none: str = "none came") -> str:
    shown = "; ".join(describe(event) for event in found[:4])
    return (shown + (f"; and {len(found) - 4} more" if len(found) > 4 else "")) or none


class Times(Check, frozen=True, tag="times"):
    """The pattern is found at least ``least`` and at most ``most`` times (None: no upper bound)."""

    pattern: Pattern
    least: int = 1
    most: int | None = 1

    def judge(self, play: Play) -> Finding:
        found = self.pattern.find(play)
        holds = self.least <= len(found) and (self.most is None or len(found) <= self.most)
        near = found or self._near(play)
        came = f"{len(found)} times: {_came(found)}" if found else f"never; instead {_came(near, 'nothing of the kind')}"
        return Finding(holds, self.accepted, came, tuple(event.key for event in near[:8]))

    def _near(self, play: Play) -> list[Event]:
        wider = Pattern(phase=self.pattern.phase, operation=self.pattern.operation, port=self.pattern.port, listener=self.pattern.listener, actor=self.pattern.actor)
        return wider.find(play)

    @property
    def accepted(self) -> str:
        """In words."""
        if self.most == 0:
            return f"never {self.pattern}"
        often = {(1, 1): "exactly once", (0, 1): "at most once", (1, None): "at least once"}
        return f"{often.get((self.least, self.most), f'{self.least} to {self.most} times' if self.least != self.most else f'{self.least} times')} {self.pattern}"

    @property
    def patterns(self) -> Sequence[Pattern]:
        return (self.pattern,)

    @property
    def negative(self) -> bool:
        return self.least == 0


class Values(Check, frozen=True, tag="values"):
    """The values of the events found are these, in this order, and no others."""

    pattern: Pattern
    wanted: tuple[Json, ...] = ()

    def judge(self, play: Play) -> Finding:
        found = self.pattern.find(play)
        came = [event.value for event in found]
        holds = len(came) == len(self.wanted) and all(map(values.same, came, self.wanted))
        return Finding(holds, self.accepted, f"{show(came)}", tuple(event.key for event in found[:8]))

    @property
    def accepted(self) -> str:
        """In words."""
        return f"{self.pattern}: {show(list(self.wanted))}"

    @property
    def patterns(self) -> Sequence[Pattern]:
        return (self.pattern,)

    @property
    def negative(self) -> bool:
        return not self.wanted


class Field(Check, frozen=True, tag="field"):
    """In each event found (one at least) the field at ``path`` of the value is as wanted.

    ``path`` is dotted (``sender.tab.id``) below ``value``, or ``error``, ``last_error`` or ``rest`` and so on.
    ``wanted``: a value to be the same as, or one of the tests of ``is_``: ``absent``, ``nothing`` (absent, undefined or
    null), ``string``, ``number``, ``integer``, ``object``, ``error``, ``not-empty``.
    """

    pattern: Pattern
    path: str
    is_: str = "same"
    wanted: Json = None

    def judge(self, play: Play) -> Finding:
        found = self.pattern.find(play)
        if not found:
            return Finding(False, self.accepted, f"no event: {self.pattern}")
        came = [field_of(event, self.path) for event in found]
        wanted = bound(self.wanted, play)
        holds = all(self._test(value, wanted) for value in came)
        return Finding(holds, self.accepted, ", ".join(show(value) for value in came), tuple(event.key for event in found[:8]))

    def _test(self, value: Json, wanted: Json) -> bool:
        if self.is_ == "same":
            return values.same(value, wanted)
        return bool(TESTS[self.is_](value))

    @property
    def accepted(self) -> str:
        """In words."""
        return f"{self.path} {'is ' + show(self.wanted) if self.is_ == 'same' else 'is ' + self.is_} ({self.pattern})"

    @property
    def patterns(self) -> Sequence[Pattern]:
        return (self.pattern,)


def bound(wanted: Json, play: Play) -> Json:
    """What a placeholder such as ``{"$": "tab-of", "document": "page"}`` stood for in this play; else the value itself."""
    if isinstance(wanted, dict) and len(wanted) == 2 and str(wanted.get("$", "")).endswith("-of"):
        (name,) = (value for key, value in wanted.items() if key != "$")
        return play.bindings.get(f"{wanted['$']} {name}", values.ABSENT)
    return wanted


TESTS: dict[str, Any] = {
    "absent": lambda value: isinstance(value, dict) and value.get("$") == "absent",
    "nothing": values.is_nothing,
    "string": lambda value: isinstance(value, str) or isinstance(value, dict) and value.get("$") in ("text", "string"),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict) and ("$" not in value or value["$"] == "object"),
    "error": lambda value: values.message_of(value) is not None,
    "not-empty": lambda value: bool(value) and not values.is_nothing(value),
}


def field_of(event: Event, path: str) -> Json:
    """The field at a dotted path of an event: below its value unless the path begins with another field's name."""
    first, _, rest = path.partition(".")
    if first in ("error", "last_error", "rest", "value"):
        at: Json = getattr(event, first)
        path = rest
    else:
        at = event.value
    if at is msgspec.UNSET:
        return values.ABSENT
    for key in filter(None, path.split(".")):
        if isinstance(at, dict) and at.get("$") == "instance":
            at = at["properties"]
        if isinstance(at, list) and key.isdigit() and int(key) < len(at):
            at = at[int(key)]
        elif isinstance(at, dict) and key in at:
            at = at[key]
        else:
            return values.ABSENT
    return at


class InOrder(Check, frozen=True, tag="in-order"):
    """The first event of each pattern comes before the first of the next.

    Order is told by one incarnation's counter, or by a settle between two steps. Where neither tells, the finding is None.
    """

    parts: tuple[Pattern, ...]

    def judge(self, play: Play) -> Finding:
        firsts = [next(iter(pattern.find(play)), None) for pattern in self.parts]
        came = " then ".join(describe(event) if event else "nothing" for event in firsts)
        keys = tuple(event.key for event in firsts if event)
        if None in firsts:
            return Finding(False, self.accepted, came, keys)
        told = [_before(play, left, right) for left, right in zip(firsts, firsts[1:], strict=False) if left and right]
        holds = None if None in told and False not in told else all(told)
        return Finding(holds, self.accepted, came, keys)

    @property
    def accepted(self) -> str:
        """In words."""
        return " then ".join(str(pattern) for pattern in self.parts)

    @property
    def patterns(self) -> Sequence[Pattern]:
        return self.parts


def _before(play: Play, left: Event, right: Event) -> bool | None:
    if (left.actor, left.incarnation) == (right.actor, right.incarnation):
        return left.counter < right.counter
    if left.step <= right.step and play.upto(left.step) < right.step:
        return True
    return False if play.upto(right.step) < left.step else None


class AllOf(Check, frozen=True, tag="all-of"):
    """Every part holds."""

    parts: tuple[AnyCheck, ...]

    def judge(self, play: Play) -> Finding:
        findings = [part.judge(play) for part in self.parts]
        decisive = [finding for finding in findings if not finding.holds] or findings
        holds = False if any(finding.holds is False for finding in findings) else None if any(finding.holds is None for finding in findings) else True
        return _joined(holds, decisive, " and ")

    @property
    def patterns(self) -> Sequence[Pattern]:
        return [pattern for part in self.parts for pattern in part.patterns]

    @property
    def negative(self) -> bool:
        return any(part.negative for part in self.parts)


class AnyOf(Check, frozen=True, tag="any-of"):
    """At least one part holds."""

    parts: tuple[AnyCheck, ...]

    def judge(self, play: Play) -> Finding:
        findings = [part.judge(play) for part in self.parts]
        good = [finding for finding in findings if finding.holds]
        holds = True if good else None if any(finding.holds is None for finding in findings) else False
        return _joined(holds, good or findings, " or ")

    @property
    def patterns(self) -> Sequence[Pattern]:
        return [pattern for part in self.parts for pattern in part.patterns]

    @property
    def negative(self) -> bool:
        return any(part.negative for part in self.parts)


def _joined(holds: bool | None, findings: Sequence[Finding], word: str) -> Finding:
    events = tuple(dict.fromkeys(key for finding in findings for key in finding.events))
    return Finding(holds, word.join(finding.accepted for finding in findings), "; ".join(finding.came for finding in findings), events)


AnyCheck = Times | Values | Field | InOrder | AllOf | AnyOf


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


def all_of(*parts: AnyCheck) -> AllOf:
    """Every part holds."""
    return AllOf(parts)


def any_of(*parts: AnyCheck) -> AnyOf:
    """At least one part holds."""
    return AnyOf(parts)
