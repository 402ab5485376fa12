"""The chain as a run writes it, line after line, and takes it up again where the run is taken up.

A line is appended in one write and never changed. A crash leaves at most a part of a line, which the next
start cuts off; lines beyond the checkpoint that the run goes on from are written again, with the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save
from torch import Tensor

from auditor.formats.chain import CHAIN, CHECKPOINTS, canonical, digest
from auditor.tracing.layout import Layout, layout
from auditor.tracing.state import Sketcher, model_digest, rest_digest, weights_digest, weights_of
from auditor.training.batches import order_of, steps_per_epoch
from auditor.training.files import append_at, write_whole
from auditor.training.schedules import boundaries, rate
from auditor.training.session import Session
from auditor.training.task import Task


@dataclass(frozen=True, slots=True)
class Bound:
    """What the first line binds besides seed and plan.

    Attributes:
        recipe: the recipe's digest.
        data: sha256 of each data file by its `@id`.
        environment: what else can change a bit, by name.
    """

    recipe: str
    data: Mapping[str, str]
    environment: Mapping[str, str | int | float | bool | None]


class Chain:
    """A witness of a training run that writes its chain into a folder."""

    def __init__(
        self,
        folder: Path,
        bound: Bound,
        *,
        keep: bool = False,
        segments: int | None = None,
        every: int | None = None,
    ) -> None:
        """`keep` stores the whole state at the end of each segment; see `layout` for the last two."""
        self._folder, self._path = folder, folder / CHAIN
        self._bound, self._keep = bound, keep
        self._asked = segments, every

    def begin(self, session: Session, losses: Tensor) -> None:
        """The chain stands at the session's step; where it has been lost, the run starts over.

        Raises:
            CannotRun: the folder cannot be written to; so do the other two.
        """
        self._layout: Layout = layout(
            session.steps,
            boundaries_of(session),
            *self._asked,
            cheap=not self._keep and session.task.recipe.model.reference == "mlp",
        )
        self._seen = Seen(session.task, session.seed, session.order)
        self._lines = sorted(self._layout.lines)
        self._sketch = Sketcher(session.seed, sum(weight.numel() for weight in session.model.parameters()))
        head = canonical(self._head(session))
        kept = self._kept(head, session.step)
        if kept is None and session.step:
            session.load(Session(session.task, session.seed).tensors(), 0)
        if kept is None:
            write_whole(self._path, head + b"\n")
            self._at, self._last, self._size = 0, digest(head), len(head) + 1
            self._append(session, losses)
        else:
            self._at, self._last, self._size = kept
            append_at(self._path, self._size, b"")
        self._seen.begin(self._at)

    def looks_at(self, step: int) -> int:
        """The next line's step, or the end of an epoch, whose order is at hand only until the next begins."""
        line = bisect(self._lines, step)
        return min([self._seen.epoch_end(step), *self._lines[line : line + 1]])

    def stepped(self, session: Session, losses: Tensor) -> None:
        """The line of this step is written, if it has one and is not the last."""
        if session.ended:
            return
        if session.step in self._layout.lines:
            self._append(session, losses)
        elif not session.step % self._seen.per_epoch:
            self._seen.go_on(session.step)

    def finished(self, session: Session, losses: Tensor) -> None:
        """The last line is written."""
        self._append(session, losses, model_digest(session.finished_model()))

    def _head(self, session: Session) -> dict[str, Any]:
        return {
            "format": 1,
            "recipe": self._bound.recipe,
            "data": dict(self._bound.data),
            "seed": session.seed,
            "steps": session.steps,
            "ends": list(self._layout.ends),
            "every": self._layout.every,
            "environment": dict(self._bound.environment),
        }

    def _kept(self, head: bytes, step: int) -> tuple[int, str, int] | None:
        """Step, digest and end in bytes of the last line that holds at `step`; None where one is lost."""
        wanted = sorted(planned for planned in self._layout.lines if planned <= step)
        try:
            lines = self._path.read_bytes().split(b"\n")[:-1]
        except OSError:
            return None
        if len(lines) < len(wanted) + 1 or lines[0] != head:
            return None
        root, size = digest(head), len(head) + 1
        for planned, line in zip(wanted, lines[1:], strict=False):
            if f'"prev":"{root}"'.encode() not in line or f'"step":{planned},'.encode() not in line:
                return None
            stored = self._stored_at(planned, planned in self._layout.ends)
            if stored and not (self._folder / stored).exists():
                return None
            root, size = digest(line), size + len(line) + 1
        return wanted[-1], root, size

    def _append(self, session: Session, losses: Tensor, finished: str | None = None) -> None:
        step, recipe = session.step, session.task.recipe
        self._seen.go_on(step)
        whole = step == 0 or step in self._layout.ends or finished is not None
        state = session.tensors()
        weights = weights_of(state)
        stored = self._stored_at(step, whole)
        if stored:
            content = {name: value.cpu().contiguous() for name, value in state.items()}
            write_whole(self._folder / stored, save(content))
        logged = losses[self._at : step].cpu().numpy().astype("<f4")
        line = canonical(
            {
                "step": step,
                "prev": self._last,
                "examples": self._seen.seen(),
                "losses": base64.b64encode(logged.tobytes()).decode(),
                "lr": rate(recipe.schedule, recipe.optimizer.lr, step - 1, session.steps) if step else None,
                "sketch": base64.b64encode(self._sketch(weights).astype("<f8").tobytes()).decode(),
                "weights": weights_digest(weights) if whole else None,
                "optimizer": rest_digest(state) if whole else None,
                "checkpoint": stored or None,
                "finished": finished,
            }
        )
        append_at(self._path, self._size, line + b"\n")
        self._at, self._last, self._size = step, digest(line), self._size + len(line) + 1
        self._seen.begin(step)

    def _stored_at(self, step: int, whole: bool) -> str:
        """Where in the folder the state after a step is kept; empty where it is not, as that of the seed."""
        return f"{CHECKPOINTS}/step-{step:08d}.safetensors" if self._keep and whole and step else ""


