"""The table of known bugs: it is whole, it names what there is, and what is wrong in it is named."""

from fnmatch import fnmatch
from pathlib import Path

import msgspec
import pytest

from portolan.conformance.errors import BugError
from portolan.conformance.judging.bugs import Bug, Shown, bugs_of, check_bugs, find_bug, load_bugs
from portolan.conformance.judging.expectations import load
from portolan.conformance.language.discovery import suite

ENTRY = """
[bug-1]
address = "https://bugs.test/1"
says = "It ends."
browsers = ["firefox"]
[[bug-1.shown]]
scenario = "one_of_two_receiving_frames_is_removed"
present = ["variant:dies-with-the-first-receiver"]
absent = ["variant:lives-until-all-receivers-unload"]
"""
SCENARIOS = {each.name: each for each in suite()}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Where a table is written."""
    return tmp_path / "bugs.toml"


def test_the_suite_has_what_the_bugs_name() -> None:
    bugs = load_bugs()
    assert "bug-1465514" in bugs
    check_bugs(bugs.values(), SCENARIOS)


def test_each_bug_that_the_suite_speaks_of_is_in_the_table() -> None:
    spoken = {scenario.bug for scenario in SCENARIOS.values()}
    spoken |= {entry.bug for entries in load().families.values() for entry in entries}
    assert {bug.address for bug in load_bugs().values()} == spoken - {""}


def test_expectations_and_bugs_agree() -> None:
    """Where an expectation names a bug's address, and is about a scenario that shows it, its verdict tells the bug's state."""
    found = {
        (bug.id, family): {
            shown.state(entry.verdict)
            for entry in entries
            if entry.bug == bug.address and fnmatch(shown.scenario, entry.scenario)
        }
        for bug in load_bugs().values()
        for shown in bug.shown[:1]
        for family, entries in load().families.items()
    }
    assert not [key for key, states in found.items() if "not known" in states]
    assert found["bug-1465514", "firefox"] == {"present"}
    assert found["bug-1465514", "chromium"] == {"absent"}
    assert found["webextensions-474", "chromium"] == {"present", "absent"}


def test_a_table(table: Path) -> None:
    table.write_text(ENTRY)
    shown = Shown(
        "one_of_two_receiving_frames_is_removed",
        ("variant:dies-with-the-first-receiver",),
        ("variant:lives-until-all-receivers-unload",),
    )
    bugs = load_bugs(table)
    assert bugs == {"bug-1": Bug("bug-1", "https://bugs.test/1", "It ends.", ("firefox",), (shown,))}
    check_bugs(bugs.values(), SCENARIOS)
    assert bugs_of(shown.scenario, bugs.values()) == [find_bug("bug-1", bugs)]
    assert bugs_of("another", bugs.values()) == []


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("variant:dies-with-the-first-receiver", "present"),
        ("variant:lives-until-all-receivers-unload", "absent"),
        ("variant:something else", "not known"),
        ("inconclusive", "not known"),
        (None, "not known"),
    ],
)
def test_what_a_verdict_tells(table: Path, verdict: str | None, state: str) -> None:
    table.write_text(ENTRY)
    assert load_bugs(table)["bug-1"].shown[0].state(verdict) == state


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[bug-1]\n", "[bug-1\n", "it is not TOML"),
        ("bug-1", "Bug_One", "accepted: such as bug-1465514"),
        ('"https://bugs.test/1"', '"bugs.test/1"', "is no address; accepted: https://"),
        ('"It ends."', '" "', "accepted: a sentence"),
        ('["firefox"]', '["opera"]', "accepted: chromium, firefox"),
        ('["firefox"]', "[]", "it is of no browser; accepted: firefox, chromium"),
        ("says =", "said =", "accepted: address, says, browsers, shown"),
        ('["variant:dies-with-the-first-receiver"]', "[]", "no verdict that is the bug"),
        ('["variant:lives-until-all-receivers-unload"]', "[]", "no verdict that is the fix"),
        ("lives-until-all-receivers-unload", "dies-with-the-first-receiver", "as the bug and as the fix"),
    ],
)
def test_what_is_wrong_is_named(table: Path, old: str, new: str, said: str) -> None:
    table.write_text(ENTRY.replace(old, new))
    with pytest.raises(BugError, match=r"bugs\.toml") as caught:
        load_bugs(table)
    assert said in str(caught.value)


def test_a_file_that_is_not_there(table: Path) -> None:
    with pytest.raises(BugError, match="cannot be read"):
        load_bugs(table)


def test_no_scenario_shows_it(table: Path) -> None:
    table.write_text(ENTRY.partition("[[")[0] + "shown = []\n")
    with pytest.raises(BugError, match="no scenario shows it"):
        load_bugs(table)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scenario": "of_no_such_name"}, "there is no scenario of_no_such_name"),
        ({"present": ("variant:flies",)}, "has no verdict 'variant:flies'; accepted: fail, variant:lives"),
        ({"absent": ("pass",)}, "has no verdict 'pass'"),
        ({"absent": ("variant:lives-until-all-receivers-unload + flies",)}, "has no verdict"),
    ],
)
def test_what_there_is_not_is_named(table: Path, change: dict[str, object], said: str) -> None:
    table.write_text(ENTRY)
    bug = load_bugs(table)["bug-1"]
    wrong = msgspec.structs.replace(bug, shown=(msgspec.structs.replace(bug.shown[0], **change),))
    with pytest.raises(BugError) as caught:
        check_bugs([wrong], SCENARIOS)
    assert said in str(caught.value)


def test_a_verdict_of_several_open_points() -> None:
    shown = Shown(
        "pairs_from_background",
        ("fail",),
        (
            "variant:pages-connected + content-scripts-connected + embedded-page-connected + another-extension-connected",
        ),
    )
    check_bugs([Bug("bug-1", "https://bugs.test/1", "It is.", ("firefox",), (shown,))], SCENARIOS)


def test_an_id_that_there_is_not() -> None:
    with pytest.raises(BugError, match="there is no bug bug-2; there are bug-1465514"):
        find_bug("bug-2", load_bugs())
