"""When a run has lost its way: losses that are no numbers any more, and stay so.

A loss of NaN has made every weight NaN, so the steps left would change nothing. But a single odd loss proves
little: an infinite one may be a batch's own, and in fp16 a step that overflows is not taken. So a run ends
when a whole stretch of steps gave no number. That is asked at fixed steps: the answer follows from the losses
alone, and a device is not held up at every step.
"""

from __future__ import annotations

import torch
from torch import Tensor

STRETCH = 64  # steps; a scale halved 64 times in a row is below the smallest that could ever help


def hopeless(losses: Tensor, step: int) -> bool:
    """Whether the run ends after `step` steps; of several, `losses` (steps, seeds), when all of them do."""
    if step % STRETCH:
        return False
    return not bool(torch.isfinite(losses[step - STRETCH : step]).any())


def diverged_at(losses: Tensor) -> int | None:
    """The step (from 1) from which on no loss is finite; None where the last one is. `losses` is (steps,)."""
    finite = torch.isfinite(losses).nonzero()
    last = int(finite[-1]) + 1 if len(finite) else 0
    return None if last == len(losses) else last + 1
