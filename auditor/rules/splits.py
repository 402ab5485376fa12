"""The recipe's splits: that they exist, fit the model, and are kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.edits import meant
from auditor.rules.published import claims, is_whole, split_name, whole
from auditor.rules.registry import rule
from auditor.rules.rows import csv_splits
from auditor.rules.vocabulary import near_miss

if TYPE_CHECKING:
    from auditor.readers.document import Document


@rule("REC101", level="error", needs="recipe")
def unknown_split(recipe: Document) -> Iterator[Fault]:
    """The recipe trains or evaluates on a split that it does not define.

    Why: The run ends before it begins.
    Bad:
        # recipe.yaml
        evaluation: {split: tset}
    Good:
        # recipe.yaml
        evaluation: {split: validation}
    Fix: Use the name of an entry of `data.splits`, or add it.
    """
    known = recipe.mapping("data", "splits")
    if not known:
        return  # the schema asks for them
    if "train" not in known:
        yield recipe.at("data", "splits").says("no split is called `train`, which is what is trained on")
    used = recipe.get("evaluation", "split")
    if isinstance(used, str) and used not in known:
        yield recipe.at("evaluation", "split").says(
            f"`{shown(used)}` is not a split of this recipe",
            help=near_miss(used, known),
            fix=meant(recipe, ("evaluation", "split"), known),
        )
    elif recipe.get("evaluation", "split") is None and "test" not in known:
        yield recipe.at("data", "splits").says(
            "no split is called `test`, which is evaluated where `evaluation.split` names none"
        )
    stopping = ("training", "early_stopping", "split")
    if isinstance(used := recipe.get(*stopping), str) and used not in known:
        yield recipe.at(*stopping).says(
            f"`{shown(used)}` is not a split of this recipe",
            help=near_miss(used, known),
            fix=meant(recipe, stopping, known),
        )


@rule("REC102", level="warning", needs="recipe", klass="implausible")
def batch_larger_than_split(recipe: Document) -> Iterator[Fault]:
    """A batch holds more examples than the train split has.

    Why: Every step then sees the whole split, and batch size and learning rate were chosen for something
        else.
    Bad:
        # recipe.yaml
        training: {batch_size: 128}
    Good:
        # recipe.yaml
        training: {batch_size: 4}
    Fix: Correct the batch size, or the rows of the split.
    """
    size = whole(recipe.get("training", "batch_size"))
    for rows in csv_splits(recipe):
        if rows.name == "train" and size is not None and size > rows.end - rows.first:
            yield recipe.at("training", "batch_size").says(
                f"a batch is {size} examples, the train split has {rows.end - rows.first}",
                recipe.at(*rows.path, "rows"),
            )


@rule("REC103", level="error", needs="recipe", klass="inconsistent")
def label_among_inputs(recipe: Document) -> Iterator[Fault]:
    """The label's column is one of the input columns.

    Why: The network is shown the answer; whatever it scores says nothing.
    Bad:
        # recipe.yaml
        data: {splits: {test: {label_column: 3}}}
    Good:
        # recipe.yaml
        data: {splits: {test: {label_column: 16}}}
    Fix: Inputs are columns 0 up to `features` - 1; the label stands after them.
    Source: Kapoor and Narayanan 2023, Leakage and the reproducibility crisis, Patterns 4(9), type L2.
    """
    for name in recipe.mapping("data", "splits"):
        path = ("data", "splits", name)
        features = whole(recipe.get(*path, "features"))
        label = (*path, "label_column")
        for place, column in [(label, recipe.get(*label)), *recipe.items(*path, "target_columns")]:
            if is_whole(column) and features is not None and 0 <= column < features:
                what = "label" if place[-1] == "label_column" else "target"
                yield recipe.at(*place).says(
                    f"the {what} of `{shown(name)}` is column {column}, "
                    f"columns 0 to {features - 1} are inputs",
                    recipe.at(*path, "features"),
                )


@rule("REC104", level="error", needs="recipe", klass="inconsistent", after=("REC002", "REC003"))
def inputs_do_not_fit_model(recipe: Document) -> Iterator[Fault]:
    """A split has another number of inputs than the model takes.

    Why: The rows cannot be folded into the model's input, so the run ends at its first step.
    Bad:
        # recipe.yaml
        data: {splits: {test: {features: 15}}}
    Good:
        # recipe.yaml
        data: {splits: {test: {features: 16}}}
    Fix: `features` is height times width times channels.
    """
    sides = [whole(recipe.get("model", "parameters", side)) for side in ("height", "width")]
    channels = recipe.get("model", "parameters", "channels")
    if None in sides or (channels is not None and whole(channels) is None):
        return
    wanted = (sides[0] or 0) * (sides[1] or 0) * (whole(channels) or 1)
    for name in recipe.mapping("data", "splits"):
        features = whole(recipe.get("data", "splits", name, "features"))
        if features is not None and features != wanted:
            yield recipe.at("data", "splits", name, "features").says(
                f"`{shown(name)}` has {features} inputs, the model takes {wanted}",
                recipe.at("model", "parameters"),
            )


@rule("REC105", level="warning", needs="recipe", klass="implausible")
def evaluated_on_training_split(recipe: Document) -> Iterator[Fault]:
    """The recipe evaluates on the split it trains on.

    Why: The value says how well the data was memorised.
    Bad:
        # recipe.yaml
        evaluation: {split: train}
    Good:
        # recipe.yaml
        evaluation: {split: test}
    Fix: Evaluate on rows that training did not see.
    """
    if recipe.get("evaluation", "split") == "train":
        yield recipe.at("evaluation", "split").says("the split that is evaluated is the one trained on")


@rule("REC106", level="warning", needs="manifest", klass="implausible")
def selected_on_evaluated_split(manifest: Document) -> Iterator[Fault]:
    """The checkpoint was chosen by its score on the split that the claim is about.

    Why: The best of many tries on one split is too good on that split, by as much as the tries differ.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            selection: {split: validation, rule: best}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            selection: {split: validation, rule: last}
    Fix: Choose on one split, measure on another, or say `rule: last` if nothing was chosen.
    Source: Cawley and Talbot 2010, On over-fitting in model selection, JMLR 11.
    """
    for claim in claims(manifest):
        chosen = manifest.mapping(*claim.path, "selection")
        looked = chosen.get("rule") in ("best", "early-stopping")
        if looked and claim.split and split_name(chosen.get("split")) == split_name(claim.split):
            yield manifest.at(*claim.path, "selection").says(
                f"`{shown(claim.id)}` is measured on `{shown(claim.split)}`, and so was the choice"
            )
