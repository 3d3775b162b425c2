"""``portolan run``, on the fake browser: what it prints, what it leaves, and each exit code."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from cli.stand_ins import GREETING, StandIn
from portolan.conformance.errors import PortolanError
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Attempt, Recording
from portolan.conformance.trace.run_file import read_run
from portolan.pytest_plugin import play_service as stagehand
from portolan.selection import selection as choice
from portolan.selection.targets import Target

Invoke = Callable[..., Result]
ONE = "one_of_two_receiving_frames_is_removed"


def test_the_main_job(invoke: Invoke, folder: Path) -> None:
    result = invoke("run", "--fake")
    assert result.exit_code == 0
    assert "Differences:" in result.stdout
    assert "dies with the first receiver" in result.stdout
    assert sorted(path.name for path in (folder / "portolan-results").iterdir()) == [
        "chromium-999.0-mv3.jsonl", "firefox-999.0-mv2.jsonl", "firefox-999.0-mv3.jsonl",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == ["portolan-results"], "nothing else is written"


def test_results_go_to_stdout_and_progress_to_stderr(invoke: Invoke, greeting: Path) -> None:
    result = invoke("run", "--fake", greeting, "--browser=firefox", "--manifest=3")
    assert result.stdout.splitlines()[-1] == "firefox 999.0 mv3: 1 play, 1 as expected"
    first, second, *_ = result.stderr.splitlines()
    assert "at a time, for there are" in first or "at once, for there are" in first
    assert second == "firefox mv3: 1 play"
    assert result.stderr.splitlines()[-1] == "recorded in portolan-results/firefox-999.0-mv3.jsonl"


def test_json_is_all_of_stdout(invoke: Invoke, greeting: Path) -> None:
    greeting.write_text("print('hello from the file')\n" + greeting.read_text())
    data = json.loads(invoke("run", "--fake", greeting, "--format=json").stdout)
    assert data["exit_code"] == 0
    assert [run["run"] for run in data["runs"]] == ["firefox 999.0 mv2", "firefox 999.0 mv3", "chromium 999.0 mv3"]
    assert data["scenarios"] == [
        {
            "scenario": "greets",
            "topic": "my scenarios",
            "answers": {run["run"]: {"answer": "pass", "status": "expected"} for run in data["runs"]},
        }
    ]
    assert data["runs"][0]["plays"][0]["claims"] == {"C26": "holds"}
    assert data["differences"] == []


def test_markdown(invoke: Invoke, greeting: Path) -> None:
    lines = invoke("run", "--fake", greeting, "--format=markdown").stdout.splitlines()
    assert lines[0] == "| scenario | firefox 999.0 mv2 | firefox 999.0 mv3 | chromium 999.0 mv3 |"
    assert "| `greets` | pass | pass | pass |" in lines


def test_names_globs_and_files_add_up(invoke: Invoke, greeting: Path) -> None:
    data = json.loads(
        invoke(
            "run", "--fake", ONE, "a_native_application_ex?ts", greeting, "--browser=chromium", "--format=json"
        ).stdout
    )
    assert [each["scenario"] for each in data["scenarios"]] == [ONE, "a_native_application_exits", "greets"]


def test_repeats_and_an_unstable_verdict(invoke: Invoke, greeting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bugs = iter([[], ["loses-last-message"]])
    real = stagehand.open_fake

    class Changing:
        broken = None

        def __init__(self, target: Any) -> None:
            self.target = target
            self.browser = real(target, []).start()

        def start(self) -> Any:
            return self.browser

        def play(self, scenario: Any, repeat: int = 1) -> Any:
            return real(self.target, next(bugs)).play(scenario, repeat)

        def close(self) -> None: ...

    monkeypatch.setattr(stagehand, "open_fake", lambda target, _: Changing(target))
    result = invoke("run", "--fake", greeting, "--browser=firefox", "--manifest=3", "--repeat=2")
    assert "✗ 1 × pass, 1 × fail" in result.stdout
    assert "the verdict changes between repeats" in result.stdout
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("bug", "code", "said"),
    [("loses-last-message", 1, "✗ fail"), ("goes-silent", 3, "? timeout"), ("crashes", 3, "? crash")],
)
def test_exit_codes(invoke: Invoke, greeting: Path, bug: str, code: int, said: str) -> None:
    result = invoke("run", "--fake", f"--fake-bug={bug}", greeting, "--browser=firefox")
    assert result.exit_code == code
    assert said in result.stdout
    assert "greets in firefox 999.0 mv3" in result.stdout


def test_what_is_not_applicable_is_no_failure(invoke: Invoke) -> None:
    result = invoke("run", "--fake", "a_web_page_connects", "--browser=firefox")
    assert result.exit_code == 0
    assert "not applicable" in result.stdout


def test_a_browser_that_does_not_start(invoke: Invoke, greeting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    players = {2: StandIn([], starts=False), 3: StandIn([])}
    monkeypatch.setattr(stagehand, "open_fake", lambda target, _: players[target.manifest])
    result = invoke("run", "--fake", greeting, "--browser=firefox", "--repeat=4")
    assert result.exit_code == 3
    said = "    firefox did not start: no display\n      | last line\n"
    assert "4 plays not run in firefox unknown mv2:\n" + said in result.stdout
    assert result.stderr.count(said) == 1
    assert "firefox 153.7.0 mv3: 4 plays" in result.stdout, "the other one is played"


def test_three_faults_in_a_row(invoke: Invoke, greeting: Path) -> None:
    result = invoke("run", "--fake", "--fake-bug=crashes", greeting, "--browser=firefox", "--manifest=3", "--repeat=8")
    assert result.exit_code == 3
    said = " ".join(result.stdout.split())
    assert "5 plays not run in firefox 999.0 mv3: not run, because 3 plays in a row ended in crash" in said
    assert [play.outcome for play in read_run("portolan-results/firefox-999.0-mv3.jsonl").plays] == ["crash"] * 3 + [
        "not-run"
    ] * 5


@pytest.fixture
def crashes_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In each target the first play ends with the browser."""
    real = stagehand.open_fake
    crashed: set[Target] = set()

    class CrashesOnce(StandIn):
        def __init__(self, target: Target) -> None:
            super().__init__([], ["crash"])
            self.target = target

        def play(self, scenario: Scenario, repeat: int = 1) -> Recording:
            if self.target in crashed:
                return real(self.target, ()).play(scenario, repeat)
            crashed.add(self.target)
            return super().play(scenario, repeat)

    monkeypatch.setattr(stagehand, "open_fake", lambda target, _: CrashesOnce(target))


