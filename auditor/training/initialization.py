"""Initial weights of a reference model, drawn in numpy so that they have the same bits everywhere.

What a tensor is follows from its name: `norm...` scales, `...embedding` tables, `...project` the end of a
residual branch inside `blocks.N`, and any other pair of `weight` and `bias` a layer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auditor.training import randomness

Scheme = Literal["keras", "torch", "gpt2"]
GPT2_SD = 0.02  # https://github.com/openai/gpt-2/blob/master/src/model.py, `conv1d`
KERAS_EMBEDDING_BOUND = 0.05  # keras.layers.Embedding: `uniform` is RandomUniform(-0.05, 0.05)


def initial_weights(
    shapes: Mapping[str, tuple[int, ...]], scheme: Scheme, seed: int
) -> dict[str, NDArray[np.float32]]:
    """Initial value of every tensor named in `shapes`; scales of norms are 1, their biases 0 in all schemes.

    `keras`: weights uniform in ±√(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16), biases zero,
    embeddings uniform in ±0.05.
    `torch`: weights and biases uniform in ±1/√fan_in, which is what torch.nn.Linear and Conv2d do
    (kaiming_uniform_ with a = √5, so that √(6 / ((1 + a²) fan_in)) = 1/√fan_in), embeddings normal with sd 1.
    `gpt2`: weights and embeddings normal with sd 0.02, those ending a residual branch with 0.02/√(2 L) in L
    blocks (Radford et al. 2019, section 2.3), biases zero.
    """
    n_blocks = len({name.split(".")[1] for name in shapes if name.startswith("blocks.")})
    drawn = {}
    for name, shape in shapes.items():
        if len(shape) == 1:
            drawn[name] = _vector(name, shapes, scheme, seed)
        elif scheme == "gpt2":
            ends_branch = name.startswith("blocks.") and name.endswith(".project.weight")
            sd = GPT2_SD / math.sqrt(2 * n_blocks) if ends_branch else GPT2_SD
            drawn[name] = randomness.normal(seed, name, shape, sd)
        elif name.endswith("embedding.weight"):
            drawn[name] = (
                randomness.normal(seed, name, shape, 1.0)
                if scheme == "torch"
                else randomness.uniform(seed, name, shape, KERAS_EMBEDDING_BOUND)
            )
        else:
            fan_in, fan_out = fans(shape)
            bound = 1 / math.sqrt(fan_in) if scheme == "torch" else math.sqrt(6 / (fan_in + fan_out))
            drawn[name] = randomness.uniform(seed, name, shape, bound)
    return drawn


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Inputs and outputs of one unit: of (out, in, *kernel) the kernel's size counts in both."""
    receptive = math.prod(shape[2:])
    return shape[1] * receptive, shape[0] * receptive


def _vector(
    name: str, shapes: Mapping[str, tuple[int, ...]], scheme: Scheme, seed: int
) -> NDArray[np.float32]:
    """A scale, or a bias."""
    shape = shapes[name]
    module, _, kind = name.rpartition(".")
    if "norm" in module.rpartition(".")[2]:
        return np.full(shape, 1 if kind == "weight" else 0, np.float32)
    matrix = shapes.get(f"{module}.weight", ())
    if scheme == "torch" and len(matrix) > 1:
        return randomness.uniform(seed, name, shape, 1 / math.sqrt(fans(matrix)[0]))
    return np.zeros(shape, np.float32)
