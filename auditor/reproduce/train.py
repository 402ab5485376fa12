"""One training run: the recipe's steps for one seed, resumable at any of them.

Letters: B batch.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.errors import Interrupted
from auditor.reproduce import randomness
from auditor.reproduce.checkpoint import Checkpoints
from auditor.reproduce.task import Task, batches, gather
from auditor.reproduce.watch import Stop, Watch

TELL_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run: the model, and the mean loss of each step's batch, (steps,) float32."""

    model: nn.Module
    losses: Tensor


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Batches that `n` examples make; the last may be smaller."""
    return math.ceil(n / batch_size)


def optimizer_for(task: Task, model: nn.Module) -> torch.optim.Optimizer:
    """The recipe's optimizer over the model's weights."""
    asked = task.recipe.optimizer
    # Fused: one kernel a step instead of a dozen a tensor. Its rounding differs from the loop version's
    # in the last place, and it is the version of every run here.
    fused = task.device.type in ("cpu", "cuda")
    return torch.optim.Adam(model.parameters(), lr=asked.lr, betas=asked.betas, eps=asked.eps, fused=fused)


def train(
    task: Task,
    seed: int,
    watch: Watch,
    stop: Stop,
    checkpoints: Checkpoints | None = None,
    started: Callable[[int], None] = lambda _: None,
) -> Trained:
    """The run of `seed`, taken up from its checkpoint where there is one.

    `started` is told the step it starts from.

    Raises:
        Interrupted: `stop` was set; the checkpoint then holds every finished step.
        CannotRun: the checkpoint cannot be written.
    """
    examples, training = task.splits["train"], task.recipe.training
    per_epoch = steps_per_epoch(len(examples), training.batch_size)
    steps = per_epoch * training.epochs
    model = task.initial_model(seed)
    optimizer = optimizer_for(task, model)
    losses = torch.zeros(steps, device=task.device)
    step = checkpoints.restore(model, optimizer, losses) if checkpoints else 0
    started(step)
    tell_at = time.monotonic() + TELL_EVERY_S
    for epoch in range(step // per_epoch, training.epochs):
        indexes = _indexes(task, seed, epoch, len(examples))
        for index in indexes[step - epoch * per_epoch :]:
            inputs, labels = gather(examples, index)  # (B, C, H, W), (B)
            loss = functional.cross_entropy(model(inputs), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses[step] = loss.detach()
            step += 1
            if time.monotonic() >= tell_at:
                watch.step(step, float(loss.detach()))
                tell_at = time.monotonic() + TELL_EVERY_S
            if step == steps:
                break  # the last step is not worth interrupting: the run is finished
            stopped = stop.signal_number
            if checkpoints and (stopped is not None or checkpoints.due()):
                checkpoints.write(model, optimizer, losses, step)
            if stopped is not None:
                raise Interrupted(stopped, where=f"seed {seed}, step {step:,} of {steps:,}")
    return Trained(model, losses.cpu())


def _indexes(task: Task, seed: int, epoch: int, n: int) -> tuple[Tensor, ...]:
    """Indexes of each batch of an epoch, (B) each: a function of (seed, epoch) alone."""
    training = task.recipe.training
    order = torch.from_numpy(randomness.order(seed, epoch, n)) if training.shuffle else torch.arange(n)
    return batches(order.to(task.device), training.batch_size)
