"""Sums and means of the cells of a table, with the digits that each cell was printed with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from auditor.forensics.printed import ANY, Interval, Printed, read

# decimal multiples as people write them; `m` alone is as often a metre or a minute
_FACTORS = {"k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9, "G": 10**9, "T": 10**12}
_AMOUNT = re.compile(r"[*_`\s]*(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|-?\.\d+)[ ]?([kKMBGT]?)[*_`\s]*")
_ROUNDED_ZEROS = 3  # at the end of a whole number; fewer are as often exact
MAX_LETTERS = 60  # of a cell; numbers beyond 10^40 are not summed


def amount(text: str) -> Printed | None:
    """The number that a cell is, `1,720,320`, `86k` or `1.7B`; None for anything else.

    A number without a decimal point may have been rounded to tens or thousands; its unit is taken to be
    that of its last digit.
    """
    match = _AMOUNT.fullmatch(text) if len(text) <= MAX_LETTERS else None
    value = read(match[1].replace(",", "")) if match else None
    return value.times(_FACTORS.get(match[2], 1)) if value is not None and match else None


def total(amounts: Sequence[Printed], units: Fraction = ANY) -> Interval:
    """Where the sum of the numbers meant lies."""
    middle = sum((one.value for one in amounts), Fraction())
    slack = sum((_width(one, units) for one in amounts), Fraction())
    return middle - slack, middle + slack


def mean(amounts: Sequence[Printed], units: Fraction = ANY) -> Interval:
    """Where the mean of the numbers meant lies."""
    low, high = total(amounts, units)
    return low / len(amounts), high / len(amounts)


def holds(expected: Interval, printed: Printed, units: Fraction = ANY) -> bool:
    """Whether the printed number can be one of these."""
    width = _width(printed, units)
    return printed.value - width <= expected[1] and expected[0] <= printed.value + width


def _width(printed: Printed, units: Fraction) -> Fraction:
    """Whole numbers without a suffix are counts and exact, but for those that end in thousands."""
    if printed.unit == 1 and not printed.full and printed.text.lstrip("-").isdigit():
        zeros = len(printed.text) - len(printed.text.rstrip("0"))
        return Fraction(10**zeros) * units if zeros >= _ROUNDED_ZEROS else Fraction(0)
    return printed.half_width(units)
