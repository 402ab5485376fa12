"""The loss scale of fp16, whose gradients would otherwise vanish (Micikevicius et al. 2018, section 3.2).

Weights, averages and optimizer slots are float32 whatever the precision, and a model is evaluated in float32:
bf16 and fp16 are entered for the forward pass of a step, and its backward pass follows, see
`auditor.training.gradients`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

# As torch.amp.GradScaler has them.
FIRST_SCALE = 2.0**16
GROWTH, BACKOFF, GROWTH_INTERVAL = 2.0, 0.5, 2000


class LossScale:
    """Grows while gradients are finite; halves, and the step is not taken, where one is not.

    Attributes:
        scale: what the loss is multiplied with, a single float32 on the device.
        good: steps taken since the scale last changed, a single int64.
        skipped: steps not taken, a single int64; an optimizer does not count them.
    """

    def __init__(self, device: torch.device) -> None:
        self.scale = torch.tensor(FIRST_SCALE, device=device)
        self.good, self.skipped = torch.tensor(0), torch.tensor(0)

    def tensors(self) -> dict[str, Tensor]:
        """All the state there is."""
        return {"scale.value": self.scale, "scale.good": self.good, "scale.skipped": self.skipped}

    def taken(self, gradients: Sequence[Tensor]) -> bool:
        """Whether the step is to be taken; the gradients of the scaled loss are then those of the loss."""
        inverse = 1 / self.scale  # as GradScaler, which takes the inverse in double precision: a power of two
        for gradient in gradients:
            gradient.mul_(inverse)
        if bool(torch.stack([torch.isfinite(gradient).all() for gradient in gradients]).all()):
            self.good += 1
            if self.good == GROWTH_INTERVAL:
                self.scale *= GROWTH
                self.good.zero_()
            return True
        self.scale *= BACKOFF
        self.good.zero_()
        self.skipped += 1
        return False
