"""Whether model, loss and a split's inputs and targets fit each other, said before a step is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import CannotRun
from auditor.formats.recipe import Recipe
from auditor.training.arrays import Arrays
from reference_models import catalogue

if TYPE_CHECKING:
    from numpy.typing import NDArray

OF_NUMBERS = ("mse", "huber", "bce")  # losses whose targets are numbers, one an output
FILL = -1  # what fills up shorter sequences of labels


def refuse_odd_loss(recipe: Recipe) -> None:
    """Nothing, where the model can be trained with the recipe's loss.

    Raises:
        CannotRun: it cannot.
    """
    known = catalogue.losses(recipe.model.reference)
    if recipe.loss.kind not in known:
        raise CannotRun(
            f"`{recipe.model.reference}` is not trained with the loss `{recipe.loss.kind}`",
            where="recipe.yaml",
            help=f"use {' or '.join(f'`{kind}`' for kind in known)}, or another reference model",
        )


def fitting_targets(recipe: Recipe, name: str, split: Arrays) -> NDArray[np.int64] | NDArray[np.float32]:
    """The targets as the loss takes them: labels (N), sequences (N, T) or numbers (N, outputs).

    Raises:
        CannotRun: the inputs are not of the model's kind, or the targets not of the loss's.
    """
    try:
        outputs = catalogue.outputs(recipe.model.reference, recipe.model.parameters)
        _refuse_odd_inputs(recipe, split, outputs)
        return _targets(recipe, split, outputs)
    except ValueError as error:
        raise CannotRun(
            f"split `{name}`: {error}",
            where="recipe.yaml",
            help="mend the model, the loss or the split",
        ) from error


def _refuse_odd_inputs(recipe: Recipe, split: Arrays, outputs: int) -> None:
    tokens = split.inputs.dtype == np.int64
    if tokens is not catalogue.takes_tokens(recipe.model.reference):
        met, wanted = ("tokens", "numbers") if tokens else ("numbers", "tokens")
        raise ValueError(f"it holds {met}, `{recipe.model.reference}` takes {wanted}")
    n_symbols = len(split.symbol_bytes) if split.symbol_bytes is not None else 0
    if n_symbols > outputs:
        raise ValueError(f"the text has {n_symbols} different characters, the model knows {outputs}")


def _targets(recipe: Recipe, split: Arrays, outputs: int) -> NDArray[np.int64] | NDArray[np.float32]:
    kind, targets = recipe.loss.kind, split.targets
    if kind in OF_NUMBERS:
        numbers = targets.astype(np.float32).reshape(len(targets), -1)
        if numbers.shape[1] != outputs:
            raise ValueError(f"it has {numbers.shape[1]} targets an example, the model has {outputs} outputs")
        if kind == "bce" and not np.isin(numbers, (0, 1)).all():
            raise ValueError("the loss `bce` takes targets of 0 and 1, it has others")
        return numbers
    if targets.dtype != np.int64:
        raise ValueError(f"the loss `{kind}` takes labels, its targets are not whole numbers")
    labels = targets.astype(np.int64)
    if kind == "ctc":
        _refuse_odd_sequences(recipe, split, labels, outputs)
        return labels
    if split.inputs.dtype != np.int64:
        if labels.ndim > 1 and labels.shape[1] > 1:
            raise ValueError(f"the loss `{kind}` takes one label an example, it has {labels.shape[1]}")
        labels = labels.reshape(-1)
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or (highest >= outputs and kind != "contrastive"):
        raise ValueError(
            f"it has labels from {lowest} to {highest}, the model has classes 0 to {outputs - 1}"
        )
    return labels


def _refuse_odd_sequences(recipe: Recipe, split: Arrays, labels: NDArray[np.int64], outputs: int) -> None:
    """Symbols from 1, filled up with -1 at the end, no more than the frames can hold."""
    if labels.ndim == 1:
        raise ValueError("the loss `ctc` takes sequences (`target_columns`), it has one label an example")
    filled = labels == FILL
    lowest, highest = int(labels[~filled].min(initial=1)), int(labels.max(initial=1))
    if lowest < 1 or highest >= outputs:
        raise ValueError(
            f"it has symbols from {lowest} to {highest}, the model has 1 to {outputs - 1}; 0 is the blank"
        )
    if (filled[:, :-1] & ~filled[:, 1:]).any():
        raise ValueError("a sequence has a symbol after -1, which fills up its end")
    frames = catalogue.example_shape(recipe.model.reference, recipe.model.parameters, split.inputs.shape[1])[
        0
    ]
    # Two equal symbols in a row need a blank between them (Graves et al. 2006, section 3.1).
    repeated = (labels[:, 1:] == labels[:, :-1]) & ~filled[:, 1:]
    needed = (~filled).sum(1) + repeated.sum(1)
    if needed.max() > frames:
        row = int(needed.argmax())
        raise ValueError(f"example {row} needs {needed[row]} frames for its symbols, it has {frames}")
