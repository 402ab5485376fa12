"""How surprising the best of B runs is: the largest of B draws against a mean and spread that are estimated.

The claim is the largest of B values, each a mean of k runs, and is held against the mean of n fresh runs with
standard deviation s on df degrees of freedom. With g = (claim - x̄)/s and the recipe's own mean and sd

    p(g) = 1 - E[ Φ(√k (u + g v))^B ]      u ~ N(0, 1/n + ρ²),  df v² ~ χ²(df)

which is Student's t for B = 1. Taking 1 - (1 - p₁)^B instead forgets that all B draws are held against the
same x̄ and s; that overstates p.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Nodes = tuple[NDArray[np.float64], NDArray[np.float64]]

NODES = 200  # of ln v; p is right to 1e-9 against twice as many (tests/verdict)
NODES_OF_MEAN = 60
TAIL = 1e-16  # probability of v left out on either side; no p is told to be smaller


def chosen_p(g: float, n: int, df: float, best_of: int, runs: float = 1.0, rho: float = 0.0) -> float:
    """The probability that the best of `best_of` lies more than `g` estimated sd above the estimated mean."""
    import numpy as np
    from scipy.special import log_ndtr

    u, u_weight = _normal_nodes()
    v, v_weight = _spread_nodes(df)
    z = math.sqrt(runs) * (math.sqrt(1 / n + rho**2) * u[:, None] + g * v[None, :])
    above = -np.expm1(best_of * log_ndtr(z))  # (u, v): 1 - Φ(z)^B without cancellation
    return float(min(max(u_weight @ above @ v_weight, TAIL), 1.0))


def chosen_limit(level: float, n: int, df: float, best_of: int, runs: float = 1.0, rho: float = 0.0) -> float:
    """The g with `chosen_p` = level."""
    from scipy.optimize import brentq

    return float(brentq(lambda g: chosen_p(g, n, df, best_of, runs, rho) - level, -1e3, 1e3, xtol=1e-10))


@cache
def _normal_nodes() -> Nodes:
    """Nodes and weights of the standard normal: Gauss-Hermite."""
    import numpy as np

    x, weight = np.polynomial.hermite_e.hermegauss(NODES_OF_MEAN)
    return x, weight / weight.sum()


@cache
def _spread_nodes(df: float) -> Nodes:
    """Nodes and weights of v = √(χ²(df)/df): Gauss-Legendre in ln v, where small v count as much as large."""
    import numpy as np
    from scipy.special import gammainccinv, gammaincinv, gammaln

    half = df / 2
    low = max(math.log(max(float(gammaincinv(half, TAIL)), 1e-300) / half) / 2, -60.0)
    high = math.log(float(gammainccinv(half, TAIL)) / half) / 2
    x, weight = np.polynomial.legendre.leggauss(NODES)
    log_v = (high - low) / 2 * x + (high + low) / 2
    # density of ln v: 2 (df/2)^(df/2) / Γ(df/2) v^df exp(-df v²/2)
    log_density = math.log(2) + half * math.log(half) - float(gammaln(half))
    density = np.exp(log_density + df * log_v - half * np.exp(2 * log_v))
    weights = weight * density
    return np.exp(log_v), weights / weights.sum()
