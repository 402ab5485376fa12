"""The learning rate of each step, as a function of the step alone.

Steps count from 0. Except for one-cycle, these are the courses of transformers.optimization's
get_*_schedule functions: step 0 of a warmup has a learning rate of 0, and its last step is one short of the
whole. Where there is no warmup, cosine and linear are torch's CosineAnnealingLR and LinearLR over the run.
"""

from __future__ import annotations

import math

from auditor.formats.recipe_learning import Constant, Cosine, InverseSquareRoot, OneCycle, Schedule, Staircase


def rate(schedule: Schedule, lr: float, step: int, steps: int) -> float:
    """The learning rate of step `step` (from 0) of `steps`; `lr` is the recipe's."""
    if isinstance(schedule, OneCycle):
        return _one_cycle(schedule, lr, step, steps)
    warmup = schedule.warmup_steps
    if isinstance(schedule, Staircase):
        # Milestones count from the start of the run, as in MultiStepLR; HF has no such schedule.
        lr *= schedule.gamma ** sum(milestone <= step for milestone in schedule.milestones)
    if step < warmup:
        return lr * (step / warmup)
    if isinstance(schedule, Constant | Staircase):
        return lr
    if isinstance(schedule, InverseSquareRoot):
        return lr * math.sqrt(warmup / step)
    done = (step - warmup) / max(1, steps - warmup)
    left = (1 + math.cos(math.pi * done)) / 2 if isinstance(schedule, Cosine) else 1 - done
    return lr * (schedule.floor + (1 - schedule.floor) * left)


def boundaries(schedule: Schedule, steps: int) -> tuple[int, ...]:
    """The steps from which on the schedule takes another course, between the first and the last, sorted.

    The end of the warmup, the milestones, and the step after the last one of a cycle's rise.
    """
    if isinstance(schedule, OneCycle):
        found = {math.floor(_peak(schedule, steps)) + 1}
    else:
        found = {schedule.warmup_steps}
        if isinstance(schedule, Staircase):
            found |= set(schedule.milestones)
    return tuple(sorted(step for step in found if 0 < step < steps))


def _one_cycle(schedule: OneCycle, lr: float, step: int, steps: int) -> float:
    """As torch.optim.lr_scheduler.OneCycleLR; a cycle too short to rise in starts at its peak."""
    start, peak = lr / schedule.start_divisor, _peak(schedule, steps)
    if step <= peak and peak > 0:
        return _between(start, lr, step / peak)
    peak = max(0.0, peak)
    return _between(lr, start / schedule.end_divisor, (step - peak) / max(1.0, steps - 1 - peak))


def _peak(schedule: OneCycle, steps: int) -> float:
    """Where the cycle is highest; it may lie between two steps."""
    return schedule.rise * steps - 1


def _between(start: float, end: float, share: float) -> float:
    """A half cosine from `start` to `end`."""
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
