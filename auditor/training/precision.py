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

    def unscaled(self, gradients: Sequence[Tensor]) -> list[Tensor] | None:
        """The loss's gradients from those of the scaled loss; None where the step is not to be taken."""
        inverse = 1 / self.scale  # of a power of two, so that nothing is rounded
        found = [gradient * inverse for gradient in gradients]
        if not bool(torch.stack([torch.isfinite(gradient).all() for gradient in found]).all()):
            self.scale *= BACKOFF
            self.good.zero_()
            self.skipped += 1
            return None
        self.good += 1
        if int(self.good) == GROWTH_INTERVAL:
            self.scale *= GROWTH
            self.good.zero_()
        return found
