"""How weights move: one object a run, whose state is plain tensors that a checkpoint keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from auditor.formats.recipe_learning import Adam
from auditor.formats.recipe_learning import Optimizer as Asked


class Optimizer(Protocol):
    """Moves weights along their gradients.

    Attributes:
        slots: state by name, for example `exp_avg`: one tensor a weight, in the order of the weights, with
            the weight's memory layout. All that the next step depends on besides the step's number.
    """

    slots: Mapping[str, list[Tensor]]

    def step(self, gradients: Sequence[Tensor], lr: float, number: int) -> None:
        """The weights after step `number` (from 1)."""


def optimizer_for(asked: Asked, weights: list[Tensor]) -> Optimizer:
    """The recipe's optimizer over these weights."""
    assert isinstance(asked, Adam)
    return FusedAdam(asked, weights)


class FusedAdam:
    """Adam in one kernel a step, as `torch.optim.Adam(fused=True)` calls it."""

    def __init__(self, asked: Adam, weights: list[Tensor]) -> None:
        self._asked, self._weights = asked, weights
        self._first = [torch.zeros_like(weight) for weight in weights]
        self._second = [torch.zeros_like(weight) for weight in weights]
        self._number = torch.zeros((), device=weights[0].device)
        self.slots = {"exp_avg": self._first, "exp_avg_sq": self._second}

    def step(self, gradients: Sequence[Tensor], lr: float, number: int) -> None:
        """The weights after step `number` (from 1)."""
        self._number.fill_(number)
        beta1, beta2 = self._asked.betas
        torch._fused_adam_(  # type: ignore[attr-defined]
            self._weights,
            list(gradients),
            self._first,
            self._second,
            [],
            [self._number] * len(self._weights),
            lr=lr,
            beta1=beta1,
            beta2=beta2,
            weight_decay=self._asked.weight_decay,
            eps=self._asked.eps,
            amsgrad=False,
            maximize=False,
        )
