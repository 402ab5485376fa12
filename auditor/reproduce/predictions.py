"""Shipped per-item predictions against those of the shipped weights.

Letters: B batch, N classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from auditor.bundle import Bundle
from auditor.formats.manifest import Claim
from auditor.formats.predictions import read_predictions
from auditor.readers.document import Unreadable
from auditor.training.evaluate import in_double, in_order
from auditor.training.task import Examples, Task

# Two logits closer than so many times the furthest that float32 and float64 lie apart may change places
# between machines; the same factor as the tolerance of a replayed segment.
NOISE = 10.0


@dataclass(frozen=True, slots=True)
class Items:
    """How the shipped predictions compare, item by item.

    Attributes:
        n: number of examples.
        n_correct: how many the shipped predictions get right.
        differing: examples whose prediction is not what the weights give.
        open: how many of those lie so close to a tie that rounding may have decided.
        first: the first one that rounding does not explain: index, shipped class, class of the weights.
    """

    n: int
    n_correct: int
    differing: int
    open: int
    first: tuple[int, int, int] | None

    @property
    def foreign(self) -> int:
        """Predictions that the weights do not give, however they are rounded."""
        return self.differing - self.open


def compare_items(bundle: Bundle, claim: Claim, work: Task, weights: Mapping[str, Tensor]) -> Items | str:
    """The comparison of a claim's predictions, or why there is none; the claim names a file of them."""
    assert claim.predictions is not None
    path, examples = claim.predictions.path, work.splits[claim.data.split]
    if work.recipe.loss.kind != "cross-entropy" or examples.targets.ndim != 1:
        return "predictions can be compared where each example has one class"
    single, double = (_logits(work, weights, examples, double=double) for double in (False, True))
    try:
        shipped = torch.tensor(read_predictions(bundle, path, len(examples), single.shape[1]))
    except Unreadable as error:
        line = f":{error.span.line}" if error.span.line else ""
        return f"{error.span.file}{line}: {error.what}"
    top, given = double.max(1)  # (B)
    noise = NOISE * float((single.double() - double).abs().max())
    gap = top - double.gather(1, shipped[:, None])[:, 0]
    differs = shipped != given
    foreign = differs & ~(gap <= noise)  # NaN is foreign
    where = foreign.nonzero()[:, 0].tolist()
    return Items(
        n=len(shipped),
        n_correct=int((shipped == examples.targets.cpu()).sum()),
        differing=int(differs.sum()),
        open=int(differs.sum() - foreign.sum()),
        first=(where[0], int(shipped[where[0]]), int(given[where[0]])) if where else None,
    )


def told_of_items(path: str, items: Items) -> str:
    """The comparison in words."""
    if items.first is None:
        near = f", {items.open:,} of them by rounding" if items.open else ""
        return f"{path}: {items.n - items.differing + items.open:,} of {items.n:,} predictions agree{near}"
    index, shipped, given = items.first
    return (
        f"{path}: {items.foreign:,} of {items.n:,} predictions are not those of the shipped weights "
        f"(example {index:,}: {shipped} instead of {given})"
    )


def _logits(work: Task, weights: Mapping[str, Tensor], examples: Examples, *, double: bool) -> Tensor:
    """Outputs for every example on the CPU, (examples, N); float64 where asked, computed on the CPU."""
    model = work.model(weights).eval()
    batch_size = work.recipe.evaluation.batch_size
    if double:
        batch_size = in_double(work.recipe, batch_size)
        model = model.cpu().double()
        examples = Examples(examples.inputs.cpu(), examples.targets.cpu(), examples.symbol_bytes)
    found = []
    with torch.inference_mode():
        for batch in in_order(work, examples, batch_size):
            inputs = batch.inputs.double() if double and batch.inputs.is_floating_point() else batch.inputs
            found.append(model(inputs).cpu())
    return torch.cat(found)
