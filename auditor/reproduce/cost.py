"""What a reproduction costs, from a few steps that are measured before the rest is spent."""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.reproduce.cores import processes
from auditor.reproduce.workers import apart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from auditor.reproduce.plan import Plan
    from auditor.training.arrays import Arrays
    from auditor.training.device import Choice
    from auditor.training.task import Task

WARM_UP_STEPS = 3  # the first steps allocate and choose kernels
FEWEST_STEPS, MOST_STEPS = 3, 200
LONGEST_S = 1.0
EVALUATED = 2_048  # examples an evaluation is timed on
EXPECTED_SEEDS = 3.5  # of an honest release with looks at 3, 5, 10: operating characteristic, `--calibrate`
WATTS_PER_CORE = 12.0  # "Any" in data/latest/TDP_cpu.csv of Green Algorithms, doi:10.1002/advs.202100707
BYTES_PER_WEIGHT = 4
STORED_COPIES = 3  # weights and two optimizer slots in a checkpoint


@dataclass(frozen=True, slots=True)
class Measured:
    """What a few steps took on this machine, in one process.

    Attributes:
        n_steps: how many were timed.
        step_s: seconds a step of one seed.
        evaluation_s: seconds that measuring one finished run takes.
        peak_bytes: most memory the process held.
    """

    n_steps: int
    step_s: float
    evaluation_s: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What training costs.

    Attributes:
        measured: a few steps.
        steps: of one seed.
        jobs: processes at once.
        threads: of each.
        n_weights: of the model.
        device: class of the device.
    """

    measured: Measured
    steps: int
    jobs: int
    threads: int
    n_weights: int
    device: str

    @property
    def seed_s(self) -> float:
        """Seconds that one seed takes."""
        return self.steps * self.measured.step_s + self.measured.evaluation_s

    def wall_s(self, looks: Sequence[int], done: int = 0) -> float:
        """Seconds until the last of the looks, if `done` of its seeds are finished already."""
        rounds, before = 0, 0
        for look in looks:
            left = look - max(before, min(done, look))
            rounds += math.ceil(left / self.jobs)
            before = look
        return rounds * self.seed_s

    def energy_wh(self, seeds: float) -> float | None:
        """Watt hours: seconds × cores × watts of a busy core / 3600; None where the device is no CPU."""
        if self.device != "cpu":
            return None
        return seeds * self.seed_s * self.threads * WATTS_PER_CORE / 3600

    def disk_bytes(self, seeds: int) -> int:
        """Bytes of the weights of all seeds and of the checkpoints of those in progress."""
        return self.n_weights * BYTES_PER_WEIGHT * (seeds + STORED_COPIES * self.jobs)


def foreseen(plan: Plan, arrays: Mapping[str, Arrays], device: Choice, jobs: int | None) -> Cost:
    """What the plan costs here, measured on a few steps of its first fresh seed.

    Raises:
        CannotRun: no such device, or not enough memory for even these steps.
        UsageError: more jobs than the device can have.
    """
    from auditor.training import device as devices
    from auditor.training.batches import Batches
    from auditor.training.task import task

    used = devices.choose(device, plan.recipe)
    devices.settle(plan.recipe)
    threads = plan.recipe.environment.threads
    n = processes(jobs, seeds=plan.most_at_once, threads=threads, device=used.type)
    seeds = plan.seeds[: math.ceil(plan.most_at_once / n)]
    with devices.before_fork():
        work = task(plan.recipe, arrays, used)
        measured = measure(work, plan.evaluated_splits(), seeds)
    return Cost(measured, Batches(work, seeds[0]).steps, n, threads, plan.n_weights, used.type)


def measure(work: Task, splits: Sequence[str], seeds: Sequence[int]) -> Measured:
    """What a few steps and an evaluation take for one of `seeds`, which train together if runs would.

    On a CPU that is done in a process apart, so that its memory is its own, and so that ours starts no
    threads that would keep it from forking later.
    """
    if work.device.type == "cpu":
        return apart(lambda: _measured(work, splits, seeds))
    return _measured(work, splits, seeds)


def _measured(work: Task, splits: Sequence[str], seeds: Sequence[int]) -> Measured:
    import torch

    from auditor.training.batched import BatchedSession
    from auditor.training.evaluate import evaluate
    from auditor.training.session import Session
    from auditor.training.task import Examples
    from auditor.training.together import groups, size

    torch.set_num_threads(work.recipe.environment.threads)
    together = groups(work, seeds)
    group = together[0] if together else seeds[:1]
    filled = [*group, *[group[-1]] * (size(work, len(group)) - len(group))]
    session = BatchedSession(work, filled) if together else Session(work, group[0])
    while session.step < min(WARM_UP_STEPS, session.steps - 1):
        session.advance().sum().item()
    began, first = time.perf_counter(), session.step
    while not session.ended and session.step - first < MOST_STEPS:
        session.advance().sum().item()  # waits for the device
        if time.perf_counter() - began > LONGEST_S and session.step - first >= FEWEST_STEPS:
            break
    n_steps = session.step - first
    step_s = (time.perf_counter() - began) / n_steps / len(group)
    examples = work.splits[work.recipe.evaluation.split]
    few = Examples(examples.inputs[:EVALUATED], examples.targets[:EVALUATED])
    began = time.perf_counter()
    evaluate(work, work.initial_model(group[0]), few, work.recipe.evaluation.batch_size)
    each_s = (time.perf_counter() - began) / len(few)
    n_evaluated = sum(len(work.splits[name]) for name in splits) + min(10_000, len(work.splits["train"]))
    return Measured(n_steps, step_s, each_s * n_evaluated, _peak_bytes(work))


def _peak_bytes(work: Task) -> int:
    if work.device.type == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated(work.device))
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): kilobytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
