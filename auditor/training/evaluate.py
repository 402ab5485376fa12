"""What a model scores on a split, item by item.

Letters: B batch, N classes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from auditor.training.batches import cut, gather
from auditor.training.task import Examples, Task

EVALUATION_SEED = 0  # of what an evaluation draws, for example which tokens it masks


@dataclass(frozen=True, slots=True)
class Score:
    """Metrics of one model on one split.

    Attributes:
        n: number of examples.
        correct: one byte an example, 1 where the largest logit is the label's.
        loss: mean cross-entropy in nats.
        confidence: mean probability of the predicted class.
    """

    n: int
    correct: bytes
    loss: float
    confidence: float

    @property
    def n_correct(self) -> int:
        """Number of examples classified correctly."""
        return sum(self.correct)

    def value(self, metric: str, unit: str) -> float | None:
        """The metric in the unit a claim uses; None where this evaluation does not measure it."""
        if metric == "accuracy" and unit in ("proportion", "percent"):
            return self.n_correct / self.n * (100 if unit == "percent" else 1)
        if metric == "loss" and unit == "nats":
            return self.loss
        return None


def evaluate(
    task: Task, model: nn.Module, examples: Examples, batch_size: int, *, double: bool = False
) -> Score:
    """The score of `model`; with `double` the model is moved to the CPU and all arithmetic is float64."""
    correct, losses, confidences = [], [], []
    if double:
        model = model.cpu().double()  # not every device has float64
        examples = Examples(examples.inputs.cpu(), examples.targets.cpu())
    with torch.inference_mode():
        for number, index in enumerate(
            cut(torch.arange(len(examples), device=examples.targets.device), batch_size)
        ):
            batch = gather(task, examples, index, (EVALUATION_SEED, number))
            inputs, labels = batch.inputs, batch.targets
            logits = model(inputs.double() if double else inputs)  # (B, N)
            correct.append((logits.argmax(1) == labels).to(torch.uint8))
            losses.append(functional.cross_entropy(logits, labels, reduction="none"))
            confidences.append(logits.softmax(1).amax(1))
    n = len(examples)
    return Score(
        n=n,
        correct=torch.cat(correct).cpu().numpy().tobytes(),
        loss=math.fsum(torch.cat(losses).tolist()) / n,
        confidence=math.fsum(torch.cat(confidences).tolist()) / n,
    )
