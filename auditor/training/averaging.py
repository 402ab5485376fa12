"""The exponential moving average of a run's weights.

It starts at the initial weights, as in TensorFlow and timm; torch.optim.swa_utils.AveragedModel starts at the
weights of its first update.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from torch import Tensor, nn


class Average:
    """The averaged weights: decay · average + (1 − decay) · weight, after each step.

    Attributes:
        model: a model that has the averaged weights.
        weights: they alone, in the model's order; all the state there is.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        """Starts at the model's weights."""
        self.model = copy.deepcopy(model)
        self.weights = [weight.detach() for weight in self.model.parameters()]
        self._share = 1 - decay

    def update(self, weights: Sequence[Tensor]) -> None:
        """The average after a step that ended with `weights`."""
        for average, weight in zip(self.weights, weights, strict=True):
            average.lerp_(weight, self._share)
