"""What a chain says of itself, held against the bundle: no step of training is needed for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from auditor.formats.chain import CHAIN, Broken
from auditor.tracing.chain import Seen
from auditor.tracing.replay import LEAST, Committed, Replays
from auditor.tracing.result import TraceFault
from auditor.tracing.state import rest_digest, weights_digest, weights_of
from auditor.training.schedules import rate
from auditor.training.session import WEIGHT
from auditor.training.task import Task

if TYPE_CHECKING:
    from auditor.tracing.audit import Release


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


def weight_faults(chain: Committed, replays: Replays, release: Release) -> list[TraceFault]:
    """Where the stored or shipped weights are not those that the run ended with."""
    line = chain.lines[chain.last.step]
    if chain.last.checkpoint is not None:
        try:
            replays.stored(chain.last.step)
        except Broken as error:
            return [TraceFault("L3", error.where, error.what)]
    if release.weights is None:
        return []
    names = [name.removeprefix(WEIGHT) for name in replays.initial if name.startswith(WEIGHT)]
    shipped = {WEIGHT + name: release.weights[name] for name in names}
    if weights_digest(weights_of(shipped)) == chain.last.finished or _is_coarser(shipped, chain, replays):
        return []
    what = "the shipped weights are not those that the chain ends with"
    return [TraceFault("L3", f"{CHAIN}:{line.number}", what)]


def _is_coarser(shipped: dict[str, torch.Tensor], chain: Committed, replays: Replays) -> bool:
    """Whether weights in a half-precision format are the chain's last, rounded to it."""
    last = chain.last
    if last.checkpoint is None or last.finished != last.weights:
        return False
    try:
        state = replays.stored(last.step)
    except Broken:
        return False
    return any(
        all(torch.equal(value, state[name].to(kind).float()) for name, value in shipped.items())
        for kind in (torch.bfloat16, torch.float16)
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
        if line.said.lr != lr:
            return [
                TraceFault("L3", place, f"the learning rate of step {step:,} is {line.said.lr}, not {lr}")
            ]
        before = step
    return []
