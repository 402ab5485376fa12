"""Perplexity, bits per byte and loss: one quantity in three units.

The exponential is that of `decimal`, which rounds correctly; one unit further on either side encloses it.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

from auditor.forensics.printed import Interval

_DIGITS = 40
MAX_EXPONENT = 1000  # nats; a loss beyond it is no loss of tokens


def exponential(value: Interval) -> Interval | None:
    """Where e to such a power lies; None beyond MAX_EXPONENT."""
    if max(abs(value[0]), abs(value[1])) > MAX_EXPONENT:
        return None
    low, high = _decimal(value[0], ROUND_FLOOR), _decimal(value[1], ROUND_CEILING)
    context = Context(prec=_DIGITS)
    return (
        Fraction(context.next_minus(low.exp(context))),
        Fraction(context.next_plus(high.exp(context))),
    )


def power_of_two(value: Interval) -> Interval | None:
    """Where 2 to such a power lies: e to the power times ln 2."""
    low, high = _ln2()
    ends = [end * factor for end in value for factor in (low, high)]
    return exponential((min(ends), max(ends)))


def bits_per_byte(loss: Interval, bytes_per_token: Interval) -> Interval:
    """Where the bits per byte lie for a loss in nats per token: loss / (ln 2 · bytes per token).

    Source: Gao and others 2020, "The Pile", section 3.1, arXiv:2101.00027.
    """
    low, high = _ln2()
    ends = [
        end / (factor * width)
        for end in loss
        for factor in (low, high)
        for width in bytes_per_token
        if width > 0
    ]
    return min(ends), max(ends)


def _ln2() -> Interval:
    context = Context(prec=_DIGITS)
    value = Decimal(2).ln(context)
    return Fraction(context.next_minus(value)), Fraction(context.next_plus(value))


def _decimal(value: Fraction, rounding: str) -> Decimal:
    return Context(prec=_DIGITS, rounding=rounding).divide(
        Decimal(value.numerator), Decimal(value.denominator)
    )
