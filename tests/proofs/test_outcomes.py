"""What goes wrong with the play itself is its outcome, and never a verdict about the browser."""

import pytest

from portolan.conformance.judging.judge import judge
from portolan.conformance.trace.recording import Outcome
from portolan.runners.fake import Bug, FakeBrowser

from .proof import SCENARIOS, where
from .proof import play as played

NAMED = {scenario.name: scenario for scenario in SCENARIOS}
OUTCOMES: list[tuple[Bug, Outcome, str]] = [
    (Bug.CRASHES, "crash", "the browser ended"),
    (Bug.GOES_SILENT, "timeout", "waited for an answer of background"),
    (Bug.LOSES_AN_EVENT, "harness-error", "event"),
]


@pytest.mark.parametrize(("bug", "outcome", "reason"), OUTCOMES)
@pytest.mark.parametrize("name", NAMED)
def test_such_a_play_has_no_verdict(name: str, bug: Bug, outcome: Outcome, reason: str) -> None:
    browser = next(browser for browser in where(name) if not played(name, *browser).lacking)
    play = FakeBrowser(*browser, bugs=[bug]).play(NAMED[name])

    assert play.outcome == outcome
    assert reason in play.reason
    assert play.reason.startswith("step ")
    judgement = judge(NAMED[name], play)
    assert (judgement.verdict, judgement.findings, judgement.claims) == (None, (), {})


@pytest.mark.parametrize(("bug", "outcome", "reason"), OUTCOMES)
def test_a_browser_in_which_a_play_went_wrong_is_broken_until_it_is_started_anew(
    bug: Bug, outcome: Outcome, reason: str
) -> None:
    browser = FakeBrowser("chromium", bugs=[bug])
    browser.start()
    browser.prepare([(SCENARIOS[0], 1)])
    browser.play(SCENARIOS[0])

    assert outcome in str(browser.broken)
    assert reason in str(browser.broken)
    browser.close()
    browser.start()
    assert browser.broken is None


def test_a_play_that_went_well_breaks_nothing() -> None:
    browser = FakeBrowser("firefox", bugs=[Bug.NO_NAMES])
    browser.start()
    browser.play(SCENARIOS[0])

    assert browser.broken is None


def test_what_it_says_it_is() -> None:
    browser = FakeBrowser("firefox", 2, [Bug.NO_NAMES, "crashes"], version="7.1").start()

    assert (browser.family, browser.version, browser.source) == ("firefox", "7.1", "fake")
    assert browser.flags == ("crashes", "no-names")


def test_a_bug_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="eats-messages"):
        FakeBrowser(bugs=["eats-messages"])
