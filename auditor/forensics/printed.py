"""A number as it stands on paper: its value, and how much of it the printed digits pin down.

All arithmetic is exact (Fraction). A printed number stands for an interval around it:
expected rounding moves it by at most 0.55 units in the last place (0.5 and a little for numbers
that were rounded twice), any rounding or truncation by at most 1 unit.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from auditor.records import dataclass

EXPECTED = Fraction(55, 100)  # measured on timm: 5.0 % false alarms at 0.50, 0 of 6,224 at 0.55
ANY = Fraction(1)  # rounding up, down or truncation; only beyond this is a value impossible
FULL_DIGITS = 14  # a float64 printed in full; compared with a relative tolerance instead
FULL_TOLERANCE = Fraction(1, 10**9)  # relative; sums of floats in another order differ by less
MAX_LETTERS = 400  # 10^-308 has 310 letters; longer texts and exponents are not numbers anyone measured

Interval = tuple[Fraction, Fraction]  # both ends belong to it

_NUMBER = re.compile(r"([-+]?)(\d*)\.?(\d*)(?:[eE]([-+]?\d{1,4}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Printed:
    """A number with the unit of its last printed place.

    Attributes:
        text: as it stands in the file.
        value: exactly what it says.
        unit: one unit in the last place.
        full: printed in full (14 significant digits or more), so that its last place means nothing.
    """

    text: str
    value: Fraction
    unit: Fraction
    full: bool

    def half_width(self, units: Fraction) -> Fraction:
        """How far the number meant may lie from the one printed, if rounding moved it by `units`."""
        if self.full:
            return abs(self.value) * FULL_TOLERANCE
        return self.unit * units

    def interval(self, units: Fraction) -> Interval:
        """Where the number meant lies, if rounding moved it by at most `units`."""
        width = self.half_width(units)
        return self.value - width, self.value + width

    def times(self, factor: int | Fraction) -> Printed:
        """The same print in another unit: a proportion times 100 is a percentage."""
        return Printed(self.text, self.value * factor, self.unit * factor, self.full)


def read(text: object) -> Printed | None:
    """The number in a text of decimal digits, or None for anything else (also for absurdly long ones)."""
    return _read(text) if isinstance(text, str) and len(text) <= MAX_LETTERS else None


@lru_cache(maxsize=4096)  # several rules read the same numbers
def _read(text: str) -> Printed | None:
    match = _NUMBER.fullmatch(text.strip())
    if match is None or not (match[2] or match[3]):
        return None
    exponent = int(match[4] or 0)
    if abs(exponent) > MAX_LETTERS:
        return None
    digits = match[2] + match[3]
    unit = _power(exponent - len(match[3]))
    value = int(digits) * unit * (-1 if match[1] == "-" else 1)
    return Printed(text.strip(), value, unit, len(digits.lstrip("0")) >= FULL_DIGITS)


@lru_cache(maxsize=64)  # of the few places that numbers are printed to; a power takes longer than the rest
def _power(exponent: int) -> Fraction:
    return Fraction(10) ** exponent


def same(one: Printed, other: Printed) -> bool:
    """Whether both can be prints of one number under expected rounding.

    Two prints with the same number of places must be equal; otherwise each may be off by its half-width.
    """
    if one.unit == other.unit and not (one.full or other.full):
        return one.value == other.value
    widths = (one.half_width(EXPECTED), other.half_width(EXPECTED))
    allowed = max(widths) if one.full and other.full else sum(widths)
    return abs(one.value - other.value) <= allowed


def decimal(value: Fraction, places: int) -> str:
    """The fraction rounded half up to so many decimals, in plain digits."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = str(whole).rjust(places + 1, "0")
    sign = "-" if value < 0 and whole else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def places(printed: Printed) -> int:
    """How many decimals the number was printed with; 0 where its last place is left of the point."""
    count = 0
    unit = printed.unit
    while unit < 1:
        unit *= 10
        count += 1
    return count
