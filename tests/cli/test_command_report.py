"""``portolan report``: one file, from runs alone; bad input in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Invoke = Callable[..., Result]
ONE = "one_of_two_receiving_frames_is_removed"


def test_report_writes_one_file(invoke: Invoke) -> None:
    invoke("run", "--fake", ONE)
    result = invoke("report", "portolan-results", "-o", "there/report")
    assert result.exit_code == 0
    assert result.stdout.strip() == "there/report/index.html"
    assert [path.name for path in Path("there/report").iterdir()] == ["index.html"]
    assert f'id="scenario/{ONE}/2"' in Path("there/report/index.html").read_text(encoding="utf-8")


def test_bad_input_is_told_in_a_sentence(invoke: Invoke) -> None:
    assert invoke("report").exit_code == 2
    assert invoke("report", "nowhere").exit_code == 2
    invoke("run", "--fake", ONE)
    Path("taken").write_text("a file")
    result = invoke("report", "portolan-results", "-o", "taken")
    assert result.exit_code == 2
    assert "the report taken/index.html cannot be written" in result.stderr
