"""Linear, ReLU, Linear, ReLU, ..., Linear.

After Rumelhart, Hinton and Williams 1986, "Learning representations by back-propagating errors", with the
ReLU of Nair and Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".

Letters: B batch, I inputs, H hidden units, N outputs.
With 30 inputs, two hidden layers of 64 and 2 outputs it has 6,274 weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from reference_models.mlp.shapes import widths


class Mlp(nn.Module):
    """Vectors (B, I) to outputs (B, N)."""

    def __init__(self, units: tuple[int, ...]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(below, above) for below, above in pairwise(units))

    def forward(self, vectors: Tensor) -> Tensor:
        """Outputs (B, N) of vectors (B, I)."""
        *hidden, last = self.layers
        x = vectors
        for layer in hidden:
            x = functional.relu(layer(x))  # (B, H)
        outputs: Tensor = last(x)  # (B, N)
        return outputs


def build(given: Mapping[str, Any]) -> Mlp:
    """The network for parameters that `shapes.resolve` accepts, on the meta device: shapes without memory."""
    with torch.device("meta"):
        return Mlp(widths(given))
