"""What runs say of claims and contradictions: from judged plays to a word for each browser, and nothing from the fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from portolan.conformance.judging.claims import Claim
from portolan.conformance.judging.contradictions import Contradiction, Seen, Side
from portolan.conformance.judging.expectations import Expectations
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Run
from portolan.reports.knowledge.claims import ClaimRow, ClaimVerdict, claim_lines, claim_rows, count_line
from portolan.reports.knowledge.contradictions import contradiction_lines, contradiction_rows
from portolan.reports.load import JudgedRun, judge_run
from portolan.runners.fake import Bug, FakeBrowser

FIREFOX, CHROMIUM = Browser("firefox", "153.7.0", source="debian"), Browser("chromium", "156.0", source="debian")
FAKE = Browser("firefox", "153.7.0", source="fake")
MakeRun = Callable[..., Run]


def claim(id: str, *, browsers: Any = (), untestable: str = "", contradicts: Any = ()) -> Claim:
    """A claim of a test."""
    return Claim(
        id, "ports", f"{id} is so.", "https://docs.test/", "documented", "outright", browsers, contradicts, untestable
    )


CLAIMS = {
    "C1": claim("C1"), "C26": claim("C26"), "P71": claim("P71", browsers=("chromium",), contradicts=("P73",)),
    "P73": claim("P73", browsers=("firefox",)), "P99": claim("P99", untestable="It is about Windows."),
}  # fmt: skip


@pytest.fixture
def judged(make_run: MakeRun, scenarios: Mapping[str, Scenario]) -> Callable[..., JudgedRun]:
    """A run of a browser, as the fake plays it."""

    def run(browser: Browser, *bugs: Bug, names: Any = ("a_greeting", "a_lifetime"), **changed: Any) -> JudgedRun:
        fake = FakeBrowser(browser.family, bugs=bugs)
        plays = [msgspec.structs.replace(fake.play(scenarios[name]), **changed) for name in names]
        return judge_run(make_run(*plays, browser=browser), scenarios, Expectations())

    return run


Judged = Callable[..., JudgedRun]


@pytest.fixture
def rows(scenarios: Mapping[str, Scenario]) -> Callable[..., dict[str, ClaimRow]]:
    """What runs say of the claims, by id."""
    return lambda *runs: {row.claim.id: row for row in claim_rows(CLAIMS, scenarios, runs)}


Rows = Callable[..., dict[str, ClaimRow]]


def words(rows: Mapping[str, ClaimRow], id: str) -> list[str]:
    """The verdicts of a claim."""
    return [verdict.word for verdict in rows[id].verdicts.values()]


def test_a_claim_holds_or_does_not(judged: Judged, rows: Rows) -> None:
    found = rows(judged(FIREFOX), judged(CHROMIUM), judged(Browser("firefox", "154.0"), Bug.MANGLES_VALUES))
    assert list(found) == list(CLAIMS)
    assert words(found, "C26") == ["holds", "holds", "does not hold"]
    assert words(found, "P71") == ["does not hold", "holds", "does not hold"]
    assert words(found, "P73") == ["holds", "does not hold", "holds"]
    assert found["C26"].refuted == ["firefox 154.0 mv3"]
    assert found["P71"].refuted == found["P73"].refuted == []
    assert found["C1"].scenarios == ("a_greeting",)


def test_repeats_that_disagree_hold_in_part_and_runs_of_one_build_are_one_browser(judged: Judged, rows: Rows) -> None:
    found = rows(judged(FIREFOX), judged(FIREFOX, Bug.MANGLES_VALUES))
    assert found["C26"].verdicts == {
        "firefox 153.7.0 mv3": ClaimVerdict("holds in part", ("a_greeting",), ("a_greeting",))
    }
    assert "firefox 153.7.0 mv3 now so, now not" in "\n".join(claim_lines(found["C26"]))


def test_scenarios_that_disagree_hold_in_part(
    judged: Judged, rows: Rows, scenarios: dict[str, Scenario], make_run: MakeRun
) -> None:
    scenarios["a_second"] = msgspec.structs.replace(scenarios["a_greeting"], name="a_second")
    good, bad = (
        msgspec.structs.replace(FakeBrowser("firefox", bugs=bugs).play(scenarios[name]), scenario=name)
        for name, bugs in (("a_greeting", ()), ("a_second", (Bug.MANGLES_VALUES,)))
    )
    run = judge_run(make_run(good, bad, browser=FIREFOX), scenarios, Expectations())
    row = {row.claim.id: row for row in claim_rows(CLAIMS, scenarios, [run])}["C26"]
    assert row.verdicts == {"firefox 153.7.0 mv3": ClaimVerdict("holds in part", ("a_greeting",), ("a_second",))}
    assert "  firefox 153.7.0 mv3: holds in part (not in a_second)" in claim_lines(row)


@pytest.mark.parametrize("outcome", ["timeout", "crash", "harness-error", "not-run"])
def test_a_play_that_went_wrong_says_nothing(judged: Judged, rows: Rows, outcome: str) -> None:
    found = rows(judged(FIREFOX, outcome=outcome))
    assert {word for id in CLAIMS for word in words(found, id)} == {"not judged"}
    assert not any(row.covered for row in found.values())


def test_what_the_browser_lacks_is_not_applicable_and_covers_nothing(judged: Judged, rows: Rows) -> None:
    found = rows(judged(FIREFOX, lacking="runtime.connect"))
    assert words(found, "C1") == ["not applicable"]
    assert words(found, "P99") == ["not judged"]
    assert not any(row.covered for row in found.values())
    assert rows(judged(FIREFOX, lacking="runtime.connect"), judged(CHROMIUM))["C1"].covered


def test_a_changed_scenario_and_an_unknown_one_say_nothing(judged: Judged, rows: Rows) -> None:
    for changed in ({"digest": "another"}, {"scenario": "another"}):
        found = rows(judged(FIREFOX, **changed))
        assert words(found, "C1") == ["not judged"]
        assert not found["C1"].covered


def test_the_fake_covers_nothing(judged: Judged, rows: Rows) -> None:
    found = rows(judged(FAKE))
    assert words(found, "C1") == ["holds"]
    assert not any(row.covered for row in found.values())
    assert count_line(list(found.values())).startswith("0 of 5 claims judged in real browsers; 1 untestable; 4 that")
    assert count_line(list(rows(judged(FIREFOX)).values())).startswith("4 of 5 claims judged in real browsers; 1 ")


def test_a_claim_that_only_an_inconclusive_play_names_is_not_covered(
    judged: Judged, scenarios: dict[str, Scenario], make_run: MakeRun
) -> None:
    play = FakeBrowser("firefox").play(scenarios["a_lifetime"])
    changed = msgspec.structs.replace(
        scenarios["a_lifetime"],
        open_points=tuple(
            msgspec.structs.replace(
                point,
                variants=tuple(msgspec.structs.replace(one, check=point.variants[1].check) for one in point.variants),
            )
            for point in scenarios["a_lifetime"].open_points
        ),
    )
    run = judge_run(make_run(play, browser=FIREFOX), {"a_lifetime": changed}, Expectations())
    row = {row.claim.id: row for row in claim_rows(CLAIMS, {"a_lifetime": changed}, [run])}["P71"]
    assert (row.covered, [each.word for each in row.verdicts.values()]) == (False, ["not judged"])


def test_one_claim_in_full(judged: Judged, rows: Rows) -> None:
    found = rows(judged(FIREFOX), judged(CHROMIUM))
    text = "\n".join(claim_lines(found["P71"]))
    assert text.startswith("P71: P71 is so.\n  ports; documented, said outright, of chromium\n  https://docs.test/\n")
    assert "  contradicts P73\n  covered: a check that names it" in text
    assert "    - a_lifetime: firefox 153.7.0 mv3 does not hold, chromium 156.0 mv3 holds\n" in text
    assert "  firefox 153.7.0 mv3: does not hold, but it is not said of it\n" in text
    alone = "\n".join(claim_lines(rows()["P99"]))
    assert "untestable: It is about Windows.\n  not covered by these runs\n  no scenario tests it" in alone


# ---- contradictions

QUESTIONS = {
    "X1": Contradiction("X1", "Who dies?", (Side("Nobody.", ("P71",)), Side("Everybody.", ("P73",)))),
    "X2": Contradiction(
        "X2",
        "How?",
        (
            Side("So.", variants=(Seen("a_lifetime", "lives-on"),), source="https://a.test/"),
            Side("Otherwise.", source="https://b.test/", unplayed="Nobody can."),
        ),
    ),
    "X3": Contradiction("X3", "In Chromium?", (Side("So.", ("C1",)), Side("Too.", ("C26",))), ("chromium",)),
    "X4": Contradiction("X4", "On Windows?", (Side("So.", ("P99",)), Side("No.", ("P99",)))),
}


def test_which_side_a_browser_is_on(judged: Judged, rows: Rows) -> None:
    runs = [judged(FIREFOX), judged(CHROMIUM)]
    found = {each.contradiction.id: each for each in contradiction_rows(QUESTIONS, rows(*runs), runs)}
    said = {id: [str(answer) for answer in row.answers.values()] for id, row in found.items()}
    assert said == {
        "X1": ["side 2", "side 1"],
        "X2": ["no side", "side 1"],
        "X3": ["not asked of it", "side 1 and side 2"],
        "X4": ["not judged", "not judged"],
    }
    assert found["X1"].answers["firefox 153.7.0 mv3"].evidence == ("P71 does not hold", "P73 holds")
    assert found["X2"].answers["firefox 153.7.0 mv3"].evidence == ("a_lifetime: dies",)
    assert list(contradiction_lines(found["X2"])) == [
        "X2: How?",
        "  side 1: So. (https://a.test/)",
        "  side 2: Otherwise. (https://b.test/)",
        "      not to be recognised: Nobody can.",
        "  firefox 153.7.0 mv3: no side (a_lifetime: dies)",
        "  chromium 156.0 mv3: side 1 (a_lifetime: lives on)",
    ]


def test_a_play_that_went_wrong_puts_nobody_on_a_side(judged: Judged, rows: Rows) -> None:
    for changed in ({"outcome": "crash"}, {"lacking": "runtime.connect"}, {"digest": "another"}):
        runs = [judged(FIREFOX, **changed)]
        (first, second, *_) = contradiction_rows(QUESTIONS, rows(*runs), runs)
        assert {str(answer) for row in (first, second) for answer in row.answers.values()} == {"not judged"}