@pytest.mark.parametrize(("retry", "code"), [(0, 3), (1, 0)])
def test_what_is_no_result_is_played_again_and_told(
    invoke: Invoke, greeting: Path, crashes_once: None, retry: int, code: int
) -> None:
    result = invoke("run", "--fake", greeting, "--browser=firefox", "--manifest=3", f"--retry={retry}")
    assert result.exit_code == code
    (play,) = read_run("portolan-results/firefox-153.7.0-mv3.jsonl").plays
    assert play.outcome == ("ok" if retry else "crash")
    assert play.attempts == ((Attempt("crash", "a crash"),) if retry else ())
    told = "greets in firefox 153.7.0 mv3: played again after crash: a crash"
    assert (told in result.stdout) == bool(retry)
    assert ("1 as expected, 1 played again" in result.stdout) == bool(retry)
    assert ("↻ greets in firefox 153.7.0 mv3: pass, played again after crash: a crash" in result.stderr) == bool(retry)
    assert ("; played again after crash: a crash" in invoke("show", "portolan-results", "greets").stdout) == bool(retry)


def test_what_was_played_again_in_other_forms(invoke: Invoke, greeting: Path, crashes_once: None) -> None:
    asked = ("run", "--fake", greeting, "--browser=firefox", "--retry=1")
    data = json.loads(invoke(*asked, "--manifest=2", "--format=json").stdout)
    assert data["runs"][0]["plays"][0]["attempts"] == [{"outcome": "crash", "reason": "a crash"}]
    told = "greets in firefox 153.7.0 mv3: played again after crash: a crash."
    assert told in invoke(*asked, "--manifest=3", "--format=markdown").stdout.splitlines()


