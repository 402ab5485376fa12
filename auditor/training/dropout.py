"""Which units a step leaves out: a function of (seed, step), so that any step can be done again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from auditor.training import randomness


@contextmanager
def leaving_out(model: nn.Module, seed: int, step: int) -> Iterator[None]:
    """Inside, `model` leaves out the units of step `step` (from 0) of a seed; outside, none.

    torch's own generator draws them: of its draws, those of dropout are the same under every CPU capability
    (measured: ATEN_CPU_CAPABILITY default, avx2 and avx512), but a GPU draws others.
    """
    torch.manual_seed(int(randomness.words(seed, "dropout", step, n=1)[0]) >> 1)
    model.train()
    try:
        yield
    finally:
        model.eval()
