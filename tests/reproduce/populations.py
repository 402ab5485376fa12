"""Runs of one task, honest and not, for measuring what fingerprints find."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch

from auditor.bundle import Bundle
from auditor.reproduce.plan import load_data, make_plan
from auditor.reproduce.provenance import marks
from auditor.reproduce.seeds import fresh_seeds
from auditor.training import device as devices
from auditor.training.task import Examples, Task, task
from auditor.training.train import train
from auditor.training.watch import Silent, Stop

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
KINDS = ("honest", "twice as long", "twice the rate", "test split too")
Marks = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """A task and its seeds."""

    work: Task
    seeds: tuple[int, ...]


def bench(bundle: Path, most: int) -> Bench:
    """The task of an example, with so many seeds."""
    plan = make_plan(Bundle.open(bundle))
    devices.settle(plan.recipe)
    work = task(plan.recipe, load_data(plan), torch.device("cpu"))
    return Bench(work, tuple(islice(fresh_seeds(plan.recipe.seeds, plan.digest, "population"), most)))


def altered(work: Task, kind: str) -> Task:
    """The task as someone trained it who did not say so."""
    recipe = work.recipe
    if kind == "twice as long":
        longer = recipe.training.model_copy(update={"epochs": 2 * recipe.training.epochs})
        return replace(work, recipe=recipe.model_copy(update={"training": longer}))
    if kind == "twice the rate":
        faster = recipe.optimizer.model_copy(update={"lr": 2 * recipe.optimizer.lr})
        return replace(work, recipe=recipe.model_copy(update={"optimizer": faster}))
    if kind == "test split too":
        return replace(work, splits={**work.splits, "train": joined(work)})
    return work


def joined(work: Task) -> Examples:
    """Train and test split in one."""
    both = [work.splits["train"], work.splits["test"]]
    return Examples(torch.cat([one.inputs for one in both]), torch.cat([one.targets for one in both]))


def trained(work: Task, kind: str, seed: int) -> Marks:
    """The marks that an audit of the honest recipe measures on a run of this kind."""
    return marks(work, train(altered(work, kind), seed, Silent(), Stop()).model)
