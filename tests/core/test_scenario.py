"""A function becomes a scenario; what it says of claims, and where it breaks."""

from __future__ import annotations

import pytest

from portolan.conformance.checks.checks import never
from portolan.conformance.errors import ScenarioError
from portolan.conformance.language.building import build, scenario
from portolan.conformance.language.play import Play, variant

from .writing import ANYONE


def nothing(play: Play) -> None:
    """Nothing happens.

    And for good
    reason.
    """
    play.expect(never(ANYONE), claims="P1")
    play.expect_one_of("a point", variant("one", never(ANYONE), claims=["P2", "P3"]), variant("other", never(ANYONE)))


def test_what_a_scenario_says_of_itself() -> None:
    made = build(scenario(claims=["P1", "P2", "P3"], bug="https://bug.test/1")(nothing), topic="silence")
    assert (made.name, made.title, made.description, made.topic) == (
        "nothing",
        "Nothing happens.",
        "And for good reason.",
        "silence",
    )
    assert (made.claims, made.bug, made.idle) == (("P1", "P2", "P3"), "https://bug.test/1", False)
    assert [each.id for each in made.open_points[0].variants] == ["one", "other"]
    assert build(scenario(claims=["P1", "P2", "P3"])(nothing)).topic == "test_scenario"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (["P1"], "nothing: its checks judge P2, P3, which its own list of claims does not have"),
        (["P1", "P2", "P3", "P4"], "nothing: it lists the claims P4, which none of its checks judges"),
    ],
)
def test_claims_are_judged_and_only_they(claims: list[str], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        build(scenario(claims=claims)(nothing))


@pytest.mark.parametrize("name", ["a b", "../x", "-rf", "\x1b[2J", "ä"])
def test_names_that_a_file_or_a_terminal_would_suffer_from(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"no scenario can be called '[^\x1b]*'; accepted: letters, digits"):
        build(scenario(name=name)(nothing))


def test_a_mistake_is_told_with_its_line() -> None:
    def broken(play: Play) -> None:
        play.page().frames[3].remove()

    line = broken.__code__.co_firstlineno + 1
    with pytest.raises(
        ScenarioError,
        match=rf"test_scenario\.py, line {line}: broken: it cannot be built: IndexError: list index out of range$",
    ):
        build(scenario()(broken))


def test_two_of_one_name_in_one_module_are_found_before_one_is_lost() -> None:
    source = "@scenario()\ndef twice(play):\n    pass\n\n@scenario()\ndef twice(play):\n    pass\n"
    with pytest.raises(ScenarioError, match="two scenarios of this module are called twice, in line 1 and line 5"):
        exec(source, {"scenario": scenario})
