"""``portolan bugs`` and ``portolan reproduce``: what a user sees, and what a program gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from portolan.cli.commands.reproduce import exit_code

Invoke = Callable[..., Result]


def test_a_bug_that_is_there(invoke: Invoke) -> None:
    result = invoke("reproduce", "bug-1465514", "--fake")
    assert result.exit_code == 0
    assert "firefox 999.0 mv3: reproduced" in result.stdout
    assert "actual:   dies with the first receiver" in result.stdout
    assert "expected: lives until all receivers unload" in result.stdout
    assert "port1.onDisconnect" in result.stdout  # the chart
    assert "chromium" not in result.stdout
    assert not Path("portolan-results").exists()


def test_a_bug_that_is_not_there(invoke: Invoke) -> None:
    result = invoke("reproduce", "bug-1465514", "--fake", "--browser=chromium")
    assert result.exit_code == 1
    assert "chromium 999.0 mv3: not reproduced" in result.stdout
    assert "what should" not in result.stdout


def test_several_browsers(invoke: Invoke) -> None:
    result = invoke("reproduce", "bug-1465514", "--fake", "--browser=chromium", "--browser=firefox", "--out=kept")
    assert result.exit_code == 1
    assert len(list(Path("kept").glob("*.jsonl"))) == 2


def test_it_could_not_be_told(invoke: Invoke) -> None:
    result = invoke("reproduce", "bug-1465514", "--fake", "--fake-bug=goes-silent")
    assert result.exit_code == 3
    assert "could not tell" in result.stdout


def test_a_scenario_by_its_name_counts_as_its_bug(invoke: Invoke) -> None:
    result = invoke("reproduce", "one_of_two_receiving_frames_is_removed", "--fake", "--browser=firefox")
    assert result.exit_code == 0
    assert "bug-1465514" in result.stdout


def test_a_scenario_of_ones_own(invoke: Invoke, greeting: Path) -> None:
    result = invoke("reproduce", greeting, "--fake", "--browser=firefox")
    assert result.exit_code == 1
    assert "every check holds" in result.stdout


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("bug-1", "bug-1"),
        ("one_of_two_*", "give one of them"),
        ("nowhere.py", "nowhere.py"),
    ],
)
def test_bad_input(invoke: Invoke, what: str, said: str) -> None:
    result = invoke("reproduce", what, "--fake")
    assert result.exit_code == 2
    assert said in result.output
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["present", "present"], 0),
        (["present", "absent"], 1),
        (["absent", "not known"], 3),
        ([], 3),
    ],
)
def test_exit_codes(states: list[str], code: int) -> None:
    assert exit_code(states) == code


def test_the_list_of_bugs(invoke: Invoke) -> None:
    result = invoke("bugs")
    assert result.exit_code == 0
    assert "bug-1465514: " in result.stdout
    assert "https://bugzilla.mozilla.org/show_bug.cgi?id=1465514" in result.stdout
    assert "not known" in result.stdout


def test_the_list_for_programs(invoke: Invoke) -> None:
    invoke("reproduce", "bug-1465514", "--fake", "--out=kept")
    data = json.loads(invoke("bugs", "kept", "--format=json").stdout)
    assert {each["id"] for each in data} >= {"bug-1465514", "bug-1319168"}
    assert all(each["states"]["firefox 999.0 mv3"]["state"] == "not known" for each in data)


def test_the_list_in_markdown(invoke: Invoke) -> None:
    lines = invoke("bugs", "--format=markdown").stdout.splitlines()
    assert lines[0] == "| bug | what it is |"
    assert lines[2].startswith("| [bug-1465514](https://")


def test_an_export(invoke: Invoke) -> None:
    invoke("reproduce", "bug-1465514", "--fake", "--out=kept")
    result = invoke("reproduce", "bug-1465514", "--export=demo", "--run=kept")
    assert result.exit_code == 0
    assert Path("demo/firefox/manifest.json").is_file()
    assert "firefox 999.0 mv3" in Path("demo/bug-report.md").read_text()
    again = invoke("reproduce", "bug-1465514", "--export=demo")
    assert again.exit_code == 2
    assert "not empty" in again.output


def test_runs_are_for_an_export(invoke: Invoke) -> None:
    result = invoke("reproduce", "bug-1465514", "--fake", "--run=kept")
    assert result.exit_code == 2
    assert "--export" in result.output
