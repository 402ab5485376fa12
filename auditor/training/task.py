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
from auditor.training.arrays import Arrays
from auditor.training.fit import fitting_targets, refuse_odd_loss
from auditor.training.initialization import initial_weights
from reference_models import catalogue


@dataclass(frozen=True, slots=True)
class Examples:
    """One split on the device.

    Attributes:
        inputs: (N, C, H, W) or (N, features) as float32, or tokens (N, T) as int64.
        targets: labels (N) or sequences (N, T) as int64, or numbers (N, outputs) as float32.
        symbol_bytes: bytes in UTF-8 of each token's character, (V) int64; None where inputs are no text.
    """

    inputs: Tensor
    targets: Tensor
    symbol_bytes: Tensor | None = None

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
        """The model with these weights, leaving no unit out until it is set to train."""
        model = catalogue.build(self.recipe.model.reference, self.recipe.model.parameters)
        model.load_state_dict(dict(weights), assign=True)
        model = model.to(self.device)
        if self.channels_last:
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return model.eval()

    @property
    def channels_last(self) -> bool:
        """Whether images are laid out with channels last, which halves a convolution's time on a CPU."""
        return self.recipe.model.reference == "cnn" and self.recipe.environment.numerics == "exact-math"

    @property
    def mask(self) -> int:
        """The token that stands for a hidden one: the one after the model's vocabulary."""
        return catalogue.outputs(self.recipe.model.reference, self.recipe.model.parameters)

    @property
    def dropout(self) -> bool:
        """Whether a step draws which units it leaves out."""
        given = self.recipe.model.parameters
        return bool(given.get("dropout", 0)) and "dropout" in catalogue.parameters(
            self.recipe.model.reference
        )


def task(recipe: Recipe, arrays: Mapping[str, Arrays], device: torch.device) -> Task:
    """The task on `device`.

    Raises:
        CannotRun: the loss, or a split's inputs or targets, do not fit the model.
    """
    refuse_odd_loss(recipe)
    splits = {}
    for name, split in sorted(arrays.items()):
        try:
            shape = catalogue.example_shape(
                recipe.model.reference, recipe.model.parameters, split.inputs.shape[1]
            )
        except ValueError as error:
            raise CannotRun(
                f"split `{name}`: {error}", where="recipe.yaml", help="mend `model.parameters` or the split"
            ) from error
        targets = torch.from_numpy(fitting_targets(recipe, name, split)).to(device)
        inputs = torch.from_numpy(split.inputs).reshape(-1, *shape).to(device)
        symbols = None if split.symbol_bytes is None else torch.from_numpy(split.symbol_bytes).to(device)
        splits[name] = Examples(inputs, targets, symbols)
    return Task(recipe, splits, device)
