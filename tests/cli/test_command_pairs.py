"""``portolan pairs``: what a user sees, and what a program gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]


@pytest.fixture
def runs(invoke: Invoke) -> Path:
    """A folder with a run of each fake browser."""
    invoke("run", "--fake", "pairs_from_background", "pairs_from_web_page", "--manifest=3", "--out=played")
    return Path("played")


def test_the_table(invoke: Invoke, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    result = invoke("pairs", runs)
    assert result.exit_code == 0
    assert "firefox 999.0 mv3" in result.stdout
    assert "chromium 999.0 mv3" in result.stdout
    assert "connects RT" in result.stdout
    assert "refused" in result.stdout


def test_json(invoke: Invoke, runs: Path) -> None:
    data = json.loads(invoke("pairs", runs, "--format=json").stdout)
    cells = {(each["browser"], each["opener"], each["receiver"]): each for each in data}
    assert cells["firefox 999.0 mv3", "web page", "background"]["answer"] == "refused"
    assert cells["chromium 999.0 mv3", "background", "another extension"]["ways"] == ["runtime.connect"]


def test_markdown(invoke: Invoke, runs: Path) -> None:
    lines = invoke("pairs", runs, "--format=markdown").stdout.splitlines()
    heads = [line for line in lines if line.startswith("| opener")]
    assert len(heads) == 2
    assert any(line.startswith("| background | ") and "connects T" in line for line in lines)


def test_without_runs(invoke: Invoke) -> None:
    result = invoke("pairs")
    assert result.exit_code == 0
    assert "No pairs" in result.stdout


def test_bad_input(invoke: Invoke) -> None:
    result = invoke("pairs", "nowhere.jsonl")
    assert result.exit_code == 2
    assert "nowhere.jsonl" in result.output
