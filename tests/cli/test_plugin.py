"""The pytest plugin, on the fake browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cli.stand_ins import GREETING, IDLE, StandIn
from portolan.conformance.errors import PortolanError
from portolan.conformance.trace.recording import Browser
from portolan.conformance.trace.run_file import read_run
from portolan.pytest_plugin import play_service as stagehand
from portolan.selection import selection as choice
from portolan.selection.targets import Target

pytest_plugins = "pytester"

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def play(pytester: pytest.Pytester, plugin: list[str]) -> Run:
    """Run pytest on ``my_scenarios.py``, which has the scenario ``greets``, in the fake browser."""
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="greets"))

    def run(*arguments: Any, what: str = "my_scenarios.py", fake: bool = True) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*plugin, what, *(["--portolan-fake"] if fake else []), *map(str, arguments))

    return run


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Put stand-ins in the place of fake browsers; what they are told to do is noted."""

    def use(*outcomes: Any, starts: bool = True) -> list[str]:
        notes: list[str] = []
        monkeypatch.setattr(stagehand, "open_fake", lambda *_: StandIn(notes, outcomes or ["ok"], starts))
        return notes

    return use


def test_a_scenario_is_an_item_for_each_browser_and_manifest(play: Run) -> None:
    result = play("-v")
    result.assert_outcomes(passed=3)
    for label in ("firefox-mv2", "firefox-mv3", "chromium-mv3"):
        result.stdout.fnmatch_lines(f"my_scenarios.py::greets?{label}? PASSED*")
    assert result.ret == 0


def test_selection(play: Run) -> None:
    play("--portolan-browser", "firefox", "--portolan-manifest", "3").assert_outcomes(passed=1)
    play("-k", "C26 and chromium").assert_outcomes(passed=1, deselected=2)
    play(what="my_scenarios.py::greets[firefox-mv2]").assert_outcomes(passed=1)
    play(what="my_scenarios.py::greets").assert_outcomes(passed=3)


def test_repeats_stand_together(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="greets") + IDLE.format(name="again"))
    result = play("--portolan-browser=chromium", "--portolan-repeat=2", "--collect-only", "-q")
    ids = [line.partition("::")[2] for line in result.outlines if "::" in line]
    assert ids == [
        "greets[chromium-mv3]",
        "greets[chromium-mv3-repeat2]",
        "again[chromium-mv3]",
        "again[chromium-mv3-repeat2]",
    ]


def test_the_suite_is_found_by_its_name_from_anywhere(play: Run) -> None:
    result = play("-v", "-k", "one_of_two_receiving_frames_is_removed", what="conformance")
    result.assert_outcomes(passed=3, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(
        "*conformance/scenarios/lifetime/broadcast.py::one_of_two_receiving_frames_is_removed?firefox-mv3? PASSED*"
    )
    play(
        "--portolan-browser=firefox",
        what="conformance/scenarios/lifetime/broadcast.py::one_of_two_receiving_frames_is_removed",
    ).assert_outcomes(passed=2)


def test_an_unexpected_verdict_tells_what_was_accepted_and_what_came(play: Run) -> None:
    result = play("--portolan-browser=firefox", "--portolan-manifest=3", "--portolan-fake-bug=loses-last-message")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "greets in firefox 999.0 mv3: fail",
            "?C26? does not hold",
            '    expected: background.onConnect#1.onMessage fires, with exactly these values: ?"hello"?',
            "    actual:   ??",
            "── 4. page posts *",
            '*→ port1.postMessage("hello")*',
        ]
    )
    assert result.ret == 1


def test_a_fault_is_an_error_that_says_it_is_no_behaviour(play: Run) -> None:
    result = play("--portolan-browser=firefox", "--portolan-manifest=3", "--portolan-fake-bug=goes-silent")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["greets in firefox 999.0 mv3: timeout", "*This says nothing about the browser's behaviour*"]
    )
    assert result.ret == 3


