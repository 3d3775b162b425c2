"""What is measured inside a running session, below the level of whole plays: tab cycles, round trips, events."""

from __future__ import annotations

import itertools
import time
from typing import Any, NamedTuple

from benchmarks.tools import Inside, NotMeasured
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace import steps as s
from portolan.runners.playing.incarnations import Incarnation
from portolan.runners.playing.player import Player
from portolan.runners.playing.stage import Stage

SECONDS = 20.0
EVENTS = 1000
_numbers = itertools.count(1)


class Arrival(NamedTuple):
    """So many events of one kind have arrived, at this time (in seconds)."""

    at: float
    operation: str
    events: int


async def tab_cycle(stage: Stage, address: str) -> float:
    """Open a page in a tab, wait until it is loaded, close it, wait until it is closed: how many ms it took."""
    began = time.perf_counter()
    tab = (await stage.command("openTab", SECONDS, url=address, active=False))["tab"]
    await stage.until(lambda: stage.tab_status.get(tab) == ("complete", address), SECONDS, "the page to load")
    await stage.command("closeTabs", SECONDS, tabs=[tab])
    took = (time.perf_counter() - began) * 1000
    stage.tab_status.pop(tab, None)
    return took


def stage_address(inside: Inside) -> str:
    """The stage's page, of no play: every content script is there, and none has anything to do."""
    return inside.pages.address("here", 0, cycle=str(next(_numbers)))


def empty_address(inside: Inside) -> str:
    """The same page under a name where no extension has a content script."""
    return f"http://bare.localhost:{inside.pages.port}/0/page?cycle={next(_numbers)}"


async def ping(stage: Stage) -> float:
    """From the runner through the relay and the browser to the observer and back: how many ms it took."""
    began = time.perf_counter()
    await stage.command("ping", SECONDS)
    return (time.perf_counter() - began) * 1000


class Counting(Player):
    """A player that notes when events arrive."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.arrivals: list[Arrival] = []
        self.told: dict[type[s.Op], float] = {}

    def on_events(self, incarnation: Incarnation, events: list[dict[str, Any]]) -> None:
        """Note it, and go on."""
        at = time.perf_counter()
        operations = [str(event["operation"]) for event in events]
        self.arrivals += [
            Arrival(at, operation, operations.count(operation)) for operation in dict.fromkeys(operations)
        ]
        super().on_events(incarnation, events)

    async def _do_Task(self, task: s.Task) -> None:
        self.told[type(task.ops[0])] = time.perf_counter()
        await super()._do_Task(task)


def many_events() -> Scenario:
    """A content script notes a thousand things in one turn; then it is sent a thousand messages, each a turn of its own."""

    @scenario(name="many_events")
    def many(play: Play) -> None:
        """A thousand events in one turn, and a thousand in as many."""
        background, page = play.background(), play.page()
        heard = page.listen()
        with page.one_turn():
            for _ in range(EVENTS):
                page.probe("runtime.connect")
        play.settle()
        with background.one_turn():
            port = background.connect_tab(page)
            for number in range(EVENTS):
                port.post(number)
        play.settle()
        play.expect(heard.port.received(*range(EVENTS)))

    return build(many, "benchmarks")


def events_per_second(inside: Inside) -> tuple[float, float]:
    """How many events a second arrive: each in an envelope of its own, and all in one. The command's way is included."""
    player = Counting(inside.setting, many_events(), f"b{next(_numbers)}")
    play = inside.do(player.play())
    if play.outcome != "ok":
        raise NotMeasured(f"{inside.setting.family}: a thousand events did not arrive: {play.outcome}, {play.reason}")
    one_by_one = rate(player.arrivals, "onMessage", player.told[s.Connect])
    return one_by_one, rate(player.arrivals, "probe", player.told[s.Probe])


def rate(arrivals: list[Arrival], operation: str, since: float) -> float:
    """Events of this kind a second, until the last has arrived."""
    of_it = [one for one in arrivals if one.operation == operation]
    return sum(one.events for one in of_it) / (max(one.at for one in of_it) - since)
