"""Orders, complements and squares are broken only beyond rounding."""

from fractions import Fraction

import pytest

from auditor.forensics.nested import complements, exceeds, square
from auditor.forensics.printed import read


@pytest.mark.parametrize(("smaller", "larger", "wrong"), [("0.91", "0.90", False), ("0.93", "0.90", True)])
def test_an_order_is_broken_only_beyond_rounding(smaller, larger, wrong):
    assert exceeds(read(smaller), read(larger)) is wrong


def test_bootstrapped_scores_have_two_percent_of_slack():
    assert not exceeds(read("0.4210"), read("0.4180"), slack=Fraction(2, 100))
    assert exceeds(read("0.4410"), read("0.4180"), slack=Fraction(2, 100))


def test_complements_and_squares():
    assert complements(read("83.33"), read("16.67"), 100)
    assert not complements(read("83.33"), read("17.67"), 100)
    assert square(read("0.5").interval(Fraction(0))) == (Fraction(1, 4), Fraction(1, 4))
