"""Numbers of examples that standard errors and timings give."""

import math
import random
import statistics
from fractions import Fraction

from auditor.forensics.counts import (
    largest_standard_error,
    of_standard_error,
    of_timing,
    whole_within,
)
from auditor.forensics.printed import read


def test_a_standard_error_gives_its_number_of_answers():
    for seed in range(200):
        rng = random.Random(seed)
        n = rng.randint(20, 20_000)
        right = rng.randint(1, n - 1)
        share = right / n
        error = math.sqrt(share * (1 - share) / (n - 1))
        low, high = of_standard_error(read(repr(share)), read(repr(error)))
        assert low <= n <= high
        assert whole_within((low, high)) == n
        assert largest_standard_error(read(repr(share)), n) * (1 + Fraction(1, 10**8)) >= Fraction(error)


def test_values_between_zero_and_one_have_smaller_errors():
    rng = random.Random(0)
    values = [rng.random() for _ in range(500)]
    share, error = statistics.mean(values), statistics.stdev(values) / math.sqrt(500)
    assert largest_standard_error(read(repr(share)), 500) > Fraction(error)


def test_timings_give_their_number_of_samples():
    for seed in range(300):
        rng = random.Random(seed)
        n, seconds = rng.randint(1, 50_000), rng.uniform(0.01, 500)
        interval = of_timing(
            read(repr(round(n / seconds, 3))).value,
            read(repr(round(seconds, 4))).value,
            Fraction(1, 1000),
            Fraction(1, 10_000),
        )
        assert interval[0] <= n <= interval[1]


def test_timings_of_other_samples_are_told():
    low, high = of_timing(Fraction(24), Fraction("12.5"), Fraction(1, 1000), Fraction(1, 10_000))
    assert not low <= 25_000 <= high
    assert whole_within((low, high)) == 300
