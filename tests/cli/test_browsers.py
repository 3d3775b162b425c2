"""The browsers of one process: when they start, when they start anew, when they are given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cli.stand_ins import StandIn
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Attempt, Browser
from portolan.pytest_plugin.running_browsers import Browsers
from portolan.selection.targets import Target
from portolan.smoke import smoke_scenario

MV2, MV3 = Target("firefox", "firefox", 2), Target("firefox", "firefox", 3)


@pytest.fixture
def scenario() -> Scenario:
    return smoke_scenario()


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def browsers(notes: list[str]) -> Callable[..., Browsers]:
    def make(*players: StandIn, retries: int = 0) -> Browsers:
        queue: Iterator[StandIn] = iter(players)
        return Browsers(lambda _: next(queue), lambda _: Browser("firefox", "expected"), retries)

    return make


def test_a_browser_starts_with_its_first_play_and_stays(
    browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(StandIn(notes))
    assert notes == []
    for repeat in (1, 2):
        assert all_.play(MV3, (scenario, repeat)).outcome == "ok"
    all_.close()
    all_.close()
    assert notes == ["start", "play smoke/1", "play smoke/2", "close"]
    assert all_.browser(MV3).version == "153.7.0"


def test_one_at_a_time(browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario) -> None:
    all_ = browsers(StandIn(notes), StandIn(notes))
    all_.play(MV2, (scenario, 1))
    all_.play(MV3, (scenario, 1))
    assert notes == ["start", "play smoke/1", "close", "start", "play smoke/1"]


@pytest.mark.parametrize("outcome", ["crash", "harness-error"])
def test_a_broken_browser_is_started_anew(
    outcome: str, browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(StandIn(notes, [outcome]), StandIn(notes))  # type: ignore[list-item]
    assert [all_.play(MV3, (scenario, n)).outcome for n in (1, 2)] == [outcome, "ok"]
    assert notes == ["start", "play smoke/1", "close", "start", "play smoke/2"]


def test_a_timeout_alone_needs_no_new_browser(
    browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(StandIn(notes, ["timeout", "timeout", "ok", "timeout", "timeout", "ok"]))
    assert [all_.play(MV3, (scenario, n)).outcome for n in range(6)] == [
        "timeout",
        "timeout",
        "ok",
        "timeout",
        "timeout",
        "ok",
    ]
    assert notes.count("start") == 1


def test_a_play_without_a_result_is_done_again_where_that_was_asked_for(
    browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(StandIn(notes, ["crash"]), StandIn(notes, ["timeout", "ok"]), retries=2)
    play = all_.play(MV3, (scenario, 1), [(scenario, 1)])
    assert play.outcome == "ok"
    assert play.attempts == (Attempt("crash", "a crash"), Attempt("timeout", "a timeout"))
    assert (
        notes
        == ["start", "prepare smoke/1", "play smoke/1", "close", "start", "prepare smoke/1"] + ["play smoke/1"] * 2
    )
    assert all_.play(MV3, (scenario, 2)).attempts == (), "nothing is told of a play that was done once"


def test_a_play_is_not_done_again_for_ever(
    browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(*(StandIn(notes, ["crash"]) for _ in range(9)), retries=1)
    plays = [all_.play(MV3, (scenario, n)) for n in range(4)]
    assert [play.outcome for play in plays] == ["crash"] * 3 + ["not-run"]
    assert [len(play.attempts) for play in plays] == [1, 1, 1, 0]
    assert notes.count("start") == 6, "each play counts once, however often it was tried"


def test_an_exception_of_a_driver_is_a_harness_error(
    browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(StandIn(notes, [RuntimeError("the driver\nis gone")]), StandIn(notes))
    play = all_.play(MV3, (scenario, 1))
    assert (play.outcome, play.reason) == ("harness-error", "RuntimeError: the driver")
    assert all_.play(MV3, (scenario, 2)).outcome == "ok"


def test_three_in_a_row_end_it(browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario) -> None:
    all_ = browsers(*(StandIn(notes, ["crash"]) for _ in range(9)))
    plays = [all_.play(MV3, (scenario, n)) for n in range(6)]
    assert [play.outcome for play in plays] == ["crash"] * 3 + ["not-run"] * 3
    assert (
        plays[-1].reason == "not run, because 3 plays in a row ended in crash or the like; the last one said: a crash"
    )
    assert notes.count("start") == notes.count("close") == 3


def test_another_target_is_not_given_up_with_it(
    browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(*(StandIn(notes, ["crash"]) for _ in range(3)), StandIn(notes))
    for n in range(4):
        all_.play(MV2, (scenario, n))
    assert all_.play(MV3, (scenario, 1)).outcome == "ok"


def test_a_browser_that_does_not_start(browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario) -> None:
    all_ = browsers(StandIn(notes, starts=False))
    first, second = all_.play(MV3, (scenario, 1)), all_.play(MV3, (scenario, 2))
    assert first.outcome == second.outcome == "not-run"
    assert first.reason == "firefox did not start: no display\n  | last line"
    assert second.reason == "not run, because the browser did not start: firefox did not start: no display"
    assert all_.browser(MV3).version == "expected"
    assert notes == ["start"]


def test_an_error_of_ours_at_the_start_is_told_too(scenario: Scenario) -> None:
    def broken(target: Target) -> StandIn:
        raise KeyError("oops")

    play = Browsers(broken, lambda _: Browser("firefox", "?")).play(MV3, (scenario, 1))
    assert (play.outcome, play.reason) == ("not-run", "firefox mv3 did not start: KeyError: 'oops'")


def test_idle_time_plays_begin_once_a_browser(
    browsers: Callable[..., Browsers], notes: list[str], scenario: Scenario
) -> None:
    all_ = browsers(StandIn(notes, ["ok", "crash"]), StandIn(notes))
    beside = [(scenario, 8), (scenario, 9)]
    for n in (1, 2, 3):
        all_.play(MV3, (scenario, n), beside)
    assert notes == [
        "start", "prepare smoke/8 smoke/9", "play smoke/1", "play smoke/2", "close",
        "start", "prepare smoke/8 smoke/9", "play smoke/3",
    ]  # fmt: skip
