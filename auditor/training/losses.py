"""What is minimised: the recipe's loss as a function of a model's outputs and targets.

Letters: B batch, T tokens, N classes, M masked positions.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from auditor.formats.recipe_learning import CrossEntropy, Loss

LossFunction = Callable[[Tensor, Tensor], Tensor]  # outputs, targets: a single number


def loss_function(loss: Loss) -> LossFunction:
    """The loss averaged over a batch: (B, ..., N) and (B, ...) to a number."""
    assert isinstance(loss, CrossEntropy)
    return lambda outputs, targets: functional.cross_entropy(
        outputs.flatten(0, -2), targets.flatten(), label_smoothing=loss.label_smoothing
    )
