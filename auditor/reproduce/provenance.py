"""What trained weights look like, in scalars: losses on what they were and were not trained on, and norms.

Letters: B batch, N classes.
"""

from __future__ import annotations

import math
import statistics

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.training.batches import cut, gather
from auditor.training.evaluate import EVALUATION_SEED
from auditor.training.losses import loss_function
from auditor.training.task import Examples, Task

PROBED_EXAMPLES = 10_000  # of each split: enough for a loss to three digits


def marks(task: Task, model: nn.Module) -> dict[str, float]:
    """The fingerprints of a model by name; those of `auditor.verdict.fingerprints.LEADING` among them.

    A loss is that of the recipe; its items are examples where each has one label, else whole batches.
    A loss of zero or one that overflowed leaves marks that are not finite.
    """
    train = _losses(task, model, task.splits["train"])
    test = _losses(task, model, task.splits[task.recipe.evaluation.split])
    train_loss, test_loss = math.fsum(train) / len(train), math.fsum(test) / len(test)
    values = {name: value.detach().cpu().double() for name, value in model.state_dict().items()}
    norms = {f"norm of {name}": float(value.norm()) for name, value in values.items()}
    return norms | {
        "median train loss": statistics.median(train),
        "train loss": train_loss,
        "test loss": test_loss,
        "test loss / train loss": test_loss / train_loss if train_loss else math.nan,
        "norm of all weights": math.hypot(*norms.values()),
    }


def _losses(task: Task, model: nn.Module, split: Examples) -> list[float]:
    """The loss of each item of the first examples of a split."""
    examples = Examples(split.inputs[:PROBED_EXAMPLES], split.targets[:PROBED_EXAMPLES])
    order = torch.arange(len(examples), device=examples.targets.device)
    together = loss_function(task.recipe.loss)
    found: list[float] = []
    with torch.inference_mode():
        for number, index in enumerate(cut(order, task.recipe.evaluation.batch_size)):
            batch = gather(task, examples, index, (EVALUATION_SEED, number))
            given = (batch.inputs,) if batch.positions is None else (batch.inputs, batch.positions)
            outputs: Tensor = model(*given)
            if task.recipe.loss.kind == "cross-entropy" and outputs.ndim == 2 and batch.targets.ndim == 1:
                each = functional.cross_entropy(outputs, batch.targets, reduction="none")  # (B)
                found += each.double().tolist()
            else:
                found.append(float(together(outputs, batch.targets)))
    return found
