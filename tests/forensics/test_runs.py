"""Statistics over runs as intervals that contain the truth."""

import math
import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.forensics import runs
from auditor.forensics.printed import decimal, read

VALUES = st.lists(st.fractions(0, 1, max_denominator=10**6), min_size=2, max_size=12)


def prints(values, digits=4):
    return [read(decimal(value, digits)) for value in values]


@given(VALUES)
def test_the_mean_of_what_was_measured_lies_in_the_interval(values):
    low, high = runs.mean(prints(values))
    assert low <= statistics.mean(values) <= high


@given(VALUES)
def test_the_median_of_what_was_measured_lies_in_the_interval(values):
    low, high = runs.median(prints(values))
    assert low <= statistics.median(values) <= high


@given(VALUES)
def test_the_extremes_of_what_was_measured_lie_in_the_interval(values):
    for largest, pick in ((True, max), (False, min)):
        low, high = runs.extreme(prints(values), largest=largest)
        assert low <= pick(values) <= high


@given(VALUES, st.sampled_from([0, 1]))
def test_the_deviation_of_what_was_measured_lies_in_the_interval(values, ddof):
    low, high = runs.deviation(prints(values), ddof)
    variance = (statistics.pvariance, statistics.variance)[ddof](values)
    assert low**2 <= variance <= high**2


def test_one_run_has_no_deviation_with_the_divisor_n_less_one():
    assert runs.deviation(prints([Fraction(1, 2)]), 1) is None


@pytest.mark.parametrize(
    ("std", "fits"),
    [("0.1667", True), ("0.1666", True), ("0.1361", False), ("0.167", True), ("0.1650", False)],
)
def test_a_printed_deviation_fits_or_not(std, fits):
    interval = runs.deviation([read(text) for text in ("0.8333", "0.6667", "1.0000")], 1)
    assert runs.contains(interval, read(std)) is fits


@given(VALUES, st.sampled_from([0, 1]))
def test_no_values_between_the_bounds_spread_further_than_the_bound(values, ddof):
    mean = statistics.mean(values)
    most = runs.largest_deviation((mean, mean), (Fraction(0), Fraction(1)), len(values), ddof)
    assert (statistics.pvariance, statistics.variance)[ddof](values) <= most**2


def test_zeros_and_ones_reach_the_bound():
    most = runs.largest_deviation((Fraction(1, 2),) * 2, (Fraction(0), Fraction(1)), 4, 0)
    assert math.isclose(most, 0.5)


def test_a_mean_outside_the_bounds_has_no_bound():
    assert runs.largest_deviation((Fraction(2), Fraction(3)), (Fraction(0), Fraction(1)), 4, 0) is None


@given(st.fractions(0, 10**6, max_denominator=10**9))
def test_a_root_is_enclosed(value):
    low, high = runs.root(value)
    assert low**2 <= value <= high**2
