"""Which examples each step sees: a function of (seed, step) alone, so that any step can be done again.

Letters: N examples, B batch, T tokens, C channels, H height, W width, M masked positions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.formats.recipe_learning import MaskedCrossEntropy
from auditor.training import randomness
from auditor.training.masking import hide, places
from auditor.training.task import Examples, Task

GATHERED_BYTES = 2**19  # a quarter of the second-level cache of the processor this was measured on


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
    """The batches of one run, in any order; asked in turn, many are gathered in one go."""

    def __init__(self, task: Task, seed: int) -> None:
        self._task, self._seed = task, seed
        self._examples = task.splits["train"]
        training = task.recipe.training
        self._size = training.batch_size
        self.per_epoch = steps_per_epoch(len(self._examples), training.batch_size)
        self.steps = self.per_epoch * training.epochs
        self._epoch = -1
        self._drawn = self._order = torch.empty(0)  # on the CPU, and on the device
        self._indexes: tuple[Tensor, ...] = ()
        self._ahead = ahead(task)
        self._held: tuple[int, int] | None = None
        self._batches: list[Batch] = []

    def indexes(self, step: int) -> Tensor:
        """Numbers of the examples that step `step` (from 0) sees, (B) int64."""
        epoch, place = divmod(step, self.per_epoch)
        if epoch != self._epoch:
            self._drawn = order_of(self._task, self._seed, epoch)
            self._order = self._drawn.to(self._task.device)
            self._epoch, self._indexes = epoch, cut(self._order, self._size)
        return self._indexes[place]

    def order(self, epoch: int) -> Tensor:
        """As `order_of`; that of the epoch of the last batch is at hand."""
        return self._drawn if epoch == self._epoch else order_of(self._task, self._seed, epoch)

    def at(self, step: int) -> Batch:
        """The batch of step `step`, from 0."""
        if self._ahead == 1:
            return gather(self._task, self._examples, self.indexes(step), (self._seed, step))
        part, place = divmod(step % self.per_epoch, self._ahead)
        held = (step // self.per_epoch, part)
        if held != self._held:
            self.indexes(step)
            first = part * self._ahead * self._size
            index = self._order[first : first + self._ahead * self._size]
            gathered = gather(self._task, self._examples, index, (self._seed, step))
            inputs, targets = cut(gathered.inputs, self._size), cut(gathered.targets, self._size)
            self._held, self._batches = held, list(map(Batch, inputs, targets))
        return self._batches[place]


def order_of(task: Task, seed: int, epoch: int) -> Tensor:
    """The order in which a seed's epoch (from 0) visits the train split, (N) int64 on the CPU."""
    n = len(task.splits["train"])
    if not task.recipe.training.shuffle:
        return torch.arange(n)
    return torch.from_numpy(randomness.order(seed, epoch, n))


def ahead(task: Task) -> int:
    """Number of batches that are gathered in one go.

    One alone where each step draws masks of its own, and in `replay`: a batch inside a larger tensor can lie
    less aligned, on which a kernel's rounding may depend.
    """
    recipe, examples = task.recipe, task.splits["train"]
    if recipe.environment.numerics == "replay" or recipe.loss.kind == "masked-cross-entropy":
        return 1
    example_bytes = sum(
        part[:1].numel() * part.element_size() for part in (examples.inputs, examples.targets)
    )
    return max(1, GATHERED_BYTES // (example_bytes * recipe.training.batch_size))


def steps_per_epoch(n: int, batch_size: int) -> int:
    """Batches that `n` examples make; the last may be smaller."""
    return math.ceil(n / batch_size)


def cut(order: Tensor, size: int) -> tuple[Tensor, ...]:
    """The rows of `order`, (N, ...), cut into batches of `size`; the last may be smaller."""
    parts: tuple[Tensor, ...] = order.split(size)  # type: ignore[no-untyped-call]
    return parts


def gather(task: Task, examples: Examples, index: Tensor, counter: tuple[int, int]) -> Batch:
    """The examples at `index`; what is drawn for them follows from `counter`, (seed, step).

    One channel leaves the strides of channels-last ambiguous and torch would fall back to the slow layout,
    so they are written out.
    """
    inputs = examples.inputs.index_select(0, index)
    loss = task.recipe.loss
    if isinstance(loss, MaskedCrossEntropy):
        n_blocks, length = inputs.shape
        where = torch.from_numpy(places(*counter, n_blocks, length, loss.share))
        return Batch(*hide(inputs, where, task.mask))
    targets = examples.targets.index_select(0, index)
    if not task.channels_last:
        return Batch(inputs, targets)
    if inputs.shape[1] == 1:
        _, channels, height, width = inputs.shape
        inputs = inputs.as_strided(inputs.shape, (height * width, channels, width * channels, channels))
    else:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return Batch(inputs, targets)
