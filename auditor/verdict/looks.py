"""After how many runs a claim is looked at, and how small p must be at a look for a total error of 5 %.

Several looks at growing data give chance several tries. The level of each look is therefore below the total:
it is the quantile at α of the smallest p over all looks of an honest claim (Pocock 1977, Biometrika 64, but
for a claim that is itself a draw). T is pivotal, so that the levels hold for every mean and spread; and they
hold wherever the looking stops, since stopping early only takes tries away.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

ALPHAS = (0.05, 0.01)
DRAWS = 200_000  # for plans that are not in the table: the level is right to about 1 % and 2 % of itself
SEED = 20260501

# Level of each look by total α. Left: the claim is one run. Right: a mean of very many, which shares less
# noise between the looks; between the two lie every mean of k and every best of B. All are rounded down.
# Measured: simulated_level(looks, alpha, runs=1.0 and 1e9, draws=2_000_000).
LEVELS: dict[tuple[int, ...], dict[float, tuple[float, float]]] = {
    (3, 5, 10): {0.05: (0.0240, 0.0205), 0.01: (0.00388, 0.0036)},
    (3, 5): {0.05: (0.0316, 0.0293), 0.01: (0.0056, 0.0054)},
    (3, 6, 10): {0.05: (0.0247, 0.0208), 0.01: (0.0040, 0.0036)},
    (5, 10): {0.05: (0.0341, 0.0291), 0.01: (0.0058, 0.0054)},
    tuple(range(3, 11)): {0.05: (0.0188, 0.0136), 0.01: (0.0027, 0.0021)},
}


def look_level(looks: Sequence[int], alpha: float, runs: float = 1.0, best_of: int = 1) -> float:
    """The one-sided level of each look, so that an honest claim fails at one of them in a share `alpha`.

    Args:
        looks: numbers of fresh runs, rising; one number is a test whose size was fixed beforehand.
        alpha: total probability, between 0 and 1.
        runs: how many runs the claim averages over.
        best_of: how many it is the best of.
    """
    steadier = runs > 1 or best_of > 1  # than one run: less of the noise is the same at all looks
    plan = tuple(looks)
    if len(plan) == 1:
        return alpha
    if plan in LEVELS and alpha in LEVELS[plan]:
        return LEVELS[plan][alpha][steadier]
    return simulated_level(plan, alpha, 1e9 if steadier else 1.0)


def look_reached(looks: Sequence[int], n: int) -> int | None:
    """The largest look that `n` runs reach; None where they reach none."""
    return max((look for look in looks if look <= n), default=None)


@cache
def simulated_level(looks: tuple[int, ...], alpha: float, runs: float = 1.0, draws: int = DRAWS) -> float:
    """The level of each look by simulation: the `alpha` quantile of the smallest p over the looks."""
    import numpy as np
    from scipy.special import stdtr

    rng = np.random.default_rng(SEED)
    least = []
    for start in range(0, draws, DRAWS):
        size = min(DRAWS, draws - start)
        claim = rng.normal(scale=runs**-0.5, size=size)
        total, squares = np.zeros(size), np.zeros(size)
        smallest = np.ones(size)
        for n in range(1, max(looks) + 1):
            run = rng.normal(size=size)
            total += run
            squares += run * run
            if n in looks and n > 1:
                variance = (squares - total * total / n) / (n - 1)
                t = (claim - total / n) / np.sqrt(variance * (1 / runs + 1 / n))
                smallest = np.minimum(smallest, stdtr(n - 1, -t))
        least.append(smallest)
    return float(np.quantile(np.concatenate(least), alpha))
