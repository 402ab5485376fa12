"""Losses, counts, nested metrics, intervals and totals: honest numbers pass, others do not."""

import math
import random
import statistics
from fractions import Fraction

import pytest

from auditor.forensics.counts import (
    has_whole,
    largest_standard_error,
    of_standard_error,
    of_timing,
    whole_within,
)
from auditor.forensics.granularity import attainable, has_power, implied, of_float32
from auditor.forensics.intervals import in_order, largest_spread, mean_is_attainable, standard_error
from auditor.forensics.loss import MAX_EXPONENT, bits_per_byte, exponential, power_of_two
from auditor.forensics.nested import complements, exceeds, square
from auditor.forensics.printed import ANY, read
from auditor.forensics.totals import amount, holds, mean, total


def text(value, places):
    return read(f"{value:.{places}f}")


def test_perplexity_of_a_loss_is_enclosed():
    for seed in range(300):
        rng = random.Random(seed)
        loss, places = rng.uniform(0, 12), rng.randint(1, 6)
        low, high = exponential(text(loss, places).interval(ANY))
        printed = text(math.exp(loss), places).interval(ANY)
        assert printed[0] <= high
        assert low <= printed[1]


def test_another_perplexity_is_not():
    for seed in range(100):
        loss = random.Random(seed).uniform(1, 8)
        low, high = exponential(text(loss, 4).interval(ANY))
        assert text(math.exp(loss) * 1.01, 4).interval(ANY)[0] > high
        assert text(math.exp(loss) * 0.99, 4).interval(ANY)[1] < low


def test_the_exponential_is_enclosed_tightly():
    # e = 2.718281828459045235360287471352662497757…
    low, high = exponential((Fraction(1), Fraction(1)))
    exact = Fraction("2.718281828459045235360287471352662497757")
    assert low < exact + Fraction(1, 10**38)
    assert high > exact - Fraction(1, 10**38)
    assert high - low < Fraction(1, 10**36)


def test_a_loss_beyond_any_is_not_computed():
    assert exponential((Fraction(0), Fraction(MAX_EXPONENT + 1))) is None


def test_bits_are_those_of_nats():
    # 2^3 = 8; a loss of ln 2 nats a token of one byte is one bit
    low, high = power_of_two((Fraction(3), Fraction(3)))
    assert low < 8 < high
    nat = Fraction("0.693147180559945309417232121458176568")
    low, high = bits_per_byte((nat, nat), (Fraction(1), Fraction(1)))
    assert abs(low - 1) < Fraction(1, 10**30)
    assert low <= high


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
        assert has_whole(interval)


def test_timings_of_other_samples_are_told():
    low, high = of_timing(Fraction(24), Fraction("12.5"), Fraction(1, 1000), Fraction(1, 10_000))
    assert not low <= 25_000 <= high
    assert whole_within((low, high)) == 300


def test_a_share_that_went_through_32_bits_is_still_attainable():
    import struct

    for seed in range(200):
        n = random.Random(seed).randint(2, 50_000)
        right = random.Random(seed + 1).randint(1, n)
        printed = read(repr(struct.unpack("f", struct.pack("f", right / n))[0]))
        if printed.full:
            assert of_float32(printed, n)


def test_float_noise_does_not_make_a_share_impossible():
    for seed in range(200):
        n = random.Random(seed).randint(3, 50_000)
        right = random.Random(seed + 1).randint(1, n)
        printed = read(repr(math.nextafter(right / n, 2)))
        assert attainable(printed, n, ANY)


def test_the_published_share_is_269_of_300():
    printed = read("0.8966666666666666")
    assert implied(printed, 100_000) == Fraction(269, 300)
    assert has_power(printed, 25_000, ANY)
    assert not attainable(printed, 25_000, ANY)


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


def test_the_mean_of_runs_is_a_count_of_all():
    # 3 runs of 6: 15/18 = 0.8333 is one, 0.8500 is none
    assert mean_is_attainable(read("0.8333"), 6, 3)
    assert mean_is_attainable(read("0.8500"), 6, 3) is False
    assert mean_is_attainable(read("0.85"), 600, 3) is None


@pytest.mark.parametrize("seed", range(50))
def test_printed_sums_and_means_hold(seed):
    rng = random.Random(seed)
    values = [rng.uniform(0, 1000) for _ in range(rng.randint(2, 20))]
    cells = [amount(f"{value:.2f}") for value in values]
    assert holds(total(cells), amount(f"{sum(values):.2f}"))
    assert holds(mean(cells), amount(f"{statistics.mean(values):.2f}"))
    assert not holds(total(cells), amount(f"{sum(values) + 0.02 * len(values) + 0.02:.2f}"))


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,720,320", 1_720_320), ("86k", 86_000), ("**1.7B**", 1_700_000_000), ("-", None), ("3 m", None)],
)
def test_amounts_of_cells(cell, value):
    assert (amount(cell) and amount(cell).value) == value


def test_whole_numbers_are_exact_and_thousands_are_not():
    assert not holds(total([amount("120"), amount("130")]), amount("251"))
    assert holds(total([amount("120000"), amount("130000")]), amount("251000"))
