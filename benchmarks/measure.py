"""The rounds of the comparison: everything that is compared is measured in each round, by turns.

A round is what a run is: a browser of its own, every scenario once. Between slices of the suite stand the tab cycles
and the round trips, so that noise and the browser's age hit all alike.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

import msgspec

from benchmarks import probes
from benchmarks.alone import Alone
from benchmarks.tools import Inside, session_with
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording, lines_of
from portolan.runners.session.extensions import Family
from portolan.runners.sources import Kind, Tool

SLICE = 8
"""Plays that follow each other without anything between them."""

CYCLES = 3
PINGS = 20
BURSTS = 3

Told = Callable[[str], None]


class Cost(msgspec.Struct, frozen=True):
    """One play: ``wall`` is from the end of the one before to its own end, ``inside`` is what the play says itself (ms).

    ``left_out`` says why it does not count: what the browser lacks, or how the play failed.
    """

    scenario: str
    wall: float
    inside: float
    left_out: str = ""
    failed: bool = False


class Round(msgspec.Struct):
    """What one round measured, in ms; the events in events per second."""

    alone: float
    start: float = 0.0
    close: float = 0.0
    plays: list[Cost] = []
    cycles: list[float] = []
    empty_cycles: list[float] = []
    pings: list[float] = []
    streams: list[float] = []
    turns: list[float] = []


class Rounds(msgspec.Struct):
    """All rounds of one family."""

    family: Family
    browser: Browser | None = None
    rounds: list[Round] = []


def measure(
    families: Sequence[Family], scenarios: Sequence[Scenario], tools: Mapping[Kind, Tool], rounds: int, told: Told
) -> dict[Family, Rounds]:
    """Measure every family, the families by turns. Raises NotMeasured, BrowserDidNotStart."""
    done = {family: Rounds(family) for family in families}
    alone = {family: Alone(family, tools) for family in families}
    try:
        for family in families:
            told(f"{family}: first start")
            alone[family].play()  # from a cold disk; it does not count
        for number in range(rounds):
            for family in families:
                told(f"{family}: round {number + 1} of {rounds}")
                _round(done[family], alone[family], rotated(scenarios, number, rounds), tools, told)
    finally:
        for each in alone.values():
            each.close()
    return done


def rotated(scenarios: Sequence[Scenario], number: int, rounds: int) -> list[Scenario]:
    """The suite, begun at another place in each round: no scenario is always the first in a young browser."""
    at = len(scenarios) * number // rounds
    return [*scenarios[at:], *scenarios[:at]]


def slices(scenarios: Sequence[Scenario], size: int = SLICE) -> Iterator[Sequence[Scenario]]:
    """The suite in pieces."""
    for at in range(0, len(scenarios), size):
        yield scenarios[at : at + size]


def _round(rounds: Rounds, alone: Alone, scenarios: Sequence[Scenario], tools: Mapping[Kind, Tool], told: Told) -> None:
    done = Round(alone.play())
    session = session_with(rounds.family, tools)
    began = time.perf_counter()
    rounds.browser = session.start()
    done.start = _ms(began)
    try:
        inside = Inside(session)
        with tempfile.TemporaryFile() as trace:
            for piece in slices(scenarios):
                told(
                    f"{rounds.family}: round {len(rounds.rounds) + 1}, {len(done.plays)} of {len(scenarios)} scenarios"
                )
                done.plays += _play(inside, piece, trace)
                _probe(inside, done)
        _burst(inside, done)
    finally:
        began = time.perf_counter()
        session.close()
        done.close = _ms(began)
    rounds.rounds.append(done)


def _play(inside: Inside, scenarios: Sequence[Scenario], trace: IO[bytes]) -> list[Cost]:
    """Play one after the other, and do with each play what a run does: write its trace, judge it."""
    costs = []
    began = time.perf_counter()
    for scenario in scenarios:
        play = inside.session.play(scenario)
        for line in lines_of(play):
            trace.write(msgspec.json.encode(line) + b"\n")
        if play.outcome == "ok" and not play.lacking:
            _judge(scenario, play)
        inside.check(f"in {scenario.name}")
        began, before = time.perf_counter(), began
        costs.append(
            Cost(scenario.name, (began - before) * 1000, play.duration, _left_out(play), failed=play.outcome != "ok")
        )
    return costs


def _judge(scenario: Scenario, play: Recording) -> None:
    for expectation in scenario.requirements:
        expectation.check.judge(play)
    for point in scenario.open_points:
        for variant in point.variants:
            variant.check.judge(play)


def _left_out(play: Recording) -> str:
    if play.outcome != "ok":
        return f"{play.outcome}: {play.reason}"
    return f"the browser has no {play.lacking}" if play.lacking else ""


def _probe(inside: Inside, done: Round) -> None:
    for _ in range(CYCLES):
        done.cycles.append(inside.do(probes.tab_cycle(inside.stage, probes.stage_address(inside))))
        done.empty_cycles.append(inside.do(probes.tab_cycle(inside.stage, probes.empty_address(inside))))
    done.pings += [inside.do(probes.ping(inside.stage)) for _ in range(PINGS)]


def _burst(inside: Inside, done: Round) -> None:
    for _ in range(BURSTS):
        stream, turn = probes.events_per_second(inside)
        done.streams.append(stream)
        done.turns.append(turn)


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
