"""How much runs of one recipe differ: the standard deviation that a verdict divides by."""

from __future__ import annotations

import math
from collections.abc import Sequence

from auditor.records import dataclass

LARGER_SPREAD_LEVEL = 0.05  # published runs that spread significantly more than ours are not pooled


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard deviation with its degrees of freedom (whole unless moderated), and where it came from."""

    sd: float
    df: float
    pooled_published: bool
    floored: bool


@dataclass(frozen=True, slots=True)
class Prior:
    """What earlier releases say of the variance: as much as `df` degrees of freedom that gave `variance`."""

    df: float
    variance: float


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean, correctly rounded."""
    return math.fsum(values) / len(values)


def sum_of_squares(values: Sequence[float]) -> float:
    """Sum of squared deviations from the mean."""
    centre = mean(values)
    return math.fsum((value - centre) ** 2 for value in values)


def spread(
    fresh: Sequence[float],
    published: Sequence[float] = (),
    *,
    half_unit: float = 0.0,
    quantum: float = 0.0,
    churn: float = 0.0,
    n_items: int = 0,
    prior: Prior | None = None,
) -> Spread:
    """The standard deviation between runs, never below what the metric can resolve.

        s̃² = max( (d0 s0² + (n-1) s² [+ (k-1) s_pub²]) / (d0 + n-1 [+ k-1]), floor )

    Variances of the fresh and the published runs are pooled by degrees of freedom, unless the published
    ones spread significantly more (one-sided F test): a publisher must not widen the tolerance.

    Args:
        fresh: metric of each fresh run, at least two; one is enough beside a prior.
        published: metric of each published run, where the bundle lists them.
        half_unit: half the last printed unit of the claim.
        quantum: smallest step of the metric, 1/n for an accuracy on n items.
        churn: share of the test items whose correctness differs between two runs, 0 where unknown.
        n_items: number of test items, 0 where unknown.
        prior: d0 and s0² from earlier releases (`auditor.verdict.prior`), where there are any.

    The floor is max(quantum²/12, half_unit²/3, churn/(2 n_items)): rounding noise of the metric and of
    the print, and independent flips of items (Jordan 2023, arXiv:2304.01910).
    """
    squares, df = sum_of_squares(fresh), float(len(fresh) - 1)
    if prior is not None:
        squares, df = squares + prior.df * prior.variance, df + prior.df
    floor = max(quantum**2 / 12, half_unit**2 / 3, churn / (2 * n_items) if n_items else 0.0)
    pooled = len(published) > 1 and not _spreads_more(published, max(squares / df, floor), df)
    if pooled:
        squares, df = squares + sum_of_squares(published), df + len(published) - 1
    variance = squares / df
    return Spread(math.sqrt(max(variance, floor)), df, pooled, floored=floor > variance)


def _spreads_more(published: Sequence[float], variance: float, df: float) -> bool:
    from scipy.special import fdtrc

    theirs = sum_of_squares(published) / (len(published) - 1)
    if variance == 0.0:
        return theirs > 0.0
    return bool(fdtrc(len(published) - 1, df, theirs / variance) < LARGER_SPREAD_LEVEL)
