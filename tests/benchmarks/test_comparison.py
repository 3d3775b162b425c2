"""What rounds come to, and how it is shown. The rounds are made by hand: nothing is timed."""

import io
import json

import pytest
from rich.console import Console

from benchmarks import show
from benchmarks.figures import NothingMeasured, Spread
from benchmarks.measure import Cost, Round, Rounds, rotated, slices
from benchmarks.summary import medians, plain, summary
from portolan.conformance.trace.recording import Browser


def a_round(alone, first, second, cycle, **more):
    plays = [Cost("first", first, first - 1), Cost("second", second, second - 1), *more.get("others", [])]
    return Round(
        alone=alone,
        start=2000,
        close=300,
        plays=plays,
        cycles=[cycle, cycle, cycle * 9],
        empty_cycles=[cycle / 2],
        pings=[1, 2, 3],
        streams=[2000],
        turns=[30000],
    )


def measured(*rounds, family="chromium"):
    return Rounds(family, Browser(family, "156.0", driver="driver 156"), list(rounds))


@pytest.fixture
def three_rounds():
    return measured(a_round(1000, 100, 200, 75), a_round(1200, 90, 180, 60), a_round(1100, 110, 220, 75))


def text_of(*tables):
    console = Console(file=io.StringIO(), width=180)
    for table in tables:
        console.print(table)
    return console.file.getvalue()


def test_a_scenarios_cost_is_the_median_over_rounds_and_the_suites_the_median_over_scenarios(three_rounds):
    figures = summary(three_rounds)

    assert figures.scenarios == {"first": 100, "second": 200}
    assert figures.spreads["scenario_ms"].median == 150
    assert figures.sum_ms == 300


def test_the_ratios_are_of_the_medians(three_rounds):
    spreads = summary(three_rounds).spreads

    assert spreads["times_cheaper"].median == pytest.approx(1100 / 150)
    assert spreads["times_tab_cycle"].median == pytest.approx(150 / 75)


def test_the_spread_of_a_ratio_is_over_the_rounds(three_rounds):
    cheaper = summary(three_rounds).spreads["times_cheaper"]

    assert cheaper.count == 3  # rounds: 1000 by 150, 1200 by 135, 1100 by 165
    assert cheaper.low == pytest.approx(1000 / 150)
    assert cheaper.high == pytest.approx((1000 / 150 + 1200 / 135) / 2)


def test_a_pass_is_the_wall_clock_of_all_its_plays_counted_or_not():
    lacking = Cost("third", 50, 49, "the browser has no runtime.connect in page.script")

    figures = summary(measured(a_round(1000, 100, 200, 75, others=[lacking])))

    assert figures.spreads["pass_ms"].median == 350
    assert figures.scenarios.keys() == {"first", "second"}
    assert figures.left_out == {"third": "the browser has no runtime.connect in page.script"}
    assert figures.failed == 0


def test_a_failed_play_does_not_count_and_is_told():
    failed = Cost("third", 20000, 20000, "timeout: step 1: waited for page to load", failed=True)

    figures = summary(measured(a_round(1000, 100, 200, 75, others=[failed])))

    assert "third" not in figures.scenarios
    assert figures.failed == 1
    assert show.left_out_lines([figures]) == ["chromium: not counted: third (timeout: step 1: waited for page to load)"]


def test_rounds_in_which_nothing_counts_have_no_figures():
    with pytest.raises(NothingMeasured):
        summary(measured(Round(alone=1000, plays=[Cost("first", 1, 1, "the browser has no such thing")])))


def test_the_slowest_come_first():
    others = [Cost(f"scenario_{n}", n, n) for n in range(1, 30)]

    figures = summary(measured(a_round(1000, 100, 200, 75, others=others)))

    assert [name for name, _ in figures.slowest][:3] == ["second", "first", "scenario_29"]
    assert len(figures.slowest) == 10


def test_medians_are_per_name():
    assert medians([("a", 1), ("b", 10), ("a", 3), ("a", 2)]) == {"a": 2, "b": 10}


def test_the_json_has_the_names_that_were_promised(three_rounds):
    read = json.loads(json.dumps(plain(summary(three_rounds))))

    promised = {"times_cheaper", "times_tab_cycle", "scenario_ms", "tab_cycle_ms", "browser_per_scenario_ms"}
    promised |= {"native_round_trip_ms", "events_per_second", "slowest", "sum_ms", "pass_ms", "quartiles"}
    assert promised <= read.keys()
    assert read["slowest"][0] == {"scenario": "second", "ms": 200}
    assert read["quartiles"]["browser_per_scenario_ms"] == [1050, 1150]
    assert read["native_round_trip_ms"] == 2


def test_the_tables_show_medians_spreads_and_goals(three_rounds):
    figures = [summary(three_rounds)]

    shown = text_of(show.ratio_table(figures), show.time_table(figures), show.slowest_table(figures))

    assert "7.33" in shown
    assert "at least 5, goal 10: enough" in shown
    assert "at most 2, goal 1: enough" in shown
    assert "1 100 (1 050 to 1 150)" in shown
    assert "chromium 156.0, driver 156" in shown
    assert "second" in shown


@pytest.mark.parametrize(
    ("name", "family", "value", "says"),
    [
        ("times_cheaper", "firefox", 20, "goal reached"),
        ("times_cheaper", "firefox", 19.9, "enough"),
        ("times_cheaper", "chromium", 10, "goal reached"),
        ("times_cheaper", "chromium", 4.9, "missed"),
        ("times_tab_cycle", "chromium", 1, "goal reached"),
        ("times_tab_cycle", "firefox", 1.9, "enough"),
        ("times_tab_cycle", "firefox", 2.1, "missed"),
    ],
)
def test_a_goal_is_reached_or_missed(name, family, value, says):
    assert show.goal(name, family, value).plain.endswith(says)


@pytest.mark.parametrize(
    ("number", "shown"), [(0.4567, "0.46"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12 346"), (-3.2, "-3.20")]
)
def test_figures_have_as_many_digits_as_they_deserve(number, shown):
    assert show.figure(number) == shown


def test_quartiles_are_shown_as_a_range():
    assert show.around(Spread(10, 9.5, 120, 4)) == "9.50 to 120"


def test_each_round_begins_elsewhere_and_plays_everything():
    suite = list(range(10))

    begun = [rotated(suite, number, 5) for number in range(5)]

    assert [order[0] for order in begun] == [0, 2, 4, 6, 8]
    assert all(sorted(order) == suite for order in begun)


def test_slices_are_the_whole_suite():
    assert [list(piece) for piece in slices([1, 2, 3, 4, 5], size=2)] == [[1, 2], [3, 4], [5]]