class Seen:
    """Which examples the steps of a run see, in their order, without their batches."""

    def __init__(self, task: Task, seed: int, order: Callable[[int], Tensor] | None = None) -> None:
        """`order` gives that of an epoch, by default drawn here."""
        training = task.recipe.training
        self._size = training.batch_size
        self.per_epoch = steps_per_epoch(len(task.splits["train"]), training.batch_size)
        self._order = order or lru_cache(1)(partial(order_of, task, seed))
        self.steps = self.per_epoch * training.epochs
        self.begin(0)

    def digest(self, first: int, last: int) -> str:
        """Sha256 of the numbers of the examples that steps `first` to `last`, exclusive, see."""
        self.begin(first)
        self.go_on(last)
        return self.seen()

    def begin(self, step: int) -> None:
        """No step has been seen; the first will be number `step`, from 0."""
        self._digest, self._step = hashlib.sha256(), step

    def go_on(self, last: int) -> None:
        """The steps to `last`, exclusive, have been seen too."""
        while self._step < last:
            epoch, place = divmod(self._step, self.per_epoch)
            until = min(self.per_epoch, place + last - self._step)
            indexes = self._order(epoch)[place * self._size : until * self._size].numpy()
            self._digest.update(np.ascontiguousarray(indexes, "<i8").data)
            self._step += until - place

    def seen(self) -> str:
        """Sha256 of the numbers of the examples of all steps since the one it began with."""
        return self._digest.hexdigest()

    def epoch_end(self, step: int) -> int:
        """The first end of an epoch after `step` steps."""
        return step - step % self.per_epoch + self.per_epoch


def boundaries_of(session: Session) -> tuple[int, ...]:
    """Steps at which the recipe's schedule changes its course."""
    return boundaries(session.task.recipe.schedule, session.steps)
