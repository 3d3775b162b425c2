"""Run files as they come to be: play by play, cut off or whole, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from portolan.conformance.errors import RunFileError
from portolan.conformance.trace.recording import Browser, Outcome
from portolan.conformance.trace.run_file import RunWriter, read_run
from portolan.pytest_plugin.recorder import Recorder
from portolan.pytest_plugin.running_browsers import unplayed
from portolan.pytest_plugin.worker_result import Played, attach, played_of
from portolan.selection.targets import Target
from portolan.smoke import smoke_scenario

MV2, MV3 = Target("firefox", "firefox", 2), Target("firefox", "firefox", 3)


def played(
    name: str,
    order: int,
    repeat: int = 1,
    target: Target = MV3,
    outcome: Outcome = "ok",
    reason: str = "",
    of: int = 0,
) -> Played:
    play = msgspec.structs.replace(unplayed((smoke_scenario(), repeat), outcome, reason), scenario=name)
    status = "expected" if outcome == "ok" else "incomplete"
    return Played(target, Browser("firefox", "153.7.0"), order, play, status, "pass", of=of)


def session(exitstatus: int = 0, shouldstop: str = "", shouldfail: str = "") -> Any:
    return SimpleNamespace(exitstatus=exitstatus, shouldstop=shouldstop, shouldfail=shouldfail)


def report(each: Played) -> Any:
    made = SimpleNamespace(failed=False, when="setup")
    attach(made, each)  # type: ignore[arg-type]
    return made


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    made = Recorder(tmp_path / "results", (MV2, MV3))
    yield made
    made.finish(cut_off=True)


def test_nothing_is_touched_before_the_first_play(recorder: Recorder) -> None:
    recorder.pytest_sessionfinish(session())
    assert not recorder.out.exists()


def test_plays_travel_on_reports_and_stand_in_order(recorder: Recorder) -> None:
    for each in (
        played("b", 1, 2),
        played("b", 1, 1),
        played("a", 0, 2),
        played("x", 0, target=MV2),
        played("a", 0, 1),
    ):
        recorder.pytest_runtest_logreport(report(each))
    finished = session()
    recorder.pytest_sessionfinish(finished)
    assert [path.name for path in recorder.paths] == ["firefox-153.7.0-mv2.jsonl", "firefox-153.7.0-mv3.jsonl"]
    run = read_run(recorder.paths[1])
    assert [(play.scenario, play.repeat) for play in run.plays] == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]
    assert run.footer
    assert run.footer.ended == ""
    assert finished.exitstatus == 0


def test_lone_surrogates_travel_too() -> None:
    each = played("a", 0, reason="\ud800")
    assert played_of(report(each)) == each
    assert played_of(SimpleNamespace()) is None


def test_what_was_recorded_is_there_at_once(recorder: Recorder) -> None:
    recorder.add(played("a", 0))
    (path,) = recorder.paths
    run = read_run(path)
    assert run.cut_off
    assert len(run.plays) == 1


def test_ctrl_c_leaves_the_files_cut_off(recorder: Recorder) -> None:
    recorder.add(played("a", 0))
    recorder.pytest_keyboard_interrupt()
    finished = session(exitstatus=2)
    recorder.pytest_sessionfinish(finished)
    assert read_run(recorder.paths[0]).cut_off
    assert finished.exitstatus == 2


def test_a_browser_that_played_everything_keeps_its_file_whole(recorder: Recorder) -> None:
    for each in (
        played("b", 1, target=MV2, of=2),
        played("a", 0, target=MV2, of=2),
        played("a", 0, of=2),
    ):
        recorder.add(each)
    recorder.pytest_keyboard_interrupt()
    recorder.pytest_sessionfinish(session(exitstatus=2))
    whole, cut = map(read_run, recorder.paths)
    assert whole.footer
    assert whole.footer.ended == ""
    assert [play.scenario for play in whole.plays] == ["a", "b"]
    assert cut.cut_off


def test_an_early_end_is_told(recorder: Recorder) -> None:
    recorder.add(played("a", 0))
    finished = session(exitstatus=1, shouldfail="stopping after 1 failures")
    recorder.pytest_sessionfinish(finished)
    footer = read_run(recorder.paths[0]).footer
    assert footer
    assert footer.ended == "stopping after 1 failures"
    assert finished.exitstatus == 1


def test_a_browser_that_was_given_up_is_told_in_its_own_file(recorder: Recorder) -> None:
    recorder.add(played("a", 0, target=MV2))
    recorder.add(played("a", 0, outcome="not-run", reason="no display"))
    recorder.add(played("b", 1, outcome="not-run", reason="and again"))
    finished = session(exitstatus=1)
    recorder.pytest_sessionfinish(finished)
    ended = [footer.ended if (footer := read_run(path).footer) else None for path in recorder.paths]
    assert ended == ["", "no display"]
    assert finished.exitstatus == 3


def test_a_worker_that_died_makes_it_incomplete(recorder: Recorder) -> None:
    dead: Any = SimpleNamespace(failed=True, when="???")
    recorder.pytest_runtest_logreport(dead)
    assert not recorder.incomplete, "tests of others may die as they like"
    recorder.add(played("a", 0))
    recorder.pytest_runtest_logreport(dead)
    assert recorder.incomplete


def test_no_space_keeps_what_was_recorded(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder.add(played("a", 0))

    def full(self: RunWriter, play: object) -> None:
        raise RunFileError("results/x.jsonl: the run cannot be written: No space left on device")

    monkeypatch.setattr(RunWriter, "add", full)
    recorder.add(played("b", 1))
    recorder.add(played("c", 2))
    finished = session()
    recorder.pytest_sessionfinish(finished)
    assert recorder.problem.endswith("No space left on device")
    assert finished.exitstatus == 3
    run = read_run(recorder.paths[0])
    assert run.cut_off
    assert [play.scenario for play in run.plays] == ["a"]


def test_a_footer_that_cannot_be_written(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder.add(played("a", 0))

    def full(self: RunWriter, ended: str = "", order: object = None) -> None:
        raise RunFileError("no space")

    monkeypatch.setattr(RunWriter, "close", full)
    finished = session()
    recorder.pytest_sessionfinish(finished)
    assert recorder.problem == "no space"
    assert finished.exitstatus == 3


def test_a_new_run_replaces_an_old_file_only_when_it_begins(recorder: Recorder) -> None:
    recorder.out.mkdir()
    old = recorder.out / "firefox-153.7.0-mv3.jsonl"
    old.write_text("old")
    recorder.pytest_runtest_logreport(SimpleNamespace(failed=False, when="call"))  # type: ignore[arg-type]
    assert old.read_text() == "old"
    recorder.add(played("a", 0))
    assert read_run(old).plays
