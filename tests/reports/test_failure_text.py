"""Why a play did not go as expected, in words."""

from __future__ import annotations

from collections.abc import Callable

from portolan.conformance.judging.expectations import Expectations, Expected
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording
from portolan.reports.load import JudgedPlay, JudgedRun, judge_play
from portolan.reports.text.failure import explanation, in_question, proof


def told(each: JudgedPlay, **more: bool) -> str:
    return "\n".join(explanation(each, **more))


def test_a_failure_tells_what_was_accepted_what_came_and_by_which_events(
    judged: Callable[..., JudgedRun], snapshot: object
) -> None:
    (each,) = judged(bugs=["duplicates-messages"]).of("a_greeting")
    assert told(each) == snapshot


def test_of_an_open_point_every_variant_is_told_when_none_was_seen(judged: Callable[..., JudgedRun]) -> None:
    (each,) = judged(bugs=["fires-disconnect-twice"]).of("a_lifetime")
    text = told(each, with_chart=False)
    assert "“lives on” (lifetime) [P71] does not hold" in text
    assert "“dies” (lifetime) [P73] does not hold" in text
    assert proof(each)


def test_a_variant_that_was_seen_puts_the_others_out_of_question(judged: Callable[..., JudgedRun]) -> None:
    (each,) = judged().of("a_lifetime")
    assert [found.variant for found in in_question(each)] == ["dies"]
    assert not proof(each)


def test_an_expectation_that_no_longer_holds_is_told(
    played: Callable[..., Recording], scenarios: dict[str, Scenario]
) -> None:
    known = Expectations(
        {"firefox": (Expected("a_lifetime", "variant:lives-on", "so we hoped", bug="https://bugs.test/1"),)}
    )
    text = told(judge_play(played("a_lifetime"), scenarios["a_lifetime"], known, Browser("firefox", "1"), 3))
    assert text.startswith("the expectation of variant:lives-on no longer holds: so we hoped (https://bugs.test/1)")


def test_a_play_that_cannot_be_judged_says_why(played: Callable[..., Recording]) -> None:
    each = judge_play(played("a_greeting"), None, Expectations(), Browser("firefox", "1"), 3)
    assert "there is no scenario a_greeting today" in told(each)
