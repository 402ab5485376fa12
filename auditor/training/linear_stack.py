"""Loss and gradients of linear layers with ReLU between them, derived by hand, for one network or K.

Autograd costs such a small network more than its arithmetic does: here every product is written into memory
that is kept from step to step, and no graph is built. The mathematics is that of autograd, the rounding is
not: terms are added in another order.

Letters: K networks, B batch, I inputs and O outputs of a layer, N outputs of the network.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from auditor.formats.recipe_learning import CrossEntropy, Loss, MeanSquaredError


class LinearStack:
    """Networks of one shape, whose weights are read, never changed."""

    def __init__(
        self,
        weights: Sequence[Tensor],
        loss: CrossEntropy | MeanSquaredError,
        gradients: Sequence[Tensor] | None = None,
    ) -> None:
        """`weights`: by turns weights (O, I) and biases (O) of each layer, or (K, O, I) and (K, O).

        `gradients`, by default new ones, are of the same shapes.
        """
        held = [weight.detach() for weight in weights]
        self._matrices, biases = held[0::2], held[1::2]
        self._many = self._matrices[0].ndim == 3
        self._turned = [matrix.mT for matrix in self._matrices]  # (K, I, O)
        self._biases = [bias.unsqueeze(1) for bias in biases] if self._many else biases
        self._loss = loss
        self.gradients = (
            [torch.empty_like(weight) for weight in held] if gradients is None else list(gradients)
        )
        self._scratch: dict[int, _Scratch] = {}

    def __call__(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The batch's mean loss, a number or (K); `gradients` then holds those of this batch.

        `inputs` (B, I) or (K, B, I); `targets` labels (B) or (K, B), numbers (B, N) or (K, B, N).
        """
        size = inputs.shape[-2]
        with torch.no_grad():
            scratch = self._scratch.get(size)
            if scratch is None:
                scratch = self._scratch[size] = _Scratch(self._matrices, size, self._loss)
            outputs = self._forward(inputs, scratch)
            loss = (
                scratch.squared_error(outputs, targets)
                if scratch.table is None
                else scratch.cross_entropy(outputs, targets)
            )
            self._backward(inputs, scratch)
        return loss

    def _forward(self, inputs: Tensor, scratch: _Scratch) -> Tensor:
        multiply_add = torch.baddbmm if self._many else torch.addmm
        last = len(self._matrices) - 1
        x = inputs
        for layer, out in enumerate(scratch.outputs):
            multiply_add(self._biases[layer], x, self._turned[layer], out=out)  # (K, B, O)
            x = out if layer == last else out.relu_()
        return x

    def _backward(self, inputs: Tensor, scratch: _Scratch) -> None:
        """From dL/d(outputs of the last layer) in `scratch` to every gradient.

        With Z = X Wᵀ + b and G = dL/dZ: dL/dW = Gᵀ X, dL/db = sum of G over the batch, dL/dX = G W.
        """
        multiply = torch.bmm if self._many else torch.mm
        for layer in range(len(self._matrices) - 1, -1, -1):
            slope, x = scratch.slopes[layer], scratch.outputs[layer - 1] if layer else inputs
            multiply(scratch.turned[layer], x, out=self.gradients[2 * layer])  # (K, O, I)
            torch.sum(slope, -2, out=self.gradients[2 * layer + 1])  # (K, O)
            if layer:
                below = scratch.slopes[layer - 1]
                multiply(slope, self._matrices[layer], out=below)  # (K, B, I)
                # What ReLU let through is above 0, so its sign is the derivative: 1 there, else 0.
                below.mul_(torch.sign(x, out=scratch.open[layer - 1]))


class _Scratch:
    """Memory for one batch size, used by each step anew."""

    def __init__(self, matrices: Sequence[Tensor], size: int, loss: CrossEntropy | MeanSquaredError) -> None:
        shapes = [(*matrix.shape[:-2], size, matrix.shape[-2]) for matrix in matrices]
        self.outputs = [matrices[0].new_empty(shape) for shape in shapes]  # (K, B, O) of each layer
        self.slopes = [torch.empty_like(output) for output in self.outputs]  # dL/d(output before ReLU)
        self.turned = [slope.mT for slope in self.slopes]  # (K, O, B)
        self.open = [torch.empty_like(output) for output in self.outputs[:-1]]
        self._size, self._many = size, matrices[0].ndim == 3
        self.table = (
            -targets_of(loss, matrices[-1]) / size if isinstance(loss, CrossEntropy) else None
        )  # (N, N)

    def cross_entropy(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss; dL/dlogits = (softmax - target) / B into the last slope."""
        assert self.table is not None
        negative = self.table.index_select(0, labels.flatten()).view_as(logits)  # (K, B, N): -target / B
        log_p = torch.log_softmax(logits, -1)
        slope = self.slopes[-1]
        torch.exp(log_p, out=slope)
        torch.add(negative, slope, alpha=1 / self._size, out=slope)
        if self._many:
            return log_p.mul_(negative).sum((-2, -1))
        return torch.dot(log_p.view(-1), negative.view(-1))

    def squared_error(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The loss, a mean over batch and outputs; dL/doutputs = 2 (outputs - targets) / (B N)."""
        slope = self.slopes[-1]
        torch.sub(outputs, targets, out=slope)
        loss = slope.square().mean((-2, -1))
        slope.mul_(2 / (self._size * outputs.shape[-1]))
        return loss


def targets_of(loss: CrossEntropy, matrix: Tensor) -> Tensor:
    """The target distribution of each label, (N, N), smoothed as Szegedy et al. 2016, section 7."""
    n = matrix.shape[-2]
    one_hot = torch.eye(n, dtype=matrix.dtype, device=matrix.device)
    return one_hot * (1 - loss.label_smoothing) + loss.label_smoothing / n


def can_differentiate(loss: Loss) -> bool:
    """Whether the loss is one of those written out here."""
    return isinstance(loss, CrossEntropy | MeanSquaredError)
