"""How far rounding alone carries a run: the same seed, each initial weight moved by one last place.

A smooth training forgets such a nudge, a chaotic one grows it until it is almost another seed. Only what a
replay differs by beyond that says that something else was trained. All weights are moved, not one: moving one
said 5e-7 where other kernels gave 0.08 (examples/digits-cnn, oneDNN off), moving all said 0.08 to 0.14.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from auditor.training.task import Task

# Two nudges and the replay itself are three runs of one seed, as many as the first look at fresh seeds has:
# a spread on two degrees of freedom. One nudge would leave one, whose t quantile at 1 % is 32 instead of 7.
NUDGES = (1, 2)


@dataclass(frozen=True, slots=True)
class Nudged(Task):
    """A task whose runs start one unit in the last place beside where they should; 0 is where they should."""

    nudge: int = 0

    def initial_weights(self, seed: int) -> dict[str, Tensor]:
        """Those of the seed, with the nudge."""
        return nudged(Task.initial_weights(self, seed), self.nudge)


def nudged_task(task: Task, nudge: int) -> Nudged:
    """The same task with one of the nudges."""
    return Nudged(**{field.name: getattr(task, field.name) for field in fields(Task)}, nudge=nudge)


def nudged(weights: Mapping[str, Tensor], nudge: int) -> dict[str, Tensor]:
    """Copies of float32 weights, each number one unit up or down as a generator's bits say; 0 moves none."""
    if not nudge:
        return {name: value.clone() for name, value in weights.items()}
    bits = np.random.Philox(key=nudge)
    changed = {}
    for name, value in weights.items():
        numbers = value.numpy()
        up = (bits.random_raw(numbers.size).reshape(numbers.shape) & np.uint64(1)).astype(bool)
        towards = np.where(up, np.float32(np.inf), np.float32(-np.inf))
        changed[name] = torch.from_numpy(np.nextafter(numbers, towards))
    return changed


def distance(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> float:
    """How far apart weights lie, as a share of the norm of `other`; NaN where a number is not finite."""
    gaps = [float((one[name].double() - value.double()).norm()) for name, value in sorted(other.items())]
    norms = [float(value.double().norm()) for _, value in sorted(other.items())]
    return math.hypot(*gaps) / max(math.hypot(*norms), 1e-300)


def same_bits(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    """Whether both hold the same tensors to the last bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], value) for name, value in other.items())


def deviation(values: Sequence[float]) -> float:
    """The sample standard deviation, exactly 0 for equal values and NaN where one is not finite."""
    if not all(map(math.isfinite, values)):
        return math.nan
    if len(set(values)) == 1:
        return 0.0
    centre = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (len(values) - 1))
