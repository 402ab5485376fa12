"""Tables that exist are found, and numbers that no table gives are refused."""

import random
from fractions import Fraction
from itertools import product

import pytest

from auditor.forensics.confusion import MAX_STEPS, SCORES, Table, fits, search
from auditor.forensics.printed import ANY
from tests.forensics.tables import drawn, exact, printed


def intervals(table, names, places, *, cut=False):
    scores = exact(*table)
    return {name: printed(scores[name], places, cut=cut).interval(ANY) for name in names}


def brute(scores, n, positives=None):
    """Whether any table fits, by trying all."""
    for tp, fp, fn in product(range(n + 1), repeat=3):
        tn = n - tp - fp - fn
        known = positives is None or tp + fn == positives
        if tn >= 0 and known and fits(scores, Table(tp, fp, fn, tn)):
            return True
    return False


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_scores_of_a_real_table_are_never_refused(known, cut):
    for seed in range(150):
        rng = random.Random(seed)
        table = drawn(seed)
        names = rng.sample(SCORES, rng.randint(2, 5))
        scores = intervals(table, names, rng.randint(2, 5), cut=cut)
        answer = search(scores, sum(table), table[0] + table[2] if known else None)
        assert answer.exists is not False, (table, names)


@pytest.mark.parametrize("known", [False, True])
def test_the_search_agrees_with_trying_all_small_tables(known):
    for seed in range(150):
        rng = random.Random(seed)
        n = rng.randint(5, 14)
        names = rng.sample(SCORES, rng.randint(2, 4))
        scores = {
            name: printed(Fraction(rng.randint(0, 1000), 1000), 2).interval(Fraction(2)) for name in names
        }
        positives = rng.randint(0, n) if known else None
        assert search(scores, n, positives).exists is brute(scores, n, positives), (seed, names)


def test_a_table_that_is_told_fits():
    scores = intervals((40, 10, 5, 45), ("accuracy", "f1", "mcc"), 4)
    answer = search(scores, 100)
    assert answer.exists
    assert fits(scores, answer.table)


def test_an_accuracy_and_an_f1_that_cannot_both_be_are_refused():
    # 45 of 100 wrong; F1 = 2 TP / (2 TP + 45) is at most 110/155 = 0.7097
    scores = {
        "accuracy": printed(Fraction(55, 100), 4).interval(ANY),
        "f1": printed(Fraction(9, 10), 4).interval(ANY),
    }
    assert search(scores, 100).exists is False


@pytest.mark.parametrize("zero", [0, 1])
def test_a_score_that_is_nothing_by_nothing_may_be_printed_as_zero_or_one(zero):
    scores = {name: printed(Fraction(zero), 4).interval(ANY) for name in ("precision", "f1")}
    scores |= {"recall": printed(Fraction(zero), 4).interval(ANY)}
    assert search(scores, 20, 0 if zero else None).exists


def test_a_search_beyond_its_bound_is_undecided():
    wide = {"mcc": (Fraction(99991, 100000), Fraction(99992, 100000))}
    assert search(wide, MAX_STEPS).exists is None
