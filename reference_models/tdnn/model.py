"""Conv (3 frames) and ReLU, each layer twice as far apart as the one before, then Linear at every frame.

After Waibel et al. 1989, "Phoneme recognition using time-delay neural networks"; the growing distance
between the frames that a layer sees is that of Peddinti, Povey and Khudanpur 2015, "A time delay neural
network architecture for efficient modeling of long temporal contexts", in the powers of two of van den Oord
et al. 2016, "WaveNet". Frames before the first and after the last count as zero, so none is lost.

Letters: B batch, T frames, F numbers a frame, C channels, N symbols with the blank.
With 20 numbers a frame, three layers of 64 and 11 symbols it has 29,323 weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from reference_models.tdnn.shapes import KERNEL, resolve


class Tdnn(nn.Module):
    """Frames (B, T, F) to logits of each frame (B, T, N); symbol 0 is the blank."""

    def __init__(self, features: int, width: int, layers: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(width if number else features, width, KERNEL, padding="same", dilation=2**number)
            for number in range(layers)
        )
        self.head = nn.Linear(width, outputs)

    def forward(self, frames: Tensor) -> Tensor:
        """Logits (B, T, N) of frames (B, T, F)."""
        x = frames.transpose(1, 2)  # (B, F, T)
        for layer in self.layers:
            x = functional.relu(layer(x))  # (B, C, T)
        logits: Tensor = self.head(x.transpose(1, 2))  # (B, T, N)
        return logits


def build(given: Mapping[str, Any]) -> Tdnn:
    """The network for parameters that `shapes.resolve` accepts, on the meta device: shapes without memory."""
    p = resolve(given)
    with torch.device("meta"):
        return Tdnn(p["features"], p["width"], p["layers"], p["outputs"])
