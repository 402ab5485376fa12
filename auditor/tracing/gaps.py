"""How far a replay is from the chain, and how far rounding alone may take it.

Rounding is measured, not assumed: the same steps are done in double precision, and, where that does not
explain a difference, from weights moved by their last bits. Whoever replays honestly with other kernels is
about as far from this replay as those are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

# Measured by `python -m tests.tracing.tamper_table`: over one step an honest tensor came to 0.43 of what
# these allow, a swapped sample to 110 times that (batches of 16 and 128, Adam at 0.003 and SGD at 0.1).
SHORT, SHORT_FACTOR = 5, 30.0
LEAST = 3e-5  # no tolerance is below it: kernels differ in how far they round
# Measured with --length 60 --epochs 10 --recipes all: an honest run was 920 times its rounding off.
LONG_FACTOR = 1000.0
SHORT_FLIPS, LONG_FLIPS = 2, 10  # weights whose step rounding may turn over, where steps are signs
LOSS_LEAST = 1e-5  # of a loss
RESOLVED = 0.5  # a tolerance beyond this share of the way says nothing
STILL = 1e-3  # of the others' way
DISCRETE = frozenset({"best", "selection", "scale"})  # parts of a session's state that jump

State = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Point:
    """What a replay met where the chain has a line."""

    step: int
    losses: NDArray[np.float64]  # of the steps since the line before
    sketch: NDArray[np.float64]
    same: bool  # to the last bit, in all that the line tells


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay of a segment: what it met, and the state it came to."""

    points: Sequence[Point]
    end: State
    looks: Sequence[State] = ()  # what early stopping looked at, as `best.NAME`


@dataclass(frozen=True, slots=True)
class Said:
    """What the chain says of a step: losses since the line before, sketch, and the state if it is stored."""

    losses: NDArray[np.float64]
    sketch: NDArray[np.float64]
    state: State | None


