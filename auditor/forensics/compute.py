"""Arithmetic of what a training costs: operations, chips, energy, carbon. Exact; no judgement here.

Operations of a dense decoder: 2 N a token forward and 4 N backward (Kaplan et al. 2020, section 2.1,
arXiv:2001.08361), N the weights that a token meets, so 6 N D in all.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from auditor.forensics.training import Interval

PER_WEIGHT_AND_TOKEN = 6
SECONDS = 3600  # of an hour
TERA = 10**12
# A chip in use draws between a tenth and all of its rated power; the building takes up to as much again:
# PUE from 1 to 2 (Patterson et al. 2021, arXiv:2104.10350, section 2: fleets 1.1, world average 1.59).
LEAST_POWER, MOST_POWER = Fraction(1, 10), Fraction(2)
# Grams of CO2 equivalent a kWh: codecarbon counts 2.4 for Quebec (three of its tables on the hub, 2024), and
# coal alone gives up to 910 (IPCC AR5 WG3, annex III, table A.III.2), in old plants above 1,000.
LEAST_CARBON, MOST_CARBON = Fraction(1), Fraction(1300)
GRAMS = 1000  # of a kilogram, and kilograms of a tonne: the slip that is made


def needed(weights: Interval, tokens: Interval) -> Interval:
    """Operations that training a dense decoder takes."""
    return weights.times(tokens).scaled(PER_WEIGHT_AND_TOKEN, PER_WEIGHT_AND_TOKEN)


def capacity(chip_hours: Interval, tflops: Fraction) -> Interval:
    """Operations that the chips can do in their hours at this rate."""
    factor = SECONDS * tflops * TERA
    return chip_hours.scaled(factor, factor)


def utilisation(operations: Interval, offered: Interval) -> Interval | None:
    """The share of what was offered that was used; None where nothing was offered."""
    if not offered.low:
        return None
    return Interval(operations.low / offered.high, operations.high / offered.low)


def energy(chip_hours: Interval, watts: Fraction) -> Interval:
    """Kilowatt-hours that the chips and their building may have taken."""
    return chip_hours.scaled(LEAST_POWER * watts / 1000, MOST_POWER * watts / 1000)


def carbon_intensity(grams: Interval, kwh: Interval) -> Interval | None:
    """Grams of CO2 equivalent a kilowatt-hour; None where there is no energy."""
    return Interval(grams.low / kwh.high, grams.high / kwh.low) if kwh.low else None


def short(value: Fraction) -> str:
    """The number in three digits, however large: `3.14e+23`."""
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.3g}"


def slip(stated: Interval, likely: Interval) -> int:
    """1000 or -1000 where multiplying or dividing the stated by 1000 makes it likely; else 0."""
    if likely.meets(stated.scaled(GRAMS, GRAMS)):
        return GRAMS
    return -GRAMS if likely.meets(stated.scaled(Fraction(1, GRAMS), Fraction(1, GRAMS))) else 0
