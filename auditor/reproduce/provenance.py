"""What trained weights look like, in scalars: losses on what they were and were not trained on, and norms."""

from __future__ import annotations

import math
import statistics

import torch
from torch import nn

from auditor.training.evaluate import in_order
from auditor.training.losses import item_losses
from auditor.training.task import Examples, Task

PROBED_EXAMPLES = 10_000  # of each split: enough for a loss to three digits


def marks(task: Task, model: nn.Module) -> dict[str, float]:
    """The fingerprints of a model by name; those of `auditor.verdict.fingerprints.LEADING` among them.

    A loss is that of the recipe. One that overflowed leaves marks that are not finite.
    """
    train = _losses(task, model, task.splits["train"])
    test = _losses(task, model, task.splits[task.recipe.evaluation.split])
    train_loss, test_loss = _mean(train), _mean(test)
    values = {name: value.detach().cpu().double() for name, value in model.state_dict().items()}
    norms = {f"norm of {name}": float(value.norm()) for name, value in values.items()}
    return norms | {
        "median train loss": statistics.median(train) if train else math.nan,
        "train loss": train_loss,
        "test loss": test_loss,
        "test loss / train loss": test_loss / train_loss if train_loss else math.nan,
        "norm of all weights": math.hypot(*norms.values()),
    }


def _mean(losses: list[float]) -> float:
    """The mean, NaN of none: the contrastive loss has no item where no two examples are of one class."""
    if not losses or not all(map(math.isfinite, losses)):
        return math.nan
    return math.fsum(losses) / len(losses)


def _losses(task: Task, model: nn.Module, split: Examples) -> list[float]:
    """The loss of each item of the first examples of a split."""
    part = slice(0, PROBED_EXAMPLES)
    examples = Examples(split.inputs[part], split.targets[part], split.symbol_bytes)
    each = item_losses(task.recipe.loss)
    training = model.training
    model.eval()
    found: list[float] = []
    with torch.inference_mode():
        for batch in in_order(task, examples, task.recipe.evaluation.batch_size):
            given = (batch.inputs,) if batch.positions is None else (batch.inputs, batch.positions)
            found += each(model(*given), batch.targets).double().cpu().tolist()
    model.train(training)
    return found
