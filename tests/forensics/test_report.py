"""Rows and sums of classification reports: those of real tables pass, changed ones do not."""

import random
from fractions import Fraction

import pytest

from auditor.forensics.printed import ANY, read
from auditor.forensics.report import ClassScores, harmonic_holds, macro, row_exists, weighted
from tests.forensics.honest import _confusion, averaged, scores_of_classes
from tests.forensics.tables import printed


def rows_of(seed, places, zero_division=0, *, cut=False):
    table = _confusion(random.Random(seed))
    rows = [
        ClassScores(*(printed(one, places, cut=cut) for one in row[:3]), row[3])
        for row in scores_of_classes(table, zero_division)
    ]
    return table, rows


@pytest.mark.parametrize("zero_division", [0, 1])
@pytest.mark.parametrize("cut", [False, True])
def test_rows_of_real_tables_exist(zero_division, cut):
    for seed in range(150):
        for row in rows_of(seed, seed % 5 + 1, zero_division, cut=cut)[1]:
            assert row_exists(row) is not False, (seed, row)
            assert harmonic_holds(row), (seed, row)


@pytest.mark.parametrize("how", ["macro", "weighted"])
def test_sums_of_real_tables_are_those_of_their_rows(how):
    for seed in range(150):
        table, rows = rows_of(seed, 4)
        for index, name in enumerate(("precision", "recall", "f1")):
            values = [row.score(name) for row in rows]
            mean = macro(values) if how == "macro" else weighted(values, [row.support for row in rows])
            low, high = printed(averaged(table, how)[index], 4).interval(ANY)
            assert low <= mean[1], seed
            assert mean[0] <= high, seed


def test_a_row_off_by_more_than_rounding_does_not_exist():
    # recall of 7 examples is k/7: 0.7143, 0.8571; between them lies no count
    assert row_exists(ClassScores(read("1.0000"), read("0.8000"), read("0.8889"), 7)) is False


def test_f1_that_is_not_harmonic_is_told():
    assert not harmonic_holds(ClassScores(read("0.8000"), read("0.6000"), read("0.7000"), 10))


def test_a_weighted_mean_is_that_by_hand():
    # (0.5 · 1 + 1.0 · 3) / 4 = 0.875
    mean = weighted([read("0.5"), read("1.0")], [1, 3], Fraction(0))
    assert mean == (Fraction(7, 8), Fraction(7, 8))
