"""A mean of zeros and ones is k/n: values made from counts never fail, values between steps do."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.forensics.granularity import attainable, has_power, implied, neighbours
from auditor.forensics.printed import ANY, EXPECTED, decimal, read


@pytest.mark.parametrize(
    ("text", "n", "possible"),
    [
        ("0.9137", 1797, True),  # 1642/1797
        ("0.8966666666666666", 300, True),  # 269/300
        ("0.8966666666666666", 25_000, False),
        ("0.9751", 360, False),
        ("0.9750", 360, True),  # 351/360
        ("0.0000", 7, True),
        ("1.0000", 7, True),
    ],
)
def test_a_value_is_possible_if_some_count_gives_it(text, n, possible):
    assert attainable(read(text), n, EXPECTED) is possible


@pytest.mark.parametrize(
    ("text", "n", "power"), [("0.91", 100, False), ("0.9137", 4_999, True), ("0.9137", 5_000, False)]
)
def test_few_digits_cannot_tell_large_counts_apart(text, n, power):
    assert has_power(read(text), n, ANY) is power


@given(st.integers(1, 10_000), st.data())
def test_a_real_count_is_always_attainable_however_it_is_rounded(n, data):
    k = data.draw(st.integers(0, n))
    digits = data.draw(st.integers(1, 17))
    assert attainable(read(decimal(Fraction(k, n), digits)), n, EXPECTED)


@given(st.integers(1, 10_000), st.data())
def test_a_real_count_is_attainable_when_its_digits_are_cut_off(n, data):
    k = data.draw(st.integers(0, n))
    digits = data.draw(st.integers(1, 13))
    cut = str(k * 10**digits // n).rjust(digits + 1, "0")
    assert attainable(read(f"{cut[:-digits]}.{cut[-digits:]}"), n, ANY)


@given(st.integers(2, 3000), st.data())
def test_the_middle_between_two_counts_is_not_attainable_where_the_test_has_power(n, data):
    k = data.draw(st.integers(0, n - 1))
    printed = read(decimal(Fraction(2 * k + 1, 2 * n), 10))
    assert has_power(printed, n, ANY)
    assert not attainable(printed, n, ANY)


def test_the_simplest_fraction_behind_a_full_print_is_found():
    assert implied(read("0.8966666666666666"), 100_000) == Fraction(269, 300)


def test_a_short_print_implies_nothing():
    assert implied(read("0.8967"), 100_000) is None


def test_neighbours_are_the_counts_on_either_side():
    assert neighbours(read("0.9751"), 360) == (351, 352)
