"""What earlier releases say of the spread between seeds: an empirical Bayes prior for a variance.

Each earlier group of runs gives a variance. Their logarithms scatter more than chance alone would make them;
the excess says how much one release's variance tells of the next (Smyth 2004, "Linear models and empirical
Bayes methods", Stat. Appl. Genet. Mol. Biol. 3, article 3, section 6.2; limma's `fitFDist`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from auditor.records import dataclass
from auditor.verdict.spread import Prior, sum_of_squares

LEAST_GROUPS = 2  # with one there is nothing to tell how variances differ between releases
OFFSET = 1e-5  # of the median variance stands in for a variance of zero, as in limma


@dataclass(frozen=True, slots=True)
class Fit:
    """The prior, and what it was fitted on.

    Attributes:
        prior: degrees of freedom d0 and variance s0².
        groups: how many groups had at least two runs.
        capped: whether d0 was larger than all their degrees of freedom, which it then is.
    """

    prior: Prior
    groups: int
    capped: bool


def fit_prior(groups: Sequence[Sequence[float]]) -> Fit | None:
    """The prior from runs of earlier releases; None where fewer than two groups vary at all.

    d0 solves trigamma(d0/2) = excess of the scatter of the log variances. Where there is no excess limma
    takes it to be infinite; here it is no more than the groups' own degrees of freedom together, since
    what is known of the variance cannot be more than what was measured.
    """
    from scipy.special import digamma, polygamma

    usable = [list(group) for group in groups if len(group) > 1]
    variances = [sum_of_squares(group) / (len(group) - 1) for group in usable]
    positive = sorted(value for value in variances if value > 0)
    if len(positive) < LEAST_GROUPS:
        return None
    offset = OFFSET * positive[len(positive) // 2]
    halves = [(len(group) - 1) / 2 for group in usable]
    centred = [
        math.log(max(variance, offset)) - float(digamma(half)) + math.log(half)
        for variance, half in zip(variances, halves, strict=True)
    ]
    centre = math.fsum(centred) / len(centred)
    scatter = math.fsum((value - centre) ** 2 for value in centred) / (len(centred) - 1)
    excess = scatter - math.fsum(float(polygamma(1, half)) for half in halves) / len(halves)
    most = 2 * math.fsum(halves)
    df = 2 * inverse_trigamma(excess) if excess > 0 else math.inf
    # For d0 = ∞ the correction of the mean vanishes: digamma(x) - log(x) → 0.
    shift = float(digamma(df / 2)) - math.log(df / 2) if math.isfinite(df) else 0.0
    return Fit(Prior(min(df, most), math.exp(centre + shift)), len(usable), capped=df > most)


def inverse_trigamma(value: float) -> float:
    """The x > 0 with trigamma(x) = value > 0, by Newton's method on 1/trigamma (Smyth 2004, appendix)."""
    from scipy.special import polygamma

    if value > 1e7:  # trigamma(x) → 1/x² as x → 0, and
        return 1 / math.sqrt(value)
    if value < 1e-6:  # → 1/x as x → ∞
        return 1 / value
    x = 0.5 + 1 / value
    for _ in range(50):
        now = float(polygamma(1, x))
        step = now * (1 - now / value) / float(polygamma(2, x))
        x += step
        if -step / x < 1e-10:
            break
    return x
