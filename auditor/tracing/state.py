"""What a line says of a session's state: digests of all of it, and a sketch of the weights.

Letters: W weights, all of them in one vector, in the model's order and row-major.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auditor.formats.chain import BUCKETS
from auditor.training import randomness
from auditor.training.session import WEIGHT


def weights_of(state: Mapping[str, Tensor]) -> NDArray[np.float32]:
    """The weights of a state, (W), as they stand there in precision."""
    parts = [value.reshape(-1) for name, value in state.items() if name.startswith(WEIGHT)]
    joined: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    return joined


def weights_digest(weights: NDArray[np.float32]) -> str:
    """Sha256 of the weights, (W), as 32-bit floats in little-endian order."""
    return hashlib.sha256(np.ascontiguousarray(weights, "<f4").data).hexdigest()


def model_digest(model: nn.Module) -> str:
    """The same of a model that has been trained."""
    return weights_digest(weights_of({WEIGHT + name: w.detach() for name, w in model.named_parameters()}))


def rest_digest(state: Mapping[str, Tensor]) -> str:
    """Sha256 of all that is no weight: names, types, shapes and values, sorted by name."""
    digest = hashlib.sha256()
    for name in sorted(state):
        if name.startswith(WEIGHT):
            continue
        value = state[name].cpu().contiguous()
        digest.update(f"{name} {value.dtype} {list(value.shape)}\n".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


class Sketcher:
    """Sketches vectors of one length: each number, with a random sign, is added to one of 509 buckets.

    The difference of two sketches is the sketch of the difference, and the square of its length estimates
    that of the difference without bias, with a relative deviation of at most √(2/509) = 6 % (AMS sketch:
    Alon, Matias and Szegedy 1999, section 2.2; with buckets: Charikar, Chen and Farach-Colton 2002).
    """

    def __init__(self, seed: int, n_weights: int) -> None:
        drawn = randomness.words(seed, "sketch", n=-(-n_weights // 64)).astype("<u8").view(np.uint8)
        bits = np.unpackbits(drawn, count=n_weights, bitorder="little")
        self._signs = bits.astype(np.float32) * 2 - 1
        self._rows = -(-n_weights // BUCKETS)

    def __call__(self, weights: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
        """The sketch of (W), in double precision: as 32-bit sums it would blur a single step."""
        signed = np.zeros(self._rows * BUCKETS)
        np.multiply(weights, self._signs, out=signed[: len(weights)])
        total: NDArray[np.float64] = signed.reshape(self._rows, BUCKETS).sum(0)
        return total
