"""One training run: the recipe's steps for one seed, resumable at any of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from auditor.errors import Interrupted
from auditor.training.checkpoint import Checkpoints
from auditor.training.session import Session
from auditor.training.task import Task
from auditor.training.watch import Stop, Watch

TELL_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run: the model, and the mean loss of each step's batch, (steps,) float32."""

    model: nn.Module
    losses: Tensor


class Witness(Protocol):
    """Sees the state of a run as it goes, for example to write its chain."""

    def begin(self, session: Session, losses: Tensor) -> None:
        """The run starts, or is taken up at `session.step`; `losses` holds those of the steps done."""

    def stepped(self, session: Session, losses: Tensor) -> None:
        """One more step is done."""

    def finished(self, session: Session, losses: Tensor) -> None:
        """The run is over."""


def train(
    task: Task,
    seed: int,
    watch: Watch,
    stop: Stop,
    checkpoints: Checkpoints | None = None,
    started: Callable[[int], None] = lambda _: None,
    witness: Witness | None = None,
) -> Trained:
    """The run of `seed`, taken up from its checkpoint where there is one.

    `started` is told the step it starts from.

    Raises:
        Interrupted: `stop` was set; the checkpoint then holds every finished step.
        CannotRun: the checkpoint cannot be written.
    """
    session = Session(task, seed)
    losses = torch.zeros(session.steps, device=task.device)
    if checkpoints:
        checkpoints.restore(session, losses)
    started(session.step)
    if witness:
        witness.begin(session, losses)
    tell_at = time.monotonic() + TELL_EVERY_S
    while not session.ended:
        loss = session.advance()
        losses[session.step - 1] = loss
        if witness:
            witness.stepped(session, losses)
        if time.monotonic() >= tell_at:
            watch.step(session.step, float(loss))
            tell_at = time.monotonic() + TELL_EVERY_S
        if session.ended:
            break  # the last step is not worth interrupting: the run is finished
        stopped = stop.signal_number
        if checkpoints and (stopped is not None or checkpoints.due()):
            checkpoints.write(session, losses)
        if stopped is not None:
            raise Interrupted(stopped, where=f"seed {seed}, step {session.step:,} of {session.steps:,}")
    if witness:
        witness.finished(session, losses)
    return Trained(session.finished_model(), losses[: session.step].cpu())
