"""Real confusion tables and the scores that are printed of them, computed by the definitions."""

import math
import random
from fractions import Fraction

from auditor.forensics.printed import decimal, read


def drawn(seed, n=None):
    """A random table of two classes, as (tp, fp, fn, tn), all four at least 1."""
    rng = random.Random(seed)
    n = n or rng.randint(8, 400)
    cuts = sorted(rng.sample(range(1, n), 3))
    return cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], n - cuts[2]


def exact(tp, fp, fn, tn):
    """The scores as fractions; MCC to 30 decimals."""
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    above = tp * tn - fp * fn
    size = Fraction(math.isqrt(above * above * 10**60 // product), 10**30)
    return {
        "accuracy": Fraction(tp + tn, tp + fp + fn + tn),
        "precision": Fraction(tp, tp + fp),
        "recall": Fraction(tp, tp + fn),
        "specificity": Fraction(tn, tn + fp),
        "npv": Fraction(tn, tn + fn),
        "f1": Fraction(2 * tp, 2 * tp + fp + fn),
        "balancedaccuracy": (Fraction(tp, tp + fn) + Fraction(tn, tn + fp)) / 2,
        "mcc": size if above >= 0 else -size,
    }


def printed(value, places, *, cut=False):
    """The number rounded, or cut off, to so many decimals and read back."""
    if cut:
        whole = abs(value) * 10**places // 1
        value = Fraction(int(whole), 10**places) * (-1 if value < 0 else 1)
    return read(decimal(value, places))
