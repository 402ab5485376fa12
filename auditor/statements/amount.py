"""A number with its magnitude and unit in a short text: `7.24B`, `8k`, `124,439,808`, `12 days`."""

from __future__ import annotations

import re
from fractions import Fraction

from auditor.forensics.printed import Printed, read

MAX_AMOUNT = 80  # characters; longer texts say more than one thing
# Magnitudes after a number. Whole words and lower case `k`; `M` is never a thousandth here.
MAGNITUDES = {
    "k": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "million": 10**6,
    "b": 10**9,
    "bn": 10**9,
    "billion": 10**9,
    "t": 10**12,
    "trillion": 10**12,
}
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?"
MAGNITUDE = r"k|thousand|million|mn|m|billion|bn|b|trillion|t"
_AMOUNT = re.compile(
    rf"[~≈*_`\s]*({NUMBER})[ ]?(?:({MAGNITUDE})\b)?[*_`]*\s*"
    r"([^\d\s(\[<]\S*(?: [^\d\s(]\S*)?)?[*_`.\s]*(?:[(\[<].*)?",
    re.IGNORECASE | re.DOTALL,
)
_ONE = Fraction(1)


def amount(text: str) -> tuple[Printed, str] | None:
    """The number that a short text is, magnitude counted in, and the words of its unit in lower case."""
    match = _AMOUNT.fullmatch(text[:MAX_AMOUNT]) if len(text) <= MAX_AMOUNT else None
    if match is None:
        return None
    value = scaled(match[1], match[2])
    return None if value is None else (value, (match[3] or "").strip("*_`. ").lower())


def scaled(digits: str, magnitude: str | None) -> Printed | None:
    """The number of these digits times its magnitude; its text is what stands there."""
    plain = read(digits.replace(",", ""))
    if plain is None:
        return None
    if not magnitude:
        return Printed(digits, plain.value, plain.unit, plain.full)
    factor = MAGNITUDES[magnitude.lower()]
    return Printed(digits + magnitude, plain.value * factor, plain.unit * factor, plain.full)


def exact(number: int) -> Printed:
    """A whole number of a field of JSON, or one that was counted."""
    return Printed(str(number), Fraction(number), _ONE, full=False)
