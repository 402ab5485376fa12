"""Where a training run stands, as one safetensors file: weights, Adam's moments, losses so far.

Resuming from it gives the same bytes as never having stopped: batch order comes from (seed, epoch), so no
generator state is stored.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from auditor.reproduce.files import write_whole

SHARE = 0.01  # of the run's time that writing checkpoints may take
SHORTEST_S = 2.0
MOMENTS = ("exp_avg", "exp_avg_sq")


class Checkpoints:
    """Writes the checkpoint of one run, no oftener than costs a hundredth of its time."""

    def __init__(self, path: Path, *, every_s: float = SHORTEST_S) -> None:
        self._path = path
        self._shortest_s = every_s
        self._due = time.monotonic() + every_s

    def due(self) -> bool:
        """Whether enough time has passed since the last one."""
        return time.monotonic() >= self._due

    def write(self, model: nn.Module, optimizer: torch.optim.Optimizer, losses: Tensor, step: int) -> None:
        """Stores the state after `step` steps; `losses` holds one value per step done."""
        started = time.monotonic()
        tensors = {"losses": losses[:step].cpu(), "step": torch.tensor(step)}
        for name, weight in model.named_parameters():
            tensors[f"model.{name}"] = weight.detach().cpu().contiguous()
            for moment in MOMENTS:
                tensors[f"{moment}.{name}"] = optimizer.state[weight][moment].cpu().contiguous()
        write_whole(self._path, save(tensors))
        spent = time.monotonic() - started
        self._due = time.monotonic() + max(self._shortest_s, spent / SHARE)

    def restore(self, model: nn.Module, optimizer: torch.optim.Optimizer, losses: Tensor) -> int:
        """Puts the stored state back and returns the steps done; 0 where there is none that can be read."""
        try:
            tensors = load(self._path.read_bytes())
            step = int(tensors["step"])
            stored = {name: _state(tensors, name, weight) for name, weight in model.named_parameters()}
            losses[:step] = tensors["losses"]
        except (OSError, SafetensorError, KeyError, RuntimeError):
            return 0  # no checkpoint, or a damaged one: the seed starts over
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.copy_(stored[name][0])
                # Moments need the weight's memory layout: the fused kernel walks both in storage order.
                moments = [torch.empty_like(weight).copy_(value) for value in stored[name][1:]]
                count = torch.tensor(float(step), device=weight.device)
                optimizer.state[weight] = {"step": count, **dict(zip(MOMENTS, moments, strict=True))}
        return step

    def remove(self) -> None:
        """Afterwards there is none."""
        self._path.unlink(missing_ok=True)


def _state(tensors: dict[str, Tensor], name: str, weight: Tensor) -> list[Tensor]:
    values = [tensors[f"{part}.{name}"] for part in ("model", *MOMENTS)]
    if any(value.shape != weight.shape for value in values):
        raise KeyError(name)
    return values
