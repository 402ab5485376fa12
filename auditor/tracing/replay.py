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
from auditor.formats.recipe_learning import Lion
from auditor.tracing.gaps import Gap, Point, Replay, Said, gaps, measured
from auditor.tracing.state import Sketcher, rest_digest, weights_digest, weights_of
from auditor.training import randomness
from auditor.training.batches import Batch, Batches
from auditor.training.session import WEIGHT, Session
from auditor.training.task import Task
from auditor.training.watch import Stop

JITTERS = (1.0, -1.0)  # directions: a kink within reach is crossed in one of the two
JITTER = 2.0**-22  # of each weight: four of its last bits, somewhat more than one kernel differs from another


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the chain, with its number in the file and its sketch as numbers."""

    number: int
    said: ChainLine
    sketch: NDArray[np.float64]


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
        self._doubled: Session | None = None
        self._looks: list[dict[str, Tensor]] = []  # weights that the session's early stopping looked at
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
        self._looks.clear()
        return list(self._run(self._session, self.start(first), first, last))

    def gaps(self, first: int, points: Sequence[Point]) -> list[Gap]:
        """How far the replay just done is from the chain at each line, and how far rounding may take it."""
        start, last = self.start(first), points[-1].step
        own = Replay(points, self._kept(self._session), tuple(self._looks))
        said = [self._said(self._chain.lines[point.step], last) for point in points]
        origin = self.sketcher(weights_of(start))
        doubled = self._double()
        others = [Replay(list(self._run(doubled, start, first, last)), doubled.tensors())]
        optimizer = self._task.recipe.optimizer
        flip = 2 * optimizer.lr if isinstance(optimizer, Lion) else 0.0
        found = gaps(first, start, origin, said, own, others, flip)
        for direction in JITTERS:
            if any(gap.bad for gap in found):
                moved = self._run(self._session, self._jittered(start, direction), first, last)
                others.append(Replay(list(moved), self._kept(self._session)))
                found = gaps(first, start, origin, said, own, others, flip)
        return found

    def batch_sizes(self, first: int, last: int) -> frozenset[int]:
        """How many examples the steps after `first` up to `last` see at once."""
        n, batches = len(self._task.splits["train"]), self._session.batches
        size, per_epoch = self._task.recipe.training.batch_size, batches.per_epoch
        return frozenset(min(size, n - step % per_epoch * size) for step in range(first, last))

    def _run(self, session: Session, start: Mapping[str, Tensor], first: int, last: int) -> Iterator[Point]:
        """The points of a session that begins with `start`."""
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
            if session is self._session and session.step % session.batches.per_epoch == 0:
                self._look()
            line = self._chain.lines.get(session.step)
            if line is not None:
                yield self._point(session, line, losses)
                losses = []

    def _point(self, session: Session, line: Line, losses: Sequence[Tensor]) -> Point:
        state, seen = session.tensors(), np.array([float(loss) for loss in losses])
        sketch = self.sketcher(weights_of(state))
        same = np.array_equal(sketch, line.sketch)
        same = same and np.array_equal(seen, losses_of(line.said), equal_nan=True)
        if same and line.said.weights is not None:
            same = weights_digest(weights_of(state)) == line.said.weights
            same = same and rest_digest(state) == line.said.optimizer
        return Point(session.step, seen, sketch, same)

    def _look(self) -> None:
        """Keeps the weights that early stopping has looked at."""
        state = self._session.tensors()
        chosen = [name for name in state if name.startswith("best.")]
        if chosen:
            self._looks.append({name: state[measured(name, state)].clone() for name in chosen})

    def _said(self, line: Line, last: int) -> Said:
        state = self._read(line) if line.said.checkpoint and line.said.step == last else None
        return Said(np.array(losses_of(line.said)), line.sketch, state)

    def _jittered(self, start: Mapping[str, Tensor], direction: float) -> dict[str, Tensor]:
        """The state with each weight moved by its last bits, at random, one way or the other."""
        weights = {name: value for name, value in start.items() if name.startswith(WEIGHT)}
        n = sum(value.numel() for value in weights.values())
        drawn = randomness.words(self._chain.head.seed, "jitter", n=-(-n // 64)).astype("<u8").view(np.uint8)
        signs = torch.from_numpy(np.unpackbits(drawn, count=n).astype(np.float32) * 2 - 1)
        parts = torch.split(signs, [value.numel() for value in weights.values()])
        moved = {
            name: value * (1 + direction * JITTER * sign.view(value.shape).to(value.device))
            for (name, value), sign in zip(weights.items(), parts, strict=True)
        }
        return dict(start) | moved

    def _kept(self, session: Session) -> dict[str, Tensor]:
        return {name: value.clone() for name, value in session.tensors().items()}

    def _double(self) -> Session:
        """The session in double precision, somewhere."""
        if self._doubled is None:
            task = self._task
            if task.device.type == "mps":  # which has no float64
                cpu = torch.device("cpu")
                splits = {
                    name: replace(split, inputs=split.inputs.cpu(), targets=split.targets.cpu())
                    for name, split in task.splits.items()
                }
                task = replace(task, splits=splits, device=cpu)
            weights = {name: value.double() for name, value in task.initial_weights(0).items()}
            self._doubled = Session(task, self._chain.head.seed, weights)
            self._doubled.batches = Doubled(task, self._chain.head.seed)
        return self._doubled


class Doubled(Batches):
    """Batches in double precision, each made of one in single: no split is held twice."""

    def at(self, step: int) -> Batch:
        """The batch of step `step`, from 0."""
        batch = super().at(step)
        return replace(batch, inputs=_doubled(batch.inputs), targets=_doubled(batch.targets))


def _doubled(values: Tensor) -> Tensor:
    return values.double() if values.is_floating_point() else values
