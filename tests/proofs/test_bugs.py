"""Each bug of the fake does something, and what it says; the two families differ by it as real browsers do."""

import re
from pathlib import Path

import pytest
from tracing import traced

from portolan.conformance.judging.judge import judge
from portolan.conformance.language.play import Play as Builder
from portolan.runners.fake import Bug, FakeBrowser

from .proof import BOTH, BY_NAME, JUDGED, Family, about, play

DOCUMENT = Path(__file__).parents[2] / "docs" / "fake.md"
VALUES = ["text", 7, {"$": "number", "value": "NaN"}, {"$": "bigint", "value": "7"}, {"$": "function", "name": ""}]


def values_of_every_kind(play: Builder) -> None:
    background, page = play.background(), play.page()
    background.listen()
    port = page.connect()
    for value in VALUES:
        port.post(value)
    play.settle()


@pytest.mark.parametrize("bug", JUDGED)
def test_the_bug_changes_what_happens_somewhere(bug: Bug) -> None:
    def changes(name: str, family: Family) -> bool:
        return play(name, family, 3, bug).events != play(name, family).events

    changed = any(changes(scenario.name, family) for scenario in about(bug) for family, _ in BOTH)
    assert changed or traced(values_of_every_kind, "firefox", [bug]) != traced(values_of_every_kind, "firefox")


LIFETIME = "one_of_two_receiving_frames_is_removed"
ERRORS = "where_an_error_is_reported"
NATIVE = "the_name_of_a_native_port"


@pytest.mark.parametrize(
    ("family", "name", "bug", "seen"),
    [
        ("chromium", LIFETIME, Bug.DIES_WITH_FIRST_RECEIVER, "dies-with-the-first-receiver"),
        ("firefox", LIFETIME, Bug.LIVES_WITH_ONE_RECEIVER_LEFT, "lives-until-all-receivers-unload"),
        ("chromium", ERRORS, Bug.ERROR_IN_THE_WRONG_PLACE, "in-port-error"),
        ("firefox", ERRORS, Bug.ERROR_IN_THE_WRONG_PLACE, "in-runtime-last-error"),
        ("chromium", NATIVE, Bug.NATIVE_NAME_GIVEN, "the-applications-name"),
        ("firefox", NATIVE, Bug.NATIVE_NAME_EMPTY, "the-empty-string"),
    ],
)
def test_a_family_with_the_other_familys_rule_shows_the_other_variant(
    family: Family, name: str, bug: Bug, seen: str
) -> None:
    assert judge(BY_NAME[name], play(name, family, 3, bug)).verdict == f"variant:{seen}"
    assert judge(BY_NAME[name], play(name, family)).verdict not in ("fail", f"variant:{seen}")


def test_bugs_can_be_had_together() -> None:
    scenario = BY_NAME["the_opener_disconnects"]
    play = FakeBrowser("chromium", bugs=[Bug.ERROR_ALWAYS, Bug.FIRES_DISCONNECT_TWICE]).play(scenario)

    ends = [event for event in play.events if event.operation == "onDisconnect"]
    assert len(ends) == 2
    assert all("Something went wrong." in str(event.last_error) for event in ends)


def test_every_bug_is_documented_in_its_own_words() -> None:
    documented = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE))

    assert documented == {bug.value: bug.meaning for bug in Bug}