def test_a_worker_plays_again_too(invoke: Invoke, greeting: Path) -> None:
    asked = ("run", "--fake", "--fake-bug=crashes", greeting, "--browser=firefox", "--manifest=3", "-n2", "--repeat=2")
    assert invoke(*asked, "--retry=1").exit_code == 3
    assert [len(play.attempts) for play in read_run("portolan-results/firefox-999.0-mv3.jsonl").plays] == [1, 1]


@pytest.mark.parametrize("number", ["-1", "11"])
def test_how_often_is_bounded(invoke: Invoke, greeting: Path, number: str) -> None:
    result = invoke("run", "--fake", greeting, f"--retry={number}")
    assert result.exit_code == 2
    assert f"--retry {number}: give a number from 0 to 10." in result.stderr


BAD = "from portolan import scenario\n\n@scenario()\ndef bad(play):\n    "


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        (["nobody_lissens"], "", "no scenario is called 'nobody_lissens'; did you mean nobody_listens?"),
        (["--browser=safari"], "", "There is no browser 'safari'; accepted: firefox or chromium; with a version"),
        (["--browser=chromium", "--manifest=2"], "", "chromium is played with manifest version 3, not 2."),
        (["--manifest=4"], "", "Invalid value for '--manifest'"),
        (["--nonsense"], "", "No such option"),
        (["--repeat=0"], "", "--repeat 0: give a number from 1 to 10000."),
        (["--repeat=many"], "", "Invalid value for '--repeat'"),
        (["--timeout-factor=0"], "", "--timeout-factor 0: give a number above 0"),
        (["--fake-bug=nonsense"], "", "The fake browser has no bug 'nonsense'"),
        (["bad.py"], "import nonsense\n", "bad.py, line 1: the file cannot be imported: "),
        (["bad.py"], "def f(:\n", "bad.py, line 1: the file cannot be imported: "),
        (["bad.py"], BAD + "pass\n", "bad: the scenario checks nothing"),
        (["bad.py"], BAD + "play.page().close(); play.page('x').go_back(1)\n", "bad: go_back(): to is 1; accepted: a Document"),
        (["bad.py"], "x = 1\n", "there is no scenario in this file"),
        (["missing.py"], "", "missing.py: the file cannot be read: No such file"),
        ([ONE, "bad.py"], GREETING.format(name=ONE), f"two scenarios are called {ONE}"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_bad_input_is_named_in_a_sentence_before_any_browser_starts(
    invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], text: str, sentence: str
) -> None:
    monkeypatch.setattr(stagehand, "open_fake", None)
    monkeypatch.setattr(choice, "get_tools", None)
    if text:
        (folder / "bad.py").write_text(text)
    result = invoke("run", *arguments)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert not (folder / "portolan-results").exists()


def test_a_results_folder_that_cannot_be_written(invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "get_tools", None)
    (folder / "file").touch()
    for out in ("file", "file/below", "/proc/portolan"):
        result = invoke("run", ONE, f"--out={out}")
        assert result.exit_code == 2
        assert "cannot be written" in result.stderr
        assert "give another one with --out DIR" in result.stderr


