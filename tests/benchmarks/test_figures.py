"""The arithmetic of the benchmarks."""

import pytest

from benchmarks.figures import NothingMeasured, Spread, ratios, spread, trend


def test_the_median_stands_between_the_quartiles():
    assert spread([5, 1, 4, 2, 3]) == Spread(median=3, low=2, high=4, count=5)


def test_an_even_number_of_figures_has_a_median_between_two():
    assert spread([1, 2, 3, 10]).median == 2.5


def test_one_figure_has_no_spread():
    assert spread([7.5]) == Spread(7.5, 7.5, 7.5, 1)
    assert spread([7.5]).range == 0


def test_one_outlier_moves_neither_the_median_nor_the_quartiles():
    assert spread([10, 10, 10, 10, 10, 10, 5000]) == Spread(10, 10, 10, 7)


def test_the_interquartile_range():
    assert spread([1, 2, 3, 4, 5]).range == 2


def test_no_figures_have_no_median():
    with pytest.raises(NothingMeasured):
        spread([])


def test_ratios_are_of_the_same_round():
    assert ratios([10, 40], [5, 4]) == [2, 10]


def test_a_figure_of_nothing_gives_no_ratio():
    assert ratios([10, 40], [0, 4]) == [10]


def test_rounds_that_do_not_match_are_an_error():
    with pytest.raises(ValueError, match="shorter"):
        ratios([10, 40], [5])


def test_a_trend_is_the_growth_a_unit():
    assert trend([0.2, 0.4, 0.6], [10, 12, 14]) == pytest.approx(10)


def test_what_stays_has_no_trend():
    assert trend([1, 2, 3], [8, 8, 8]) == 0


def test_a_single_sample_has_no_trend():
    assert trend([1], [8]) == 0
    assert trend([], []) == 0
