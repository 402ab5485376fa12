"""Shares printed in full: float noise and 32 bits are no fault."""

import math
import random
import struct
from fractions import Fraction

from auditor.forensics.granularity import attainable, has_power, implied, of_float32
from auditor.forensics.printed import ANY, read


def test_a_share_that_went_through_32_bits_is_still_attainable():
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
