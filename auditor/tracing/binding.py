"""What a chain says of itself, held against the bundle: no step of training is needed for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from auditor.formats.chain import CHAIN, Broken
from auditor.tracing.chain import Seen
from auditor.tracing.replay import Committed, Replays
from auditor.tracing.result import TraceFault
from auditor.tracing.state import model_digest, rest_digest, weights_digest, weights_of
from auditor.training.schedules import rate
from auditor.training.session import WEIGHT
from auditor.training.task import Task

if TYPE_CHECKING:
    from auditor.tracing.audit import Release

LEAST = 1e-6  # of the initial weights' length: they have 24 bits


def binding_faults(chain: Committed, release: Release, task: Task) -> list[TraceFault]:
    """Where the chain is of another recipe, data, seed or course than the bundle's."""
    head, found, top = chain.head, [], f"{CHAIN}:1"
    if head.recipe != release.recipe:
        found.append(
            f"the chain is of recipe {head.recipe[:12]}…, the bundle's recipe is {release.recipe[:12]}…"
        )
    for name in sorted(head.data.keys() | release.data.keys()):
        if head.data.get(name) != release.data.get(name):
            said, own = (str(data.get(name, "absent"))[:12] for data in (head.data, release.data))
            found.append(f"data file `{name}` is {said} in the chain, {own} in the bundle")
    if head.seed not in release.seeds:
        found.append(f"seed {head.seed} is none of the published seeds")
    elif release.shipped_seed not in (None, head.seed):
        found.append(f"the chain is of seed {head.seed}, the shipped weights of seed {release.shipped_seed}")
    seen = Seen(task, head.seed)
    if head.steps != seen.steps:
        found.append(f"the chain has {head.steps:,} steps, the recipe {seen.steps:,}")
    if chain.last.step < head.steps and task.recipe.training.early_stopping is None:
        found.append(f"the run ends after {chain.last.step:,} of {head.steps:,} steps")
    if found:
        return [TraceFault("L2", top, what) for what in found]
    return _course_faults(chain, seen, task)


def start_faults(chain: Committed, replays: Replays) -> list[TraceFault]:
    """Where the run does not begin with the seed's weights."""
    line, initial = chain.lines[0], replays.initial
    own = replays.sketcher(weights_of(initial))
    exact = line.said.weights == weights_digest(weights_of(initial))
    # Drawn in numpy, they have the same bits everywhere but for functions that the system brings.
    off = float(np.linalg.norm(own - line.sketch) / np.linalg.norm(own))
    what = ""
    if not off <= LEAST:
        seed = chain.head.seed
        what = f"the initial weights are not those of seed {seed}: they are {off:.2g} of their length off"
    elif exact != (off == 0):
        what = "digest and sketch of the initial weights disagree"
    elif exact and line.said.optimizer != rest_digest(initial):
        what = "the optimizer does not begin at rest"
    return [TraceFault("L2", f"{CHAIN}:{line.number}", what)] if what else []


def weight_faults(
    chain: Committed, replays: Replays, release: Release, *, replayed: bool
) -> list[TraceFault]:
    """Where the stored end, or the shipped weights, are not those that the run is measured by.

    Args:
        chain: the chain.
        replays: its session stands at the run's end if `replayed`, having got there to the last bit.
        release: whose weights are looked at.
        replayed: whether that is so.
    """
    last, session = chain.last, replays.session
    number = chain.lines[last.step].number
    if last.checkpoint is not None:
        try:
            session.load(replays.stored(last.step), last.step)
        except Broken as error:
            return [TraceFault("L3", error.where, error.what)]
    known = replayed or last.checkpoint is not None
    model = session.finished_model()
    what = ""
    if known and model_digest(model) != last.finished:
        what = "`finished` is not the digest of the weights that the last state gives"
    elif release.foreign:
        what = f"the shipped weights are not those that the chain ends with: {release.foreign}"
    elif release.weights is not None and not _are_finished(release.weights, chain, model if known else None):
        what = "the shipped weights are not those that the chain ends with"
    return [TraceFault("L3", f"{CHAIN}:{number}", what)] if what else []


def _are_finished(weights: Mapping[str, Tensor], chain: Committed, model: nn.Module | None) -> bool:
    """Whether weights are those that the run is measured by, or these rounded to a half-precision format."""
    if model is None:
        names = list(weights)
        return (
            weights_digest(weights_of({WEIGHT + name: weights[name] for name in names}))
            == chain.last.finished
        )
    finished = {name: value.detach().cpu() for name, value in model.named_parameters()}
    return any(
        all(torch.equal(weights[name], value.to(kind).float()) for name, value in finished.items())
        for kind in (torch.float32, torch.bfloat16, torch.float16)
    )


def _course_faults(chain: Committed, seen: Seen, task: Task) -> list[TraceFault]:
    """Where examples or learning rates are not those of the recipe and the seed."""
    recipe, before = task.recipe, 0
    for step, line in chain.lines.items():
        place = f"{CHAIN}:{line.number}"
        if line.said.examples != seen.digest(before, step):
            what = f"the examples of steps {before + 1:,} to {step:,} are not those that the seed gives"
            return [TraceFault("L3", place, what)]
        lr = rate(recipe.schedule, recipe.optimizer.lr, step - 1, seen.steps) if step else None
        if not _agree(line.said.lr, lr):
            return [
                TraceFault("L3", place, f"the learning rate of step {step:,} is {line.said.lr}, not {lr}")
            ]
        before = step
    return []


def _agree(said: float | None, own: float | None) -> bool:
    """Whether two learning rates are one but for the last bits of a cosine, which each system has its own."""
    return said == own if said is None or own is None else math.isclose(said, own, rel_tol=1e-12)
