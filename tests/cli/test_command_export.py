"""``portolan export``: runs in other programs' formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from portolan.reports.formats import MODULES

Invoke = Callable[..., Result]
RUN = "portolan-results/firefox-999.0-mv3.jsonl"


@pytest.fixture
def runs(invoke: Invoke) -> Path:
    """A folder with a run of each browser."""
    invoke("run", "--fake", "nobody_listens", "--manifest=3")
    return Path("portolan-results")


@pytest.mark.parametrize("name", list(MODULES))
def test_every_format_goes_to_stdout(invoke: Invoke, runs: Path, name: str) -> None:
    result = invoke("export", RUN, "--format", name)
    assert result.exit_code == 0
    assert result.stdout
    assert not result.stderr


@pytest.mark.parametrize("name", list(MODULES))
def test_every_format_goes_to_a_file_a_run(invoke: Invoke, runs: Path, name: str) -> None:
    result = invoke("export", runs, "--format", name, "-o", "out/")
    assert result.exit_code == 0
    made = sorted(Path("out").iterdir())
    assert [path.name.partition("-")[0] for path in made] == ["chromium", "firefox"]
    assert all(f"written to {path}" in result.stderr for path in made)
    assert not result.stdout


def test_one_file_of_all_runs(invoke: Invoke, runs: Path) -> None:
    assert invoke("export", runs, "--format=json", "-o", "new/all.json").exit_code == 0
    assert len(json.loads(Path("new/all.json").read_text())["runs"]) == 2


def test_what_came_of_the_runs_is_no_matter(invoke: Invoke) -> None:
    invoke("run", "--fake", "nobody_listens", "--manifest=3", "--browser=firefox", "--fake-bug=error-never")
    result = invoke("export", RUN, "--format=badge-json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["message"] == "1 of 1 unexpected"


def test_some_formats_hold_one_run(invoke: Invoke, runs: Path) -> None:
    for name in ("wptreport", "bcd"):
        result = invoke("export", runs, "--format", name)
        assert result.exit_code == 2
        assert f"{name} holds one run a file, and there are 2 runs; give one of them, or -o FOLDER/" in result.stderr


def test_straight_into_the_step_summary(invoke: Invoke, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    missing = invoke("export", runs, "--format=markdown", "--step-summary")
    assert missing.exit_code == 2
    assert "$GITHUB_STEP_SUMMARY is not set" in missing.stderr
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("summary.md").write_text("what was there\n")
    result = invoke("export", runs, "--format=markdown", "--step-summary")
    assert result.exit_code == 0
    assert not result.stdout
    assert Path("summary.md").read_text().startswith("what was there\n## WebExtension ports: all as expected\n")


def test_csv_keeps_its_line_ends(invoke: Invoke, runs: Path) -> None:
    invoke("export", runs, "--format=csv", "-o", "x.csv")
    assert Path("x.csv").read_bytes().count(b"\r\n") == 3
    assert b"\r\r" not in Path("x.csv").read_bytes()


def test_bad_input(invoke: Invoke, runs: Path) -> None:
    Path("a-file").touch()
    for arguments in (
        [RUN],
        [RUN, "--format=pdf"],
        ["nowhere", "--format=csv"],
        [RUN, "--format=csv", "-o", "a-file/x.csv"],
    ):
        result = invoke("export", *arguments)
        assert result.exit_code == 2, arguments
        assert result.stderr
    assert "Traceback" not in invoke("export", RUN, "--format=csv", "-o", "a-file/x.csv").stderr


def test_two_runs_of_one_name_get_two_files(invoke: Invoke, runs: Path) -> None:
    Path("again").mkdir()
    Path("again/firefox-999.0-mv3.jsonl").write_bytes(Path(RUN).read_bytes())
    invoke("export", RUN, "again", "--format=tap", "-o", "out/")
    assert sorted(path.name for path in Path("out").iterdir()) == ["firefox-999.0-mv3-2.tap", "firefox-999.0-mv3.tap"]


def test_help_has_an_example(invoke: Invoke) -> None:
    text = invoke("export", "--help").stdout
    assert "portolan export" in text.partition("Example")[2]
    assert "\n  export " in invoke("--help").stdout
