"""Means and standard deviations over a handful of runs, as exact intervals.

Every value is known only as printed, so each statistic is known only up to an interval that
contains it for certain. Nothing here can be off by rounding of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from auditor.forensics.printed import ANY, Interval, Printed

__all__ = ["Interval", "contains", "deviation", "extreme", "largest_deviation", "mean", "median", "root"]

_ROOT_SCALE = 10**40  # roots are enclosed to 40 decimals


def mean(values: Sequence[Printed], units: Fraction = ANY) -> Interval:
    """Where the mean of the numbers meant lies."""
    centre = sum((value.value for value in values), Fraction()) / len(values)
    slack = sum((value.half_width(units) for value in values), Fraction()) / len(values)
    return centre - slack, centre + slack


def median(values: Sequence[Printed], units: Fraction = ANY) -> Interval:
    """Where the median of the numbers meant lies: the medians of all lower and of all upper ends."""
    lower = sorted(value.value - value.half_width(units) for value in values)
    upper = sorted(value.value + value.half_width(units) for value in values)
    return _middle(lower), _middle(upper)


def extreme(values: Sequence[Printed], *, largest: bool, units: Fraction = ANY) -> Interval:
    """Where the largest (or smallest) of the numbers meant lies."""
    pick = max if largest else min
    return (
        pick(value.value - value.half_width(units) for value in values),
        pick(value.value + value.half_width(units) for value in values),
    )


def deviation(values: Sequence[Printed], ddof: int, units: Fraction = ANY) -> Interval | None:
    """Where the standard deviation with divisor n - ddof lies; None where there are too few values.

    Moving each value by at most h moves the deviation by at most h √(n / (n - ddof)): centring is a
    projection, so the vector of residuals moves by no more than the vector of values.
    """
    n = len(values)
    if n <= ddof:
        return None
    centre = sum((value.value for value in values), Fraction()) / n
    squares = sum(((value.value - centre) ** 2 for value in values), Fraction())
    low, high = root(squares / (n - ddof))
    slack = max(value.half_width(units) for value in values) * root(Fraction(n, n - ddof))[1]
    return max(low - slack, Fraction()), high + slack


def largest_deviation(centre: Interval, bounds: Interval, n: int, ddof: int) -> Fraction | None:
    """The largest standard deviation that n values within `bounds` and with such a mean can have.

    Source: Bhatia and Davis 2000, "A better bound on the variance": variance ≤ (b - m)(m - a).
    """
    a, b = bounds
    if n <= ddof or centre[1] < a or centre[0] > b:
        return None
    m = min(max((a + b) / 2, centre[0]), centre[1])  # (b - m)(m - a) peaks in the middle
    variance = max((b - m) * (m - a), Fraction()) * Fraction(n, n - ddof)
    return root(variance)[1]


def contains(interval: Interval, printed: Printed, units: Fraction = ANY) -> bool:
    """Whether the number meant can lie in the interval."""
    width = printed.half_width(units)
    return printed.value - width <= interval[1] and interval[0] <= printed.value + width


def root(value: Fraction) -> Interval:
    """Two fractions that enclose the square root."""
    scaled = value.numerator * _ROOT_SCALE**2 // value.denominator
    low = isqrt(scaled)
    return Fraction(low, _ROOT_SCALE), Fraction(low + 1, _ROOT_SCALE)


def _middle(ordered: list[Fraction]) -> Fraction:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
