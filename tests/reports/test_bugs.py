"""Known bugs in stored runs: each state comes from what was seen, and from nothing else."""

import msgspec
import pytest
from making import a_run, judged_play

from portolan.conformance.judging.bugs import Bug, Shown
from portolan.conformance.judging.expectations import Expected
from portolan.conformance.language.discovery import suite
from portolan.reports.knowledge.bugs import bug_data, bug_lines, bug_rows, shown_by, verdict_lines

BUG = Bug(
    "bug-1",
    "https://bugs.test/1",
    "It ends.",
    ("firefox",),
    (Shown("one", ("variant:dies",), ("variant:lives",)), Shown("two", ("fail",), ("pass",))),
)
SCENARIO = next(each for each in suite() if each.name == "one_of_two_receiving_frames_is_removed")


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ({"one": "variant:dies", "two": "pass"}, "present"),
        ({"one": "variant:lives", "two": "fail"}, "present"),
        ({"one": "variant:lives", "two": "pass"}, "absent"),
        ({"one": "variant:lives"}, "absent"),
        ({"one": "variant:lives", "two": "timeout"}, "not known"),
        ({"one": "inconclusive"}, "not known"),
        ({"one": "not judged"}, "not known"),
        ({"three": "fail"}, "not known"),
    ],
)
def test_states(verdicts: dict[str, str], state: str) -> None:
    (row,) = bug_rows([BUG], [a_run(**verdicts)])
    assert row.sightings["firefox 153.0 mv3"].state == state


def test_evidence() -> None:
    (row,) = bug_rows([BUG], [a_run(one="variant:dies", two="pass"), a_run(version="154.0", one="variant:lives")])
    assert list(bug_lines(row)) == [
        "bug-1: It ends.",
        "  https://bugs.test/1",
        "  firefox 153.0 mv3: present (one: variant:dies)",
        "  firefox 154.0 mv3: absent (one: variant:lives)",
    ]
    assert msgspec.json.decode(msgspec.json.encode(bug_data(row)))["states"]["firefox 154.0 mv3"]["state"] == "absent"


def test_without_runs() -> None:
    (row,) = bug_rows([BUG], [])
    assert "not known" in list(bug_lines(row))[-1]


def test_a_fake_browser_tells_nothing() -> None:
    run = a_run(one="variant:dies")
    browser = msgspec.structs.replace(run.run.header.browser, source="fake")
    header = msgspec.structs.replace(run.run.header, browser=browser)
    faked = msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, header=header))
    (row,) = bug_rows([BUG], [faked])
    assert {each.state for each in row.sightings.values()} == {"not known"}


def test_a_scenario_of_no_known_bug() -> None:
    known = Expected("*", "variant:dies-with-the-first-receiver", "It is so.")
    assert shown_by(SCENARIO, judged_play("fail")).state("fail") == "present"
    expected = judged_play("variant:dies-with-the-first-receiver", expected=known)
    assert shown_by(SCENARIO, expected).state("variant:dies-with-the-first-receiver") == "present"
    assert shown_by(SCENARIO, expected).state("variant:lives-until-all-receivers-unload") == "absent"
    assert (
        shown_by(SCENARIO, judged_play("pass", expected=Expected("*", "pass", "It is so."))).state("pass") == "absent"
    )
    assert shown_by(SCENARIO, judged_play("inconclusive")).state("inconclusive") == "not known"


def test_verdicts_in_words() -> None:
    lines = list(verdict_lines(["pass", "fail", "variant:dies-with-the-first-receiver", "variant:a + b"], SCENARIO))
    assert lines[:2] == ["every check holds", "a check does not hold"]
    assert lines[2].startswith("dies with the first receiver (")
    assert lines[3] == "a + b"
