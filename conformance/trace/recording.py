"""The trace: what was called and what came of it, in records that outlive browsers.

A run file is JSON Lines: a header, then for each play a begin, its events and an end, then a footer.
Truth is the partial order: an incarnation's own counter, and the settles between steps. Times are for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from portolan.conformance.trace.steps import AnyStep, Cast, Settle
from portolan.conformance.trace.values import Json

FORMAT = 1
"""The version of the run file's format."""

Outcome = Literal["ok", "timeout", "crash", "harness-error", "not-run"]
Phase = Literal["call", "return", "throw", "fire", "note"]


class Event(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing an actor did or saw.

    ``incarnation`` counts the actor's lives in this play from 1; ``counter`` counts the incarnation's events
    without a gap; ``step`` is the index of the last step that had begun. ``operation`` is the API's own name
    (``runtime.connect``, ``postMessage``, ``onDisconnect``) or, for a note, what is noted. ``value`` is what was
    passed, returned or thrown, or a listener's first argument; ``rest`` are its further arguments. ``error`` and
    ``last_error`` are ``port.error`` and ``runtime.lastError`` as an ``onDisconnect`` listener sees them.
    ``time`` is in ms since the play began, by the actor's clock.
    """

    actor: str
    incarnation: int
    counter: int
    step: int
    phase: Phase
    operation: str
    port: str | None = None
    listener: str | None = None
    value: Json | msgspec.UnsetType = msgspec.UNSET
    rest: list[Json] | msgspec.UnsetType = msgspec.UNSET
    error: Json | msgspec.UnsetType = msgspec.UNSET
    last_error: Json | msgspec.UnsetType = msgspec.UNSET
    time: float = 0

    @property
    def key(self) -> EventKey:
        """What names this event in its play."""
        return EventKey(self.actor, self.incarnation, self.counter)


class EventKey(msgspec.Struct, frozen=True, array_like=True):
    """The name of an event in its play: actor, incarnation, counter."""

    actor: str
    incarnation: int
    counter: int

    def __str__(self) -> str:
        life = "" if self.incarnation == 1 else f"({self.incarnation})"
        return f"{self.actor}{life}.{self.counter}"


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A play that was no result, and was played once more: how it went, and why."""

    outcome: Outcome
    reason: str = ""


class Recording(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One play of one scenario: what was to be done, what happened, and how the play itself went.

    ``reason`` says what was missing or broke where ``outcome`` is not ``ok``. ``lacking`` names the feature
    that the browser was found not to have. ``duration`` is in ms. ``bindings`` is what the placeholders of steps and
    checks stood for in this play: ``{"tab-of page": 7, "frame-of page.frame1": 3, "id-of peer": "…"}``. ``attempts`` are
    those before this one, where the user had plays without a result played again.
    """

    scenario: str
    digest: str
    cast: Cast
    steps: tuple[AnyStep, ...]
    repeat: int = 1
    events: tuple[Event, ...] = ()
    outcome: Outcome = "ok"
    reason: str = ""
    lacking: str = ""
    duration: float = 0
    bindings: dict[str, Json] = {}
    attempts: tuple[Attempt, ...] = ()

    def upto(self, step: int) -> int:
        """The index of the settle that closes what ``step`` set in motion."""
        for index in range(max(step, 0), len(self.steps)):
            if isinstance(self.steps[index], Settle):
                return index
        return len(self.steps) - 1

    def of(self, actor: str) -> Iterator[Event]:
        """This actor's events."""
        return (event for event in self.events if event.actor == actor)


class Browser(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which browser was driven, and by what."""

    family: str
    version: str
    build: str = ""
    source: str = ""
    driver: str = ""
    headless: bool = True
    flags: tuple[str, ...] = ()


class Header(
    msgspec.Struct, frozen=True, tag_field="record", tag="header", omit_defaults=True, forbid_unknown_fields=True
):
    """The first line of a run file. ``started`` is ISO 8601, UTC."""

    format: int
    suite: str
    commit: str
    browser: Browser
    manifest: int
    system: str
    started: str
    python: str = ""
    selenium: str = ""


class Begin(
    msgspec.Struct, frozen=True, tag_field="record", tag="begin", omit_defaults=True, forbid_unknown_fields=True
):
    """A play begins: the scenario as it was played."""

    scenario: str
    digest: str
    cast: Cast
    steps: tuple[AnyStep, ...]
    repeat: int = 1


class EventLine(
    msgspec.Struct, frozen=True, tag_field="record", tag="event", omit_defaults=True, forbid_unknown_fields=True
):
    """One event of the play that has begun."""

    event: Event


class End(msgspec.Struct, frozen=True, tag_field="record", tag="end", omit_defaults=True, forbid_unknown_fields=True):
    """A play has ended. ``events`` is how many lines of events stand before it."""

    scenario: str
    outcome: Outcome
    events: int
    reason: str = ""
    lacking: str = ""
    duration: float = 0
    bindings: dict[str, Json] = {}
    attempts: tuple[Attempt, ...] = ()


class Footer(
    msgspec.Struct, frozen=True, tag_field="record", tag="footer", omit_defaults=True, forbid_unknown_fields=True
):
    """The last line of a run that came to its end. ``ended`` says why a run stopped before its last play."""

    plays: int
    finished: str
    ended: str = ""


Line = Header | Begin | EventLine | End | Footer

HOW_IT_WENT = ("outcome", "reason", "lacking", "duration", "bindings", "attempts")
"""What a play and its end have in common."""


def lines_of(play: Recording) -> Iterator[Line]:
    """A play as the lines of a run file."""
    yield Begin(play.scenario, play.digest, play.cast, play.steps, play.repeat)
    for event in play.events:
        yield EventLine(event)
    said = {name: getattr(play, name) for name in HOW_IT_WENT}
    yield End(play.scenario, events=len(play.events), **said)


class Run(msgspec.Struct, frozen=True):
    """All plays of one browser build, as read back. ``footer`` is None where the file was cut off."""

    header: Header
    plays: Sequence[Recording]
    footer: Footer | None
    path: str = ""

    @property
    def cut_off(self) -> bool:
        """Whether the run never came to its end."""
        return self.footer is None

    @property
    def label(self) -> str:
        """A short name, such as ``firefox 153.7.0 mv3``."""
        return f"{self.header.browser.family} {self.header.browser.version} mv{self.header.manifest}"
