"""What a recipe asks for that cannot be, or cannot be meant, though each of its fields is well formed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.formats.manifest import Manifest
from auditor.formats.recipe import Recipe
from auditor.formats.recipe_learning import OneCycle, Sgd
from auditor.model import KeyPath
from auditor.readers.text import shown


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What was met, at which key of the recipe, and what to do."""

    what: str
    path: KeyPath
    help: str


def contradictions(recipe: Recipe, manifest: Manifest) -> Iterator[Contradiction]:
    """Those that recipe and claims show by themselves."""
    optimizer, training = recipe.optimizer, recipe.training
    if isinstance(optimizer, Sgd) and optimizer.nesterov and not optimizer.momentum:
        yield Contradiction(
            "`nesterov` looks ahead along a momentum, and `momentum` is 0",
            ("optimizer", "nesterov"),
            "give a `momentum`, or take `nesterov` out",
        )
    if training.accumulate > training.batch_size:
        yield Contradiction(
            f"a batch of {training.batch_size} examples cannot be cut into {training.accumulate} parts",
            ("training", "accumulate"),
            "`batch_size` counts the examples of a whole step, all parts together",
        )
    if training.accumulate > 1 and recipe.loss.kind == "contrastive":
        yield Contradiction(
            "the contrastive loss compares all examples of a batch, so a batch cannot be cut into parts",
            ("training", "accumulate"),
            "take `accumulate` out, and say in `batch_size` how many examples were compared",
        )
    yield from _of_early_stopping(recipe, manifest)


def long_warmup(recipe: Recipe, steps: int) -> Contradiction | None:
    """The warmup of a learning rate that would outlast a run of `steps`; None where it ends in time."""
    schedule = recipe.schedule
    if isinstance(schedule, OneCycle) or schedule.warmup_steps < steps:
        return None
    return Contradiction(
        f"the warmup takes {schedule.warmup_steps:,} steps, the whole run {steps:,}",
        ("schedule", "warmup_steps"),
        "`warmup_steps` counts steps, one for each batch",
    )


def _of_early_stopping(recipe: Recipe, manifest: Manifest) -> Iterator[Contradiction]:
    stopping = recipe.training.early_stopping
    if stopping is None:
        return
    path = ("training", "early_stopping", "split")
    if stopping.split not in recipe.data.splits:
        yield Contradiction(
            f"the recipe has no split `{shown(stopping.split)}`",
            path,
            f"its splits are: {', '.join(shown(name) for name in sorted(recipe.data.splits))}",
        )
    gating = [claim for claim in manifest.claims if claim.primary] or manifest.claims
    if stopping.split in {recipe.evaluation.split, *(claim.data.split for claim in gating)}:
        # Retraining would repeat the selection and with it the bias, and call the number reproduced.
        yield Contradiction(
            f"split `{shown(stopping.split)}` both says when to stop and is what the claims are measured on",
            path,
            "select on a split of its own, and measure the claims on one that nothing was selected on",
        )
