"""``portolan new`` writes a scenario file that can be played at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result


def test_what_it_writes_plays_on_the_fake_browser(invoke: Callable[..., Result], folder: Path) -> None:
    written = invoke("new", "my_port")
    assert written.exit_code == 0
    assert "portolan run my_port.py --fake" in written.stdout
    played = invoke("run", "my_port.py", "--fake", "--browser=chromium", "--manifest=3")
    assert played.exit_code == 0, played.stderr
    assert "my_port_gets_an_answer" in played.stdout


def test_the_ending_may_be_given(invoke: Callable[..., Result], folder: Path) -> None:
    assert invoke("new", "my_port.py").exit_code == 0
    assert (folder / "my_port.py").is_file()


def test_a_file_is_never_replaced(invoke: Callable[..., Result], folder: Path) -> None:
    (folder / "mine.py").write_text("precious")
    result = invoke("new", "mine")
    assert result.exit_code == 2
    assert "mine.py exists already; give another name" in result.stderr
    assert (folder / "mine.py").read_text() == "precious"


@pytest.mark.parametrize("name", ["a b", "../x", "1st", "class", "", "-x"])
def test_names_that_no_file_can_have(invoke: Callable[..., Result], name: str) -> None:
    result = invoke("new", "--", name)
    assert result.exit_code == 2
    assert "accepted: letters, digits and “_”" in result.stderr
