"""The instrument changes nothing of what it observes, and where it breaks itself, that is no verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium.webdriver.firefox.webdriver import WebDriver as Firefox
from selenium.webdriver.remote.webdriver import WebDriver

from portolan.conformance.judging.judge import FAIL, INCONCLUSIVE, PASS, judge
from portolan.conformance.language.discovery import suite
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Recording
from portolan.runners.session.extensions import Family, Variant, generate
from portolan.runners.session.session import Session
from portolan.runners.sources import Kind, Tool

from . import without_twins
from .holding import CRASHED_AND_HELD, HELD, Latch
from .stages import SECONDS, Place, Stage
from .watching import KEPT, NOBODY_CONNECTS, TRACED, traced

SUITE = {scenario.name: scenario for scenario in suite()}
SLACK_SECONDS = 20.0
IDLE = SUITE["an_idle_background_is_stopped_in_spite_of_an_open_port"]

WATCHED = (
    "background_connects_to_several_extension_pages",
    "background_connects_to_the_content_scripts_of_a_tab",
    "background_connects_to_another_extension",
    "a_native_application_answers",
    "content_script_connects_to_background_and_options_page",
    "a_web_page_connects",
    "the_name_is_seen_on_both_ends",
    "a_background_is_stopped_with_a_port_open",
    "the_extension_is_reloaded_with_a_port_open",
    "a_page_with_an_open_port_is_navigated_away_and_comes_back",
)
"""Scenarios in which ports are listened for, in every kind of context, also by backgrounds that are started anew."""

ENDINGS = (
    "a_page_with_an_open_port_is_navigated_away_and_comes_back",
    "one_of_two_receiving_frames_is_removed",
    "one_of_two_receiving_frames_of_another_site_is_removed",
    "one_of_two_receiving_frames_is_navigated",
    "a_frame_without_a_listener_is_removed",
    "the_openers_frame_is_removed",
    "the_openers_tab_is_closed",
)
"""Scenarios in which documents end, or go into the bfcache."""


@pytest.fixture(scope="module")
def session(stage: Stage) -> Session:
    """One browser for the plays that break nothing."""
    return stage.session()


def verdict(session: Session, scenario: Scenario) -> str:
    """Play it, and judge it. Never a fault of ours, and never undecided."""
    play = session.play(scenario)
    judgement = judge(scenario, play)
    assert play.outcome == "ok", play.reason
    assert judgement.verdict not in (None, FAIL, INCONCLUSIVE), judgement.reasons
    return judgement.verdict


# ---- what the subject's listeners see


def test_no_listener_sees_a_port_when_nobody_connects(session: Session) -> None:
    assert verdict(session, NOBODY_CONNECTS) == PASS


@pytest.mark.parametrize("name", WATCHED)
def test_no_listener_sees_a_port_of_ours(session: Session, name: str) -> None:
    play = session.play(SUITE[name])
    assert play.outcome == "ok", play.reason
    opened = opened_names(play)
    own = {play.bindings["id-of subject"], play.bindings["id-of peer"], None}
    for value in seen_ports(play):
        assert value["name"] in opened
        assert sender_of(value) in own, "a port of an extension that is no actor"


def opened_names(play: Recording) -> set[str]:
    """The names of the ports that the scenario opened."""
    calls = [
        event
        for event in play.events
        if event.phase == "call" and event.operation in ("runtime.connect", "tabs.connect")
    ]
    infos = [
        value for event in calls if isinstance(event.value, list) for value in event.value if isinstance(value, dict)
    ]
    return {"", *(str(info["name"]) for info in infos if "name" in info)} - {"portolan", "twin"}


def seen_ports(play: Recording) -> Iterator[dict[str, Any]]:
    """The ports that listeners for ports were given."""
    for event in play.events:
        if event.phase == "fire" and event.operation.startswith("runtime.on"):
            assert isinstance(event.value, dict)
            yield event.value


def sender_of(value: dict[str, Any]) -> str | None:
    """The id of the extension that opened a port, where one did."""
    sender = value["sender"]
    found = sender.get("properties", sender).get("id")
    return found if isinstance(found, str) else None


# ---- how much is recorded


@pytest.mark.parametrize("function", TRACED, ids=lambda function: function.__name__)
def test_a_single_traced_event_gives_the_same_verdict(session: Session, function: Callable[..., None]) -> None:
    sparse, full = traced(function, everything=False), traced(function, everything=True)
    assert verdict(session, sparse) == verdict(session, full)


# ---- how long the subject lives


IDLE_SECONDS: dict[Family, float] = {"firefox": 3, "chromium": 30}
"""How long a background may idle: Chromium's own time, and the one that the suite sets in Firefox."""


def idle_play(stage: Stage, scenario: Scenario, wanted: str) -> Recording:
    """Play a scenario with one idle time in it, which may take little more."""
    with stage.playing(scenario) as playing:
        play = playing.result(IDLE_SECONDS[stage.family] + SLACK_SECONDS)
    assert (play.outcome, judge(scenario, play).verdict) == ("ok", wanted), (play.reason, judge(scenario, play).reasons)
    return play


