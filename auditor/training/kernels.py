"""Functions that torch keeps private, each used only after a test of it in this process.

torch.optim with `fused=True` calls the very kernels below, but building any torch.optim optimizer imports
torch._dynamo, which takes longer than many small trainings. Where a kernel is gone, takes other arguments or
gives another result, there is None, and the caller uses torch.optim instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

# (weights, gradients, exp_avgs, exp_avg_sqs, [], steps, *, …) or (weights, gradients, momenta, *, …)
FusedStep = Callable[..., Any]
TESTED_STEPS = 3
TOLERANCE = 1e-6  # of weights near 1 after three steps of 0.1; float32 rounds them to 6e-8
LR, DECAY, MOMENTUM, BETA1, BETA2, EPS = 0.1, 0.01, 0.9, 0.9, 0.99, 1e-8


@cache
def fused_adam(device: str, *, decoupled: bool) -> FusedStep | None:
    """Torch's fused Adam, or AdamW where `decoupled`, if it works on the device here."""
    kernel: FusedStep | None = getattr(torch, "_fused_adamw_" if decoupled else "_fused_adam_", None)
    return kernel if kernel is not None and _passes(_is_adam, kernel, device, decoupled) else None


@cache
def fused_sgd(device: str) -> FusedStep | None:
    """Torch's fused SGD, if it works on the device here."""
    kernel: FusedStep | None = getattr(torch, "_fused_sgd_", None)
    both = kernel is not None and all(_passes(_is_sgd, kernel, device, look) for look in (False, True))
    return kernel if both else None


def _passes(test: Callable[..., bool], *arguments: Any) -> bool:
    try:
        return test(*arguments)
    except (TypeError, ValueError, RuntimeError, NotImplementedError):
        return False


def _is_adam(kernel: FusedStep, device: str, decoupled: bool) -> bool:
    """Whether it agrees with Kingma and Ba 2015, algorithm 1, written out in float64.

    `decoupled`: with Loshchilov and Hutter 2019, algorithm 2.
    """
    weights, wanted, moments = _start(device)
    seconds = [torch.zeros_like(weight) for weight in weights]
    firsts = [torch.zeros_like(weight) for weight in weights]
    squares = [torch.zeros_like(value) for value in wanted]
    number = torch.zeros((), device=device)
    for step, gradients in _steps(weights):
        number.fill_(step)
        kernel(
            weights, gradients, firsts, seconds, [], [number] * len(weights), lr=LR, beta1=BETA1, beta2=BETA2,
            weight_decay=DECAY, eps=EPS, amsgrad=False, maximize=False,
        )  # fmt: skip
        for value, first, second, gradient in zip(wanted, moments, squares, gradients, strict=True):
            slope = gradient.cpu().double()
            if decoupled:
                value.mul_(1 - LR * DECAY)
            else:
                slope = slope + DECAY * value
            first.mul_(BETA1).add_(slope, alpha=1 - BETA1)
            second.mul_(BETA2).add_(slope**2, alpha=1 - BETA2)
            spread = (second / (1 - BETA2**step)).sqrt() + EPS
            value.sub_(LR * first / (1 - BETA1**step) / spread)
    return _near(weights, wanted)


def _is_sgd(kernel: FusedStep, device: str, nesterov: bool) -> bool:
    """Whether it agrees with the formulae in the documentation of torch.optim.SGD, in float64."""
    weights, wanted, moments = _start(device)
    buffers = [torch.zeros_like(weight) for weight in weights]
    for step, gradients in _steps(weights):
        kernel(
            weights, gradients, buffers, lr=LR, weight_decay=DECAY, momentum=MOMENTUM, dampening=0.0,
            nesterov=nesterov, maximize=False, is_first_step=step == 1,
        )  # fmt: skip
        for value, moment, gradient in zip(wanted, moments, gradients, strict=True):
            slope = gradient.cpu().double() + DECAY * value
            moment.mul_(MOMENTUM).add_(slope)
            value.sub_(LR * (slope + MOMENTUM * moment if nesterov else moment))
    return _near(weights, wanted)


def _start(device: str) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Weights, their doubles on the CPU, and a zero for each: 37, which no vector's width divides, and 3."""
    weights = [torch.linspace(0.5, 1.5, n, device=device) for n in (37, 3)]
    doubles = [weight.cpu().double() for weight in weights]
    return weights, doubles, [torch.zeros_like(value) for value in doubles]


def _steps(weights: Sequence[Tensor]) -> Iterator[tuple[int, list[Tensor]]]:
    for step in range(1, TESTED_STEPS + 1):
        yield (
            step,
            [torch.linspace(-1, 1, len(weight), device=weight.device) * step for weight in weights],
        )


def _near(met: Sequence[Tensor], wanted: Sequence[Tensor]) -> bool:
    return all(
        bool((one.cpu().double() - other).abs().max() <= TOLERANCE)
        for one, other in zip(met, wanted, strict=True)
    )
