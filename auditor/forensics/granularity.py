"""Which values a mean of zeros and ones can take: k/n for a whole k (the GRIM test).

Source: Brown and Heathers 2017, "The GRIM test", doi:10.1177/1948550616673876.
"""

from __future__ import annotations

import struct
from fractions import Fraction

from auditor.forensics.printed import Printed


def has_power(printed: Printed, n: int, units: Fraction) -> bool:
    """Whether the test can fail at all: the interval must be narrower than the gap 1/n between values."""
    return 2 * printed.half_width(units) * n < 1


def attainable(printed: Printed, n: int, units: Fraction) -> bool:
    """Whether some whole k makes k/n print as this number, rounding moving it by at most `units`."""
    width = printed.half_width(units)
    lowest = -((-(printed.value - width) * n) // 1)  # ceiling
    return lowest <= (printed.value + width) * n


def of_float32(printed: Printed, n: int) -> bool:
    """Whether the number is one of 32 bits, printed in full, and as near to some k/n as such a number can be.

    A number of 32 bits has 24 binary digits: rounding moves it by at most 2^-24 of itself, and a mean of many
    by a few times that.
    """
    value = float(printed.value)
    if struct.unpack("f", struct.pack("f", value))[0] != value:
        return False
    width = abs(printed.value) / 2**22
    return -((-(printed.value - width) * n) // 1) <= (printed.value + width) * n


def neighbours(printed: Printed, n: int) -> tuple[int, int]:
    """The whole numbers just below and just above `printed` times n."""
    below = int((printed.value * n) // 1)
    return below, below + 1


def implied(printed: Printed, limit: int) -> Fraction | None:
    """The simplest k/n with n up to `limit` that equals a number printed in full, or None."""
    if not printed.full:
        return None
    simplest = printed.value.limit_denominator(limit)
    close = abs(simplest - printed.value) <= printed.half_width(Fraction(1))
    return simplest if close and simplest.denominator < limit else None
