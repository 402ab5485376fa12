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

# A batch's mean loss, a new single float32, and one gradient a weight, overwritten by the next call.
Gradients = Callable[[Batch], tuple[Tensor, Sequence[Tensor]]]

HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}


def gradients_for(
    task: Task, model: nn.Module, weights: Sequence[Tensor], scale: Tensor | None = None
) -> Gradients:
    """How the recipe's gradients are taken for `weights`, the model's parameters in order.

    With a `scale`, a single number, they are those of the loss times its value at the time.
    """
    if by_hand(task.recipe):
        stack = LinearStack(weights, task.recipe.loss)  # type: ignore[arg-type]
        return lambda batch: (stack(batch.inputs, batch.targets), stack.gradients)
    return Autograd(task, model, weights, scale)


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

    def __init__(
        self, task: Task, model: nn.Module, weights: Sequence[Tensor], scale: Tensor | None = None
    ) -> None:
        self._model, self._weights, self._scale = model, list(weights), scale
        self._loss = loss_function(task.recipe.loss)
        self._parts = task.recipe.training.accumulate
        self._device = task.device.type
        self._half = HALVES.get(task.recipe.training.precision)

    def __call__(self, batch: Batch) -> tuple[Tensor, Sequence[Tensor]]:
        """The batch's mean loss and its gradients."""
        whole = _weight(batch)
        if self._parts == 1 or not whole:
            return self._of(batch)
        loss: Tensor | None = None
        sums: list[Tensor] = []
        for part in parts(batch, self._parts):
            share = _weight(part) / whole
            if not share:
                continue  # no token of it is masked, and the mean of nothing is no number
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
            outputs = self._outputs(batch)
        else:
            # Entered at each step: a cast weight kept by one that stays open would never see the updates.
            with torch.autocast(self._device, self._half):
                outputs = self._outputs(batch)
            outputs = outputs.to(self._weights[0].dtype)  # the loss itself is not rounded to a half
        loss = self._loss(outputs, batch.targets)
        scaled = loss if self._scale is None else loss * self._scale
        gradients = list(map(aligned, torch.autograd.grad(scaled, self._weights), self._weights))
        return loss.detach(), gradients

    def _outputs(self, batch: Batch) -> Tensor:
        if batch.positions is None:
            outputs: Tensor = self._model(batch.inputs)
        else:
            outputs = self._model(batch.inputs, batch.positions)
        return outputs


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
