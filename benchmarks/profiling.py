"""Where a scenario's time goes: each step, and in it each thing that the player waited for."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import msgspec

from benchmarks.figures import Spread, spread
from benchmarks.tools import Inside, NotMeasured, session_with
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.runners.playing.incarnations import Envelope, Incarnation
from portolan.runners.playing.player import Player
from portolan.runners.playing.stage import Stage
from portolan.runners.session.collector import Link
from portolan.runners.session.extensions import Family
from portolan.runners.sources import Kind, Tool

WARM_UPS = 3
BEGIN, END = "begin", "end"
UNTIL = "until "
CAME = "after its begin came "

Waits = dict[str, list[float]]


class Taken(msgspec.Struct):
    """One play: how long each part took, and what it waited for meanwhile, each time (ms)."""

    parts: dict[str, float] = {}
    waits: dict[str, Waits] = {}


class Wait(msgspec.Struct, frozen=True):
    """Something that was waited for: how often in a play, and how long in all (ms)."""

    what: str
    times: float
    took: Spread

    @property
    def kind(self) -> str:
        """What it is in any scenario: without the names of its actors."""
        who, _, did = self.what.partition(": ")
        if self.what.startswith(UNTIL):
            return f"{UNTIL}…"
        return f"an actor: {did}" if did and who not in ("observer", "WebDriver") else self.what


class Part(msgspec.Struct, frozen=True):
    """A step, or the begin or the end of a play, and what it waited for; ``took`` in ms."""

    name: str
    took: Spread
    share: float
    waits: list[Wait]

    @property
    def kind(self) -> str:
        """Which kind of step it is, or the begin or the end."""
        number, _, words = self.name.partition(". ")
        return words.split(" ")[0] if number.isdigit() else self.name


class Profile(msgspec.Struct, frozen=True):
    """Where the time of one scenario goes in one family."""

    family: Family
    scenario: str
    plays: int
    whole: Spread
    parts: list[Part]


class Clock:
    """Notes times, in the part of the play that is going on."""

    def __init__(self) -> None:
        self.taken = Taken()
        self.part = BEGIN
        self.began = time.perf_counter()

    @contextmanager
    def during(self, part: str) -> Iterator[None]:
        """A part of the play goes on."""
        self.part = part
        self.began = time.perf_counter()
        try:
            yield
        finally:
            self.taken.parts[part] = (time.perf_counter() - self.began) * 1000

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """The player waits for something."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._note(what, began)

    def came(self, what: str) -> None:
        """Something has come by itself: note how long after the begin of the part."""
        self._note(f"{CAME}{what}", self.began)

    def _note(self, what: str, since: float) -> None:
        waits = self.taken.waits.setdefault(self.part, {})
        waits.setdefault(what, []).append((time.perf_counter() - since) * 1000)


class TimedStage:
    """A stage as the player sees it, each of whose waits is timed."""

    def __init__(self, stage: Stage, clock: Clock) -> None:
        self._stage = stage
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)

    async def command(self, do: str, seconds: float, **more: Any) -> Envelope:
        with self._clock.waiting(f"observer: {do}"):
            return await self._stage.command(do, seconds, **more)

    async def barrier(self, asked: list[Incarnation], seconds: float) -> Envelope:
        with self._clock.waiting("barrier round"):
            return await self._stage.barrier(asked, seconds)

    async def send(self, incarnation: Incarnation, seconds: float, **command: Any) -> Envelope:
        with self._clock.waiting(f"{incarnation.actor}: {command['do']}"):
            return await self._stage.send(incarnation, seconds, **command)

    async def tell(self, link: Link, seconds: float, **command: Any) -> Envelope:
        with self._clock.waiting(f"application {link.hello['name']}"):
            return await self._stage.tell(link, seconds, **command)

    async def until(self, condition: Callable[[], object], seconds: float, what: Callable[[], str] | str) -> None:
        with self._clock.waiting(f"{UNTIL}{what if isinstance(what, str) else what()}"):
            await self._stage.until(condition, seconds, what)


