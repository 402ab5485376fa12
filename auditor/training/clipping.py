"""Gradients scaled down to a longest norm."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

SLIGHT = 1e-6  # added to the norm, as torch.nn.utils.clip_grad_norm_ does


def clip(gradients: Sequence[Tensor], longest: float) -> None:
    """Afterwards the gradients, seen as one vector, are at most `longest` long.

    As torch.nn.utils.clip_grad_norm_ (Pascanu et al. 2013, algorithm 1): in place, and without asking the
    device whether it is needed. A gradient that is not finite makes all of them so.
    """
    norms = torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients])
    factor = (longest / (torch.linalg.vector_norm(norms) + SLIGHT)).clamp(max=1.0)
    for gradient in gradients:
        gradient.mul_(factor)
