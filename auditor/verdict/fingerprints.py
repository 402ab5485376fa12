"""Do the shipped weights belong to the retrained ones? Scalars of the weights tell where metrics cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from auditor.records import dataclass
from auditor.verdict.several import holm
from auditor.verdict.spread import mean, sum_of_squares

LEVEL = 0.01  # family-wise over all fingerprints
RELATIVE_FLOOR = 1e-6  # an sd below this share of the mean is rounding, not seeds


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One scalar of the shipped weights against the retrained population."""

    name: str
    shipped: float
    mean: float
    sd: float
    p: float  # adjusted for all fingerprints

    @property
    def foreign(self) -> bool:
        """Whether the shipped weights stand outside the population."""
        return self.p < LEVEL


def compare(shipped: Mapping[str, float], retrained: Sequence[Mapping[str, float]]) -> list[Fingerprint]:
    """Each fingerprint with its two-sided p from a t prediction interval, adjusted by Holm.

    Args:
        shipped: fingerprints of the shipped weights.
        retrained: the same ones of each fresh run, at least two.
    """
    from scipy.special import stdtr

    rows = []
    for name in sorted(shipped):
        values = [run[name] for run in retrained]
        if not all(map(math.isfinite, values)):
            continue  # a run that diverged is told of by its metrics
        if not math.isfinite(shipped[name]):
            rows.append((name, shipped[name], mean(values), 0.0, 0.0))
            continue
        n, centre = len(values), mean(values)
        sd = max(math.sqrt(sum_of_squares(values) / (n - 1)), RELATIVE_FLOOR * abs(centre), 1e-300)
        t = abs(shipped[name] - centre) / (sd * math.sqrt(1 + 1 / n))
        rows.append((name, shipped[name], centre, sd, 2 * float(stdtr(n - 1, -t))))
    adjusted = holm([row[-1] for row in rows])
    return [Fingerprint(*row[:-1], p) for row, p in zip(rows, adjusted, strict=True)]
