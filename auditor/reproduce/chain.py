"""A bundle's chain and its plan: what the chain is held against, and how it comes to be."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.formats.chain import CHAIN, CHECKPOINTS, parse
from auditor.reproduce.plan import Plan
from auditor.reproduce.seeds import published_seeds
from auditor.reproduce.shipped_weights import NoWeights, shipped_weights
from auditor.tracing.audit import Release
from auditor.tracing.chain import Bound, Chain
from auditor.tracing.state import model_digest
from auditor.training import device as devices
from auditor.training.batches import Batches
from auditor.training.checkpoint import Checkpoints
from auditor.training.files import locked
from auditor.training.task import Task
from auditor.training.train import train
from auditor.training.watch import Stop, Watch
from reference_models import catalogue

if TYPE_CHECKING:
    from torch import Tensor


def release(plan: Plan, weights: Mapping[str, Tensor] | NoWeights) -> Release:
    """What the chain in the plan's bundle has to agree with; `weights` are the shipped ones."""
    return Release(
        plan.bundle,
        plan.digest,
        _data(plan),
        published_seeds(plan.recipe.seeds, plan.digest),
        plan.manifest.shipped_seed,
        None if isinstance(weights, NoWeights) else weights,
        weights.reason if isinstance(weights, NoWeights) and weights.foreign else "",
    )


def chain_of(folder: Path, identity: Mapping[str, Any]) -> Chain:
    """The witness that writes a run's chain into its folder; `identity` as `Runs` takes it."""
    return Chain(folder, Bound(identity["recipe"], identity.get("data", {}), identity["environment"]))


def record(
    plan: Plan,
    task: Task,
    folder: Path,
    *,
    segments: int | None = None,
    every: int | None = None,
    watch: Watch,
    stop: Stop,
) -> list[str]:
    """The shipped seed has been trained, and its chain and checkpoints stand in `folder`; says so in words.

    Raises:
        Interrupted: `stop` was set; the same call goes on from there.
        CannotRun: the folder cannot be written to, or someone else is using it.
    """
    seed = plan.manifest.shipped_seed
    if seed is None:
        seed = published_seeds(plan.recipe.seeds, plan.digest)[0]
    bound = Bound(plan.digest, _data(plan), devices.environment(task.device, plan.recipe))
    chain = Chain(folder, bound, keep=True, segments=segments, every=every)
    unfinished = folder / "unfinished"
    with locked(unfinished):
        checkpoints = Checkpoints(unfinished / "checkpoint.safetensors")
        watch.stage(f"recording seed {seed}")
        trained = train(
            task,
            seed,
            watch,
            stop,
            checkpoints,
            lambda done: watch.run_started(seed, 1, 1, Batches(task, seed).steps, done),
            chain,
        )
        shutil.rmtree(unfinished)
    head, lines, root = parse((folder / CHAIN).read_bytes())
    stored = sum(line.checkpoint is not None for line in lines)
    told = [
        f"wrote {folder / CHAIN}: {len(head.ends)} segments, {len(lines) + 1} lines, root {root}",
        f"wrote {stored} checkpoints in {folder / CHECKPOINTS}",
    ]
    shapes = catalogue.shapes(plan.recipe.model.reference, plan.recipe.model.parameters)
    shipped = shipped_weights(plan.bundle, shapes)
    if not isinstance(shipped, NoWeights) and model_digest(task.model(shipped)) != model_digest(
        trained.model
    ):
        told.append("note: the weights in the bundle are not those that this run ended with")
    return told


def _data(plan: Plan) -> dict[str, str]:
    return {name: file.sha256 for name, file in plan.files.items()}
