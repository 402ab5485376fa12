"""One training run: the recipe's steps for one seed, resumable at any of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from auditor.errors import Interrupted
from auditor.training.checkpoint import Checkpoints
from auditor.training.divergence import diverged_at, hopeless
from auditor.training.session import Session
from auditor.training.task import Task
from auditor.training.watch import Stop, Watch

TELL_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run: the model, and the mean loss of each step's batch, (steps,) float32.

    There are fewer steps than the recipe's where early stopping or divergence ended the run.
    """

    model: nn.Module
    losses: Tensor

    @property
    def diverged_at(self) -> int | None:
        """The step (from 1) from which on no loss is a finite number; None where the last one is."""
        return diverged_at(self.losses)


class Running(Protocol):
    """Runs at one and the same step: a session, or several as one batched model."""

    step: int
    steps: int

    @property
    def ended(self) -> bool:
        """Whether no step is left."""

    def advance(self) -> Tensor:
        """One step further; returns the losses of the batches, one or (K)."""

    def tensors(self) -> dict[str, Tensor]:
        """The whole state by name."""

    def load(self, stored: Mapping[str, Tensor], step: int) -> None:
        """Afterwards it stands after `step` steps with this state."""


class Witness(Protocol):
    """Sees the state of a run as it goes, for example to write its chain."""

    def begin(self, session: Session, losses: Tensor) -> None:
        """The run starts, or is taken up at `session.step`; `losses` holds those of the steps done."""

    def stepped(self, session: Session, losses: Tensor) -> None:
        """One more step is done."""

    def finished(self, session: Session, losses: Tensor) -> None:
        """The run is over."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A witness with what it sees: its run, and the losses of that run, (steps,)."""

    witness: Witness
    session: Session
    losses: Tensor


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
    seen = [Seen(witness, session, losses)] if witness else []
    run(session, losses, [seed], watch, stop, checkpoints, started, seen)
    return Trained(session.finished_model(), losses[: session.step].cpu())


def run(
    session: Running,
    losses: Tensor,
    seeds: Sequence[int],
    watch: Watch,
    stop: Stop,
    checkpoints: Checkpoints | None,
    started: Callable[[int], None],
    seen: Sequence[Seen],
) -> None:
    """Afterwards the run has ended and `losses`, (steps) or (steps, K), holds what each step lost.

    Raises:
        Interrupted: `stop` was set; the checkpoint then holds every finished step.
        CannotRun: the checkpoint cannot be written.
    """
    if checkpoints:
        checkpoints.restore(session, losses)
    started(session.step)
    for one in seen:
        one.witness.begin(one.session, one.losses)
    tell_at = time.monotonic() + TELL_EVERY_S
    while not session.ended:
        loss = session.advance()
        losses[session.step - 1] = loss
        for one in seen:
            one.witness.stepped(one.session, one.losses)
        if time.monotonic() >= tell_at:
            for seed, value in zip(seeds, loss.reshape(-1).tolist(), strict=False):  # fillings have no name
                watch.step(seed, session.step, value)
            tell_at = time.monotonic() + TELL_EVERY_S
        if session.ended or hopeless(losses, session.step):
            break  # the last step is not worth interrupting: the run is finished
        stopped = stop.signal_number
        if checkpoints and (stopped is not None or checkpoints.due()):
            checkpoints.write(session, losses)
        if stopped is not None:
            named = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
            raise Interrupted(stopped, where=f"{named}, step {session.step:,} of {session.steps:,}")
    for one in seen:
        one.witness.finished(one.session, one.losses)
