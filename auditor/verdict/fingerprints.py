"""Do the shipped weights belong to the retrained ones? Scalars of the weights tell where metrics cannot.

Losses and norms are positive and scatter by a factor, so that their logarithms are compared: a loss that is
ten times too small is then as far away as one ten times too large. With few fresh runs each further mark
costs power, so the telling ones (`LEADING`) are tested by themselves at half the level, the norms of single
layers among themselves at the other half, both by Holm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from auditor.records import dataclass
from auditor.verdict.looks import look_level
from auditor.verdict.several import holm
from auditor.verdict.spread import mean, sum_of_squares

# Measured, `python -m tests.reproduce.provenance_table`: of what an audit can measure these lie furthest from
# the population, in its sd, for weights of a longer training, a higher rate, or a leaked test split.
LEADING = ("median train loss", "test loss", "test loss / train loss", "norm of all weights")
LEVEL = 0.01  # chance that honest weights are called foreign at any look, over all marks
DOUBT = 0.05  # an unadjusted p below it asks for more runs before the weights count as at home
LEAST_SD = 1e-6  # of a logarithm: what is smaller is rounding, not seeds


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One scalar of the shipped weights against the retrained population.

    Attributes:
        mean: of the fresh runs; the geometric one where all values are positive.
        sd: their standard deviation; the mean times that of the logarithms where all are positive.
        p: two-sided, adjusted for all fingerprints.
        raw: the same of this fingerprint alone.
        level: p below it is foreign.
    """

    name: str
    shipped: float
    mean: float
    sd: float
    p: float
    raw: float = 1.0
    level: float = LEVEL

    @property
    def foreign(self) -> bool:
        """Whether the shipped weights stand outside the population."""
        return self.p < self.level

    @property
    def doubtful(self) -> bool:
        """Whether they may stand outside, so that only more runs could say."""
        return not self.foreign and self.name in LEADING and self.raw < DOUBT


def fingerprint_level(looks: Sequence[int]) -> float:
    """The two-sided level of each of these looks, so that all together have `LEVEL`."""
    return 2 * look_level(looks, LEVEL / 2)


def compare(
    shipped: Mapping[str, float], retrained: Sequence[Mapping[str, float]], level: float = LEVEL
) -> list[Fingerprint]:
    """Each fingerprint with its two-sided p from a t prediction interval, adjusted by Holm.

    Args:
        shipped: fingerprints of the shipped weights.
        retrained: the same ones of each fresh run, at least two.
        level: of this look, see `fingerprint_level`.
    """
    made = []
    for leading in (True, False):
        named = [name for name in sorted(shipped) if (name in LEADING) is leading]
        found = [one for name in named if (one := _one(name, shipped, retrained)) is not None]
        made.append((found, holm([raw for *_, raw in found])))
    groups = sum(bool(found) for found, _ in made)  # both share the level
    return [
        Fingerprint(name, value, centre, sd, min(1.0, groups * p), raw, level)
        for found, adjusted in made
        for (name, value, centre, sd, raw), p in zip(found, adjusted, strict=True)
    ]


def _one(
    name: str, shipped: Mapping[str, float], retrained: Sequence[Mapping[str, float]]
) -> tuple[str, float, float, float, float] | None:
    """Name, shipped value, mean, sd and p; None where a fresh run has no such number."""
    from scipy.special import stdtr

    value, values = shipped[name], [run.get(name, math.nan) for run in retrained]
    if not all(map(math.isfinite, values)):
        return None  # a run that diverged is told of by its metrics
    if not math.isfinite(value):
        return name, value, mean(values), 0.0, 0.0
    logarithmic = min(value, *values) > 0
    x, xs = (math.log(value), [math.log(one) for one in values]) if logarithmic else (value, values)
    n, centre = len(xs), mean(xs)
    least = LEAST_SD if logarithmic else max(LEAST_SD * abs(centre), 1e-300)
    sd = max(math.sqrt(sum_of_squares(xs) / (n - 1)), least)
    t = abs(x - centre) / (sd * math.sqrt(1 + 1 / n))
    p = 2 * float(stdtr(n - 1, -t))
    typical = math.exp(centre) if logarithmic else centre
    return name, value, typical, sd * typical if logarithmic else sd, p