def test_a_background_is_stopped_at_its_idle_time(stage: Stage) -> None:
    idle_play(stage, IDLE, "variant:is-stopped-which-ends-the-port")


def test_a_background_with_a_native_port_is_not(stage: Stage) -> None:
    play = idle_play(stage, KEPT, PASS)
    assert len({event.incarnation for event in play.of("background")}) == 1, "it lived through it all"


# ---- how documents end


@pytest.fixture(scope="module")
def with_and_without(family: Family, tools: dict[Kind, Tool], place: Place, stage: Stage) -> dict[str, tuple[str, str]]:
    """The verdicts of scenarios in which documents end: as ever, and without twins."""
    as_ever = {name: verdict(stage.session(), SUITE[name]) for name in ENDINGS}
    stage.close()
    alone = Stage(family, tools, place)
    twins: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        without_twins.switch_off(patch)
        session = alone.session()
        patch.setattr(session.stage, "_on_twin", twins.append, raising=True)
        try:
            without = {name: verdict(session, SUITE[name]) for name in ENDINGS}
        finally:
            alone.close()
    assert twins == [], "there were none"
    return {name: (as_ever[name], without[name]) for name in ENDINGS}


@pytest.mark.parametrize("name", ENDINGS)
def test_the_twins_change_nothing(with_and_without: dict[str, tuple[str, str]], name: str) -> None:
    as_ever, without = with_and_without[name]
    assert as_ever == without


# ---- what becomes of a play whose instrument breaks (its host: test_nothing_left_behind.py)


def of_the_observer(driver: WebDriver, extension: str, firefox: str, chromium: str) -> None:
    """Do something to the observer's extension, from the browser's own pages."""
    if isinstance(driver, Firefox):
        script = f"const done = arguments[1]; AddonManager.getAddonByID(arguments[0]).then((addon) => addon.{firefox}()).then(done, done);"
        with driver.context("chrome"):
            driver.execute_async_script(script, extension)
    else:
        driver.get("chrome://extensions")
        driver.execute_async_script(f"const done = arguments[1]; chrome.{chromium}.then(done, done);", extension)


CRASH = SUITE["the_process_of_extensions_crashes_with_ports_open"]


def test_a_process_of_extensions_that_crashes_unasked_is_a_harness_error(stage: Stage, latch: Latch) -> None:
    """Firefox starts the observer's persistent background again: that one knows nothing of the play."""
    if stage.family != "firefox":
        pytest.skip("in Chromium each extension has a process of its own")
    session = stage.session()
    with stage.playing(HELD) as playing:
        latch.wait_until_held()
        session._settings[0].outside.crash_extensions()
        latch.release()
        play = playing.result(SECONDS)
    assert (play.outcome, judge(HELD, play).verdict) == ("harness-error", None), play.reason


def test_a_browser_whose_extensions_crashed_is_not_played_in_again(stage: Stage) -> None:
    session = stage.session()
    play = session.play(CRASH)
    assert play.outcome == "ok", play.reason
    if play.lacking:
        assert session.broken is None
        return
    assert judge(CRASH, play).verdict == PASS
    assert session.broken == f"{CRASH.name} has crashed the process of its extensions"
    other = stage.session()
    assert other is not session
    assert other.play(SUITE["a_web_page_connects"]).outcome == "ok"


def test_an_observer_that_is_stopped_after_an_asked_crash_is_a_harness_error(
    stage: Stage, latch: Latch, tmp_path: Any
) -> None:
    if stage.family != "firefox":
        pytest.skip("in Chromium each extension has a process of its own")
    session = stage.session()
    assert session._driver
    with stage.playing(CRASHED_AND_HELD) as playing:
        latch.wait_until_held()
        of_the_observer(session._driver, generate(Variant("firefox", 3), tmp_path)["observer"].id, *DEEDS["disabled"])
        latch.release()
        play = playing.result(SECONDS)
    assert (play.outcome, judge(CRASHED_AND_HELD, play).verdict) == ("harness-error", None), play.reason


DEEDS = {
    "disabled": ("disable", "management.setEnabled(arguments[0], false)"),
    "reloaded": ("reload", "developerPrivate.reload(arguments[0], {failQuietly: true})"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_an_observer_that_is_stopped_is_a_harness_error(
    stage: Stage, place: Place, latch: Latch, tmp_path: Any, deed: str
) -> None:
    observer = generate(Variant(stage.family, stage.manifest), tmp_path)["observer"].id
    session = stage.session()
    assert session._driver
    with stage.playing(HELD) as playing:
        latch.wait_until_held()
        of_the_observer(session._driver, observer, *DEEDS[deed])
        latch.release()  # the play could go on, had it not lost its eyes
        play = playing.result(SECONDS)
    assert play.outcome == "harness-error", play.reason
    assert judge(HELD, play).verdict is None
    stage.close()
    place.assert_nothing_left(session.id)