class TimedPlayer(Player):
    """A player that times its steps."""

    def __init__(self, inside: Inside, scenario: Scenario, id: str) -> None:
        self.clock = Clock()
        self.known = frozenset(inside.stage.incarnations)
        stage = cast("Stage", TimedStage(inside.stage, self.clock))
        super().__init__(msgspec.structs.replace(inside.setting, stage=stage), scenario, id)

    def on_hello(self, incarnation: Incarnation) -> None:
        """Note when it came, and go on."""
        if incarnation.id not in self.numbers and incarnation.id not in self.known:
            self.clock.came(f"hello of {incarnation.actor}")
        super().on_hello(incarnation)

    async def _begin(self) -> None:
        with self.clock.during(BEGIN):
            await super()._begin()

    async def _end(self) -> None:
        with self.clock.during(END):
            await super()._end()

    async def _do(self, step: s.AnyStep) -> None:
        with self.clock.during(f"{self.step + 1}. {words_for(step)}"):
            await super()._do(step)

    async def outside(self, do: Callable[..., Any], *args: Any) -> Any:
        with self.clock.waiting(f"WebDriver: {do.__name__}"):
            return await super().outside(do, *args)


def words_for(step: s.AnyStep) -> str:
    """A step in a few words."""
    kind = type(step).__name__
    if isinstance(step, s.Task):
        ops = [str(msgspec.to_builtins(op)["op"]) for op in step.ops]
        return f"{kind} of {step.actor}: {', '.join(dict.fromkeys(ops))}"
    about = [str(getattr(step, field)) for field in ("actor", "document", "extension", "into") if hasattr(step, field)]
    return " ".join([kind, *about])


def profile(family: Family, scenarios: Sequence[Scenario], tools: Mapping[Kind, Tool], plays: int) -> list[Profile]:
    """Play each that often and see where the time goes. What a browser lacks is left out.

    Raises NotMeasured, BrowserDidNotStart.
    """
    session = session_with(family, tools)
    session.start()
    try:
        inside = Inside(session)
        ids = (f"t{number}" for number in itertools.count(1))
        all_taken = {
            scenario.name: [_play(inside, scenario, next(ids)) for _ in range(plays + WARM_UPS)][WARM_UPS:]
            for scenario in scenarios
        }
    finally:
        session.close()
    return [profile_of(family, name, [one for one in taken if one]) for name, taken in all_taken.items() if any(taken)]


def _play(inside: Inside, scenario: Scenario, id: str) -> Taken | None:
    player = TimedPlayer(inside, scenario, id)
    play = inside.do(player.play())
    if play.outcome != "ok":
        raise NotMeasured(f"{inside.setting.family}: {scenario.name}: {play.outcome}: {play.reason}")
    return None if play.lacking else player.clock.taken


def profile_of(family: Family, scenario: str, taken: Sequence[Taken]) -> Profile:
    """Medians over plays: pure."""
    whole = spread([sum(one.parts.values()) for one in taken])
    parts = []
    for name in dict.fromkeys(name for one in taken for name in one.parts):
        took = spread([one.parts.get(name, 0.0) for one in taken])
        parts.append(Part(name, took, took.median / whole.median, _waits([one.waits.get(name, {}) for one in taken])))
    return Profile(family, scenario, len(taken), whole, parts)


def _waits(plays: Sequence[Waits]) -> list[Wait]:
    took: dict[str, list[list[float]]] = defaultdict(list)
    for name in dict.fromkeys(name for waits in plays for name in waits):
        took[name] = [waits.get(name, []) for waits in plays]
    found = [
        Wait(name, spread([len(each) for each in times]).median, spread([sum(each) for each in times]))
        for name, times in took.items()
    ]
    return sorted(found, key=lambda wait: -wait.took.median)


class Total(msgspec.Struct, frozen=True):
    """One kind of step over many scenarios: its time in one play of each, its share, and its waits by their kinds (ms)."""

    kind: str
    took: float
    share: float
    waits: dict[str, float]


def totals(profiles: Sequence[Profile]) -> list[Total]:
    """Where the time of many scenarios goes, the dearest kind of step first: pure."""
    took: dict[str, float] = defaultdict(float)
    waits: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for part in (part for each in profiles for part in each.parts):
        took[part.kind] += part.took.median
        for wait in part.waits:
            if not wait.what.startswith(CAME):
                waits[part.kind][wait.kind] += wait.took.median
    whole = sum(took.values())
    return [
        Total(kind, ms, ms / whole, dict(waits[kind])) for kind, ms in sorted(took.items(), key=lambda item: -item[1])
    ]
