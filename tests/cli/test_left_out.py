"""Browsers that do not load a manifest version, and several workers: the same for the command and for pytest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from cli.stand_ins import GREETING, StandIn
from portolan.cli.workers import BadOption, how_many, read_workers
from portolan.conformance.trace.run_file import read_run
from portolan.pytest_plugin import play_service as stagehand
from portolan.runners.errors import NoSuchManifest
from portolan.selection import targets

pytest_plugins = "pytester"

Invoke = Callable[..., Result]

SENTENCE = "chromium 156.0 does not load extensions of Manifest V2"


class Picky(StandIn):
    """A browser that does not load Manifest V2."""

    def __init__(self, target: targets.Target, notes: list[str]) -> None:
        super().__init__(notes)
        self.target = target

    def start(self) -> object:  # type: ignore[override]
        self.notes.append(f"start {self.target}")
        if self.target.browser == "chromium@156.0" and self.target.manifest == 2:
            raise NoSuchManifest("it says so")
        return stagehand_fake(self.target, []).start()


stagehand_fake = stagehand.open_fake


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Chromium 156.0 does not load Manifest V2, but that is found out when it is started."""
    made: list[str] = []
    monkeypatch.setattr(targets, "MANIFESTS", {"firefox": (2, 3), "chromium": (2, 3)})
    monkeypatch.setattr(stagehand, "open_fake", lambda target, _: Picky(target, made))
    monkeypatch.setattr(
        stagehand.PlayService,
        "_expected",
        lambda _, target: stagehand_fake(target, []).start(),
    )
    return made


def test_what_a_browser_does_not_load_is_left_out_with_one_sentence(
    invoke: Invoke, greeting: Path, notes: list[str]
) -> None:
    result = invoke("run", "--fake", greeting, "--browser=chromium@156.0", "--browser=firefox@140", "--repeat=3")
    assert result.stdout.splitlines()[-1] == f"left out: {SENTENCE}"
    assert result.stdout.count(SENTENCE) == 1
    assert SENTENCE not in result.stderr
    assert "chromium 156.0 mv2" not in result.stdout
    assert sorted(path.name for path in Path("portolan-results").iterdir()) == [
        "chromium-156.0-mv3.jsonl",
        "firefox-140-mv2.jsonl",
        "firefox-140-mv3.jsonl",
    ]
    assert notes.count("start chromium@156.0 mv2") == 1, "it is not tried again"
    assert result.exit_code == 1, "the stand-ins fail what they play; the one left out changes nothing"


def test_programs_are_told_what_was_left_out(invoke: Invoke, greeting: Path, notes: list[str]) -> None:
    arguments = ["run", "--fake", greeting, "--browser=chromium@156.0"]
    assert json.loads(invoke(*arguments, "--format=json").stdout)["left_out"] == [SENTENCE]
    assert invoke(*arguments, "--format=markdown").stdout.endswith(f"\nLeft out: {SENTENCE}.\n")


def test_nothing_else_to_play_in_is_bad_input(invoke: Invoke, greeting: Path, notes: list[str]) -> None:
    result = invoke("run", "--fake", greeting, "--browser=chromium@156.0", "--manifest=2")
    assert result.exit_code == 2
    assert f"portolan: {SENTENCE}: there is nothing to play in." in result.stderr.splitlines()
    assert result.stdout == ""


def test_pytest_skips_it_with_the_sentence(pytester: pytest.Pytester, plugin: list[str], notes: list[str]) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="greets"))
    arguments = [*plugin, "my_scenarios.py", "--portolan-fake", "--portolan-browser=chromium@156.0", "-rs"]
    result = pytester.runpytest_inprocess(*arguments)
    result.assert_outcomes(skipped=1, failed=1)
    result.stdout.fnmatch_lines(f"SKIPPED*{SENTENCE}*")
    alone = pytester.runpytest_inprocess(*arguments, "--portolan-manifest=2")
    alone.assert_outcomes(skipped=1)
    assert alone.ret == pytest.ExitCode.USAGE_ERROR, "nothing was played: that is no success"


# ---- workers


def test_workers_play_the_same(invoke: Invoke, greeting: Path) -> None:
    arguments = ["run", "--fake", "one_of_two_*", greeting, "--browser=firefox@115.1", "--repeat=2"]
    alone = invoke(*arguments, "-n1", "--out=one")
    shared = invoke(*arguments, "-n2", "--out=two")
    assert shared.stdout == alone.stdout
    assert shared.exit_code == alone.exit_code
    one, two = (
        [(each.scenario, each.repeat, each.outcome, each.events) for each in read_run(path).plays]
        for path in (Path("one/firefox-115.1-mv3.jsonl"), Path("two/firefox-115.1-mv3.jsonl"))
    )
    assert one == two
    assert "firefox 115.1 mv3: " in shared.stderr, "progress is shown too"


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 1), (3, 1), (4, 2), (7, 3), (16, 8)])
def test_the_machine_says_how_many(cores: int, workers: int) -> None:
    said: list[str] = []
    assert how_many(None, said.append, cores) == workers
    assert str(cores) in said[0]


def test_the_user_says_how_many() -> None:
    said: list[str] = []
    assert how_many(read_workers("3"), said.append) == 3
    assert said == []
    assert read_workers("auto") is None
    for wrong in ("0", "-1", "many", "1.5", "65", "²"):
        with pytest.raises(BadOption, match="give a number of workers from 1 to 64, or auto"):
            read_workers(wrong)
