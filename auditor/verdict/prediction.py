"""Is a published number typical of its recipe? Three answers, from fresh runs alone.

The claim m0 (half its last printed unit: h; k runs behind it) is held against n fresh runs with mean x̄ and
spread s̃. Everything is turned so that larger is better: better than claimed is never a failure.

    T = (m0 - h - x̄) / (s̃ √(1/k + 1/n + ρ²))     p = P(t_df > T)          not reproduced if p is small
    U = √n (m0 + h - x̄) / s̃  ≤  5 % quantile of noncentral t(df, κ√n)      reproduced: 95 % sure that the
                                                                            claim is < κ s̃ above the mean
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Literal

from auditor.records import dataclass
from auditor.verdict.chosen import chosen_p
from auditor.verdict.spread import Spread, mean

Answer = Literal["reproduced", "not reproduced", "inconclusive"]

KAPPA = 3.0  # a claim this many sd above the recipe's mean is not the recipe's
CONFIDENCE = 0.95
LOOKS = (3, 5, 10)  # numbers of fresh runs after which the sequential test looks
LOOK_LEVEL = 0.0240  # per look; 5 % over the three for a single run (other plans: `auditor.verdict.looks`)
SINGLE_LEVEL = 0.05  # where the number of runs is fixed beforehand there is one look
MOST_RUNS = 100  # how far ahead `runs_to_decide` searches


@dataclass(frozen=True, slots=True)
class Claimed:
    """A published value: larger is better, in the unit of the runs.

    Attributes:
        value: as printed.
        half_unit: half its last printed unit.
        runs: how many runs the value averages over; 1 for a single run.
        best_of: how many runs it is the best of; 1 where nothing was chosen.
        tolerance: declared absolute shortfall, or None.
        rho: spread between labs or device classes, in units of the spread between seeds.
    """

    value: float
    half_unit: float
    runs: float = 1.0
    best_of: int = 1
    tolerance: float | None = None
    rho: float = 0.0


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """The figures behind an answer."""

    answer: Answer
    n: int
    mean: float
    sd: float
    own_sd: float  # of the fresh runs alone
    df: float
    t: float
    p: float
    level: float
    shortfall_sd: float  # U/√n: how many sd the claim lies above the mean
    limit_sd: float  # the claim counts as reproduced up to here
    within_tolerance: bool | None


def claim_test(
    claimed: Claimed, runs: Sequence[float], spread: Spread, level: float, own: Spread | None = None
) -> ClaimTest:
    """The answer after `runs` (at least two), at one-sided significance `level`.

    `own` is the spread of the fresh runs alone, where `spread` pools published ones: what a publisher lists
    may sharpen a rejection, but an acceptance must stand without it.
    """
    own = own or spread
    n, centre = len(runs), mean(runs)
    t, p = discrepancy(claimed, n, centre, spread)
    shortfall = (claimed.value + claimed.half_unit - centre) / own.sd
    limit = _reproduced_limit(n, own.df)
    within = None if claimed.tolerance is None else _within(claimed, n, centre, own)
    answer: Answer
    if within:
        answer = "reproduced"  # even a real shift is immaterial by the bundle's own declaration
    elif p < level:
        answer = "not reproduced"
    elif shortfall <= limit:
        answer = "reproduced"
    else:
        answer = "inconclusive"
    return ClaimTest(answer, n, centre, spread.sd, own.sd, spread.df, t, p, level, shortfall, limit, within)


def discrepancy(claimed: Claimed, n: int, centre: float, spread: Spread) -> tuple[float, float]:
    """T and its one-sided p: how surprising the claim is if the recipe gave it.

    The best of B runs is held against the largest of B draws, by the exact distribution of `chosen_p`.

    Raises:
        ZeroDivisionError: the spread is 0; such runs and claims have no floor and cannot be tested.
    """
    from scipy.special import stdtr

    excess = (claimed.value - claimed.half_unit - centre) / spread.sd
    t = excess / math.sqrt(1 / claimed.runs + 1 / n + claimed.rho**2)
    if claimed.best_of > 1:
        return t, chosen_p(excess, n, spread.df, claimed.best_of, claimed.runs, claimed.rho)
    return t, max(float(stdtr(spread.df, -t)), sys.float_info.min)  # small beyond a double is not 0


def runs_to_decide(claimed: Claimed, test: ClaimTest, level: float = SINGLE_LEVEL) -> int | None:
    """How many runs in all, fixed beforehand, would decide at `level`; None if a hundred would not.

    Further runs are taken to have the same mean and spread.
    """
    for n in range(test.n + 1, MOST_RUNS + 1):
        pooled = Spread(test.sd, test.df + n - test.n, pooled_published=False, floored=False)
        own = Spread(test.own_sd, n - 1, pooled_published=False, floored=False)
        _, p = discrepancy(claimed, n, test.mean, pooled)
        within = claimed.tolerance is not None and _within(claimed, n, test.mean, own)
        if p < level or within or test.shortfall_sd <= _reproduced_limit(n, own.df):
            return n
    return None


def _reproduced_limit(n: int, df: float) -> float:
    from scipy.special import nctdtrit

    root = math.sqrt(n)
    return float(nctdtrit(df, KAPPA * root, 1 - CONFIDENCE)) / root


def _within(claimed: Claimed, n: int, centre: float, spread: Spread) -> bool:
    """One-sided TOST (Schuirmann 1987): the shortfall's upper confidence limit is inside the tolerance."""
    from scipy.special import stdtrit

    assert claimed.tolerance is not None
    margin = float(stdtrit(spread.df, CONFIDENCE)) * spread.sd / math.sqrt(n)
    return claimed.value + claimed.half_unit - centre + margin <= claimed.tolerance
