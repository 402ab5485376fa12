"""A training run that can be stopped, stored and taken up at any step.

A session's state is named tensors (`tensors`, `load`): weights, optimizer slots, averages, what a selection
or a loss scale remembers. With the recipe, the data and the seed they determine every later step, because
nothing else is remembered between steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from auditor.training.averaging import Average
from auditor.training.batches import Batches
from auditor.training.clipping import clipped
from auditor.training.dropout import leaving_out
from auditor.training.gradients import gradients_for
from auditor.training.optimizers import optimizer_for
from auditor.training.precision import LossScale
from auditor.training.schedules import rate
from auditor.training.selection import Selection
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
        """At step 0, with the seed's initial weights or with `weights`, whose type is then that of all state.

        Raises:
            CannotRun: the package that the recipe's optimizer comes from is not installed.
        """
        self.task, self.seed = task, seed
        training = task.recipe.training
        self.model = task.initial_model(seed) if weights is None else task.model(weights)
        self.batches = Batches(task, seed)
        self.step, self.steps = 0, self.batches.steps
        self._names = [name for name, _ in self.model.named_parameters()]
        self._weights = list(self.model.parameters())
        self._plain = [weight.detach() for weight in self._weights]  # the same memory without autograd
        self._clip = training.clip_norm
        self._scale = LossScale(task.device) if training.precision == "fp16" else None
        self._average = None if training.ema is None else Average(self.model, training.ema)
        self._selection = (
            None
            if training.early_stopping is None
            else Selection(task, training.early_stopping, self._measured())
        )
        scale = None if self._scale is None else self._scale.scale
        self._gradients = gradients_for(task, self.model, self._weights, scale)
        self._optimizer = optimizer_for(task.recipe.optimizer, self._weights)

    @property
    def ended(self) -> bool:
        """Whether no step is left."""
        return self.step >= self.steps or (self._selection is not None and self._selection.over)

    def advance(self) -> Tensor:
        """One step further; returns the batch's mean loss, a new single float32 on the device.

        Raises:
            CannotRun: the split that early stopping looks at cannot be measured as the recipe says.
        """
        batch = self.batches.at(self.step)
        if self.task.dropout:
            with leaving_out(self.model, self.seed, self.step):
                loss, gradients = self._gradients(batch)
        else:
            loss, gradients = self._gradients(batch)
        self._move(gradients)
        self.step += 1
        if self._average is not None:
            self._average.update(self._plain)
        if self._selection is not None and self.step % self.batches.per_epoch == 0:
            self._selection.look(self._measured())
        return loss

    def order(self, epoch: int) -> Tensor:
        """The order in which the epoch (from 0) visits the train split, (N) int64 on the CPU."""
        return self.batches.order(epoch)

    def finished_model(self) -> nn.Module:
        """The model that the run is measured by: the last, the averaged or the selected weights."""
        return self._measured() if self._selection is None else self._selection.model

    def tensors(self) -> dict[str, Tensor]:
        """The whole state by name: `model.NAME`, `SLOT.NAME` for each optimizer slot, and what else there is.

        That is `average.NAME` of an average, `best.NAME`, `selection.value` and `selection.waited` of early
        stopping, and `scale.value`, `scale.good` and `scale.skipped` of a loss scale.
        """
        state = self._named(WEIGHT, self._plain)
        for slot, tensors in self._optimizer.slots.items():
            state |= self._named(f"{slot}.", tensors)
        if self._average is not None:
            state |= self._named("average.", self._average.weights)
        if self._selection is not None:
            state |= self._named("best.", self._selection.weights) | self._selection.tensors()
        if self._scale is not None:
            state |= self._scale.tensors()
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

    def _move(self, gradients: Sequence[Tensor]) -> None:
        """One step of the optimizer, unless a gradient overflowed in fp16."""
        number = self.step + 1
        if self._scale is not None:
            unscaled = self._scale.unscaled(gradients)
            if unscaled is None:
                return
            gradients, number = unscaled, number - int(self._scale.skipped)
        if self._clip is not None:
            gradients = clipped(gradients, self._clip)
        recipe = self.task.recipe
        lr = rate(recipe.schedule, recipe.optimizer.lr, self.step, self.steps)
        self._optimizer.step(gradients, lr, number)

    def _measured(self) -> nn.Module:
        """The model whose weights count after a step."""
        return self.model if self._average is None else self._average.model

    def _named(self, prefix: str, tensors: Sequence[Tensor]) -> dict[str, Tensor]:
        return {prefix + name: value for name, value in zip(self._names, tensors, strict=True)}
