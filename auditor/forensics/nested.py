"""Which scores cannot exceed which others on the same data, and which seldom do."""

from __future__ import annotations

from fractions import Fraction

from auditor.forensics.printed import ANY, Interval, Printed

# (the smaller one, the larger one): true of every example, or of every mean (Jensen), so of the whole.
PROVEN = (
    ("mae", "rmse"),  # the mean of |e| is at most the root of the mean of e²
)
# True of each example, and not of how the numbers are commonly computed: rouge_score draws a bootstrap for
# each measure on its own (measured: 9 of 282 cards); definitions of recall@k differ; pass@k is estimated at
# another temperature for each k; exact match may be of sequences and F1 of classes.
USUAL = (
    ("rougel", "rouge1"),
    ("rouge2", "rouge1"),
    ("exactmatch", "f1"),
)
RISING_PROVEN = ("topkaccuracy", "hitrate")  # in k: a hit among the first k is one among the first k + 1
RISING_USUAL = ("passrate", "recall")
SLACK = Fraction(2, 100)  # relative; above the largest excess of rougeL over rouge1 in honest cards


def exceeds(smaller: Printed, larger: Printed, units: Fraction = ANY, slack: Fraction = Fraction(0)) -> bool:
    """Whether the score that cannot be larger is, whatever rounding did, by more than this share."""
    return smaller.interval(units)[0] > larger.interval(units)[1] * (1 + slack)


def complements(score: Printed, error: Printed, one: int, units: Fraction = ANY) -> bool:
    """Whether both can add up to one (or to 100)."""
    width = score.half_width(units) + error.half_width(units)
    return abs(score.value + error.value - one) <= width


def square(value: Interval) -> Interval:
    """Where the square of a number that is not negative lies."""
    low = max(value[0], Fraction())
    return low * low, value[1] * value[1]
