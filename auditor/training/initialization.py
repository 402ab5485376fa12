"""Initial weights of a reference model, drawn in numpy so that they have the same bits everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auditor.training import randomness

Scheme = Literal["keras", "torch"]


def initial_weights(
    shapes: Mapping[str, tuple[int, ...]], scheme: Scheme, seed: int
) -> dict[str, NDArray[np.float32]]:
    """Initial value of every tensor named in `shapes`.

    `keras`: weights uniform in ±√(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16), biases zero.
    `torch`: weights and biases uniform in ±1/√fan_in, which is what torch.nn.Linear and Conv2d do
    (kaiming_uniform_ with a = √5, so that √(6 / ((1 + a²) fan_in)) = 1/√fan_in).
    """
    drawn = {}
    for name, shape in shapes.items():
        weight_shape = shapes[name.removesuffix(".bias") + ".weight"] if name.endswith(".bias") else shape
        fan_in, fan_out = fans(weight_shape)
        if scheme == "torch":
            drawn[name] = randomness.uniform(seed, name, shape, 1 / math.sqrt(fan_in))
        elif name.endswith(".bias"):
            drawn[name] = np.zeros(shape, np.float32)
        else:
            drawn[name] = randomness.uniform(seed, name, shape, math.sqrt(6 / (fan_in + fan_out)))
    return drawn


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Inputs and outputs of one unit: of (out, in, *kernel) the kernel's size counts in both."""
    receptive = math.prod(shape[2:])
    return shape[1] * receptive, shape[0] * receptive
