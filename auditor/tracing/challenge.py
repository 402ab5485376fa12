"""Which segments are audited, drawn after the publisher committed to the chain, and what that finds."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Why = Literal["first", "last", "boundary", "drawn"]
BAD_SHARES = (0.05, 0.10, 0.25, 0.50)  # of the segments, beside a single one, that the report tells of


@dataclass(frozen=True, slots=True)
class Sample:
    """How many segments are asked for: a number to draw, a share of all of them, or all."""

    drawn: int = 0
    share: float = 0.0


def sample(text: str) -> Sample:
    """What `--segments` says: `3`, `10%` or `all`.

    Raises:
        ValueError: it says none of these.
    """
    if text == "all":
        return Sample(share=1.0)
    number = text.removesuffix("%")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise ValueError(text)
    if number == text:
        return Sample(drawn=int(number))
    if not 0 < int(number) <= 100:
        raise ValueError(text)
    return Sample(share=int(number) / 100)


def challenge(root: str, nonce: str) -> str:
    """What the segments are drawn by: nobody knew it while the chain could still be changed."""
    return hashlib.sha256(f"{root}/{nonce}".encode()).hexdigest()


def chosen(n: int, musts: Sequence[int], asked: Sample, drawn_by: str) -> dict[int, Why]:
    """The numbers (from 0) of the audited segments of `n`, rising, and why each is among them.

    First and last always are, and `musts`, those that end where the schedule changes. A share counts these,
    but at least one more is drawn; a number is drawn beside them.
    """
    always: dict[int, Why] = dict.fromkeys(musts, "boundary")
    always |= {0: "first", n - 1: "last"} if n > 1 else {0: "first"}
    others = [number for number in range(n) if number not in always]
    others.sort(key=lambda number: hashlib.sha256(f"{drawn_by}/{number}".encode()).digest())
    share = math.ceil(round(asked.share * n, 9)) - len(always)
    more = asked.drawn if asked.share == 0 else max(1, share)
    found: dict[int, Why] = always | dict.fromkeys(others[:more], "drawn")
    return {number: found[number] for number in sorted(found)}


def detection(n: int, always: int, drawn: int, bad: int) -> float:
    """Probability that one of `bad` bad segments of `n` is among the audited ones.

    1 - C(S - b, q) / C(S, q) over the S segments that are not always audited: whoever spoils some knows the
    others and leaves them alone, as far as there is room.
    """
    free = n - always
    if bad > free:
        return 1.0
    return 1.0 - math.comb(free - bad, drawn) / math.comb(free, drawn)
