"""Chips by name: how fast they are and how much power they take, from vocabulary/chips.txt. No rules here."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

from auditor.records import dataclass

_COUNTS = re.compile(r"\b\d{1,6} ?[x×*](?![a-z]*\d*x)|(?<=\d)[x×]\d{1,6}\b")  # `8x`, `A6000x2`
_NUMBER = re.compile(r"(?<![\w.])(\d{1,6}) ?(?:[x×*]|gpus?\b|tpus?\b)|(?<=\d)[x×](\d{1,6})\b")


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip.

    Attributes:
        name: as the table has it.
        tflops: dense rate at 16 bits.
        most: the highest dense rate of any format from 8 bits: what nothing exceeds.
        watts: rated power; None where the maker publishes none.
    """

    name: str
    tflops: Fraction
    most: Fraction
    watts: Fraction | None


@cache
def chips() -> dict[str, Chip]:
    """Every chip by the letters and digits of its name in lower case."""
    text = (Path(__file__).parent / "vocabulary" / "chips.txt").read_text(encoding="utf-8")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, tflops, most, watts, _ = (part.strip() for part in line.split("|", 4))
            power = None if watts == "-" else Fraction(watts)
            found[_letters(name)] = Chip(name, Fraction(tflops), Fraction(most), power)
    return found


def chip(text: str) -> Chip | None:
    """The one chip that a short text names; None where it names none or several."""
    if not text or len(text) > 100:
        return None
    known = chips()
    text = _COUNTS.sub(" ", text.lower())
    letters = _letters(text)
    if letters in known:
        return known[letters]
    words = [_letters(word) for word in re.split(r"[\s,/()_-]+", text) if word]
    pairs = [one + other for one, other in pairwise(words)]
    triples = [one + other for one, other in zip(pairs, words[2:], strict=False)]
    met = {name: known[name] for name in (*triples, *pairs, *words) if name in known}
    # `RTX A6000`, `TPU v4`: the longer name is meant where one holds the other.
    longest = {name: one for name, one in met.items() if not any(name in other != name for other in met)}
    return next(iter(longest.values())) if len(longest) == 1 else None


def how_many(text: str) -> int:
    """How many chips a short text that names one says there were; 1 where it does not say."""
    found = _NUMBER.search(text.lower()[:100])
    number = int(found[1] or found[2]) if found else 1
    return max(number, 1)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())
