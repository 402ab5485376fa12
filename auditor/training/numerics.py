"""How a run rounds: what decides the last bits of its result besides recipe, data and seed.

`replay` does what a plain loop over torch's modules does, operation by operation: the bits of such a loop
with torch.optim's fused optimizer. `exact-math` computes the same mathematics by faster kernels: images laid
out with channels last, logits only where the loss needs them, gradients of `mlp` derived by hand. Seeds
trained together as one batched model round in a third way, see `auditor.training.together`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from auditor.formats.recipe import Recipe

Engine = Literal["modules", "by-hand", "batched", "vmapped"]

# Two modes start from the same weights and drift apart by rounding. Over the first steps their losses agree
# to this, relatively; later a training amplifies any difference (measured: tests/training/test_numerics.py).
FIRST_STEPS = 10
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Numerics:
    """How one run was rounded.

    Attributes:
        mode: the recipe's `environment.numerics`.
        engine: `modules` calls torch's layers, `by-hand` is `LinearStack`; `batched` is `LinearStack` over
            several seeds, `vmapped` torch's modules over several seeds.
        together: seeds in the batched model, the fillings of `padded` counted; 1 where it trained alone.
        slot: its place among them, from 0.
    """

    mode: str
    engine: Engine
    together: int = 1
    slot: int = 0

    def identity(self, device: torch.device) -> dict[str, str | int]:
        """The part that a run's bits depend on, as JSON values.

        On a CPU a seed's bits are the same in every slot and beside any neighbours
        (tests/training/test_together.py); on a GPU that is not promised, so size and slot count there.
        """
        named: dict[str, str | int] = {"mode": self.mode, "engine": self.engine}
        if self.together == 1 or device.type == "cpu":
            return named
        return named | {"together": self.together, "slot": self.slot}


def alone(recipe: Recipe) -> Numerics:
    """The numerics of a run that trains by itself."""
    from auditor.training.gradients import by_hand

    return Numerics(recipe.environment.numerics, "by-hand" if by_hand(recipe) else "modules")
