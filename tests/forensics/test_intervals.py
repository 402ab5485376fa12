"""Standard errors, spreads and intervals of means."""

import random
import statistics
from fractions import Fraction

from auditor.forensics.intervals import in_order, largest_spread, standard_error
from auditor.forensics.printed import read


def text(value, places):
    return read(f"{value:.{places}f}")


def test_a_standard_error_is_the_deviation_over_the_root():
    # 0.6 / √9 = 0.2
    low, high = standard_error((Fraction(3, 5), Fraction(3, 5)), 9)
    assert low <= Fraction(1, 5) <= high


def test_real_spreads_are_below_the_largest():
    for seed in range(200):
        rng = random.Random(seed)
        values = [rng.random() for _ in range(rng.randint(2, 6))]
        most = largest_spread(text(statistics.mean(values), 4), 1, None)
        assert Fraction(statistics.stdev(values)) <= most


def test_an_interval_holds_its_value():
    assert in_order(read("0.80"), read("0.85"), read("0.90"))
    assert not in_order(read("0.86"), read("0.83"), read("0.90"))
