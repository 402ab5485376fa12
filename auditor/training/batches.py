"""Which examples each step sees: a function of (seed, step) alone, so that any step can be done again.

Letters: N examples, B batch, T tokens, C channels, H height, W width, M masked positions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.training import randomness
from auditor.training.task import Examples, Task


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step sees.

    Attributes:
        inputs: (B, ...), laid out as the model wants it.
        targets: (B, ...); of a masked batch (M), the tokens that were masked.
        positions: (M) int64 places of the masked tokens in the flattened (B, T), or None.
    """

    inputs: Tensor
    targets: Tensor
    positions: Tensor | None = None


class Batches:
    """The batches of one run."""

    def __init__(self, task: Task, seed: int) -> None:
        self._task, self._seed = task, seed
        self._examples = task.splits["train"]
        training = task.recipe.training
        self._size, self._shuffled = training.batch_size, training.shuffle
        self.per_epoch = steps_per_epoch(len(self._examples), training.batch_size)
        self.steps = self.per_epoch * training.epochs
        self._epoch = -1
        self._indexes: tuple[Tensor, ...] = ()

    def indexes(self, step: int) -> Tensor:
        """Numbers of the examples that step `step` (from 0) sees, (B) int64."""
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            n = len(self._examples)
            order = (
                torch.from_numpy(randomness.order(self._seed, epoch, n))
                if self._shuffled
                else torch.arange(n)
            )
            self._epoch, self._indexes = epoch, cut(order.to(self._task.device), self._size)
        return self._indexes[place]

    def at(self, step: int) -> Batch:
        """The batch of step `step`, from 0."""
        return gather(self._task, self._examples, self.indexes(step), (self._seed, step))


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Batches that `n` examples make; the last may be smaller."""
    return math.ceil(n / batch_size)


def cut(order: Tensor, size: int) -> tuple[Tensor, ...]:
    """The indexes in `order`, (N), cut into batches of `size`; the last may be smaller."""
    parts: tuple[Tensor, ...] = order.split(size)  # type: ignore[no-untyped-call]
    return parts


def gather(task: Task, examples: Examples, index: Tensor, counter: tuple[int, int]) -> Batch:
    """The examples at `index`; what is drawn for them follows from `counter`, (seed, step).

    One channel leaves the strides of channels-last ambiguous and torch would fall back to the slow layout,
    so they are written out.
    """
    inputs, targets = examples.inputs[index], examples.targets[index]
    if not task.channels_last:
        return Batch(inputs, targets)
    if inputs.shape[1] == 1:
        _, channels, height, width = inputs.shape
        inputs = inputs.as_strided(inputs.shape, (height * width, channels, width * channels, channels))
    else:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return Batch(inputs, targets)
