"""Segments replayed from their stored start, in the run's arithmetic and in double precision beside it.

Letters: W weights, all of them in one vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auditor.errors import Interrupted
from auditor.formats.chain import ChainHead, ChainLine, losses_of, sketch_bytes
from auditor.tracing.state import Sketcher, rest_digest, weights_digest, weights_of
from auditor.training.session import Session
from auditor.training.task import Examples, Task
from auditor.training.watch import Stop

SHORT, SHORT_FACTOR = 5, 10.0  # measured: over 5 steps honest replays differed by 2.7 times the fp64 one
LONG_FACTOR = 1000.0  # measured: over 20 steps by up to 149 times, where a kink is crossed the other way
LEAST = 1e-6  # no tolerance is below it: weights have 24 bits
LOSS_LEAST = 1e-5  # of a loss
DISCRETE = frozenset({"best", "selection", "scale"})  # parts of a session's state that jump


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the chain, with its number in the file and its sketch as numbers."""

    number: int
    said: ChainLine
    sketch: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """What a replay met where the chain has a line."""

    step: int
    loss: float  # of the first step since the line before
    sketch: NDArray[np.float64]
    same: bool  # to the last bit, in all that the line tells


@dataclass(frozen=True, slots=True)
class Gap:
    """How far a replay is from the chain after a window of some steps.

    Attributes:
        begin: last step that is known to agree.
        end: step of the line.
        distance: between replay and chain, as a share of the replay's way from the segment's start.
        tolerance: what rounding may come to.
        loss_differs: whether the logged loss is off by more than rounding may come to.
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


class Committed:
    """A chain that was read, by step.

    Attributes:
        segments: first and last step of each; a segment's steps are those after its first.
    """

    def __init__(self, head: ChainHead, lines: Sequence[ChainLine], root: str) -> None:
        self.head, self.root = head, root
        self.lines = {
            line.step: Line(number, line, np.frombuffer(sketch_bytes(line), "<f8"))
            for number, line in enumerate(lines, 2)
        }
        self.last = lines[-1]
        ends = [*(end for end in head.ends if end < self.last.step), self.last.step]
        self.segments = tuple(zip([0, *ends[:-1]], ends, strict=True))

    def between(self, first: int, last: int) -> list[Line]:
        """The lines after step `first`, up to that of step `last`."""
        return [line for step, line in self.lines.items() if first < step <= last]


class Replays:
    """Replays of one chain.

    Attributes:
        steps: steps done so far in the run's arithmetic.
        double_steps: the same in double precision.
    """

    def __init__(
        self, task: Task, chain: Committed, read: Callable[[Line], dict[str, Tensor]], stop: Stop
    ) -> None:
        """`read` gives the stored state of a line, or raises `Broken`."""
        self._task, self._chain, self._read, self._stop = task, chain, read, stop
        self._session = Session(task, chain.head.seed)
        self.initial = {name: value.clone() for name, value in self._session.tensors().items()}
        self.sketcher = Sketcher(chain.head.seed, sum(w.numel() for w in self._session.model.parameters()))
        self.steps = self.double_steps = 0

    @property
    def session(self) -> Session:
        """The session that replays, as the last replay left it."""
        return self._session

    def start(self, first: int) -> dict[str, Tensor]:
        """The state after step `first`: the seed's at the start, else the stored one.

        Raises:
            Broken: it is not as the chain binds it.
        """
        return self.initial if first == 0 else self._read(self._chain.lines[first])

    def stored(self, step: int) -> dict[str, Tensor]:
        """The state that the chain stores of a step.

        Raises:
            Broken: it is not as the chain binds it.
        """
        return self._read(self._chain.lines[step])

    def points(self, first: int, last: int) -> list[Point]:
        """What a replay of the steps after `first` up to `last` meets at each line."""
        return list(self._run(self._session, self.start(first), first, last))

    def gaps(self, first: int, points: Sequence[Point]) -> list[Gap]:
        """How far the replay just done is from the chain at each line, and how far rounding may take it.

        The same steps in double precision show what rounding does here: that far, times a factor, an honest
        replay with other kernels may be off.
        """
        start = self.start(first)
        origin = self.sketcher(weights_of(start))
        last = points[-1].step
        single = {name: value.clone() for name, value in self._session.tensors().items()}
        doubled = self._double(start, first)
        found, begin = [], first
        pairs = zip(points, self._run(doubled, None, first, last), strict=True)
        for point, finer in pairs:
            line = self._chain.lines[point.step]
            way = _length(point.sketch - origin)
            distance = _ratio(_length(point.sketch - line.sketch), way)
            rounding = _ratio(_length(finer.sketch - point.sketch), way)
            if point.step == last and line.said.checkpoint:
                state = self._read(line)
                distance, rounding = _worst(start, state, single, doubled.tensors())
            factor = SHORT_FACTOR if point.step - first <= SHORT else LONG_FACTOR
            off = abs(point.loss - losses_of(line.said)[0])
            allowed = max(factor * abs(point.loss - finer.loss), LOSS_LEAST * max(1.0, abs(point.loss)))
            tolerance = max(factor * rounding, LEAST)
            found.append(Gap(begin, point.step, 0.0 if point.same else distance, tolerance, off > allowed))
            begin = point.step
        return found

    def batch_sizes(self, first: int, last: int) -> frozenset[int]:
        """How many examples the steps after `first` up to `last` see at once."""
        return frozenset(len(self._session.batches.indexes(step)) for step in range(first, last))

    def _run(
        self, session: Session, start: Mapping[str, Tensor] | None, first: int, last: int
    ) -> Iterator[Point]:
        """The points of a session that begins with `start`, or where it stands."""
        if start is not None:
            session.load(start, first)
        losses: list[Tensor] = []
        for _ in range(first, last):
            if self._stop.signal_number is not None:
                raise Interrupted(self._stop.signal_number, where=f"replaying step {session.step:,}")
            losses.append(session.advance())
            if session is self._session:
                self.steps += 1
            else:
                self.double_steps += 1
            line = self._chain.lines.get(session.step)
            if line is not None:
                yield self._point(session, line, losses)
                losses = []

    def _point(self, session: Session, line: Line, losses: Sequence[Tensor]) -> Point:
        state, seen = session.tensors(), [float(loss) for loss in losses]
        sketch = self.sketcher(weights_of(state))
        same = np.array_equal(sketch, line.sketch) and tuple(seen) == losses_of(line.said)[-len(seen) :]
        if same and line.said.weights is not None:
            same = weights_digest(weights_of(state)) == line.said.weights
            same = same and rest_digest(state) == line.said.optimizer
        return Point(session.step, seen[0], sketch, same)

    def _double(self, start: Mapping[str, Tensor], first: int) -> Session:
        """A session in double precision that stands after step `first` with the state `start`."""
        device = torch.device("cpu") if self._task.device.type == "mps" else self._task.device  # no float64
        splits = {
            name: Examples(_doubled(split.inputs, device), _doubled(split.targets, device))
            for name, split in self._task.splits.items()
        }
        task = replace(self._task, splits=splits, device=device)
        weights = {name: value.double() for name, value in self._task.initial_weights(0).items()}
        session = Session(task, self._chain.head.seed, weights)
        session.load(start, first)
        return session


def _doubled(values: Tensor, device: torch.device) -> Tensor:
    moved = values.to(device)
    return moved.double() if moved.is_floating_point() else moved


def _worst(
    start: Mapping[str, Tensor],
    stored: Mapping[str, Tensor],
    single: Mapping[str, Tensor],
    double: Mapping[str, Tensor],
) -> tuple[float, float]:
    """Distance and rounding of that part of the state which is the furthest beyond its rounding.

    Parts are the weights, their average and each slot of the optimizer, whose scales have nothing to do with
    each other. What is chosen or counted on the way, as the best epoch is, rounding may turn over altogether.
    """
    parts: dict[str, list[float]] = {}
    for name, value in stored.items():
        part = name.partition(".")[0]
        if part in DISCRETE:
            continue
        end, sums = value.double().cpu(), parts.setdefault(part, [0.0, 0.0, 0.0])
        begin, one, two = (state[name].double().cpu() for state in (start, single, double))
        for index, difference in enumerate((one - begin, one - end, two - one)):
            sums[index] += float(difference.square().sum())
    pairs = [
        (_ratio(off**0.5, way**0.5), _ratio(rounding**0.5, way**0.5)) for way, off, rounding in parts.values()
    ]
    return max(pairs, key=lambda pair: pair[0] / max(pair[1], LEAST / SHORT_FACTOR))


def _length(difference: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(difference))


def _ratio(off: float, way: float) -> float:
    """`off` as a share of `way`; nothing is off where both are nothing."""
    return off / way if way > 0 else 0.0 if off == 0 else float("inf")
