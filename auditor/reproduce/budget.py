"""What a budget of time buys: the highest level and the most seeds that fit, and what those can detect.

The figures hold for a claim of one run against the last look alone, for normal runs of unknown spread;
earlier looks detect a little more. For a claim that lies δ sd above an honest draw, with n fresh runs of
mean x̄ and spread s, (m0 - x̄) / (s √(1 + 1/n)) is noncentral t with n - 1 degrees of freedom and
noncentrality δ / √(1 + 1/n) (Johnson, Kotz and Balakrishnan 1995, chapter 31).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from auditor.errors import UsageError
from auditor.reproduce.cost import Cost
from auditor.verdict.prediction import CONFIDENCE, KAPPA, LOOK_LEVEL, LOOKS

SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST_S = 366 * 86400.0
SHIFTS = (2, 3, 5)  # sd above an honest draw


@dataclass(frozen=True, slots=True)
class Detection:
    """What n fresh runs tell of a single published number.

    Attributes:
        n: fresh runs.
        honest_reproduced: chance that an honest claim ends reproduced.
        honest_rejected: chance that it ends not reproduced.
        rejected: for each of SHIFTS, chance that a claim so many sd too high ends not reproduced.
        accepted: for each of SHIFTS, chance that it ends reproduced.
    """

    n: int
    honest_reproduced: float
    honest_rejected: float
    rejected: tuple[float, ...]
    accepted: tuple[float, ...]


def seconds(text: str) -> float:
    """The seconds in `90s`, `10m`, `2h`, `1.5h` or `1h30m`.

    Raises:
        UsageError: it is no time, zero, or more than a year.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)(min|s|m|h|d)", text)
    whole = "".join(f"{number}{unit}" for number, unit in parts)
    total = math.fsum(float(number) * SECONDS[unit] for number, unit in parts)
    if not parts or whole != text or not 0 < total <= LONGEST_S:
        raise UsageError(
            f"`{text[:40]}` is no budget of time",
            where="--budget",
            help="write a number and a unit: 90s, 10m, 2h, 1h30m; more than nothing, a year at most",
        )
    return total


def affordable(cost: Cost, left_s: float, done: int) -> tuple[int, ...]:
    """The longest row of looks whose seeds fit into `left_s` seconds; `done` of them are finished already."""
    fitting = [LOOKS[:n] for n in range(1, len(LOOKS) + 1) if cost.wall_s(LOOKS[:n], done) <= left_s]
    return fitting[-1] if fitting else ()


def detection(n: int, level: float = LOOK_LEVEL) -> Detection:
    """What `n` fresh runs tell; `level` is that of the look."""
    from scipy.special import nctdtr, nctdtrit, stdtr, stdtrit

    df, widening = n - 1, math.sqrt(1 + 1 / n)
    reject_at = float(stdtrit(df, 1 - level))
    # Reproduced where √n (m0 - x̄) / s stays below this quantile; √n / (√(n + 1)) turns it into T.
    accept_at = float(nctdtrit(df, KAPPA * math.sqrt(n), 1 - CONFIDENCE)) / math.sqrt(n + 1)
    accept_at = min(accept_at, reject_at)  # what is rejected is not reproduced
    shifted = [delta / widening for delta in SHIFTS]
    return Detection(
        n=n,
        honest_reproduced=float(stdtr(df, accept_at)),
        honest_rejected=level,
        rejected=tuple(1 - float(nctdtr(df, delta, reject_at)) for delta in shifted),
        accepted=tuple(float(nctdtr(df, delta, accept_at)) for delta in shifted),
    )


def told(looks: Sequence[int]) -> tuple[str, ...]:
    """What the runs that are bought can and cannot detect, in lines."""
    if not looks:
        return (
            "no fresh seeds fit: only the shipped weights are evaluated (L1)",
            "that finds numbers which the weights do not give, not lucky seeds, other recipes or leaked data",
        )
    odds = detection(looks[-1])
    above = ", ".join(
        f"{share:.0%} of claims {delta} sd too high"
        for delta, share in zip(SHIFTS, odds.rejected, strict=True)
    )
    missed = f"{1 - odds.rejected[0]:.0%} of claims {SHIFTS[0]} sd too high are not found out"
    return (
        f"fresh seeds up to n = {looks[-1]} fit (L5)",
        f"the last look alone ends {above} as not reproduced, and {odds.honest_rejected:.1%} of honest ones",
        f"an honest claim ends reproduced with {odds.honest_reproduced:.0%}; {missed}",
    )
