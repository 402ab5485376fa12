"""The reference model and the data as tensors on one device.

Letters: N examples, B batch, T tokens, C channels, H height, W width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from auditor.errors import CannotRun
from auditor.formats.recipe import Recipe
from auditor.training.data import Arrays
from auditor.training.initialization import initial_weights
from reference_models import catalogue


@dataclass(frozen=True, slots=True)
class Examples:
    """One split on the device.

    Attributes:
        inputs: (N, C, H, W) or (N, features) as float32, or tokens (N, T) as int64.
        targets: labels (N) or sequences (N, T) as int64, or numbers (N, outputs) as float32.
    """

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True)
class Task:
    """All that training and evaluation share."""

    recipe: Recipe
    splits: Mapping[str, Examples]
    device: torch.device

    def initial_weights(self, seed: int) -> dict[str, Tensor]:
        """The initial weights of a seed, on the CPU."""
        name, given = self.recipe.model.reference, self.recipe.model.parameters
        drawn = initial_weights(catalogue.shapes(name, given), self.recipe.model.initialization, seed)
        return {name: torch.from_numpy(value) for name, value in drawn.items()}

    def initial_model(self, seed: int) -> nn.Module:
        """The model with the initial weights of a seed."""
        return self.model(self.initial_weights(seed))

    def model(self, weights: Mapping[str, Tensor]) -> nn.Module:
        """The model with these weights."""
        model = catalogue.build(self.recipe.model.reference, self.recipe.model.parameters)
        model.load_state_dict(dict(weights), assign=True)
        model = model.to(self.device)
        if self.channels_last:
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return model

    @property
    def channels_last(self) -> bool:
        """Whether images are laid out with channels last, which halves a convolution's time on a CPU."""
        return self.recipe.model.reference == "cnn" and self.recipe.environment.numerics == "exact-math"


def task(recipe: Recipe, arrays: Mapping[str, Arrays], device: torch.device) -> Task:
    """The task on `device`.

    Raises:
        CannotRun: a split's inputs or targets do not fit the model.
    """
    splits = {}
    for name, split in sorted(arrays.items()):
        try:
            shape = catalogue.example_shape(
                recipe.model.reference, recipe.model.parameters, split.inputs.shape[1]
            )
            outputs = catalogue.outputs(recipe.model.reference, recipe.model.parameters)
        except ValueError as error:
            raise CannotRun(
                f"split `{name}`: {error}", where="recipe.yaml", help="mend `model.parameters` or the split"
            ) from error
        _refuse_odd_targets(recipe, name, split, outputs)
        inputs = torch.from_numpy(split.inputs).reshape(-1, *shape).to(device)
        splits[name] = Examples(inputs, torch.from_numpy(split.targets).to(device))
    return Task(recipe, splits, device)


def _refuse_odd_targets(recipe: Recipe, name: str, split: Arrays, outputs: int) -> None:
    if split.targets.dtype != "int64" or recipe.loss.kind in ("mse", "huber", "bce"):
        return
    lowest, highest = int(split.targets.min()), int(split.targets.max())
    fewest = -1 if recipe.loss.kind == "ctc" else 0  # -1 fills up a sequence
    if lowest < fewest or highest >= outputs:
        raise CannotRun(
            f"split `{name}` has labels from {lowest} to {highest}, the model has classes 0 to {outputs - 1}",
            where="recipe.yaml",
            help="mend `model.parameters.classes` or the split",
        )
