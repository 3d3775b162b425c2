"""Patterns: which events of a trace are meant, and what their fields hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from portolan.conformance.checks.usage import note_built
from portolan.conformance.checks.words import Clause, clause
from portolan.conformance.errors import ScenarioError
from portolan.conformance.trace import values
from portolan.conformance.trace.recording import Event, Recording
from portolan.conformance.trace.values import Json, plain, show

ANYTHING = "anything"
NOTHING = "nothing"
SOMETHING = "something"
"""What may be asked of an error: not looked at, not there (absent, undefined or null), or there with a message."""

Wanted = Literal["anything", "nothing", "something"]

FieldTest = Literal[
    "same",
    "like",
    "absent",
    "nothing",
    "string",
    "number",
    "integer",
    "object",
    "error",
    "Error",
    "absolute path",
    "origin",
    "origin and slash",
    "not-empty",
]
"""How a field is compared: with a value (``same``), with a regular expression (``like``), or by one of the TESTS."""

NO_TRUTH = (
    "a {what} is neither true nor false before the play: "
    "in place of and, or, not, if and assert, use all_of(…), any_of(…) and never(…)"
)


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

    def __post_init__(self) -> None:
        note_built(self)

    def __bool__(self) -> bool:
        raise ScenarioError(NO_TRUTH.format(what="pattern"))

    def matches(self, event: Event) -> bool:
        """Whether this event is meant."""
        if (
            self.operation not in (None, event.operation)
            or self.port not in (None, event.port)
            or self.actor not in (None, event.actor)
            or self.phase not in (None, event.phase)
            or self.listener not in (None, event.listener)
            or self.incarnation not in (None, event.incarnation)
            or self.step not in (None, event.step)
        ):
            return False
        if (self.after is not None and event.step < self.after) or (
            self.before is not None and event.step >= self.before
        ):
            return False
        if self.value is not msgspec.UNSET and (
            event.value is msgspec.UNSET or not values.same(self.value, event.value)
        ):
            return False
        if self.like is not None and not _like(self.like, event):
            return False
        return self.error == ANYTHING or (self.error == SOMETHING) == has_error(event)

    def find(self, play: Recording) -> list[Event]:
        """The events that are meant."""
        return [event for event in play.events if self.matches(event)]

    @property
    def clause(self) -> Clause:
        """Who does what."""
        return clause(self.phase, self.operation, port=self.port, listener=self.listener, actor=self.actor)

    @property
    def details(self) -> str:
        """Everything else that the events must have, to be put behind the clause: ``, without an error, after step 6``."""
        parts = [
            f"in incarnation {self.incarnation}" if self.incarnation is not None else "",
            f"with {show(self.value)}" if self.value is not msgspec.UNSET else "",
            f"with a message like “{self.like}”" if self.like else "",
            {"nothing": "without an error", "something": "with an error"}.get(self.error, ""),
            self._when,
            f"in step {self.step + 1}" if self.step is not None else "",
        ]
        return "".join(f", {part}" for part in parts if part)

    @property
    def _when(self) -> str:
        after = f"after step {self.after + 1}" if self.after is not None else ""
        before = f"before step {self.before + 1}" if self.before is not None else ""
        return " and ".join(part for part in (after, before) if part)

    def __str__(self) -> str:
        return f"{self.clause}{self.details}"


def _like(wanted: str, event: Event) -> bool:
    texts = [text for value in (event.value, event.error, event.last_error) if (text := values.message_of(value))]
    return any(re.search(wanted, text, re.IGNORECASE) for text in texts)


def has_error(event: Event) -> bool:
    """Whether an ``onDisconnect`` came with an error, in ``port.error`` or in ``runtime.lastError``."""
    return any(values.message_of(value) is not None for value in (event.error, event.last_error))


def describe(event: Event) -> str:
    """An event on one line, for people."""
    what = clause(event.phase, event.operation, port=event.port, listener=event.listener, actor=event.actor)
    more = (("with", event.value), ("error:", event.error), ("lastError:", event.last_error))
    said = "".join(f", {label} {show(value)}" for label, value in more if value is not msgspec.UNSET)
    return f"{plain(f'{event.key}: {what}')}{said}"


def is_placeholder(value: Json) -> bool:
    """Whether this stands for what only a play can know, such as ``{"$": "tab-of", "document": "page"}``."""
    return isinstance(value, dict) and len(value) == 2 and value.get("$") in values.PLACEHOLDERS


def bound(wanted: Json, play: Recording) -> Json:
    """The value with each placeholder replaced by what it stood for in this play, if the play says so."""
    if isinstance(wanted, list):
        return [bound(item, play) for item in wanted]
    if not isinstance(wanted, dict):
        return wanted
    if is_placeholder(wanted):
        (name,) = (value for key, value in wanted.items() if key != "$")
        return play.bindings.get(f"{wanted['$']} {name}", wanted)
    return {key: bound(item, play) for key, item in wanted.items()}


def _kind(value: Json) -> Json:
    return value.get("$") if isinstance(value, dict) else None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TESTS: dict[str, Callable[[Json], bool]] = {
    "absent": lambda value: _kind(value) == "absent",
    "nothing": values.is_nothing,
    "string": lambda value: values.text_in(value) is not None,
    "number": lambda value: _is_number(value) or _kind(value) == "number",
    "integer": lambda value: _is_number(value) and isinstance(value, int),
    "object": lambda value: isinstance(value, dict) and _kind(value) in (None, "object", "instance"),
    "error": lambda value: values.message_of(value) is not None,
    "Error": lambda value: _kind(value) == "error",
    "absolute path": lambda value: _reads(value, r"/.*[^/]"),
    "origin": lambda value: _reads(value, r"[a-z-]+://[^/]+"),
    "origin and slash": lambda value: _reads(value, r"[a-z-]+://[^/]+/"),
    "not-empty": lambda value: bool(value) and not values.is_nothing(value),
}


def _reads(value: Json, like: str) -> bool:
    return re.fullmatch(like, values.text_in(value) or "") is not None


def field_of(event: Event, path: str) -> Json:
    """The field at a dotted path of an event: below its value unless the path begins with another of its fields."""
    first, _, rest = path.partition(".")
    own = getattr(event, first) if first in ("value", "error", "last_error", "rest") else msgspec.UNSET
    at, keys = (event.value, path) if own is msgspec.UNSET and first != "value" else (own, rest)
    for key in filter(None, keys.split(".")):
        at = _entry(at, key)
    return values.ABSENT if at is msgspec.UNSET else at


def _entry(at: Json, key: str) -> Json:
    if _kind(at) == "instance":
        at = at.get("properties")
    elif _kind(at) == "object":
        at = {name: item for name, item in values.entries_of(at) if isinstance(name, str)}
    if isinstance(at, list) and key.isdecimal() and int(key) < len(at):
        return at[int(key)]
    return at[key] if isinstance(at, dict) and key in at else values.ABSENT
