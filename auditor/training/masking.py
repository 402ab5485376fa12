"""Which tokens a masked batch hides: a function of (seed, step), so that any step can be done again.

Every hidden token becomes the mask; none is swapped or left, as some are in Devlin et al. 2019, section 3.1:
Wettig et al. 2023, "Should you mask 15% in masked language modeling?", section 5, find no gain in that.
Letters: B batch, T tokens, K masked places of a block, M = B K.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auditor.training import randomness

CHUNK = 1024  # blocks whose masks are drawn at once in an evaluation


def places(seed: int, step: int, n_blocks: int, length: int, share: float) -> NDArray[np.int64]:
    """The masked places of each block, (B, K), ascending; K is `share` of the length, at least one."""
    drawn = randomness.words(seed, "mask", step, n=n_blocks * length).reshape(n_blocks, length)
    chosen: NDArray[np.int64] = np.argsort(drawn, axis=1, kind="stable")[:, : _count(length, share)]
    chosen.sort(axis=1)
    return chosen


def places_of_split(seed: int, n_blocks: int, length: int, share: float) -> Tensor:
    """As `places`, for a whole split in its order: no batch size changes which tokens are measured."""
    sizes = [min(CHUNK, n_blocks - first) for first in range(0, n_blocks, CHUNK)]
    drawn = [places(seed, number, size, length, share) for number, size in enumerate(sizes)]
    return torch.from_numpy(np.concatenate(drawn))


def hide(tokens: Tensor, where: Tensor, mask: int) -> tuple[Tensor, Tensor, Tensor]:
    """The tokens (B, T) with those at `where` (B, K) hidden, what stood there (M), and where, flat (M)."""
    n_blocks, length = tokens.shape
    first = torch.arange(n_blocks, device=tokens.device).mul_(length).unsqueeze(1)
    positions = (where.to(tokens.device) + first).flatten()
    flat = tokens.flatten()
    return flat.index_fill(0, positions, mask).view_as(tokens), flat[positions], positions


def _count(length: int, share: float) -> int:
    return min(length, max(1, round(share * length)))
