"""From rounds to the figures that are shown: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from benchmarks.figures import Spread, ratios, spread
from benchmarks.measure import Cost, Round, Rounds

SLOWEST = 10


class Summary(msgspec.Struct, frozen=True):
    """One family's figures: ``spreads`` by the names that the JSON has, times in ms."""

    family: str
    browser: str
    rounds: int
    spreads: dict[str, Spread]
    scenarios: dict[str, float]
    left_out: dict[str, str]
    failed: int
    sum_ms: float

    @property
    def slowest(self) -> list[tuple[str, float]]:
        """The dearest scenarios, the dearest first."""
        return sorted(self.scenarios.items(), key=lambda item: -item[1])[:SLOWEST]


def summary(measured: Rounds) -> Summary:
    """What the rounds of one family come to. Raises NothingMeasured where no play counts."""
    rounds = measured.rounds
    scenarios = medians((cost.scenario, cost.wall) for cost in _counted(rounds))
    inside = medians((cost.scenario, cost.inside) for cost in _counted(rounds))
    has = measured.browser
    return Summary(
        family=measured.family,
        browser=f"{has.family} {has.version}, {has.driver}" if has else "",
        rounds=len(rounds),
        spreads=_spreads(rounds, scenarios, inside),
        scenarios=scenarios,
        left_out={cost.scenario: cost.left_out for one in rounds for cost in one.plays if cost.left_out},
        failed=sum(cost.failed for one in rounds for cost in one.plays),
        sum_ms=sum(scenarios.values()),
    )


def _counted(rounds: Iterable[Round]) -> list[Cost]:
    return [cost for one in rounds for cost in one.plays if not cost.left_out]


def medians(figures: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The median of each name's figures."""
    found: dict[str, list[float]] = defaultdict(list)
    for name, figure in figures:
        found[name].append(figure)
    return {name: spread(mine).median for name, mine in found.items()}


def _spreads(rounds: list[Round], scenarios: dict[str, float], inside: dict[str, float]) -> dict[str, Spread]:
    per_scenario = spread(list(scenarios.values()))
    alone, cycle = spread([one.alone for one in rounds]), spread([each for one in rounds for each in one.cycles])
    per_round = [spread([cost.wall for cost in _counted([one])]).median for one in rounds]
    cycles = [spread(one.cycles).median for one in rounds]
    cheaper = spread(ratios([one.alone for one in rounds], per_round))
    dearer = spread(ratios(per_round, cycles))
    return {
        "times_cheaper": msgspec.structs.replace(cheaper, median=alone.median / per_scenario.median),
        "times_tab_cycle": msgspec.structs.replace(dearer, median=per_scenario.median / cycle.median),
        "scenario_ms": per_scenario,
        "play_ms": spread(list(inside.values())),
        "browser_per_scenario_ms": alone,
        "tab_cycle_ms": cycle,
        "empty_tab_cycle_ms": spread([each for one in rounds for each in one.empty_cycles]),
        "pass_ms": spread([sum(cost.wall for cost in one.plays) for one in rounds]),
        "start_ms": spread([one.start for one in rounds]),
        "close_ms": spread([one.close for one in rounds]),
        "native_round_trip_ms": spread([each for one in rounds for each in one.pings]),
        "events_per_second": spread([each for one in rounds for each in one.streams]),
        "events_per_second_in_one_turn": spread([each for one in rounds for each in one.turns]),
    }


def plain(figures: Summary) -> dict[str, Any]:
    """One family's figures for a program to read: medians by name, and the quartiles around them under ``quartiles``."""
    return {
        **{name: _short(each.median) for name, each in figures.spreads.items()},
        "sum_ms": _short(figures.sum_ms),
        "quartiles": {name: [_short(each.low), _short(each.high)] for name, each in figures.spreads.items()},
        "slowest": [{"scenario": name, "ms": _short(ms)} for name, ms in figures.slowest],
        "scenarios": {name: _short(ms) for name, ms in figures.scenarios.items()},
        "left_out": figures.left_out,
        "failed": figures.failed,
        "rounds": figures.rounds,
        "browser": figures.browser,
    }


def _short(figure: float) -> float:
    return round(figure, 2)
