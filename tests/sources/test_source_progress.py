"""The progress that people see: few plain lines in a log, a bar in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from portolan.runners.sources import RichProgress


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def plain_progress(clock: Clock) -> tuple[RichProgress, io.StringIO]:
    out = io.StringIO()
    return RichProgress(Console(file=out, soft_wrap=True, highlight=False, force_terminal=False), clock), out


def test_a_log_gets_a_line_at_each_end_and_one_every_ten_seconds(clock: Clock) -> None:
    progress, out = plain_progress(clock)
    progress.started("firefox 153.7.0", "Debian bookworm (mirror.example)", 87_800_000)
    for second in range(25):
        clock.now = 100.0 + second
        progress.advanced(second * 1_000_000, 87_800_000)
    progress.said("Unpacking 8 packages")
    clock.now = 128.4
    progress.finished()
    assert out.getvalue().splitlines() == [
        "Getting firefox 153.7.0 from Debian bookworm (mirror.example), 87.8 MB",
        "firefox 153.7.0: 10.0 MB of 87.8 MB",
        "firefox 153.7.0: 20.0 MB of 87.8 MB",
        "firefox 153.7.0: ready (28 s)",
    ]


def test_steps_are_counted_where_no_size_is_known(clock: Clock) -> None:
    progress, out = plain_progress(clock)
    progress.started("geckodriver 0.37.1", "the Rust package registry", None)
    progress.advanced(57, 216)
    clock.now += 10
    progress.said("cargo: Compiling mio v1.0")
    progress.finished("not had")
    assert out.getvalue().splitlines() == [
        "Getting geckodriver 0.37.1 from the Rust package registry",
        "geckodriver 0.37.1: 57 of 216, cargo: Compiling mio v1.0",
        "geckodriver 0.37.1: not had (10 s)",
    ]


def test_the_first_words_about_an_item_are_told_at_once(clock: Clock) -> None:
    progress, out = plain_progress(clock)
    progress.started("firefox 153.7.0", "Debian bookworm", None)
    progress.said("Another portolan is busy with firefox; waiting for it.")
    progress.said("Unpacking 8 packages")
    assert out.getvalue().splitlines()[1:] == [
        "firefox 153.7.0: Another portolan is busy with firefox; waiting for it."
    ]


def test_words_between_items_are_lines_of_their_own_and_harmless(clock: Clock) -> None:
    progress, out = plain_progress(clock)
    progress.advanced(1, 2)
    progress.finished()
    progress.said("Another [bold]portolan\x1b[31m is busy")
    assert out.getvalue() == "Another [bold]portolan [31m is busy\n"


def test_a_terminal_gets_a_bar_that_goes_away(clock: Clock) -> None:
    out = io.StringIO()
    progress = RichProgress(
        Console(file=out, force_terminal=True, width=120, color_system=None, highlight=False), clock
    )
    progress.started("firefox 153.7.0", "Debian bookworm", 1000)
    progress.advanced(500, 1000)
    progress.said("Unpacking " + "x" * 100)
    progress.finished()
    text = out.getvalue()
    assert "Getting firefox 153.7.0 from Debian bookworm, 1.0 kB" in text
    assert "500 bytes of 1.0 kB" in text
    assert "x…" in text
    assert text.rstrip().endswith("firefox 153.7.0: ready (0 s)")
