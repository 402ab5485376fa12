"""Printed numbers as intervals."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.forensics.printed import ANY, EXPECTED, decimal, places, read, same


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0.9750", Fraction(975, 1000), Fraction(1, 10_000)),
        ("97.5", Fraction(975, 10), Fraction(1, 10)),
        ("-3", Fraction(-3), Fraction(1)),
        ("1.50e-3", Fraction(15, 10_000), Fraction(1, 100_000)),
        (".5", Fraction(1, 2), Fraction(1, 10)),
        ("12e2", Fraction(1200), Fraction(100)),
    ],
)
def test_a_number_is_its_value_and_the_unit_of_its_last_place(text, value, unit):
    printed = read(text)
    assert (printed.value, printed.unit) == (value, unit)


@pytest.mark.parametrize(
    "text", ["", ".", "e5", "ninety", "0x10", "1_000", "nan", "inf", "1e99999", "9" * 401, "١", None, 3, True]
)
def test_what_is_no_number_is_none(text):
    assert read(text) is None


def test_fourteen_digits_are_full_precision():
    assert not read("0.8966666666666").full
    assert read("0.89666666666666").full


def test_a_full_print_is_compared_relatively():
    assert read("0.89666666666666662").half_width(ANY) == read("0.89666666666666662").value / 10**9


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("0.975", "0.9750", True),
        ("0.9750", "0.9751", False),
        ("0.98", "0.9750", True),  # rounded half up
        ("0.97", "0.9750", True),  # rounded half to even
        ("0.98", "0.9742", False),
        ("0.8966666666666666", "0.8966666666666667", True),
        ("0.8966666666666666", "0.8966666676666667", False),
        ("0.8967", "0.8966666666666666", True),
    ],
)
def test_two_prints_agree_if_one_number_rounds_to_both(one, other, agree):
    assert same(read(one), read(other)) is agree
    assert same(read(other), read(one)) is agree


@given(st.fractions(0, 1, max_denominator=10**6), st.integers(1, 9))
def test_a_rounded_number_lies_within_the_expected_width_of_its_print(value, digits):
    printed = read(decimal(value, digits))
    assert abs(printed.value - value) <= printed.half_width(EXPECTED)


@given(st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=6))
def test_reading_a_decimal_gives_its_exact_value(value):
    assert read(format(value, "f")).value == Fraction(value)


@given(st.fractions(-100, 100, max_denominator=999), st.integers(0, 6))
def test_decimal_rounds_half_up_in_plain_digits(value, digits):
    text = decimal(value, digits)
    assert abs(Fraction(text) - value) <= Fraction(1, 2 * 10**digits)
    assert places(read(text)) == digits
