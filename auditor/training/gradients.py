"""From a batch to its mean loss and the gradient of every weight, in the recipe's precision.

Letters: B batch, T tokens, M masked positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from auditor.formats.recipe import Recipe
from auditor.training.batches import Batch
from auditor.training.linear_stack import LinearStack, can_differentiate
from auditor.training.losses import loss_function
from auditor.training.task import Task

# A batch's mean loss, a single float32, and one gradient a weight; both may be overwritten by the next call.
Gradients = Callable[[Batch], tuple[Tensor, Sequence[Tensor]]]

# Gradients below 2^-24 vanish in fp16; Micikevicius et al. 2018, section 3.2, scale the loss by a constant
# between 8 and 32 K. A constant leaves no state between steps; what overflows nevertheless is not finite.
FP16_SCALE = 1024.0
HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def gradients_for(task: Task, model: nn.Module, weights: Sequence[Tensor]) -> Gradients:
    """How the recipe's gradients are taken for `weights`, the model's parameters in order."""
    if by_hand(task.recipe):
        stack = LinearStack(weights, task.recipe.loss)  # type: ignore[arg-type]
        return lambda batch: stack(batch.inputs, batch.targets)
    return Autograd(task, model, weights)


def by_hand(recipe: Recipe) -> bool:
    """Whether the gradients are those of `LinearStack`: the same mathematics, rounded otherwise."""
    return (
        recipe.environment.numerics == "exact-math"
        and recipe.model.reference == "mlp"
        and can_differentiate(recipe.loss)
        and recipe.training.precision in ("float32", "tf32")
        and recipe.training.accumulate == 1
    )


class Autograd:
    """Gradients by torch's autograd; of a batch cut into parts, those of its parts added up."""

    def __init__(self, task: Task, model: nn.Module, weights: Sequence[Tensor]) -> None:
        self._model, self._weights = model, list(weights)
        self._loss = loss_function(task.recipe.loss)
        self._parts = task.recipe.training.accumulate
        self._device = task.device.type
        self._half = HALVES.get(task.recipe.training.precision)
        self._scale = FP16_SCALE if task.recipe.training.precision == "fp16" else None

    def __call__(self, batch: Batch) -> tuple[Tensor, Sequence[Tensor]]:
        """The batch's mean loss and its gradients."""
        if self._parts == 1:
            return self._of(batch)
        whole = _weight(batch)
        loss: Tensor | None = None
        sums: list[Tensor] = []
        for part in parts(batch, self._parts):
            share = _weight(part) / whole
            part_loss, gradients = self._of(part)
            if loss is None:
                loss, sums = part_loss * share, [gradient * share for gradient in gradients]
            else:
                loss = loss + part_loss * share
                for total, gradient in zip(sums, gradients, strict=True):
                    total.add_(gradient, alpha=share)
        assert loss is not None
        return loss, sums

    def _of(self, batch: Batch) -> tuple[Tensor, Sequence[Tensor]]:
        if self._half is None:
            loss = self._mean_loss(batch)
        else:
            # Entered at each step: a cast weight kept by one that stays open would never see the updates.
            with torch.autocast(self._device, self._half):
                loss = self._mean_loss(batch)
        scaled = loss if self._scale is None else loss * self._scale
        gradients = list(map(aligned, torch.autograd.grad(scaled, self._weights), self._weights))
        if self._scale is not None:
            gradients = [gradient.div_(self._scale) for gradient in gradients]
        return loss.detach(), gradients

    def _mean_loss(self, batch: Batch) -> Tensor:
        positions = batch.positions
        outputs = self._model(batch.inputs) if positions is None else self._model(batch.inputs, positions)
        return self._loss(outputs, batch.targets).float()


def parts(batch: Batch, n: int) -> Iterator[Batch]:
    """The batch cut into at most `n` parts of equal size, the last perhaps smaller."""
    size = -(-len(batch.inputs) // n)
    if batch.positions is None:
        for inputs, targets in zip(batch.inputs.split(size), batch.targets.split(size), strict=True):  # type: ignore[no-untyped-call]
            yield Batch(inputs, targets)
        return
    n_tokens = batch.inputs.shape[1]
    for first in range(0, len(batch.inputs), size):
        inputs = batch.inputs[first : first + size]
        start = first * n_tokens
        inside = (batch.positions >= start) & (batch.positions < start + len(inputs) * n_tokens)
        yield Batch(inputs, batch.targets[inside], batch.positions[inside] - start)


def aligned(gradient: Tensor, weight: Tensor) -> Tensor:
    """The gradient in its weight's memory layout: fused kernels pair the two element by element in memory."""
    if gradient.stride() == weight.stride():
        return gradient
    return torch.empty_like(weight, dtype=gradient.dtype).copy_(gradient)


def _weight(batch: Batch) -> int:
    """Over how much the batch's mean loss is taken."""
    return len(batch.inputs) if batch.positions is None else len(batch.positions)
