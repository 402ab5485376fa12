"""What a model scores on a split, item by item.

Letters: B batch, T tokens or frames, N classes or outputs, M masked positions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from auditor.formats.recipe import Recipe
from auditor.formats.recipe_learning import CrossEntropy, MaskedCrossEntropy
from auditor.training.batches import Batch, cut, gather
from auditor.training.losses import BLANK, FILL, item_losses
from auditor.training.masking import hide, places_of_split
from auditor.training.metrics import Seen, measure
from auditor.training.score import Score
from auditor.training.task import Examples, Task

DOUBLE_BATCH = 16  # float64 convolutions unfold their whole batch: 512 took 1.6 GB, and thrice as long
EVALUATION_SEED = 0  # of which tokens an evaluation hides: the same ones each time


def evaluate(
    task: Task, model: nn.Module, examples: Examples, batch_size: int, *, double: bool = False
) -> Score:
    """The score of `model`; with `double` the model is moved to the CPU and all arithmetic is float64.

    The contrastive loss compares the examples of one batch, in the split's order; every other value does not
    depend on the batch size.
    """
    if double:
        model = model.cpu().double()  # not every device has float64
        examples = Examples(examples.inputs.cpu(), examples.targets.cpu(), examples.symbol_bytes)
        batch_size = in_double(task.recipe, batch_size)
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return _score(task, model, examples, batch_size, double=double)
    finally:
        model.train(training)


def in_double(recipe: Recipe, batch_size: int) -> int:
    """How many examples are evaluated at once in float64, where the value does not depend on it."""
    return batch_size if recipe.loss.kind == "contrastive" else min(batch_size, DOUBLE_BATCH)


def _score(task: Task, model: nn.Module, examples: Examples, batch_size: int, *, double: bool) -> Score:
    items = _Items(task.recipe, task.mask)
    for batch in in_order(task, examples, batch_size):
        inputs = batch.inputs.double() if double and batch.inputs.is_floating_point() else batch.inputs
        outputs = model(inputs) if batch.positions is None else model(inputs, batch.positions)
        targets = batch.targets.to(outputs.dtype) if batch.targets.is_floating_point() else batch.targets
        items.add(outputs, targets)
    if items.sequential and examples.symbol_bytes is not None:
        table = examples.symbol_bytes.to(examples.targets.device)
        items.seen.target_bytes = int(table[examples.targets].sum())
    return items.score(len(examples))


def in_order(task: Task, examples: Examples, batch_size: int) -> Iterator[Batch]:
    """The split in its order; what is hidden of it does not depend on the batch size."""
    loss, device = task.recipe.loss, examples.targets.device
    if isinstance(loss, MaskedCrossEntropy):
        n_blocks, length = examples.inputs.shape
        where = places_of_split(EVALUATION_SEED, n_blocks, length, loss.share)
        for tokens, hidden in zip(cut(examples.inputs, batch_size), cut(where, batch_size), strict=True):
            yield Batch(*hide(tokens, hidden, task.mask))
        return
    for number, index in enumerate(cut(torch.arange(len(examples), device=device), batch_size)):
        yield gather(task, examples, index, (EVALUATION_SEED, number))


class _Items:
    """What is kept of each batch, and the score it adds up to."""

    def __init__(self, recipe: Recipe, n_outputs: int) -> None:
        stopping = recipe.training.early_stopping
        looked_at = [stopping.metric] if stopping else []
        self._loss, self._asked = recipe.loss, tuple(dict.fromkeys([*recipe.evaluation.metrics, *looked_at]))
        self._item_losses = item_losses(recipe.loss)
        kind = recipe.loss.kind
        self._labels = isinstance(recipe.loss, CrossEntropy | MaskedCrossEntropy)
        self._kind = kind
        classes = n_outputs if self._labels or kind == "bce" else 0
        self.seen = Seen(n_classes=classes, many=kind == "bce")
        self.sequential = False  # whether every token is predicted from those before it
        self._losses: list[Tensor] = []
        self._log_p: list[Tensor] = []
        self._correct: list[Tensor] = []
        self._confidences: list[Tensor] = []

    def add(self, outputs: Tensor, targets: Tensor) -> None:
        """One batch more."""
        losses = self._item_losses(outputs, targets)
        self._losses.append(losses)
        if self._labels:
            self._add_labels(outputs, targets, losses)
        elif self._kind == "bce":
            said = outputs > 0
            self._correct.append((said == (targets > 0)).flatten())  # (B N)
            self._keep("f1", said, targets > 0)
        elif self._kind == "ctc":
            if {"wer", "cer"} & set(self._asked):
                best = best_path(outputs)
                self.seen.decoded += zip(best, map(_unfilled, targets.tolist()), strict=True)
        elif self._kind in ("mse", "huber"):
            self._keep("mse mae r2", outputs, targets)

    def _add_labels(self, outputs: Tensor, targets: Tensor, losses: Tensor) -> None:
        logits, labels = outputs.flatten(0, -2), targets.flatten()  # (B T, N) and (B T), or (M, N) and (M)
        predicted = logits.argmax(1)
        self._correct.append(predicted == labels)
        smoothed = isinstance(self._loss, CrossEntropy) and self._loss.label_smoothing > 0
        self._log_p.append(functional.cross_entropy(logits, labels, reduction="none") if smoothed else losses)
        self.sequential = outputs.ndim == 3  # (B, T, N): a next token at every place
        if outputs.ndim == 2 and self._kind == "cross-entropy":  # (B, N): one label an example
            self._confidences.append(logits.softmax(1).amax(1))
        self._keep("f1", predicted, labels)

    def _keep(self, metrics: str, predicted: Tensor, targets: Tensor) -> None:
        if set(metrics.split()) & set(self._asked):
            self.seen.predicted.append(predicted.cpu())
            self.seen.targets.append(targets.cpu())

    def score(self, n: int) -> Score:
        """The score on a split of `n` examples."""
        losses = _listed(self._losses)
        if self._log_p:
            self.seen.negative_log_p = _total(_listed(self._log_p))
        self.seen.n_items = len(losses)
        measured = measure(self._asked, self.seen)
        confidences = _listed(self._confidences)
        return Score(
            n=n,
            correct=torch.cat(self._correct).to(torch.uint8).cpu().numpy().tobytes()
            if self._correct
            else b"",
            # No item has a loss where no two examples of a batch are of one class; see `losses`.
            loss=_total(losses) / len(losses) if losses else 0.0,
            confidence=_total(confidences) / n if confidences else None,
            loss_unit="score" if self._kind in ("mse", "huber") else "nats",
            metrics=measured.values,
            undefined=measured.undefined,
            measured_by=measured.measured_by,
        )


def best_path(logits: Tensor) -> list[list[int]]:
    """Symbols of the likeliest frames, repeats and blanks taken out, from logits (B, T, N).

    Graves et al. 2006, section 3.2, best path decoding.
    """
    frames = logits.argmax(2)  # (B, T)
    new = torch.ones_like(frames, dtype=torch.bool)
    new[:, 1:] = frames[:, 1:] != frames[:, :-1]
    spoken = new & (frames != BLANK)
    return [row[there].tolist() for row, there in zip(frames, spoken, strict=True)]


def _unfilled(symbols: Sequence[int]) -> list[int]:
    return [symbol for symbol in symbols if symbol != FILL]


def _listed(parts: list[Tensor]) -> list[float]:
    values: list[float] = torch.cat(parts).tolist() if parts else []
    return values


def _total(values: list[float]) -> float:
    """The exact sum; NaN where infinities of both signs have none."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        return math.nan
