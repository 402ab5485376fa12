"""A training run that can be stopped, stored and taken up at any step.

A session's state is named tensors (`tensors`, `load`): weights, optimizer slots, averages. With the recipe,
the data and the seed they determine every later step, because nothing else is remembered between steps.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from auditor.training.batches import Batches
from auditor.training.gradients import gradients_for
from auditor.training.optimizers import optimizer_for
from auditor.training.schedules import rate
from auditor.training.task import Task

WEIGHT = "model."  # prefix of a weight's name among the stored tensors


class Session:
    """One run of a seed, somewhere between its first and its last step.

    Attributes:
        step: steps done.
        steps: steps of the whole run; early stopping may end it sooner, see `ended`.
        model: the network being trained.
    """

    def __init__(self, task: Task, seed: int, weights: Mapping[str, Tensor] | None = None) -> None:
        """At step 0, with the seed's initial weights or with `weights`."""
        self.task, self.seed = task, seed
        self.model = task.initial_model(seed) if weights is None else task.model(weights)
        self.batches = Batches(task, seed)
        self.step, self.steps = 0, self.batches.steps
        self._names = [name for name, _ in self.model.named_parameters()]
        self._weights = list(self.model.parameters())
        self._gradients = gradients_for(task, self.model, self._weights)
        self._optimizer = optimizer_for(task.recipe.optimizer, self._weights)

    @property
    def ended(self) -> bool:
        """Whether no step is left."""
        return self.step >= self.steps

    def advance(self) -> Tensor:
        """One step further; returns the batch's mean loss, a single float32 on the device."""
        recipe = self.task.recipe
        batch = self.batches.at(self.step)
        loss, gradients = self._gradients(batch)
        lr = rate(recipe.schedule, recipe.optimizer.lr, self.step, self.steps)
        self.step += 1
        self._optimizer.step(gradients, lr, self.step)
        return loss

    def finished_model(self) -> nn.Module:
        """The model that the run is measured by: the last, the averaged or the selected weights."""
        return self.model

    def tensors(self) -> dict[str, Tensor]:
        """The whole state by name: `model.NAME`, then `SLOT.NAME` for each optimizer slot."""
        state = {
            WEIGHT + name: weight.detach() for name, weight in zip(self._names, self._weights, strict=True)
        }
        for slot, tensors in self._optimizer.slots.items():
            state |= {f"{slot}.{name}": value for name, value in zip(self._names, tensors, strict=True)}
        return state

    def load(self, stored: Mapping[str, Tensor], step: int) -> None:
        """Afterwards the session stands after `step` steps with this state.

        Raises:
            ValueError: a tensor is missing, left over or of another shape; the text says which.
        """
        state = self.tensors()
        for name in sorted(state.keys() ^ stored.keys()):
            raise ValueError(f"the state {'lacks' if name in state else 'has an unknown'} tensor `{name}`")
        for name, value in state.items():
            if stored[name].shape != value.shape:
                met, wanted = list(stored[name].shape), list(value.shape)
                raise ValueError(f"tensor `{name}` of the state is {met}, the run's is {wanted}")
        with torch.no_grad():
            for name, value in state.items():
                value.copy_(stored[name])  # in place, so that the memory layout stays
        self.step = step