def test_what_a_browser_lacks_is_skipped_by_name(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(GREETING.format(name="greets") + IDLE.format(name="idles"))
    result = play("--portolan-browser=firefox", "-rs")
    result.assert_outcomes(passed=3, skipped=1)
    result.stdout.fnmatch_lines("SKIPPED*the browser lacks a background that can be stopped*")
    assert result.ret == 0


def test_last_failed_and_first_failure(play: Run) -> None:
    play("--portolan-fake-bug=loses-last-message", "--portolan-browser=firefox", "--portolan-manifest=3")
    result = play("--lf", "--portolan-fake-bug=loses-last-message")
    result.assert_outcomes(failed=1)
    stopped = play("-x", "--portolan-fake-bug=loses-last-message", "--portolan-repeat=2", "--portolan-out=stopped")
    stopped.assert_outcomes(failed=1)
    (path,) = Path("stopped").iterdir()
    footer = read_run(path).footer
    assert footer
    assert "stopping after 1 failures" in footer.ended


def test_junit(play: Run) -> None:
    play("--junitxml=good.xml", "--portolan-browser=firefox", "--portolan-manifest=3")
    play(
        "--junitxml=bad.xml",
        "--portolan-browser=firefox",
        "--portolan-manifest=3",
        "--portolan-fake-bug=loses-last-message",
    )
    play(
        "--junitxml=ugly.xml", "--portolan-browser=firefox", "--portolan-manifest=3", "--portolan-fake-bug=goes-silent"
    )
    case = ElementTree.parse("good.xml").find(".//testcase")
    assert case is not None
    assert case.get("name") == "greets[firefox-mv3]"
    assert {(each.get("name"), each.get("value")) for each in case.iter("property")} == {
        ("browser", "firefox 999.0 mv3"),
        ("verdict", "pass"),
    }
    assert ElementTree.parse("bad.xml").find(".//testcase/failure") is not None
    assert ElementTree.parse("ugly.xml").find(".//testcase/error") is not None


def test_run_files_are_written(play: Run) -> None:
    play("--portolan-repeat=2", "--portolan-out=there")
    assert sorted(path.name for path in Path("there").iterdir()) == [
        "chromium-999.0-mv3.jsonl",
        "firefox-999.0-mv2.jsonl",
        "firefox-999.0-mv3.jsonl",
    ]
    run = read_run(Path("there/firefox-999.0-mv3.jsonl"))
    assert not run.cut_off
    assert [play.repeat for play in run.plays] == [1, 2]
    assert run.header.manifest == 3
    assert run.header.python
    assert run.header.selenium


def test_a_browser_that_does_not_start(play: Run, stand_in: Callable[..., list[str]]) -> None:
    stand_in(starts=False)
    result = play("--portolan-browser=firefox", "--portolan-manifest=3", "--portolan-repeat=2")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        ["firefox did not start: no display", "  | last line", "not run, because the browser did not start*"]
    )
    assert result.ret == 3
    footer = read_run(Path("portolan-results/firefox-unknown-mv3.jsonl")).footer
    assert footer
    assert footer.ended.startswith("firefox did not start")


def test_three_faults_in_a_row_end_the_run_for_that_browser(play: Run, stand_in: Callable[..., list[str]]) -> None:
    notes = stand_in("crash")
    result = play("--portolan-browser=firefox", "--portolan-repeat=5")
    result.assert_outcomes(errors=10)
    assert notes.count("start") == 6, "three times for each manifest version"
    run = read_run(Path("portolan-results/firefox-153.7.0-mv2.jsonl"))
    assert [play.outcome for play in run.plays] == ["crash"] * 3 + ["not-run"] * 2
    assert run.footer
    assert run.footer.ended.startswith("not run, because 3 plays in a row")
    assert result.ret == 3


def test_idle_time_plays_begin_with_the_browser_and_end_last(
    play: Run, pytester: pytest.Pytester, stand_in: Callable[..., list[str]]
) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(
        GREETING.format(name="first") + IDLE.format(name="idles") + GREETING.format(name="last")
    )
    notes = stand_in()
    play("--portolan-browser=chromium")
    assert notes == ["start", "prepare idles/1", "play first/1", "play last/1", "play idles/1", "close"]
    run = read_run(Path("portolan-results/firefox-153.7.0-mv3.jsonl"))
    assert [each.scenario for each in run.plays] == ["first", "idles", "last"], (
        "in the file in the order of the scenarios"
    )


