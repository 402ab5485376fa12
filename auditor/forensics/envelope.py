"""Which F1 is possible beside a precision and a recall.

All numbers are proportions, given as intervals; each bound holds for any numbers in them.
"""

from __future__ import annotations

from fractions import Fraction

from auditor.forensics.printed import Interval


def harmonic(precision: Fraction, recall: Fraction) -> Fraction:
    """2PR / (P + R); 0 where both are 0."""
    both = precision + recall
    return 2 * precision * recall / both if both else Fraction()


def envelope(precision: Interval, recall: Interval, one: int = 1) -> Interval:
    """Where F1 lies however classes were averaged: max(0, P + R - 1) ≤ F1 ≤ 2PR / (P + R).

    Proof. For one class F1 = 2PR / (P + R). From (1 - P)(1 - R) ≥ 0 follows P + R - 1 ≤ PR ≤ F1. A mean
    over classes or samples, weighted or not, keeps the lower bound because it is linear, and the upper
    one because 2PR / (P + R) is concave (Jensen). Micro averages are those of one class. Where 0/0 is
    set to 0 or to 1 for all three, both bounds still hold; where such classes are left out of each mean
    on its own (`zero_division=nan`), they need not.

    Args:
        precision: where the precision lies.
        recall: where the recall lies.
        one: what a perfect score is: 1, or 100 for percentages.
    """
    lower = max(Fraction(), precision[0] + recall[0] - one)
    return lower, harmonic(max(precision[1], Fraction()), max(recall[1], Fraction()))


def equality(precision: Interval, recall: Interval) -> Interval:
    """Where the F1 of one class, or a micro average, lies: it is 2PR / (P + R), which rises in both."""
    low, high = (harmonic(max(precision[end], Fraction()), max(recall[end], Fraction())) for end in (0, 1))
    return low, high


def apart(one: Interval, other: Interval) -> bool:
    """Whether no number lies in both intervals."""
    return one[1] < other[0] or other[1] < one[0]
