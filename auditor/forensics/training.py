"""Arithmetic of a training run: batches, epochs, steps, tokens. Exact; intervals are closed at both ends.

What is printed stands for an interval of one unit in the last place, so that rounding and truncation both
lie in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from auditor.forensics.printed import ANY, Printed
from auditor.records import dataclass

# Batches that an epoch may have more or less than its steps tell: leftover micro-batches that one version of
# the Trainer drops and another steps on (transformers #37923), and a last batch that `drop_last` leaves out.
LEFTOVER_BATCHES = 2


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`, both included."""

    low: Fraction
    high: Fraction

    def holds(self, value: Fraction | int) -> bool:
        """Whether the number lies in it."""
        return self.low <= value <= self.high

    def meets(self, other: Interval) -> bool:
        """Whether the two have a number in common."""
        return self.low <= other.high and other.low <= self.high

    def times(self, other: Interval) -> Interval:
        """Every product of two numbers of them; neither may reach below zero."""
        return Interval(self.low * other.low, self.high * other.high)

    def scaled(self, least: Fraction | int, most: Fraction | int) -> Interval:
        """Every product with a factor between two positive ones."""
        return Interval(self.low * least, self.high * most)


def meant(printed: Printed, units: Fraction = ANY) -> Interval:
    """The non-negative numbers that a print may stand for."""
    width = printed.half_width(units)
    return Interval(max(printed.value - width, Fraction(0)), max(printed.value + width, Fraction(0)))


def counted(number: Fraction | int) -> Interval:
    """A number that is exact, as that of machines."""
    return Interval(Fraction(number), Fraction(number))


def steps_per_epoch(step: int, epoch: Printed) -> Interval | None:
    """How many steps an epoch has if so many were done at `epoch`; None where the print does not tell."""
    width = epoch.half_width(ANY)
    if step <= 0 or epoch.value <= width:
        return None
    return Interval(step / (epoch.value + width), step / (epoch.value - width))


def train_size(step: int, epoch: Printed, batch: int) -> Interval | None:
    """How many examples are trained on if so many steps of `batch` examples were done at `epoch`.

    N of a run with whole batches lies in ((s - 1) B, s B], s the steps of an epoch; widened by
    LEFTOVER_BATCHES above.
    """
    per_epoch = steps_per_epoch(step, epoch)
    if per_epoch is None:
        return None
    low = max((per_epoch.low - 1) * batch, Fraction(0))
    return Interval(low, (per_epoch.high + LEFTOVER_BATCHES) * batch)


def drift(steps: Sequence[tuple[int, Printed]]) -> Fraction:
    """The most steps per epoch that rows of a log tell, over the fewest, rounding allowed; at least 1."""
    known = [each for step, epoch in steps if (each := steps_per_epoch(step, epoch)) is not None]
    if not known:
        return Fraction(1)
    most, least = max(each.low for each in known), min(each.high for each in known)
    return max(most / least, Fraction(1)) if least else Fraction(1)