def test_ctrl_c_ends_the_browser_and_keeps_the_plays(
    play: Run, pytester: pytest.Pytester, plugin: list[str], stand_in: Callable[..., list[str]]
) -> None:
    notes = stand_in("ok", KeyboardInterrupt())
    arguments = [
        *plugin,
        "my_scenarios.py",
        "--portolan-fake",
        "--portolan-browser=firefox",
        "--portolan-manifest=3",
        "--portolan-repeat=3",
    ]
    assert pytester.inline_run(*arguments, no_reraise_ctrlc=True).ret == pytest.ExitCode.INTERRUPTED
    assert notes[-1] == "close"
    run = read_run(Path("portolan-results/firefox-153.7.0-mv3.jsonl"))
    assert run.cut_off
    assert [play.outcome for play in run.plays] == ["ok"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--portolan-browser=safari"], "*There is no browser 'safari'; accepted: firefox or chromium; with*"),
        (
            ["--portolan-browser=chromium", "--portolan-manifest=2"],
            "*chromium is played with manifest version 3, not 2.*",
        ),
        (["--portolan-repeat=0"], "*--repeat 0: give a number from 1 to 10000.*"),
        (["--portolan-timeout-factor=-1"], "*--timeout-factor -1: give a number above 0*"),
        (["--portolan-fake-bug=nonsense"], "*The fake browser has no bug 'nonsense'; it has *"),
    ],
)
def test_bad_options_are_named_before_anything_starts(
    play: Run, arguments: list[str], sentence: str, stand_in: Callable[..., list[str]]
) -> None:
    if "nonsense" not in arguments[0]:
        stand_in()
    result = play(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(sentence)
    assert not Path("portolan-results").exists()


def test_a_bad_choice_of_the_environment_concerns_scenarios_alone(
    play: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTOLAN_BROWSERS", "safari")
    pytester.makepyfile(test_other="def test_it():\n    assert True\n")
    play(what="test_other.py").assert_outcomes(passed=1)
    result = play()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*PORTOLAN_BROWSERS: There is no browser 'safari'; accepted: *")
    assert play("--portolan-browser=firefox").ret == 0


def test_a_bad_scenario_file_is_told_in_a_sentence(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("my_scenarios.py").write_text(
        "from portolan import scenario\n\n@scenario()\ndef empty(play):\n    pass\n"
    )
    result = play()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines("*empty: the scenario checks nothing*")
    assert "Traceback" not in result.stdout.str()


def test_two_scenarios_of_one_name(play: Run, pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("others.py").write_text(GREETING.format(name="greets"))
    result = play("others.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*Two scenarios are named greets: in *my_scenarios.py and in *others.py*")


def test_other_tests_are_left_alone(play: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "get_tools", None)
    pytester.makepyfile(test_other="from portolan import scenario\n\ndef test_it():\n    assert scenario\n")
    play(what="test_other.py", fake=False).assert_outcomes(passed=1)
    mixed = play("my_scenarios.py", what="test_other.py")
    mixed.assert_outcomes(passed=4)
    assert not list(pytester.path.glob("**/*.jsonl")) or Path("portolan-results").exists()


def test_collecting_starts_nothing(
    play: Run, stand_in: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = stand_in()
    monkeypatch.setattr(choice, "get_tools", None)
    assert play("--collect-only", fake=False).ret == 0
    assert notes == []


def test_browsers_that_are_not_to_be_had(play: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> None:
        raise PortolanError("There is no firefox to be had (installed: none); install one.")

    monkeypatch.setattr(choice, "get_tools", nothing)
    result = play(fake=False)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("ERROR: There is no firefox to be had*")


def test_real_browsers_are_launched_with_what_was_asked_for(play: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import portolan.runners.session.launch

    asked: list[Any] = []
    notes: list[str] = []
    monkeypatch.setattr(choice, "get_tools", lambda _, settings, __: {"firefox": settings.given})

    def launch(family: str, manifest: int, tools: Any, **more: Any) -> StandIn:
        asked.append((family, manifest, tools, more))
        return StandIn(notes)

    monkeypatch.setattr(portolan.runners.session.launch, "launch", launch)
    play(
        "--portolan-browser=firefox",
        "--portolan-manifest=2",
        "--portolan-headed",
        "--portolan-timeout-factor=2.5",
        "--portolan-firefox=/opt/ff",
        fake=False,
    ).assert_outcomes(passed=0, errors=0, failed=1)
    ((family, manifest, tools, more),) = asked
    assert (family, manifest, tools) == ("firefox", 2, {"firefox": Path("/opt/ff")})
    assert (more["headless"], more["factor"], more["sessions_folder"].name) == (False, 2.5, "sessions")
    assert notes[-1] == "close"


def test_a_browser_that_never_started_is_named_by_its_tool() -> None:
    from portolan.runners.sources import Tool
    from portolan.selection.settings import Settings

    tool = Tool("firefox", "140.1", "/x", "installed")
    hand = stagehand.PlayService(Settings(()), {"firefox": {"firefox": tool}}, shared=False)
    assert hand._expected(Target("firefox", "firefox", 3)) == Browser("firefox", "140.1", source="installed")
