"""Deviation, standard error and interval of a mean, and what they allow of each other."""

from __future__ import annotations

from fractions import Fraction

from auditor.forensics.printed import ANY, Interval, Printed
from auditor.forensics.runs import largest_deviation, root


def standard_error(deviation: Interval, n: int) -> Interval:
    """Where the standard error of a mean of n values lies: sd / √n."""
    low, high = root(Fraction(n))
    return max(deviation[0], Fraction()) / high, deviation[1] / low


def largest_spread(centre: Printed, one: int, n: int | None) -> Fraction | None:
    """The largest sd (divisor n - 1) that values from 0 to `one` with this mean can have.

    Without n two values are assumed, which allow most: the bound falls with n. Source: Bhatia and Davis
    2000; without the mean it is Popoviciu's (1935), half the range times √(n / (n - 1)).
    """
    return largest_deviation(centre.interval(ANY), (Fraction(), Fraction(one)), n or 2, 1)


def in_order(low: Printed, value: Printed, high: Printed) -> bool:
    """Whether the value can lie between the ends of its interval."""
    return low.interval(ANY)[0] <= value.interval(ANY)[1] and value.interval(ANY)[0] <= high.interval(ANY)[1]