def test_browsers_that_are_not_to_be_had(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> None:
        raise PortolanError("There is no firefox to be had (installed: none); install one.")

    monkeypatch.setattr(choice, "get_tools", nothing)
    result = invoke("run", ONE)
    assert result.exit_code == 2
    assert result.stderr == "portolan: There is no firefox to be had (installed: none); install one.\n"


def test_paths_of_tools_are_checked(invoke: Invoke) -> None:
    result = invoke("run", ONE, "--browser=firefox", "--firefox=/nowhere/firefox")
    assert result.exit_code == 2
    assert "/nowhere/firefox: there is no such file" in result.stderr


def test_no_space(execute: Callable[..., subprocess.CompletedProcess[str]], folder: Path) -> None:
    """A limit on the size of files stands for a full disk: what fits is kept."""
    import resource

    limit = 60_000
    done = execute(
        "run",
        "--fake",
        "--browser=firefox",
        "--manifest=3",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 3
    assert "the run cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    run = read_run(folder / "portolan-results/firefox-999.0-mv3.jsonl")
    assert run.cut_off
    assert run.plays
    assert "CUT OFF" in done.stdout


def test_an_old_file_is_replaced_and_others_are_left(invoke: Invoke, greeting: Path) -> None:
    invoke("run", "--fake", greeting, "--browser=firefox")
    other = greeting.parent / "portolan-results" / "firefox-1.0-mv3.jsonl"
    other.write_text("old")
    invoke("run", "--fake", ONE, "--browser=firefox", "--manifest=3")
    assert other.read_text() == "old"
    assert [play.scenario for play in read_run(other.with_name("firefox-999.0-mv3.jsonl")).plays] == [ONE]
    assert [play.scenario for play in read_run(other.with_name("firefox-999.0-mv2.jsonl")).plays] == ["greets"]


def test_the_users_own_pytest_takes_no_part(
    execute: Callable[..., subprocess.CompletedProcess[str]], folder: Path, greeting: Path
) -> None:
    (folder / "conftest.py").write_text("raise SystemExit('conftest')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    done = execute("run", "--fake", greeting, env={"PYTEST_ADDOPTS": "--more-nonsense", "PYTEST_PLUGINS": "nonsense"})
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == [
        "conftest.py", "my_scenarios.py", "portolan-results", "pytest.ini",
    ]  # fmt: skip


def test_it_is_a_program(execute: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = execute("run", "--fake", ONE, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stderr.isascii()
    assert done.stdout.isascii()
    assert execute("run", "nonsense").returncode == 2
    assert execute("--version").stdout.startswith("portolan ")
    assert execute("nonsense").returncode == 2


def test_no_traceback_when_nobody_reads(folder: Path, execute: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "portolan", "scenarios"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=600,
        check=False,
    )
    os.close(writing)
    assert "Traceback" not in done.stderr


def test_one_table_of_all_browsers_the_oldest_first(invoke: Invoke, greeting: Path) -> None:
    browsers = ["chromium@156.1", "chromium@99.1", "firefox@140.2", "firefox@99.3"]
    asked = [f"--browser={name}" for name in browsers]
    result = invoke("run", "--fake", greeting, *asked, "--manifest=3", "--format=json")
    assert [run["run"] for run in json.loads(result.stdout)["runs"]] == [
        "firefox 99.3 mv3", "firefox 140.2 mv3", "chromium 99.1 mv3", "chromium 156.1 mv3",
    ]  # fmt: skip
    table = invoke("run", "--fake", greeting, *asked).stdout
    assert "Fx firefox   Cr chromium" in table
    assert max(map(len, table.splitlines())) <= 100


def test_the_environment_chooses_where_no_browser_is_named(
    invoke: Invoke, greeting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTOLAN_BROWSERS", "firefox@115.1 chromium@156.2")
    invoke("run", "--fake", greeting, "--manifest=3")
    assert sorted(path.name for path in Path("portolan-results").iterdir()) == [
        "chromium-156.2-mv3.jsonl",
        "firefox-115.1-mv3.jsonl",
    ]
    invoke("run", "--fake", greeting, "--manifest=3", "--browser=firefox@9", "--out=named")
    assert [path.name for path in Path("named").iterdir()] == ["firefox-9-mv3.jsonl"]


def test_two_builds_of_one_version_have_a_file_each(
    invoke: Invoke, greeting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stagehand, "open_fake", lambda *_: StandIn([]))
    invoke("run", "--fake", greeting, "--manifest=3", "--browser=firefox", "--browser=firefox@153")
    assert sorted(path.name for path in Path("portolan-results").iterdir()) == [
        "firefox-153.7.0-mv3-2.jsonl",
        "firefox-153.7.0-mv3.jsonl",
    ]
