"""The matrix of pairs: read from traces of the fake, and from traces that were spoilt by hand."""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec
import pytest

from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.language.discovery import suite
from portolan.conformance.trace.recording import FORMAT, Browser, Footer, Header, Recording, Run
from portolan.reports.knowledge.reachability import PREFIX, Matrix, matrices
from portolan.reports.load import JudgedRun, judge_run
from portolan.runners.fake import Bug, FakeBrowser

SCENARIOS = {each.name: each for each in suite() if each.name.startswith(PREFIX)}
Family = Literal["firefox", "chromium"]


@cache
def plays(family: Family, *bugs: Bug, manifest: int = 3) -> tuple[Recording, ...]:
    browser = FakeBrowser(family, manifest, bugs)
    return tuple(browser.play(each) for each in SCENARIOS.values())


def run_of(family: Family, *played: Recording) -> JudgedRun:
    header = Header(FORMAT, "1.0", "abc", Browser(family, "1"), 3, "Linux", "2026-11-21T00:00:00+00:00")
    return judge_run(Run(header, played, Footer(len(played), "2026-11-21T00:01:00+00:00")), SCENARIOS, Expectations())


def matrix(family: Family, *bugs: Bug) -> Matrix:
    (drawn,) = matrices([run_of(family, *plays(family, *bugs))])
    return drawn


def answer(drawn: Matrix, opener: str, receiver: str) -> tuple[str, tuple[str, ...]]:
    pair = drawn.at(opener, receiver)
    assert pair, (drawn.openers, drawn.receivers)
    return pair.answer, pair.ways


@pytest.mark.parametrize("family", ["firefox", "chromium"])
def test_every_opener_is_a_row(family: Family) -> None:
    drawn = matrix(family)
    assert len(drawn.openers) == len([name for name in SCENARIOS if name.startswith("pairs_from_")])
    assert answer(drawn, "content script", "background") == ("connects", ("runtime.connect",))
    assert answer(drawn, "background", "content script in a sandboxed frame") == ("connects", ("tabs.connect",))
    assert answer(drawn, "content script", "content script in about:blank") == ("refused", ())
    assert answer(drawn, "another extension", "options page") == ("connects", ("runtime.connect",))
    assert drawn.at("background", "background") is None


@pytest.mark.parametrize("family", ["firefox", "chromium"])
def test_a_receiver_with_a_play_of_its_own_is_a_column(family: Family) -> None:
    """In such a play one opener follows the other, and each is told only of what its own call led to."""
    play = next(each for each in plays(family) if each.scenario == "pairs_into_popup")
    deaf = tuple(event for event in play.events if not (event.actor == "popup" and event.step in (6, 7)))
    (drawn,) = matrices([run_of(family, msgspec.structs.replace(play, events=deaf))])
    assert drawn.receivers == ("popup",)
    assert answer(drawn, "content script", "popup") == ("connects", ("runtime.connect",))
    assert [pair.opener for pair in drawn.pairs if pair.answer == "nobody listens"] == ["background"]


def test_families_differ_where_they_do() -> None:
    firefox, chromium = matrix("firefox"), matrix("chromium")
    embedded = "extension page in a web page"
    assert answer(firefox, "background", embedded) == ("connects", ("tabs.connect",))
    assert answer(chromium, "background", embedded) == ("connects", ("runtime.connect", "tabs.connect"))
    assert answer(firefox, "content script", embedded) == ("nobody listens", ())
    assert answer(firefox, "web page", "background") == ("refused", ())
    assert answer(chromium, "web page", "background") == ("connects", ("runtime.connect",))


def test_a_browser_that_connects_to_nobody() -> None:
    drawn = matrix("chromium", Bug.CONNECTS_TO_NOBODY)
    assert {pair.answer for pair in drawn.pairs} == {"nobody listens", "refused"}


def test_repeats_that_differ_are_both_told() -> None:
    good, bad = plays("chromium"), plays("chromium", Bug.CONNECTS_TO_NOBODY)
    (drawn,) = matrices([run_of("chromium", *good, *bad)])
    assert answer(drawn, "background", "options page")[0] == "connects / nobody listens"


def test_what_is_no_result_and_what_does_not_apply() -> None:
    first = plays("chromium")[0]
    lost = msgspec.structs.replace(first, outcome="timeout", reason="waited")
    without = msgspec.structs.replace(first, lacking="runtime.connect in background")
    (drawn,) = matrices([run_of("chromium", lost)])
    assert {pair.answer for pair in drawn.pairs} == {"no result"}
    (drawn,) = matrices([run_of("chromium", without)])
    assert {pair.answer for pair in drawn.pairs} == {"not applicable"}


def test_runs_without_pairs_have_no_matrix() -> None:
    assert matrices([run_of("firefox")]) == []
