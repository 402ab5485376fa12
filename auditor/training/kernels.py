"""Functions that torch keeps private, each used only after a test of it in this process.

`torch.optim.Adam(fused=True)` calls the very kernels below, but building any torch.optim optimizer imports
torch._dynamo, which takes longer than many small trainings. Where a kernel is gone, takes other arguments or
gives another result, there is None, and the caller uses torch.optim instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor

FusedStep = Callable[..., Any]  # (weights, gradients, exp_avgs, exp_avg_sqs, [], steps, *, lr, beta1, …)
TESTED_STEPS = 3
TOLERANCE = 1e-6  # of weights near 1 after three steps of 0.1; float32 rounds them to 6e-8


@cache
def fused_adam(device: str, *, decoupled: bool) -> FusedStep | None:
    """Torch's fused Adam, or AdamW where `decoupled`, if it works on the device here."""
    kernel: FusedStep | None = getattr(torch, "_fused_adamw_" if decoupled else "_fused_adam_", None)
    try:
        return kernel if kernel is not None and _is_adam(kernel, device, decoupled) else None
    except (TypeError, ValueError, RuntimeError, NotImplementedError):
        return None


def _is_adam(kernel: FusedStep, device: str, decoupled: bool) -> bool:
    """Whether three steps agree with Kingma and Ba 2015, algorithm 1, written out in float64.

    37 weights, so that neither whole vectors nor the rest alone are tested; they are in two tensors.
    """
    lr, beta1, beta2, eps, decay = 0.1, 0.9, 0.99, 1e-8, 0.01
    weights = [torch.linspace(0.5, 1.5, n, device=device) for n in (37, 3)]
    wanted = [weight.double().cpu() for weight in weights]
    firsts, seconds = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))
    known = [(torch.zeros_like(value), torch.zeros_like(value)) for value in wanted]
    number = torch.zeros((), device=device)
    for step in range(1, TESTED_STEPS + 1):
        gradients = [torch.linspace(-1, 1, len(weight), device=device) * step for weight in weights]
        number.fill_(step)
        kernel(
            weights, gradients, firsts, seconds, [], [number] * 2, lr=lr, beta1=beta1, beta2=beta2,
            weight_decay=decay, eps=eps, amsgrad=False, maximize=False,
        )  # fmt: skip
        for value, (first, second), gradient in zip(wanted, known, gradients, strict=True):
            slope = gradient.double().cpu()
            if decoupled:
                value.mul_(1 - lr * decay)
            else:
                slope = slope + decay * value
            first.mul_(beta1).add_(slope, alpha=1 - beta1)
            second.mul_(beta2).add_(slope**2, alpha=1 - beta2)
            spread = (second / (1 - beta2**step)).sqrt() + eps
            value.sub_(lr * first / (1 - beta1**step) / spread)
    return all(_near(weight, value) for weight, value in zip(weights, wanted, strict=True))


def _near(met: Tensor, wanted: Tensor) -> bool:
    return bool((met.double().cpu() - wanted).abs().max() <= TOLERANCE)
