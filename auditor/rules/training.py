"""What a recipe asks of its training that cannot be, or cannot be meant, though each field is well formed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.published import is_whole, whole
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.document import Document


@rule("REC009", level="error", needs="recipe", since="2026.2")
def targets_both_or_neither(recipe: Document) -> Iterator[Fault]:
    """A split of a CSV file names a label and other targets, or neither.

    Why: What the model is to say must be beyond doubt, or it cannot be trained.
    Bad:
        # recipe.yaml
        data: {splits: {test: {label_column: null}}}
    Good:
        # recipe.yaml
        data: {splits: {test: {label_column: 16}}}
    Fix: Keep exactly one of `label_column` and `target_columns`.
    """
    for name, split in recipe.mapping("data", "splits").items():
        if not isinstance(split, dict) or split.get("kind") != "csv":
            continue
        given = [key for key in ("label_column", "target_columns") if split.get(key) is not None]
        if len(given) != 1:
            what = "both `label_column` and `target_columns`" if given else "neither label nor targets"
            yield recipe.at("data", "splits", name).says(
                f"`{shown(name)}` names {what}",
                help="keep one of the two" if given else "give `label_column`, or `target_columns`",
            )


@rule("REC010", level="error", needs="recipe", klass="inconsistent", since="2026.2")
def nesterov_without_momentum(recipe: Document) -> Iterator[Fault]:
    """Nesterov's momentum is asked for, and the momentum is 0.

    Why: It looks ahead along a momentum; torch refuses it, and whoever wrote it trained something else.
    Bad:
        # recipe.yaml
        optimizer: {kind: sgd, lr: 0.1, nesterov: true}
    Good:
        # recipe.yaml
        optimizer: {kind: sgd, lr: 0.1, momentum: 0.9, nesterov: true}
    Fix: Give the momentum of the published run, or take `nesterov` out.
    """
    if recipe.get("optimizer", "nesterov") is True and not recipe.get("optimizer", "momentum"):
        yield recipe.at("optimizer", "nesterov").says("`nesterov` is true, `momentum` is 0")


@rule("REC011", level="error", needs="recipe", klass="inconsistent", since="2026.2")
def batch_cannot_be_cut(recipe: Document) -> Iterator[Fault]:
    """A batch is to be cut into parts that it cannot be cut into.

    Why: `batch_size` counts the examples of a whole step, which `accumulate` cuts into parts: it needs one
        for each. The contrastive loss compares all examples of a batch, so that cutting changes the loss.
    Bad:
        # recipe.yaml
        training: {accumulate: 8}
    Good:
        # recipe.yaml
        training: {accumulate: 2}
    Fix: Write how many examples a whole step saw.
    """
    parts, size = recipe.get("training", "accumulate"), recipe.get("training", "batch_size")
    if not is_whole(parts) or parts < 2:
        return
    place = recipe.at("training", "accumulate")
    if is_whole(size) and parts > size:
        yield place.says(
            f"a batch of {size} examples cannot be cut into {parts} parts",
            recipe.at("training", "batch_size"),
        )
    elif recipe.get("loss", "kind") == "contrastive":
        yield place.says(
            f"the contrastive loss compares a whole batch, which is cut into {parts} parts",
            recipe.at("loss", "kind"),
        )


@rule("REC012", level="error", needs=("recipe", "manifest"), klass="inconsistent", since="2026.2")
def stopped_on_measured_split(recipe: Document, manifest: Document) -> Iterator[Fault]:
    """Training stops by the score on the split that the claims are measured on.

    Why: The best of many epochs on one split is too good on that split, and retraining repeats the choice: it
        would call the number reproduced.
    Bad:
        # recipe.yaml
        training: {early_stopping: {split: test, patience: 3}}
    Good:
        # recipe.yaml
        training: {early_stopping: {split: validation, patience: 3}}
    Fix: Stop by a split of its own, and measure on one that nothing was chosen on.
    Source: Kapoor and Narayanan 2023, Leakage and the reproducibility crisis, Patterns 4(9), type L1.
    """
    split = recipe.get("training", "early_stopping", "split")
    if not isinstance(split, str):
        return
    listed = [(path, claim) for path, claim in manifest.items("claims") if isinstance(claim, dict)]
    gating = [(path, claim) for path, claim in listed if claim.get("primary") is True] or listed
    measured = [path for path, _ in gating if manifest.get(*path, "data", "split") == split]
    place = recipe.at("training", "early_stopping", "split")
    if measured:
        yield place.says(
            f"`{shown(split)}` says when to stop, and claims are measured on it",
            manifest.at(*measured[0], "data", "split").labelled("measured here"),
        )
    elif split == recipe.get("evaluation", "split", default="test"):
        yield place.says(f"`{shown(split)}` says when to stop, and is what the recipe evaluates on")


@rule("REC013", level="error", needs="recipe", klass="inconsistent", since="2026.2")
def warmup_outlasts_training(recipe: Document) -> Iterator[Fault]:
    """The warmup of the learning rate takes as many steps as the whole training, or more.

    Why: The rate of the recipe is never reached, so that it is not the one that was trained with.
    Bad:
        # recipe.yaml
        schedule: {kind: cosine, warmup_steps: 30}
    Good:
        # recipe.yaml
        schedule: {kind: cosine, warmup_steps: 3}
    Fix: `warmup_steps` counts steps, one for each batch, not examples or epochs.
    """
    warmup, steps = recipe.get("schedule", "warmup_steps"), _steps(recipe)
    if is_whole(warmup) and steps is not None and warmup >= steps:
        yield recipe.at("schedule", "warmup_steps").says(
            f"the warmup takes {warmup:,} steps, the whole training {steps:,}"
        )


def _steps(recipe: Document) -> int | None:
    """Steps of the whole training, where the recipe says how many examples there are."""
    train = ("data", "splits", "train")
    size, epochs = whole(recipe.get("training", "batch_size")), whole(recipe.get("training", "epochs"))
    n = whole(recipe.get(*train, "rows"))
    length, block = whole(recipe.get(*train, "length")), whole(recipe.get(*train, "block"))
    if recipe.get(*train, "kind") == "text" and length and block:
        n = (length - 1) // block  # its last character is only a target
    return -(-n // size) * epochs if n and size and epochs else None
