"""F1 of real tables lies in the envelope however it is averaged; F1 outside is told."""

import random
from fractions import Fraction

import pytest

from auditor.forensics.envelope import apart, envelope, equality, harmonic
from auditor.forensics.printed import ANY, read
from tests.forensics.honest import _confusion, averaged
from tests.forensics.tables import printed


@pytest.mark.parametrize("how", ["macro", "weighted", "micro", "binary"])
@pytest.mark.parametrize("zero_division", [0, 1])
@pytest.mark.parametrize("cut", [False, True])
def test_scores_of_real_tables_lie_inside(how, zero_division, cut):
    for seed in range(150):
        scores = averaged(_confusion(random.Random(seed)), how, zero_division)
        places = random.Random(seed).randint(1, 6)
        p, r, f1 = (printed(score, places, cut=cut).interval(ANY) for score in scores)
        assert not apart(f1, envelope(p, r)), seed


@pytest.mark.parametrize("how", ["micro", "binary"])
def test_binary_and_micro_scores_are_equal(how):
    for seed in range(150):
        p, r, f1 = (
            printed(score, 4).interval(ANY) for score in averaged(_confusion(random.Random(seed)), how)
        )
        assert not apart(f1, equality(p, r)), seed


def test_a_value_further_than_any_rounding_is_outside():
    for seed in range(200):
        rng = random.Random(seed)
        precision, recall = (Fraction(rng.randint(100, 999), 1000) for _ in range(2))
        p, r = (printed(one, 4).interval(ANY) for one in (precision, recall))
        low, high = envelope(p, r)
        step = Fraction(2, 10**4)
        assert apart((high + step, high + 2 * step), (low, high))
        assert low == 0 or apart((low - 2 * step, low - step), (low, high))


def test_the_published_triple_is_outside():
    # the harmonic mean of .30 and .30 is .30, printed was .45
    p, r, f1 = (read(text).interval(ANY) for text in (".30", ".30", ".45"))
    assert apart(f1, envelope(p, r))


def test_percentages_have_their_own_lower_bound():
    assert envelope((Fraction(90), Fraction(90)), (Fraction(80), Fraction(80)), one=100)[0] == 70


def test_no_precision_and_no_recall_give_no_f1():
    assert harmonic(Fraction(0), Fraction(0)) == 0
