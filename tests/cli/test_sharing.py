"""pytest-xdist: the same results whoever plays what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.stand_ins import CRASHING, GREETING, IDLE
from portolan.conformance.trace.recording import Recording
from portolan.conformance.trace.run_file import read_run

pytest_plugins = "pytester"

Run = Callable[..., pytest.RunResult]

DIES_ONCE = """
import os, pathlib

def pytest_runtest_setup(item):
    flag = pathlib.Path("died")
    if "two[firefox-mv3]" in item.nodeid and not flag.exists():
        flag.touch()
        os._exit(1)
"""

NOTES = """
import os
from portolan.pytest_plugin import play_service as stagehand
from portolan.runners.fake import FakeBrowser

def note(text):
    with open("notes", "a") as file:
        file.write(f"{os.getpid()} {text}\\n")

class Noting(FakeBrowser):
    def prepare(self, plays):
        note("prepare " + " ".join(scenario.name for scenario, repeat in plays))
    def play(self, scenario, repeat=1):
        note("play " + scenario.name)
        return super().play(scenario, repeat)

stagehand.open_fake = lambda target, bugs: Noting(target.family, target.manifest, bugs)
"""


@pytest.fixture
def play(pytester: pytest.Pytester, plugin: list[str]) -> Run:
    def run(*arguments: Any) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*plugin, "--portolan-fake", *map(str, arguments), timeout=600)

    return run


def plays(folder: Path) -> dict[str, list[Recording]]:
    """The plays of each run file, without what the clock says."""
    runs = {path.name: read_run(path) for path in sorted(folder.iterdir())}
    assert not any(run.cut_off for run in runs.values())
    return {name: [msgspec.structs.replace(each, duration=0) for each in run.plays] for name, run in runs.items()}


def test_results_are_the_same_for_one_worker_and_for_four(play: Run) -> None:
    some = [
        "conformance/scenarios/lifetime/broadcast.py",
        "conformance/scenarios/lifetime/lifecycle.py",
        "--portolan-repeat=2",
    ]
    told = play(*some, "--portolan-out=alone", "-p", "no:xdist").parseoutcomes()
    assert told["passed"] > 20
    for workers in (1, 4):
        shared = play(*some, f"--portolan-out=by{workers}", f"-n{workers}")
        assert shared.parseoutcomes() == told
        assert plays(Path(f"by{workers}")) == plays(Path("alone"))


def test_waiting_plays_begin_with_the_first_one_and_are_collected_last_by_the_same_worker(
    play: Run, pytester: pytest.Pytester
) -> None:
    names = [f"idle{n}" for n in range(3)]
    others = [f"other{n}" for n in range(5)]
    text = "".join(IDLE.format(name=name) for name in names) + "".join(GREETING.format(name=name) for name in others)
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="first") + text)
    pytester.makeconftest(NOTES)
    result = play(
        "my_scenarios.py", "-n2", "--portolan-browser=chromium", "--portolan-manifest=3", "--portolan-repeat=2"
    )
    result.assert_outcomes(passed=18)
    notes = Path("notes").read_text().splitlines()
    (prepared,) = [note for note in notes if "prepare" in note]
    process, _, *begun = prepared.split()
    assert begun == [name for name in names for _ in range(2)]
    its_own = [note.removeprefix(f"{process} ") for note in notes if note.startswith(process)]
    assert its_own[:2] == [f"prepare {' '.join(begun)}", "play first"]
    assert its_own[-6:] == [f"play {name}" for name in begun]
    assert len([note for note in notes if "play idle" in note]) == 6


def test_a_file_of_waiting_plays_alone_is_one_workers(play: Run, pytester: pytest.Pytester) -> None:
    text = IDLE.format(name="idle0") + IDLE.format(name="idle1")
    pytester.path.joinpath("my_scenarios.py").write_text(f"from portolan import scenario\n{text}")
    pytester.makeconftest(NOTES)
    play("my_scenarios.py", "-n2", "--portolan-browser=chromium", "--portolan-manifest=3").assert_outcomes(passed=2)
    notes = Path("notes").read_text().splitlines()
    assert [note.split(maxsplit=1)[1] for note in notes] == ["prepare idle0 idle1", "play idle0", "play idle1"]
    assert len({note.split()[0] for note in notes}) == 1


def test_waiting_plays_outlive_the_worker_that_began_them(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="two") + IDLE.format(name="idle"))
    pytester.makeconftest(NOTES + DIES_ONCE)
    result = play("my_scenarios.py", "-n1", "--portolan-browser=firefox", "--portolan-manifest=3")
    assert result.parseoutcomes()["passed"] == 2
    (run,) = plays(Path("portolan-results")).values()
    assert [each.scenario for each in run] == ["two", "idle"]


def test_what_may_cost_the_browser_comes_last(play: Run, pytester: pytest.Pytester) -> None:
    text = CRASHING.format(name="crash") + IDLE.format(name="idle") + GREETING.format(name="other")
    pytester.path.joinpath("my_scenarios.py").write_text(text)
    pytester.makeconftest(NOTES)
    for workers in ("-n0", "-n1"):
        Path("notes").unlink(missing_ok=True)
        play("my_scenarios.py", workers, "--portolan-browser=firefox", "--portolan-manifest=3")
        played = [note.split()[-1] for note in Path("notes").read_text().splitlines() if " play " in note]
        assert played == ["other", "idle", "crash"]


def test_a_worker_that_dies_costs_no_play(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(
        "".join(GREETING.format(name=name) for name in ("one", "two", "three", "four"))
    )
    pytester.makeconftest(DIES_ONCE)
    result = play("my_scenarios.py", "-n1", "--portolan-browser=firefox", "--portolan-manifest=3")
    assert result.parseoutcomes()["passed"] == 4
    result.stdout.fnmatch_lines("*worker 'gw0' crashed while running *two?firefox-mv3?*")
    assert result.ret == 3
    (run,) = plays(Path("portolan-results")).values()
    assert [each.scenario for each in run] == ["one", "two", "three", "four"]


def test_another_way_of_sharing_can_be_asked_for(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="one") + IDLE.format(name="two"))
    for way in ("each", "loadfile", "worksteal"):
        result = play("my_scenarios.py", "-n2", f"--dist={way}", "--portolan-browser=chromium", f"--portolan-out={way}")
        assert result.ret == 0


def test_what_is_wrong_is_told_by_each_item(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="one"))
    result = play(
        "my_scenarios.py", "-n2", "--portolan-fake-bug=nonsense", "--portolan-browser=chromium", "--portolan-manifest=3"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("The fake browser has no bug 'nonsense'*")
    assert result.ret == 3
