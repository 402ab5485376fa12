"""How many examples a number was measured on, as other numbers beside it betray."""

from __future__ import annotations

from fractions import Fraction

from auditor.forensics.printed import ANY, Interval, Printed
from auditor.forensics.runs import root


def of_standard_error(share: Printed, error: Printed) -> Interval | None:
    """Where n lies for the mean of n zeros and ones and its standard error; None where it cannot be told.

    A sample of n zeros and ones with mean p has variance n p (1 - p) / (n - 1), so its standard error
    squared is p (1 - p) / (n - 1) and n = 1 + p (1 - p) / se².
    Source: lm-evaluation-harness, `mean_stderr`: sample standard deviation / √n. The idea is that of
    DEBIT (Heathers and Brown 2019).
    """
    low, high = error.interval(ANY)
    ends = [max(min(end, Fraction(1)), Fraction()) for end in share.interval(ANY)]
    if low <= 0 or ends[0] == ends[1]:
        return None
    spreads = [end * (1 - end) for end in ends]
    least, most = min(spreads), max(spreads)
    if ends[0] < Fraction(1, 2) < ends[1]:
        most = Fraction(1, 4)
    return 1 + least / high**2, 1 + most / low**2


def largest_standard_error(share: Printed, n: int) -> Fraction | None:
    """The largest standard error that the mean of n values from 0 to 1 can have: that of zeros and ones.

    Source: Bhatia and Davis 2000: the variance is at most p (1 - p).
    """
    if n < 2:
        return None
    ends = [max(min(end, Fraction(1)), Fraction()) for end in share.interval(ANY)]
    spread = Fraction(1, 4) if ends[0] <= Fraction(1, 2) <= ends[1] else max(end * (1 - end) for end in ends)
    return root(spread / (n - 1))[1]


def of_timing(rate: Fraction, seconds: Fraction, rate_unit: Fraction, seconds_unit: Fraction) -> Interval:
    """Where the number of samples lies for so many a second in so many seconds, both rounded to a unit."""
    slack = Fraction(55, 100)
    low = max(rate - slack * rate_unit, Fraction()) * max(seconds - slack * seconds_unit, Fraction())
    return low, (rate + slack * rate_unit) * (seconds + slack * seconds_unit)


def whole_within(interval: Interval) -> int | None:
    """The only whole number in the interval; None where there is none or more than one."""
    first = -((-interval[0]) // 1)
    return int(first) if first <= interval[1] < first + 1 else None
