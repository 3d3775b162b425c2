"""``portolan show``, ``judge`` and ``scenarios``: readers, which need no browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import Result

from portolan.cli.main import COMMANDS
from portolan.conformance.language.discovery import suite
from portolan.conformance.trace.recording import Browser
from portolan.conformance.trace.run_file import RunWriter, read_run

Invoke = Callable[..., Result]
ONE = "one_of_two_receiving_frames_is_removed"
RUN = "portolan-results/firefox-999.0-mv3.jsonl"


@pytest.fixture
def runs(invoke: Invoke) -> Path:
    """A folder with a few runs."""
    invoke("run", "--fake", ONE, "nobody_listens", "--repeat=2")
    return Path("portolan-results")


def cut(path: Path | str) -> Path:
    """Cut a run file off in the middle of its last play."""
    path = Path(path)
    path.write_bytes(path.read_bytes()[:-900])
    return path


def rewrite(path: Path | str, **header: object) -> None:
    """Write a run file anew with another header and hostile texts everywhere."""
    run = read_run(path)
    hostile = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m"
    browser = Browser("firefox", "153.7.0" + hostile, build=hostile, driver=hostile)
    with RunWriter(path, msgspec.structs.replace(run.header, browser=browser, **header)) as writer:
        for play in run.plays:
            events = [
                msgspec.structs.replace(event, actor=event.actor + hostile, value=[hostile, {hostile: hostile}])
                for event in play.events
            ]
            writer.add(msgspec.structs.replace(play, events=tuple(events), reason=hostile))
        writer.add(msgspec.structs.replace(run.plays[0], scenario=hostile, repeat=1))


# ---- show


def test_show_lists_what_was_played(invoke: Invoke, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    result = invoke("show", RUN)
    assert result.exit_code == 0
    assert result.stdout.count(ONE) == 2
    assert "firefox 999.0 mv3: 4 plays, 4 as expected" in result.stdout


def test_show_draws_a_play(invoke: Invoke, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = invoke("show", RUN, ONE)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{ONE} in firefox 999.0 mv3\nA port handed to two frames")
    assert "── 6. page.frame1 is removed ──" in result.stdout
    assert "✗ port1.postMessage" in result.stdout
    assert "“dies with the first receiver”" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_show_takes_globs_and_repeats(invoke: Invoke, runs: Path) -> None:
    assert invoke("show", RUN, "*").stdout.count(" in firefox 999.0 mv3\n") == 2
    assert invoke("show", RUN, ONE, "--repeat=2").exit_code == 0
    assert "the last one is 2" in invoke("show", RUN, ONE, "--repeat=3").stderr


def test_show_everything(invoke: Invoke) -> None:
    name = "messages_arrive_in_the_order_in_which_they_were_posted"
    invoke("run", "--fake", name, "--browser=firefox", "--manifest=3")
    assert "more of" in invoke("show", RUN, name).stdout
    assert "more of" not in invoke("show", RUN, name, "--all").stdout


def test_show_json_has_every_event(invoke: Invoke, runs: Path) -> None:
    (play,) = json.loads(invoke("show", RUN, ONE, "--format=json").stdout)
    assert play["judgement"]["verdict"] == "variant:dies-with-the-first-receiver"
    assert len(play["play"]["events"]) == 8


def test_show_says_what_it_wants(invoke: Invoke, runs: Path) -> None:
    assert "no play of 'nothing'; there are plays of one_of_two" in invoke("show", RUN, "nothing").stderr
    assert "is a folder of 3 run files; give one of them" in invoke("show", runs).stderr
    assert "There is no run file nowhere.jsonl" in invoke("show", "nowhere.jsonl").stderr
    assert {invoke("show", *wrong).exit_code for wrong in ([RUN, "nothing"], [runs], ["nowhere.jsonl"], [])} == {2}


def test_show_of_a_run_that_was_cut_off(invoke: Invoke, runs: Path) -> None:
    result = invoke("show", cut(RUN))
    assert result.exit_code == 0
    assert "(cut off)" in result.stdout
    assert "? not-run" in result.stdout


# ---- judge


def test_judge_prints_what_run_printed(invoke: Invoke, runs: Path) -> None:
    again = invoke("run", "--fake", ONE, "nobody_listens", "--repeat=2")
    order = ["firefox-999.0-mv2", "firefox-999.0-mv3", "chromium-999.0-mv3"]
    judged = invoke("judge", *(runs / f"{name}.jsonl" for name in order))
    assert judged.exit_code == again.exit_code == 0
    assert judged.stdout == again.stdout
    assert judged.stderr == ""


def test_judge_exit_codes(invoke: Invoke, runs: Path) -> None:
    invoke("run", "--fake", "--fake-bug=connects-to-nobody", ONE, "--browser=firefox", "--out=bad")
    assert invoke("judge", runs).exit_code == 0
    assert invoke("judge", runs, "bad").exit_code == 1
    cut(RUN)
    result = invoke("judge", runs)
    assert result.exit_code == 3
    assert "CUT OFF" in result.stdout
    assert "the run was cut off; what is here is not all of it" in result.stdout
    assert invoke("judge", "nowhere").exit_code == 2
    assert invoke("judge").exit_code == 2


def test_judge_by_a_file_of_the_users_own(invoke: Invoke, greeting: Path) -> None:
    invoke("run", "--fake", greeting, "--browser=firefox", "--manifest=3")
    assert invoke("judge", RUN).exit_code == 3
    assert "there is no scenario greets today" in invoke("judge", RUN).stdout
    assert invoke("judge", RUN, "--scenarios", greeting).exit_code == 0
    greeting.write_text(greeting.read_text().replace('post("hello")', 'post("hello", "changed")'))
    changed = invoke("judge", RUN, "--scenarios", greeting)
    assert changed.exit_code == 3
    assert "the steps of greets are not the ones that were played" in changed.stdout
    greeting.write_text(greeting.read_text().replace(', "changed"', "").replace('received("hello")', 'received("bye")'))
    assert invoke("judge", RUN, "--scenarios", greeting).exit_code == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "not judged"),
        (b"not json\n", "line 1: "),
        (b'{"record":"header","format":999}\n', "line 1: a run file of format 999; accepted: format 1"),
        (b'{"record":"footer","plays":0,"finished":""}\n', "line 1: a line before the header"),
    ],
)  # fmt: skip
def test_files_that_are_no_runs(invoke: Invoke, folder: Path, text: bytes, said: str) -> None:
    Path("x.jsonl").write_bytes(text)
    result = invoke("judge", "x.jsonl")
    if text:
        assert result.exit_code == 2
        assert said in result.stderr
    else:
        assert result.exit_code == 3, "cut off before its first line"


def test_hostile_runs_do_no_harm(invoke: Invoke, runs: Path) -> None:
    rewrite(RUN)
    for arguments in (
        ["show", RUN],
        ["show", RUN, "*"],
        ["show", RUN, "*", "--all"],
        ["judge", RUN],
        ["judge", RUN, "--format=markdown"],
    ):
        result = invoke(*arguments)
        assert result.exit_code in (0, 1, 3)
        for text in (result.stdout, result.stderr):
            assert all(char == "\n" or char.isprintable() for char in text), arguments
    for arguments in (["show", RUN, "--format=json"], ["judge", RUN, "--format=json"]):
        text = invoke(*arguments).stdout
        assert text.isascii()
        assert "\x1b" not in text


# ---- scenarios


def test_scenarios_are_listed(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    result = invoke("scenarios")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == f"{len(suite())} scenarios"
    assert all(scenario.name in result.stdout for scenario in suite())
    listed = json.loads(invoke("scenarios", "--format=json").stdout)
    assert [each["name"] for each in listed] == [scenario.name for scenario in suite()]


def test_scenarios_are_shown_in_words(invoke: Invoke, greeting: Path) -> None:
    result = invoke("scenarios", "show", ONE)
    assert "6. page.frame1 is removed" in result.stdout
    assert "“dies with the first receiver”" in result.stdout
    assert "4. page posts" in invoke("scenarios", "show", greeting).stdout
    (data,) = json.loads(invoke("scenarios", "show", ONE, "--format=json").stdout)
    assert data["steps"][0]["step"] == "open-page"
    assert len(data["digest"]) == 16


def test_unknown_scenarios(invoke: Invoke) -> None:
    assert invoke("scenarios", "show", "nothing").exit_code == 2
    assert invoke("scenarios", "show").exit_code == 2
    assert invoke("scenarios", "nonsense").exit_code == 2


# ---- help


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "show",
        "judge",
        "scenarios",
        "scenarios show",
        "claims",
        "contradictions",
        "doctor",
        "cache",
        "cache list",
        "cache clear",
    ],
)
def test_help_has_an_example(invoke: Invoke, command: str) -> None:
    result = invoke(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"portolan {command.split()[0]}" in result.stdout.partition("Example")[2]


def test_help_of_all(invoke: Invoke) -> None:
    result = invoke("--help")
    assert all(f"\n  {name} " in result.stdout for name in COMMANDS)
    assert "130  interrupted" in result.stdout
