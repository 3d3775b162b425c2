"""``portolan compare``, ``diff`` and ``history``: readers of several runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import Result

from portolan.conformance.trace.recording import Browser
from portolan.conformance.trace.run_file import RunWriter, read_run, run_file_name

Invoke = Callable[..., Result]
ONE = "one_of_two_receiving_frames_is_removed"
COMMANDS = (["compare", "old", "new"], ["diff", "old", "new"], ["history", "old", "new"])


def play(invoke: Invoke, out: str, *more: str, version: str = "") -> None:
    """Play on the fake browser; say that it was this version."""
    invoke("run", "--fake", ONE, "nobody_listens", "--browser=firefox", "--manifest=3", f"--out={out}", *more)
    if version:
        rewrite(Path(out) / "firefox-999.0-mv3.jsonl", Browser("firefox", version))


def rewrite(path: Path, browser: Browser) -> None:
    run = read_run(path)
    path.unlink()
    header = msgspec.structs.replace(run.header, browser=browser)
    with RunWriter(path.with_name(run_file_name(header)), header) as writer:
        for each in run.plays:
            writer.add(each)


@pytest.fixture
def old_and_new(invoke: Invoke) -> None:
    """A version in which all is well, and a newer one with a bug."""
    play(invoke, "old", version="140.0")
    play(invoke, "new", "--fake-bug=error-never", version="153.0")


def test_nothing_differs(invoke: Invoke) -> None:
    play(invoke, "old")
    play(invoke, "new")
    for command in COMMANDS:
        assert invoke(*command).exit_code == 0, command
    assert "2 same" in invoke("diff", "old", "new").stdout
    assert "2 scenarios compared, 2 the same in every run" in invoke("compare", "old", "new").stdout


def test_what_got_worse(invoke: Invoke, old_and_new: None) -> None:
    result = invoke("diff", "old", "new")
    assert result.exit_code == 1
    assert "firefox 140.0 mv3 → firefox 153.0 mv3: 1 worse, 1 same" in result.stdout
    assert "- nobody_listens: pass → fail (a check fails)" in result.stdout
    assert invoke("diff", "new", "old").exit_code == 0, "the other way round it was fixed"
    for order in (["old", "new"], ["new", "old"]):
        result = invoke("compare", *order)
        assert result.exit_code == 1, "which is older is told by the version"
        assert "Worse in firefox 153.0 mv3 than in firefox 140.0 mv3:" in result.stdout


def test_history_of_two_versions(invoke: Invoke, old_and_new: None) -> None:
    result = invoke("history", "old", "new")
    assert result.exit_code == 0
    assert "firefox mv3: 140, 153\n  after 140, by 153: pass → fail\n    - nobody_listens\n" in result.stdout


def test_results_of_several_versions_have_a_history(invoke: Invoke, old_and_new: None) -> None:
    assert "Between versions:\n  firefox mv3: 140, 153\n    after 140, by 153" in invoke("judge", "old", "new").stdout
    assert "Between versions" not in invoke("judge", "old").stdout
    assert "### firefox mv3: 140, 153" in invoke("judge", "old", "new", "--format=markdown").stdout
    (line,) = json.loads(invoke("judge", "old", "new", "--format=json").stdout)["history"]
    assert line["versions"] == ["140", "153"]


def test_other_forms(invoke: Invoke, old_and_new: None) -> None:
    for command in COMMANDS:
        assert json.loads(invoke(*command, "--format=json").stdout)
        assert "| scenario |" in invoke(*command, "--format=markdown").stdout


def test_one_run_is_too_few(invoke: Invoke) -> None:
    play(invoke, "old")
    result = invoke("compare", "old")
    assert result.exit_code == 2
    assert "there is one run file in old; give two or more to compare" in result.stderr


def test_nothing_that_can_be_compared(invoke: Invoke) -> None:
    play(invoke, "old")
    play(invoke, "new")
    rewrite(Path("new/firefox-999.0-mv3.jsonl"), Browser("chromium", "1.0"))
    result = invoke("diff", "old", "new")
    assert result.exit_code == 3
    assert "firefox 999.0 mv3 (old/firefox-999.0-mv3.jsonl) is only in the older runs" in result.stdout
    assert "To see browsers side by side: portolan compare." in " ".join(result.stdout.split())
    assert "portolan compare" in invoke("diff", "old", "new", "--format=markdown").stdout


def test_scenarios_of_the_users_own(invoke: Invoke, greeting: Path) -> None:
    for out in ("old", "new"):
        invoke("run", "--fake", greeting, "--browser=firefox", "--manifest=3", f"--out={out}")
    assert "by the traces alone: there is no scenario greets" in invoke("diff", "old", "new", "--format=json").stdout
    assert "by the traces alone" not in invoke("diff", "old", "new", "--scenarios", greeting, "--format=json").stdout


def test_what_is_no_run(invoke: Invoke) -> None:
    play(invoke, "old")
    Path("x.jsonl").write_text("not json\n")
    for command in (["compare", "old", "x.jsonl"], ["diff", "old", "x.jsonl"], ["history", "x.jsonl"], ["diff", "old"]):
        assert invoke(*command).exit_code == 2, command
    assert invoke("history", "nowhere").exit_code == 2


def test_hostile_runs_do_no_harm(invoke: Invoke, old_and_new: None) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m"
    for path in (Path("old/firefox-140.0-mv3.jsonl"), Path("new/firefox-153.0-mv3.jsonl")):
        rewrite(path, Browser("firefox", f"{path}{hostile}", build=hostile))
    for command in COMMANDS:
        for form in ("text", "markdown", "json"):
            result = invoke(*command, f"--format={form}")
            assert result.exit_code in (0, 1)
            assert all(char == "\n" or char.isprintable() for char in result.stdout + result.stderr), command


@pytest.mark.parametrize("command", ["compare", "diff", "history"])
def test_help_has_an_example(invoke: Invoke, command: str) -> None:
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert f"portolan {command}" in result.stdout.partition("Example")[2]
    assert f"\n  {command} " in invoke("--help").stdout


# ---- portolan run --baseline


def run_against(invoke: Invoke, *more: str) -> Result:
    return invoke(
        "run",
        "--fake",
        ONE,
        "nobody_listens",
        "--browser=firefox",
        "--manifest=3",
        "--baseline=old",
        "--out=new",
        *more,
    )


def test_only_what_is_worse_than_the_baseline_fails(invoke: Invoke) -> None:
    play(invoke, "old", "--fake-bug=error-never")
    result = run_against(invoke, "--fake-bug=error-never")
    assert result.exit_code == 0
    assert "Nothing is worse than the baseline." in result.stdout
    better = run_against(invoke)
    assert better.exit_code == 0
    assert "Better than the baseline:" in better.stdout
    assert "nobody_listens in firefox 999.0 mv3: the baseline has fail, it is pass now" in better.stdout
    worse = run_against(invoke, "--fake-bug=error-never", "--fake-bug=outlives-its-receivers", "--fake-bug=goes-silent")
    assert worse.exit_code == 1
    assert "Worse than the baseline:" in worse.stdout


def test_a_baseline_in_other_forms(invoke: Invoke) -> None:
    play(invoke, "old")
    data = json.loads(run_against(invoke, "--fake-bug=error-never", "--format=json").stdout)
    assert data["exit_code"] == 1
    assert [each["scenario"] for each in data["baseline"]["worse"]] == ["nobody_listens"]
    assert "### Against the baseline" in run_against(invoke, "--format=markdown").stdout


def test_a_baseline_that_is_none_is_told_before_anything_is_played(invoke: Invoke) -> None:
    result = run_against(invoke)
    assert result.exit_code == 2
    assert "There is no run file old" in result.stderr
    assert not Path("new").exists()
