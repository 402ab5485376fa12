"""Perplexity, bits and loss: honest prints are enclosed, others are not."""

import math
import random
from fractions import Fraction

from auditor.forensics.loss import MAX_EXPONENT, bits_per_byte, exponential, power_of_two
from auditor.forensics.printed import ANY, read


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
