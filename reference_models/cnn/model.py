"""Conv 3x3 (32), ReLU, MaxPool 2, Conv 3x3 (64), ReLU, MaxPool 2, Flatten, Linear(classes).

After LeCun et al. 1998, "Gradient-based learning applied to document recognition", in the form that
https://keras.io/examples/vision/mnist_convnet/ teaches, without its dropout.

Letters: B batch, C input channels, H W input height and width, N classes.
At 28x28x1 with padding `valid` and 10 classes it has 34,826 weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from reference_models.cnn.shapes import FILTERS, KERNEL, POOL, resolve, shapes


class Cnn(nn.Module):
    """Images (B, C, H, W) to logits (B, N)."""

    def __init__(self, channels: int, classes: int, flat: int, padding: str) -> None:
        super().__init__()
        first, second = FILTERS
        self.conv1 = nn.Conv2d(channels, first, KERNEL, padding=padding)
        self.conv2 = nn.Conv2d(first, second, KERNEL, padding=padding)
        self.head = nn.Linear(flat, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (B, N) of images (B, C, H, W)."""
        # ReLU is monotone, so pooling first gives the same bits from a quarter of the comparisons.
        x = functional.relu(functional.max_pool2d(self.conv1(images), POOL))  # (B, 32, ~H/2, ~W/2)
        x = functional.relu(functional.max_pool2d(self.conv2(x), POOL))  # (B, 64, ~H/4, ~W/4)
        logits: Tensor = self.head(x.flatten(1))  # (B, N)
        return logits


def build(given: Mapping[str, Any]) -> Cnn:
    """The network for parameters that `shapes.resolve` accepts, on the meta device: shapes without memory."""
    p = resolve(given)
    flat = shapes(given)["head.weight"][1]
    with torch.device("meta"):
        return Cnn(p["channels"], p["classes"], flat, p["padding"])
