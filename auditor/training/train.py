"""One training run: the recipe's steps for one seed, resumable at any of them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from auditor.errors import Interrupted
from auditor.training.checkpoint import Checkpoints
from auditor.training.divergence import STRETCH, diverged_at, hopeless
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
        """One step further; returns the losses of the batches, one or (K), in memory of their own."""

    def tensors(self) -> dict[str, Tensor]:
        """The whole state by name."""

    def load(self, stored: Mapping[str, Tensor], step: int) -> None:
        """Afterwards it stands after `step` steps with this state."""


class Witness(Protocol):
    """Sees the state of a run as it goes, for example to write its chain."""

    def begin(self, session: Session, losses: Tensor) -> None:
        """The run starts, or is taken up at `session.step`; `losses` holds those of the steps done."""

    def looks_at(self, step: int) -> int:
        """The first step after `step` that it is to see; any later one than the last where there is none."""

    def stepped(self, session: Session, losses: Tensor) -> None:
        """`session.step` steps are done, and not all; `losses` holds theirs."""

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
    save_at = checkpoints.due_at if checkpoints else math.inf
    tell_at = time.monotonic() + TELL_EVERY_S
    wake_at = min(tell_at, save_at)
    # Losses on their way into `losses`, where one by one they take as long as a small layer: numbers where
    # they are at hand, because new memory for each small tensor is more than a number costs, or tensors.
    held: list[Any] = []
    at_hand = losses.device.type == "cpu"
    look_at, ended = _next_look(session, seen), session.ended
    while not ended:
        loss = session.advance()
        held.append(loss.tolist() if at_hand else loss)
        step, ended, now = session.step, session.ended, time.monotonic()
        stopped = None if ended else stop.signal_number  # the last step is not worth interrupting
        doubtful = not step % STRETCH and not (at_hand and _any_finite(held[-1]))
        if now < wake_at and step < look_at and stopped is None and not doubtful and not ended:
            continue
        losses[step - len(held) : step] = torch.tensor(held) if at_hand else torch.stack(held)
        held.clear()
        if now >= tell_at:
            for seed, value in zip(seeds, loss.reshape(-1).tolist(), strict=False):  # fillings have no name
                watch.step(seed, step, value)
            tell_at = now + TELL_EVERY_S
        if step >= look_at and not ended:
            for one in seen:
                one.witness.stepped(one.session, one.losses)
            look_at = _next_look(session, seen)
        if ended or (doubtful and hopeless(losses, step)):
            break
        if checkpoints and (stopped is not None or now >= save_at):
            checkpoints.write(session, losses)
            save_at = checkpoints.due_at
        wake_at = min(tell_at, save_at)
        if stopped is not None:
            named = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
            raise Interrupted(stopped, where=f"{named}, step {step:,} of {session.steps:,}")
    for one in seen:
        one.witness.finished(one.session, one.losses)


def _next_look(session: Running, seen: Sequence[Seen]) -> int:
    """The next step that a witness is to see, which is the last at most."""
    return min([session.steps, *(one.witness.looks_at(session.step) for one in seen)])


def _any_finite(value: float | list[float]) -> bool:
    """Whether a loss, or one of several, is a finite number."""
    return any(map(math.isfinite, value)) if isinstance(value, list) else math.isfinite(value)
