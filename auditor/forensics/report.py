"""The aggregates of a classification report: means over classes, plain and weighted by support.

Source: scikit-learn 1.5, `classification_report`: "macro average (averaging the unweighted mean per
label), weighted average (averaging the support-weighted mean per label)".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from auditor.forensics.envelope import equality
from auditor.forensics.printed import ANY, Interval, Printed
from auditor.records import dataclass

MAX_COUNTS = 200  # true positives tried for one class; beyond it the digits pin down nothing


@dataclass(frozen=True, slots=True)
class ClassScores:
    """The printed scores of one class, as proportions, and how many examples it has."""

    precision: Printed
    recall: Printed
    f1: Printed
    support: int

    def score(self, name: str) -> Printed:
        """The score of this name: precision, recall or f1."""
        return self.precision if name == "precision" else self.recall if name == "recall" else self.f1


def macro(values: Sequence[Printed], units: Fraction = ANY) -> Interval:
    """Where the plain mean of the numbers meant lies."""
    return weighted(values, [1] * len(values), units)


def weighted(values: Sequence[Printed], weights: Sequence[int], units: Fraction = ANY) -> Interval:
    """Where the weighted mean of the numbers meant lies; weights are not negative and not all 0."""
    whole = sum(weights)
    ends = [value.interval(units) for value in values]
    low, high = (
        sum((weight * end[side] for weight, end in zip(weights, ends, strict=True)), Fraction()) / whole
        for side in (0, 1)
    )
    return low, high


def row_exists(row: ClassScores, units: Fraction = ANY) -> bool | None:
    """Whether whole numbers of true and false positives give the row; None where too many would be tried.

    Recall = TP / support, precision = TP / (TP + FP), F1 = 2 TP / (TP + FP + support). Where a score is
    0/0 (no such prediction, or no such example) 0 and 1 are both taken for right, as with
    `zero_division=0` and `1`.
    """
    precision, recall, f1 = (row.score(name).interval(units) for name in ("precision", "recall", "f1"))
    n = row.support
    if n == 0:
        return True
    first = max(-((-recall[0] * n) // 1), 0)
    last = min((recall[1] * n) // 1, n)
    if last - first > MAX_COUNTS:
        return None
    if (
        first == 0
        and recall[1] >= 0
        and f1[0] <= 0
        and any(precision[0] <= p <= precision[1] for p in (0, 1))
    ):
        return True
    for tp in range(int(first), int(last) + 1):
        if tp == 0:
            if precision[0] <= 0 and f1[0] <= 0:
                return True
            continue
        # TP + FP, the number of predictions, is at least TP; both scores fall as it grows
        least, most = Fraction(tp), None
        for score, above, besides in ((precision, tp, 0), (f1, 2 * tp, n)):
            if score[1] <= 0:
                least, most = Fraction(1), Fraction(0)
                break
            least = max(least, above / score[1] - besides)
            if score[0] > 0:
                end = above / score[0] - besides
                most = end if most is None else min(most, end)
        if most is None or -((-least) // 1) <= most:
            return True
    return False


def harmonic_holds(row: ClassScores, units: Fraction = ANY) -> bool:
    """Whether F1 can be 2PR / (P + R), as for one class it must."""
    expected = equality(row.precision.interval(units), row.recall.interval(units))
    low, high = row.f1.interval(units)
    # without a true positive 0/0 may be printed as 0 or as 1 in each place
    empty = row.recall.interval(units)[0] <= 0 and row.support == 0
    return empty or (low <= expected[1] and expected[0] <= high)
