"""The reference model and the data as tensors on one device, laid out for its convolutions.

Letters: N examples, C channels, H height, W width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from auditor.errors import CannotRun
from auditor.formats.recipe import Recipe
from auditor.reproduce.data import Arrays
from auditor.reproduce.initialization import initial_weights
from reference_models import catalogue


@dataclass(frozen=True, slots=True)
class Examples:
    """One split on the device: inputs (N, C, H, W) as float32, labels (N) as int64."""

    inputs: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Task:
    """All that training and evaluation share."""

    recipe: Recipe
    splits: Mapping[str, Examples]
    device: torch.device

    def initial_model(self, seed: int) -> nn.Module:
        """The model with the initial weights of a seed."""
        name, given = self.recipe.model.reference, self.recipe.model.parameters
        drawn = initial_weights(catalogue.shapes(name, given), self.recipe.model.initialization, seed)
        return self.model({name: torch.from_numpy(value) for name, value in drawn.items()})

    def model(self, weights: Mapping[str, Tensor]) -> nn.Module:
        """The model with these weights."""
        model = catalogue.build(self.recipe.model.reference, self.recipe.model.parameters)
        model.load_state_dict(dict(weights), assign=True)
        # Channels last halves the time of a convolution step on a CPU (tests/bench); it is the layout of
        # every run here, so that all of them share one rounding.
        on_device: nn.Module = model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return on_device


def task(recipe: Recipe, arrays: Mapping[str, Arrays], device: torch.device) -> Task:
    """The task on `device`.

    Raises:
        CannotRun: a split's inputs or labels do not fit the model.
    """
    given = recipe.model.parameters
    shape = tuple(int(given.get(side, 1)) for side in ("channels", "height", "width"))
    classes = int(given["classes"])
    splits = {}
    for name, split in sorted(arrays.items()):
        size = shape[0] * shape[1] * shape[2]
        if split.inputs.shape[1] != size:
            raise CannotRun(
                f"split `{name}` has {split.inputs.shape[1]} inputs an example, "
                f"the model takes {' x '.join(map(str, shape))} = {size}",
                where="recipe.yaml",
                help="mend `model.parameters` or the split",
            )
        if split.labels.min() < 0 or split.labels.max() >= classes:
            raise CannotRun(
                f"split `{name}` has labels from {split.labels.min()} to {split.labels.max()}, "
                f"the model has classes 0 to {classes - 1}",
                where="recipe.yaml",
                help="mend `model.parameters.classes` or the split",
            )
        inputs = torch.from_numpy(split.inputs).reshape(-1, *shape).to(device)
        labels = torch.from_numpy(split.labels).to(device)
        splits[name] = Examples(inputs, labels)
    return Task(recipe, splits, device)


def batches(order: Tensor, size: int) -> tuple[Tensor, ...]:
    """The indexes in `order`, (N), cut into batches of `size`; the last may be smaller."""
    cut: tuple[Tensor, ...] = order.split(size)  # type: ignore[no-untyped-call]
    return cut


def gather(examples: Examples, index: Tensor) -> tuple[Tensor, Tensor]:
    """The examples at `index`, inputs with channels last.

    One channel leaves the strides ambiguous and torch would fall back to the slow layout, so they are
    written out.
    """
    inputs = examples.inputs[index]
    if inputs.shape[1] == 1:
        _, channels, height, width = inputs.shape
        inputs = inputs.as_strided(inputs.shape, (height * width, channels, width * channels, channels))
    else:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return inputs, examples.labels[index]
