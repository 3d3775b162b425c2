"""What samples of growth come to, and how they are shown."""

import io
import itertools

import pytest
from rich.console import Console

from benchmarks import show
from benchmarks.growth import Growth, Sample, _steps, numbers


def a_sample(plays, browser=500.0, observer=None, pss=300.0):
    return Sample(
        plays=plays,
        play_ms=80,
        runner_rss=50,
        runner_objects=40000,
        runner_files=30,
        browser_rss=browser,
        browser_pss=pss,
        browser_uss=200,
        processes=9,
        kept={"incarnations": 4, "answers": 0},
        observer=observer,
        failed=0,
    )


def text_of(table):
    console = Console(file=io.StringIO(), width=180)
    console.print(table)
    return console.file.getvalue()


def test_a_trend_is_for_a_thousand_plays_and_without_the_first_sample():
    growth = Growth(
        "firefox",
        60,
        [a_sample(200, browser=100), *(a_sample(plays, browser=500 + plays / 10) for plays in (400, 600, 800))],
    )

    assert growth.trends["browser RSS"] == pytest.approx(100)
    assert growth.trends["incarnations"] == 0


def test_a_single_sample_tells_no_trend():
    assert Growth("firefox", 60, [a_sample(200)]).trends == {}


def test_what_is_not_known_is_not_shown():
    assert "browser PSS" not in numbers(a_sample(200, pss=None))
    assert not any(name.startswith("observer") for name in numbers(a_sample(200)))


def test_what_the_observer_tells_is_shown():
    assert numbers(a_sample(200, observer={"routes": 3}))["observer's routes"] == 3


def test_the_table_has_a_column_for_each_sample_and_one_for_the_trend():
    growth = Growth("chromium", 60, [a_sample(200), a_sample(400), a_sample(600, browser=520)])

    lines = text_of(show.growth_table(growth)).splitlines()

    (rss,) = [line.split("│") for line in lines if "browser RSS" in line]
    assert [cell.strip() for cell in rss[1:-1]] == ["browser RSS", "500", "500", "520", "+100.0"]


def test_a_sample_is_told_in_one_line():
    line = show.sample_line("firefox", a_sample(200))

    assert line.startswith("firefox, 200 plays: play ms 80, ")
    assert line.endswith("failed 0")


@pytest.mark.parametrize(
    ("plays", "every", "looks"), [(400, 200, [200, 400]), (500, 200, [200, 400, 500]), (50, 200, [50])]
)
def test_looks_cover_all_plays(plays, every, looks):
    steps = list(_steps(plays, every))

    assert [after for after, _ in steps] == looks
    assert list(itertools.accumulate(count for _, count in steps)) == looks
