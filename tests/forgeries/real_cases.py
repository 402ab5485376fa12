"""Wrong numbers that were published: the numbers and where they stood, no foreign text.

Each case is laid over an honest bundle (or a bare card) in our own words, and names the rule that must find it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A published number that cannot hold.

    Attributes:
        code: the rule that finds it.
        source: where it was published.
        why: what contradicts what, in numbers.
        parts: the numbers as a release, in the syntax of `tests/layers.py`, laid over a folder with a card that
            has nothing but a front matter.
    """

    code: str
    source: str
    why: str
    parts: str


def _table(header, *rows):
    """A card whose body is one table."""
    lines = [f"| {header} |", "|" + "---|" * (header.count("|") + 1), *(f"| {row} |" for row in rows)]
    return "# README.md\n" + "\n".join(lines) + "\n"


CASES = []
