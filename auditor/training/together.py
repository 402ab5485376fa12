"""Several seeds of one recipe as one batched model: each has weights, batch order and losses of its own.

What an audit calls: `groups` says which seeds train together, `train_together` trains one group and gives
one `Trained` a seed, and `numerics_of` says how a seed of a group was rounded, which belongs to its run's
identity and record. A seed trained in a group and by itself agree to rounding only; so whether there are
groups follows from recipe, data and device, never from a clock or from how many seeds are left.

On a CPU this pays where a step is so small that calling operations costs more than computing them. There the
batched model is `LinearStack`, and a seed's bits depend neither on its slot nor on its neighbours. On a GPU
any model is batched by torch.func.vmap, always in groups of one size.

Letters: K networks, B batch, S steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from auditor.training.batched import BatchedSession, StartOver
from auditor.training.checkpoint import Checkpoints
from auditor.training.gradients import by_hand
from auditor.training.numerics import Engine, Numerics
from auditor.training.task import Task
from auditor.training.train import Seen, Trained, Witness, run
from auditor.training.watch import Stop, Watch

# Of one step. Measured with `python tests/bench/run.py crossover`, eight seeds together against apart: 0.63
# at 2.4 million, 0.81 at 8 million; a hidden width of 256, which is 28 million, gave 1.04.
MOST_FLOP = 20e6
CPU_MOST, GPU_SIZE = 8, 8
# Optimizers whose step on a weight looks at that weight alone; others would mix the seeds.
ELEMENTWISE = ("sgd", "adam", "adamw", "lion")
LOSSES = ("cross-entropy", "masked-cross-entropy", "mse", "huber", "bce")


def groups(task: Task, seeds: Sequence[int]) -> list[tuple[int, ...]]:
    """The seeds in their order, cut into groups that train together; empty where each trains by itself.

    On a CPU seeds train together if a step takes at most `MOST_FLOP` operations.
    """
    if not possible(task) or (task.device.type == "cpu" and flop(task) > MOST_FLOP):
        return []
    most = GPU_SIZE if task.device.type != "cpu" else CPU_MOST
    return [tuple(seeds[first : first + most]) for first in range(0, len(seeds), most)]


def possible(task: Task) -> bool:
    """Whether seeds of the recipe can be batched at all on the task's device."""
    recipe, training = task.recipe, task.recipe.training
    plain = (
        recipe.environment.numerics == "exact-math"
        and recipe.optimizer.kind in ELEMENTWISE
        and recipe.loss.kind in LOSSES
        and training.precision in ("float32", "tf32")
        and training.accumulate == 1
        and training.clip_norm is None
        and training.ema is None
        and training.early_stopping is None
    )
    return plain and not task.dropout and (by_hand(recipe) or task.device.type == "cuda")


def flop(task: Task) -> float:
    """Floating-point operations of one step of one network of linear layers.

    Each weight meets each example in one multiplication and one addition, forward, for the gradient of the
    weight, and for that of its input.
    """
    from math import prod

    from reference_models import catalogue

    shapes = catalogue.shapes(task.recipe.model.reference, task.recipe.model.parameters)
    n_weights = sum(prod(shape) for shape in shapes.values())
    return 3 * 2.0 * n_weights * task.recipe.training.batch_size


def size(task: Task, n_seeds: int) -> int:
    """Networks in the batched model of a group of `n_seeds`; those beyond the seeds are fillings.

    One network alone would take other kernels, so there are two at least; on a GPU always the same number.
    """
    return max(2, n_seeds) if task.device.type == "cpu" else max(GPU_SIZE, n_seeds)


def numerics_of(task: Task, seeds: Sequence[int], slot: int) -> Numerics:
    """How the seed at `slot` of a group is rounded."""
    engine: Engine = "batched" if by_hand(task.recipe) else "vmapped"
    return Numerics(task.recipe.environment.numerics, engine, size(task, len(seeds)), slot)


def train_together(
    task: Task,
    seeds: Sequence[int],
    watch: Watch,
    stop: Stop,
    checkpoints: Checkpoints | None = None,
    started: Callable[[int], None] = lambda _: None,
    witnesses: Sequence[Witness] = (),
) -> list[Trained]:
    """The runs of `seeds`, in their order, taken up from the group's checkpoint where there is one.

    `started` is told the step they start from; `witnesses` are none, or one a seed.

    Raises:
        Interrupted: `stop` was set; the checkpoint then holds every finished step.
        CannotRun: the checkpoint cannot be written.
    """
    filled = [*seeds, *[seeds[-1]] * (size(task, len(seeds)) - len(seeds))]
    while True:
        session = BatchedSession(task, filled)
        losses = torch.zeros(session.steps, len(filled), device=task.device)  # (S, K)
        seen = [
            # A slot has all that a witness asks of a session.
            Seen(one, session.slot(slot), losses[:, slot])  # type: ignore[arg-type]
            for slot, one in enumerate(witnesses)
        ]
        try:
            run(session, losses, seeds, watch, stop, checkpoints, started, seen)
            break
        except StartOver:  # a witness lost what it wrote
            if not checkpoints:
                raise
            checkpoints.remove()
    return [
        Trained(session.slot(slot).finished_model(), losses[: session.step, slot].cpu())
        for slot in range(len(seeds))
    ]
