"""Gradients scaled down to a longest norm."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

SLIGHT = 1e-6  # added to the norm, as torch.nn.utils.clip_grad_norm_ does


def clipped(gradients: Sequence[Tensor], longest: float) -> list[Tensor]:
    """The gradients scaled so that, seen as one vector, they are at most `longest` long.

    As torch.nn.utils.clip_grad_norm_ (Pascanu et al. 2013, algorithm 1), without asking the device whether it
    is needed. One that is not finite makes all of them so. Not in place: autograd may give two weights one
    and the same tensor.
    """
    norms = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients])
    factor = (longest / (torch.linalg.vector_norm(norms) + SLIGHT)).clamp(max=1.0)
    return [gradient * factor for gradient in gradients]
