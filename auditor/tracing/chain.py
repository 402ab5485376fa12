"""The chain as a run writes it, line after line, and takes it up again where the run is taken up.

A line is appended in one write and never changed. A crash leaves at most a part of a line, which the next
start cuts off; lines beyond the checkpoint that the run goes on from are written again, with the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
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
        self._layout: Layout = layout(session.steps, boundaries_of(session), *self._asked)
        self._seen = Seen(session.task, session.seed)
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

    def stepped(self, session: Session, losses: Tensor) -> None:
        """The line of this step is written, if it has one and is not the last."""
        if session.step in self._layout.lines and not session.ended:
            self._append(session, losses)

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
                "examples": self._seen.digest(self._at, step),
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

    def _stored_at(self, step: int, whole: bool) -> str:
        """Where in the folder the state after a step is kept; empty where it is not, as that of the seed."""
        return f"{CHECKPOINTS}/step-{step:08d}.safetensors" if self._keep and whole and step else ""


class Seen:
    """Which examples the steps of a run see, in their order, without their batches."""

    def __init__(self, task: Task, seed: int) -> None:
        training = task.recipe.training
        self._task, self._seed, self._size = task, seed, training.batch_size
        self._per_epoch = steps_per_epoch(len(task.splits["train"]), training.batch_size)
        self._order: tuple[int, NDArray[np.int64]] | None = None
        self.steps = self._per_epoch * training.epochs

    def digest(self, first: int, last: int) -> str:
        """Sha256 of the numbers of the examples that steps `first` to `last`, exclusive, see."""
        digest = hashlib.sha256()
        while first < last:
            epoch, place = divmod(first, self._per_epoch)
            until = min(self._per_epoch, place + last - first)
            digest.update(self._epoch(epoch)[place * self._size : until * self._size].astype("<i8").data)
            first += until - place
        return digest.hexdigest()

    def _epoch(self, epoch: int) -> NDArray[np.int64]:
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, order_of(self._task, self._seed, epoch).numpy()
        return self._order[1]


def boundaries_of(session: Session) -> tuple[int, ...]:
    """Steps at which the recipe's schedule changes its course."""
    return boundaries(session.task.recipe.schedule, session.steps)
