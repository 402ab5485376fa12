"""Randomness from counters: every draw is a function of (seed, purpose), never of what was drawn before.

So any step replays alone, and a resumed run equals an unbroken one. Only the raw 64-bit words of numpy's
Philox are used: bit generators are stable across numpy versions (NEP 19), distributions are not, and
torch's CPU generators differ between CPU capabilities.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def words(seed: int, *purpose: str | int, n: int) -> NDArray[np.uint64]:
    """The first `n` random 64-bit words of the stream for a seed and a purpose."""
    digest = hashlib.sha256("/".join(map(str, (seed, *purpose))).encode()).digest()
    key = int.from_bytes(digest[:16], "little")  # Philox4x64 takes a 128-bit key (Salmon et al. 2011)
    drawn: NDArray[np.uint64] = np.random.Philox(key=key).random_raw(n)
    return drawn


def uniform(seed: int, name: str, shape: tuple[int, ...], bound: float) -> NDArray[np.float32]:
    """Values uniform in [-bound, bound), drawn in double precision from the tensor's own stream."""
    n = int(np.prod(shape))
    unit = (words(seed, "weights", name, n=n) >> np.uint64(11)) * 2.0**-53  # 53 bits: [0, 1)
    return ((2.0 * unit - 1.0) * bound).astype(np.float32).reshape(shape)


def order(seed: int, epoch: int, n: int) -> NDArray[np.int64]:
    """The order in which epoch `epoch` (from 0) visits `n` examples: a permutation of 0..n-1."""
    return np.argsort(words(seed, "order", epoch, n=n), kind="stable")
