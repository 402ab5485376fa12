"""The three-state test on many cases at once, for simulation: the answers of `claim_test`, by thresholds.

Nothing here draws random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.records import dataclass
from auditor.verdict.chosen import chosen_limit
from auditor.verdict.prediction import CONFIDENCE, KAPPA
from auditor.verdict.spread import LARGER_SPREAD_LEVEL, Prior

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plan:
    """How each case is tested; as `Claimed`, and one level for every look.

    Attributes:
        looks: numbers of fresh runs, rising; a case ends at the first look that decides.
        level: one-sided, of each look.
        runs: how many runs a claim averages over.
        best_of: how many runs it says to be the best of.
        rho: spread between labs that is allowed for.
        half_unit: half the last printed unit of the claims.
        quantum: smallest step of the metric.
        prior: what earlier releases say of the spread.
    """

    looks: tuple[int, ...]
    level: float
    runs: float = 1.0
    best_of: int = 1
    rho: float = 0.0
    half_unit: float = 0.0
    quantum: float = 0.0
    prior: Prior | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of the cases in each state, and how many runs a case took.

    `claims` is how many different claims the cases have between them; 0 where each has its own.
    """

    reproduced: float
    inconclusive: float
    not_reproduced: float
    mean_n: float
    cases: int
    claims: int = 0

    @property
    def error(self) -> float:
        """The largest standard error of the three shares, by the binomial of the different claims."""
        shares = (self.reproduced, self.inconclusive, self.not_reproduced)
        return max(math.sqrt(share * (1 - share) / (self.claims or self.cases)) for share in shares)


@dataclass(frozen=True, slots=True)
class States:
    """Of each case whether it ended reproduced or not reproduced, and after how many runs."""

    reproduced: Flags
    not_reproduced: Flags
    n: Floats

    def rates(self, claims: int = 0) -> Rates:
        """The shares over all cases, which have so many different claims between them; 0 for all."""
        good, bad = float(self.reproduced.mean()), float(self.not_reproduced.mean())
        return Rates(good, max(1.0 - good - bad, 0.0), bad, float(self.n.mean()), len(self.n), claims)


def states(test: Plan, claims: Floats, runs: Floats, published: Floats | None = None) -> States:
    """The state in which each case ends.

    Args:
        test: how.
        claims: one a case, larger is better.
        runs: fresh runs, one row a case, at least as many columns as the last look.
        published: values of single runs published with each claim, one row a case.
    """
    import numpy as np

    reproduced, failed = np.zeros(len(claims), bool), np.zeros(len(claims), bool)
    n_used = np.full(len(claims), float(test.looks[-1]))
    for n in test.looks:
        seen = runs[:, :n]
        centre = seen.mean(axis=1)
        own, pooled, pooled_df = _variances(test, seen, centre, published)
        excess = (claims - test.half_unit - centre) / _root(pooled)
        shortfall = (claims + test.half_unit - centre) / _root(own)
        undecided = ~(reproduced | failed)
        prior_df = test.prior.df if test.prior else 0.0
        bad = undecided & (excess > _critical(test, n, pooled_df))
        good = undecided & ~bad & (shortfall <= _limit(n, n - 1 + prior_df))
        n_used[bad | good] = n
        failed |= bad
        reproduced |= good
    return States(reproduced, failed, n_used)


def _root(variance: Floats) -> Floats:
    """The standard deviation; next to nothing for 0, so that any difference is beyond all bounds."""
    import numpy as np

    return np.sqrt(np.maximum(variance, 1e-300))


def _variances(
    test: Plan, seen: Floats, centre: Floats, published: Floats | None
) -> tuple[Floats, Floats, Floats]:
    """As `spread`: of the fresh runs, of them and the published ones, and the latter's degrees of freedom."""
    import numpy as np
    from scipy.special import fdtri

    prior = test.prior or Prior(0.0, 0.0)
    squares = ((seen - centre[:, None]) ** 2).sum(axis=1) + prior.df * prior.variance
    df = seen.shape[1] - 1 + prior.df
    floor = max(test.quantum**2 / 12, test.half_unit**2 / 3)
    own = np.maximum(squares / df, floor)
    if published is None or published.shape[1] < 2:
        return own, own, np.full(len(own), df)
    more = published.shape[1] - 1
    theirs = published.var(axis=1, ddof=1)
    taken = theirs <= own * fdtri(more, df, 1 - LARGER_SPREAD_LEVEL)
    pooled_df = df + more * taken
    return own, np.maximum((squares + more * theirs * taken) / pooled_df, floor), pooled_df


def _critical(test: Plan, n: int, df: Floats) -> Floats:
    """How many sd above the mean a claim fails, for each case's degrees of freedom."""
    import numpy as np
    from scipy.special import stdtrit

    if test.best_of == 1:
        scale = math.sqrt(1 / test.runs + 1 / n + test.rho**2)
        found: Floats = stdtrit(df, 1 - test.level) * scale
        return found
    kinds, index = np.unique(df, return_inverse=True)
    limits = [chosen_limit(test.level, n, kind, test.best_of, test.runs, test.rho) for kind in kinds]
    return np.array(limits)[index]


def _limit(n: int, df: float) -> float:
    from scipy.special import nctdtrit

    return float(nctdtrit(df, KAPPA * math.sqrt(n), 1 - CONFIDENCE)) / math.sqrt(n)


def joined(parts: Sequence[States]) -> States:
    """The cases of all parts together."""
    import numpy as np

    return States(
        np.concatenate([part.reproduced for part in parts]),
        np.concatenate([part.not_reproduced for part in parts]),
        np.concatenate([part.n for part in parts]),
    )
