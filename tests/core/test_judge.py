"""The rules of judging: from findings to a verdict, its reasons, and what it says of claims."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from portolan.conformance.checks.checks import AnyCheck, Pattern, at_least_once, in_order, never
from portolan.conformance.judging.judge import Judgement, judge
from portolan.conformance.language.scenario import OpenPoint, Requirement, Scenario, Variant
from portolan.conformance.trace.recording import Outcome, Recording
from portolan.conformance.trace.steps import Cast

from .traces import BORN, STEPS, event, message, play

TRUE = at_least_once(Pattern("fire", "onMessage", port="port1"))
FALSE = at_least_once(Pattern("fire", "onMessage", port="port9"))
UNKNOWN = in_order(Pattern("fire", "onMessage", port="port1"), Pattern("fire", "onMessage", port="page.onConnect#1"))
TRACE = play(BORN, message("a"), event("page: fire onMessage on page.onConnect#1", 1, 1, value="b"))
"""TRUE holds for it, FALSE does not, and UNKNOWN cannot be told."""


def made(*requirements: Requirement, points: tuple[OpenPoint, ...] = (), **more: Any) -> Scenario:
    """A scenario of the hand-made plays."""
    return Scenario(**{
        "name": "hand_made", "title": "", "topic": "", "claims": (), "cast": Cast(), "steps": STEPS,
        "requirements": requirements, "open_points": points, **more,
    })  # fmt: skip


def judged(scenario: Scenario, trace: Recording = TRACE, **more: Any) -> Judgement:
    """The judgement of a play of this very scenario."""
    return judge(scenario, msgspec.structs.replace(trace, **{"digest": scenario.digest, **more}))


def point(*variants: tuple[str, AnyCheck, tuple[str, ...]], topic: str = "the point") -> OpenPoint:
    """An open point."""
    return OpenPoint(topic, tuple(Variant(id, id, *rest) for id, *rest in variants))


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ([TRUE], "pass"),
        ([TRUE, TRUE], "pass"),
        ([FALSE], "fail"),
        ([TRUE, FALSE], "fail"),
        ([UNKNOWN], "inconclusive"),
        ([TRUE, UNKNOWN], "inconclusive"),
        ([UNKNOWN, FALSE], "fail"),
    ],
)
def test_expectations(checks: list[AnyCheck], verdict: str) -> None:
    judgement = judged(made(*(Requirement(check) for check in checks)))
    assert judgement.verdict == verdict
    assert len(judgement.reasons) == sum(check is not TRUE for check in checks)
    assert len(judgement.findings) == len(checks)


@pytest.mark.parametrize(
    ("one", "other", "verdict", "claims"),
    [
        (TRUE, FALSE, "variant:one", {"P1": "holds", "P2": "does not hold", "P3": "holds"}),
        (FALSE, TRUE, "variant:other", {"P1": "does not hold", "P2": "holds", "P3": "holds"}),
        (FALSE, FALSE, "fail", {"P1": "does not hold", "P2": "does not hold", "P3": "does not hold"}),
        (TRUE, TRUE, "inconclusive", {"P1": "inconclusive", "P2": "inconclusive", "P3": "holds"}),
        (TRUE, UNKNOWN, "inconclusive", {"P1": "inconclusive", "P2": "inconclusive", "P3": "holds"}),
        (FALSE, UNKNOWN, "inconclusive", {"P1": "does not hold", "P2": "inconclusive", "P3": "inconclusive"}),
        (UNKNOWN, UNKNOWN, "inconclusive", {"P1": "inconclusive", "P2": "inconclusive", "P3": "inconclusive"}),
    ],
)
def test_open_points(one: AnyCheck, other: AnyCheck, verdict: str, claims: dict[str, str]) -> None:
    open_point = point(("one", one, ("P1", "P3")), ("other", other, ("P2", "P3")))
    judgement = judged(made(Requirement(TRUE), points=(open_point,)))
    assert judgement.verdict == verdict
    assert judgement.claims == claims
    assert [(each.topic, each.variant, each.says) for each in judgement.findings[1:]] == [
        ("the point", "one", ("P1", "P3")),
        ("the point", "other", ("P2", "P3")),
    ]
    assert bool(judgement.reasons) == (not verdict.startswith("variant:"))


def test_several_open_points() -> None:
    points = (point(("a", TRUE, ()), ("b", FALSE, ())), point(("c", FALSE, ()), ("d", TRUE, ()), topic="another"))
    assert judged(made(points=points)).verdict == "variant:a + d"
    assert judged(made(Requirement(FALSE), points=points)).verdict == "fail"
    assert judged(made(Requirement(UNKNOWN), points=points)).verdict == "inconclusive"
    undecided = (*points, point(("e", TRUE, ()), ("f", TRUE, ()), topic="a third"))
    assert judged(made(points=undecided)).verdict == "inconclusive"
    unseen = (*undecided, point(("g", FALSE, ()), topic="a fourth"))
    assert judged(made(points=unseen)).verdict == "fail"


@pytest.mark.parametrize(
    ("checks", "standing"),
    [
        ([TRUE], "holds"),
        ([FALSE], "does not hold"),
        ([UNKNOWN], "inconclusive"),
        ([TRUE, UNKNOWN], "inconclusive"),
        ([TRUE, UNKNOWN, FALSE], "does not hold"),
    ],
)
def test_a_claim_holds_if_everything_that_judges_it_does(checks: list[AnyCheck], standing: str) -> None:
    judgement = judged(made(*(Requirement(check, ("P1",)) for check in checks), Requirement(TRUE)))
    assert judgement.claims == {"P1": standing}
    open_point = point(("one", TRUE, ("P1",)), ("other", FALSE, ()))
    assert judged(made(*(Requirement(check, ("P1",)) for check in checks), points=(open_point,))).claims == {
        "P1": standing
    }


def test_reasons_say_what_was_accepted_and_what_came() -> None:
    open_point = point(("one", FALSE, ()), ("other", UNKNOWN, ()))
    judgement = judged(made(Requirement(FALSE, because="it must"), points=(open_point,)))
    assert judgement.reasons == (
        "expected: port9.onMessage fires at least once; actual: port9 was never opened (it must)",
        "the point: “one” expected: port9.onMessage fires at least once; actual: port9 was never opened; "
        "or “other” expected: port1.onMessage fires, and then page.onConnect#1.onMessage fires; "
        'actual: background.2: port1.onMessage fires, with "a", and then page.1: page.onConnect#1.onMessage fires, with "b"; '
        "the trace cannot tell",
    )
    both = point(("one", TRUE, ()), ("other", TRUE, ()))
    assert judged(made(points=(both,))).reasons == ("the point: more than one variant was seen: one, other",)


def test_what_the_browser_lacks_is_not_applicable() -> None:
    judgement = judged(made(Requirement(FALSE, ("P1",)), claims=("P1",)), lacking="runtime.connect")
    assert judgement == Judgement("not-applicable")


def test_a_scenario_that_has_changed() -> None:
    judgement = judge(made(Requirement(TRUE, ("P1",)), claims=("P1",)), TRACE)
    assert judgement.verdict == "inconclusive"
    assert judgement.reasons == ("the scenario has changed since it was played",)
    assert (judgement.findings, judgement.claims) == ((), {"P1": "inconclusive"})
    assert judged(made(Requirement(TRUE)), digest="another", lacking="x").verdict == "not-applicable"


@pytest.mark.parametrize("outcome", ["timeout", "crash", "harness-error", "not-run"])
def test_our_own_faults_colour_no_browser(outcome: Outcome) -> None:
    assert judged(made(Requirement(FALSE, ("P1",))), outcome=outcome, lacking="x") == Judgement(None)


def test_what_did_not_come_is_told_by_a_settled_play_only() -> None:
    silence = never(Pattern("fire", "onDisconnect", port="port1"))
    unsettled = made(Requirement(silence), steps=STEPS[:-1])
    judgement = judged(unsettled, steps=STEPS[:-1])
    assert judgement.verdict == "inconclusive"
    assert judgement.reasons[0].endswith("but the play ended before everything had arrived; the trace cannot tell")
    assert judged(made(Requirement(TRUE), steps=STEPS[:-1]), steps=STEPS[:-1]).verdict == "pass"
    assert judged(made(Requirement(silence))).verdict == "pass"
    assert judged(made(Requirement(silence), steps=()), steps=()).verdict == "inconclusive"


def test_judgements_can_be_stored() -> None:
    judgement = judged(made(Requirement(UNKNOWN, ("P1",)), points=(point(("one", TRUE, ())),)))
    assert msgspec.json.decode(msgspec.json.encode(judgement), type=Judgement) == judgement