@dataclass(frozen=True, slots=True)
class Off:
    """How far something is from what it should be, and how far it may be, as shares of its way."""

    distance: float
    tolerance: float

    def beyond(self) -> float:
        """Distance as a multiple of the tolerance; infinite where the distance is no number."""
        if math.isinf(self.tolerance):
            return 0.0
        return math.inf if math.isnan(self.distance) else self.distance / self.tolerance


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a replay is from the chain after a window of some steps.

    Attributes:
        begin: last step that is known to agree.
        end: step of the line.
        distance: between replay and chain, as a share of the replay's way from the segment's start.
        tolerance: what rounding may come to.
        loss_differs: whether a logged loss is off by more than rounding may come to.
    """

    begin: int
    end: int
    distance: float
    tolerance: float
    loss_differs: bool

    @property
    def bad(self) -> bool:
        """Whether rounding does not explain it; a number that is none is never explained."""
        return self.loss_differs or not self.distance <= self.tolerance

    @property
    def beyond(self) -> float:
        """Distance as a multiple of the tolerance."""
        return Off(self.distance, self.tolerance).beyond()


def gaps(
    first: int,
    start: State,
    origin: NDArray[np.float64],
    said: Sequence[Said],
    own: Replay,
    others: Sequence[Replay],
    flip: float = 0.0,
) -> list[Gap]:
    """How far `own` is from what the chain said at each point, and how far the `others` say it may be.

    Args:
        first: the step after which all of them began.
        start: the state there.
        origin: the sketch of its weights.
        said: what the chain says, for each point.
        own: the replay in the run's arithmetic.
        others: replays that differ from it by rounding.
        flip: how far a weight is off by a single step whose sign is turned over, as Lion's may be.
    """
    found, begin, blurred = [], first, 0.0
    for number, (told, point) in enumerate(zip(said, own.points, strict=True)):
        beside = [other.points[number] for other in others]
        way = _length(point.sketch - origin)
        short = point.step - first <= SHORT
        factor, slack = (SHORT_FACTOR, SHORT_FLIPS * flip) if short else (LONG_FACTOR, LONG_FLIPS * flip)
        distance = _ratio(_length(point.sketch - told.sketch), way)
        rounding = max(_ratio(_length(other.sketch - point.sketch), way) for other in beside)
        off = Off(distance, max(factor * rounding, LEAST, _ratio(slack, way)))
        if told.state is not None:
            off = _worst(start, told.state, own, [other.end for other in others], factor, slack)
        differs, blurred = _losses_differ(
            told.losses, point.losses, [other.losses for other in beside], factor, blurred
        )
        found.append(Gap(begin, point.step, 0.0 if point.same else off.distance, off.tolerance, differs))
        begin = point.step
    return found


def measured(best: str, state: State) -> str:
    """The tensor of a state that one of the selected weights is a copy of."""
    name = best.partition(".")[2]
    return f"average.{name}" if f"average.{name}" in state else f"model.{name}"


def _worst(
    start: State, stored: State, own: Replay, others: Sequence[State], factor: float, slack: float
) -> Off:
    """That tensor of the state which is the furthest beyond its tolerance, of those that have a useful one.

    Each tensor is looked at alone: some move by rounding and nothing else, as the bias of attention's keys,
    whose true gradient is zero and whose step under Adam is as long as any; beside them all others would
    count for nothing. What is counted on the way rounding may turn over altogether.
    """
    ways = _ways(start, own.end)
    allowed = {}
    for name, way in ways.items():
        rounding = max(_apart(other[name], own.end[name]) for other in others)
        turned = slack if name.startswith(("model.", "average.")) else 0.0
        allowed[name] = max(factor * _ratio(rounding, way), LEAST, _ratio(turned, way))
    offs = [
        Off(_ratio(_apart(own.end[name], stored[name]), way), allowed[name]) for name, way in ways.items()
    ]
    chosen = {name: measured(name, stored) for name in stored if name.startswith("best.")}
    if chosen:  # rounding may turn over which weights are the best, but they are some that were looked at
        looks = [
            [
                Off(_ratio(_apart(look[name], stored[name]), ways[like]), allowed[like])
                for name, like in chosen.items()
            ]
            for look in (start, *own.looks)
        ]
        offs.append(min((max(look, key=Off.beyond) for look in looks), key=Off.beyond))
    return max([off for off in offs if off.tolerance <= RESOLVED] or offs, key=Off.beyond)


def _ways(start: State, end: State) -> dict[str, float]:
    """How far each tensor went; a still one counts as if it had gone a thousandth of the others' way."""
    ways = {name: _apart(end[name], start[name]) for name in end if name.partition(".")[0] not in DISCRETE}
    totals: dict[str, tuple[float, int]] = {}
    for name, way in ways.items():
        part = name.partition(".")[0]
        square, size = totals.get(part, (0.0, 0))
        totals[part] = square + way**2, size + end[name].numel()
    for name, way in ways.items():
        square, size = totals[name.partition(".")[0]]
        ways[name] = max(way, STILL * (square * end[name].numel() / max(size, 1)) ** 0.5)
    return ways


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one.double().cpu() - other.double().cpu()).norm())


def _losses_differ(
    said: NDArray[np.float64],
    own: NDArray[np.float64],
    others: Sequence[NDArray[np.float64]],
    factor: float,
    blurred: float,
) -> tuple[bool, float]:
    """Whether logged losses are others, and by how much rounding moved one so far in this segment.

    They are held against the most since the segment's start: one loss may by chance be moved by nothing.
    """
    finite = np.isfinite(own)
    with np.errstate(invalid="ignore", over="ignore"):
        moved = np.nan_to_num(np.abs(np.array(others) - own), nan=0.0, posinf=0.0).max(0)
        most = np.maximum(np.maximum.accumulate(moved), blurred)
        allowed = np.maximum(factor * most, LOSS_LEAST * np.maximum(1.0, np.abs(own)))
        agree = np.where(
            finite & np.isfinite(said), np.abs(own - said) <= allowed, finite == np.isfinite(said)
        )
    return not bool(agree.all()), float(most[-1])


def _length(difference: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(difference))


def _ratio(off: float, way: float) -> float:
    """`off` as a share of `way`; nothing is off where both are nothing."""
    return off / way if way > 0 else 0.0 if off == 0 else float("inf")
