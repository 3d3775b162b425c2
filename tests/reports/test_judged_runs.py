"""Runs read back and judged: answers, statuses, exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from portolan.conformance.errors import RunFileError
from portolan.conformance.judging.expectations import Expectations, Expected
from portolan.conformance.language.scenario import Scenario
from portolan.conformance.trace.recording import Browser, Recording, Run
from portolan.conformance.trace.run_file import RunWriter
from portolan.reports.load import JudgedRun, exit_code, judge_play, judge_run, load, run_files

FIREFOX = Browser("firefox", "153.7.0")


def test_answers_and_statuses(judged: Callable[..., JudgedRun]) -> None:
    run = judged("firefox")
    assert run.answers == {"pass": 1, "variant:dies": 1}
    assert run.statuses == {"expected": 2}
    assert [each.play.scenario for each in run.of("a_lifetime")] == ["a_lifetime"]
    assert run.label == "firefox 153.7.0 mv3"


def test_exit_codes(judged: Callable[..., JudgedRun]) -> None:
    good, bad, silent = judged(), judged(bugs=["loses-last-message"]), judged(bugs=["goes-silent"])
    assert exit_code([good]) == 0
    assert exit_code([good, bad]) == 1
    assert exit_code([bad, silent]) == 3
    assert exit_code([judged(cut_off=True)]) == 3
    assert exit_code([judged(ended="three plays in a row ended in crash")]) == 3
    assert exit_code([judged(names=[])]) == 3
    assert exit_code([]) == 3


def test_a_verdict_that_changes_between_repeats_is_unexpected(
    played: Callable[..., Recording], make_run: Callable[..., Run], scenarios: dict[str, Scenario]
) -> None:
    plays = [played("a_lifetime", "firefox", repeat=1), played("a_lifetime", "chromium", repeat=2)]
    run = judge_run(make_run(*plays), scenarios, Expectations())
    assert run.statuses == {"expected": 2}
    assert run.unstable == ["a_lifetime"]
    assert exit_code([run]) == 1


def test_a_fault_is_no_other_verdict(
    played: Callable[..., Recording], make_run: Callable[..., Run], scenarios: dict[str, Scenario]
) -> None:
    plays = [played("a_greeting"), played("a_greeting", bugs=["goes-silent"], repeat=2)]
    run = judge_run(make_run(*plays), scenarios, Expectations())
    assert run.unstable == []
    assert exit_code([run]) == 3


def test_what_is_known_is_compared(played: Callable[..., Recording], scenarios: dict[str, Scenario]) -> None:
    known = Expectations({"firefox": (Expected("a_lifetime", "variant:lives-on", "so we hoped"),)})
    each = judge_play(played("a_lifetime"), scenarios["a_lifetime"], known, FIREFOX, 3)
    assert each.status == "unexpected"
    assert each.expected
    assert "so we hoped" in each.sentence


def test_a_play_that_nothing_can_judge_is_no_result(
    played: Callable[..., Recording], scenarios: dict[str, Scenario]
) -> None:
    play = played("a_greeting")
    unknown = judge_play(play, None, Expectations(), FIREFOX, 3)
    changed = judge_play(
        msgspec.structs.replace(play, digest="another"), scenarios["a_greeting"], Expectations(), FIREFOX, 3
    )
    assert (unknown.status, unknown.answer, changed.status, changed.answer) == (
        "incomplete",
        "not judged",
        "incomplete",
        "not judged",
    )
    assert "there is no scenario a_greeting today" in unknown.sentence
    assert "play it again" in changed.sentence


def test_run_files_are_read(tmp_path: Path, judged: Callable[..., JudgedRun], scenarios: dict[str, Scenario]) -> None:
    run = judged()
    with RunWriter(tmp_path / "a.jsonl", run.run.header) as writer:
        for play in run.run.plays:
            writer.add(play)
    (again,) = load(run_files([tmp_path]), scenarios, Expectations())
    assert again.plays == run.plays


def test_run_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match=r"There is no run file .*nowhere"):
        run_files([tmp_path / "nowhere.jsonl"])
    with pytest.raises(RunFileError, match=r"no run file \(\*\.jsonl\) in the folder"):
        run_files([tmp_path])


def test_a_run_file_is_taken_once(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        (tmp_path / name).touch()
    assert run_files([tmp_path / "b.jsonl", tmp_path]) == [tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
