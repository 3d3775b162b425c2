"""Medians, spreads and trends: all the arithmetic of the benchmarks."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from portolan.conformance.errors import PortolanError


class NothingMeasured(PortolanError):
    """There is no figure to take a median of."""


class Spread(msgspec.Struct, frozen=True):
    """A median with the quartiles around it, and how many figures it comes from."""

    median: float
    low: float
    high: float
    count: int

    @property
    def range(self) -> float:
        """The interquartile range."""
        return self.high - self.low


def spread(figures: Sequence[float]) -> Spread:
    """The median and the quartiles of at least one figure."""
    if not figures:
        raise NothingMeasured("Nothing was measured: no play counts.")
    if len(figures) == 1:
        return Spread(figures[0], figures[0], figures[0], 1)
    low, median, high = statistics.quantiles(figures, n=4, method="inclusive")
    return Spread(median, low, high, len(figures))


def ratios(upper: Sequence[float], lower: Sequence[float]) -> list[float]:
    """Each of one list by its neighbour in the other: both were measured in the same round."""
    return [one / other for one, other in zip(upper, lower, strict=True) if other > 0]


def trend(at: Sequence[float], figures: Sequence[float]) -> float:
    """How much the figures grow from one unit of ``at`` to the next: the slope of the line of least squares."""
    if len(set(at)) < 2:
        return 0.0
    return statistics.linear_regression(at, figures).slope
