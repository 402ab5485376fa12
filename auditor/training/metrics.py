"""Metrics beyond accuracy and loss, from all outputs on a split; counted by kept libraries.

Every figure is computed in double precision. One that is undefined on the split is left out, with the reason.
Letters: I items (labels, tokens or numbers), N classes or outputs, B examples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import torch
from torch import Tensor

LARGEST_SYMBOL = 65_000  # the private characters that stand for symbols; jiwer compares texts
FIRST_SIGN = 0xF0000  # of plane 15, all private use (Unicode 15, section 23.5), none a space


class Undefined(Exception):  # noqa: N818  # no error: what it says becomes the reason of a verdict
    """The metric has no value here; the text says why."""


@dataclass(slots=True)
class Seen:
    """What an evaluation keeps for metrics, batch by batch.

    Attributes:
        predicted: the class of each item, or the decoded number of each output.
        targets: the same, as it should be.
        decoded: symbols that CTC's best path gives for each example, and those it should give.
        negative_log_p: sum of -ln p(label) over items, in nats; None where no label is predicted.
        target_bytes: bytes in UTF-8 of all target characters; None where they are no text read in order.
        n_items: over how many items.
        n_classes: classes that `predicted` may name; 0 where it holds numbers.
        many: whether each output of an example is a yes or no of its own.
    """

    n_classes: int = 0
    many: bool = False
    predicted: list[Tensor] = field(default_factory=list)
    targets: list[Tensor] = field(default_factory=list)
    decoded: list[tuple[Sequence[int], Sequence[int]]] = field(default_factory=list)
    negative_log_p: float | None = None
    target_bytes: int | None = None
    n_items: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """Metrics by name, reasons for those that are undefined, and the library that counted each."""

    values: dict[str, float]
    undefined: dict[str, str]
    measured_by: dict[str, str]


def measure(asked: Sequence[str], seen: Seen) -> Measured:
    """Those of the metrics asked for that are not measured item by item."""
    measured = Measured({}, {}, {})
    for metric in asked:
        for name, (how, library) in _WAYS.get(metric, {}).items():
            try:
                measured.values[name] = how(seen)
            except Undefined as reason:
                measured.undefined[name] = str(reason)
                continue
            if library:
                measured.measured_by[metric] = f"{library} {version(library)}"
    return measured


def libraries(asked: Sequence[str]) -> dict[str, str]:
    """The version of each library that counts metrics asked for."""
    named = {library for metric in asked for _, library in _WAYS.get(metric, {}).values() if library}
    return {library: version(library) for library in sorted(named)}


def _f1(seen: Seen, average: str) -> float:
    """F1 = 2 tp / (2 tp + fp + fn) of one class, averaged over classes as scikit-learn names it."""
    tp, fp, fn = _counts(seen)
    n = len(tp)
    if average == "binary":
        if n != (1 if seen.many else 2):
            raise Undefined(f"F1 of two classes does not exist for {n}")
        return _ratio(tp[-1], fp[-1], fn[-1])
    if average == "micro":
        return _ratio(sum(tp), sum(fp), sum(fn))
    support = [hits + missed for hits, missed in zip(tp, fn, strict=True)]
    absent = [number for number, there in enumerate(support) if not there]
    if absent and average == "macro":
        raise Undefined(f"class {absent[0]} has no example in the split, so its F1 is undefined")
    if not any(support):
        raise Undefined("no class has an example in the split, so F1 is undefined")
    shares = [1 / n] * n if average == "macro" else [there / sum(support) for there in support]
    each = [_ratio(*counts) if there else 0.0 for *counts, there in zip(tp, fp, fn, support, strict=True)]
    return math.fsum(share * one for share, one in zip(shares, each, strict=True))


def _ratio(tp: int, fp: int, fn: int) -> float:
    if tp + fp + fn == 0:
        raise Undefined("the class is neither present nor predicted, so its F1 is undefined")
    return 2 * tp / (2 * tp + fp + fn)


def _counts(seen: Seen) -> tuple[list[int], list[int], list[int]]:
    """True positives, false positives and false negatives of each class."""
    if not seen.n_classes:
        raise Undefined("F1 needs classes, the model predicts none")
    from torchmetrics.functional.classification import (
        binary_stat_scores,
        multiclass_stat_scores,
        multilabel_stat_scores,
    )

    predicted, targets = torch.cat(seen.predicted).long(), torch.cat(seen.targets).long()
    n = seen.n_classes
    if n == 1:
        table = binary_stat_scores(predicted.flatten(), targets.flatten()).unsqueeze(0)
    elif seen.many:
        table = multilabel_stat_scores(predicted, targets, n, average=None)
    else:
        table = multiclass_stat_scores(predicted, targets, n, average=None)
    tp, fp, _, fn, _ = (column.tolist() for column in table.T)  # (N) each
    return tp, fp, fn


def _of_numbers(seen: Seen) -> tuple[Tensor, Tensor]:
    if seen.n_classes or not seen.predicted:
        raise Undefined("it needs a model that predicts numbers")
    return torch.cat(seen.predicted).double(), torch.cat(seen.targets).double()  # (B, N) each


def _mse(seen: Seen) -> float:
    predicted, targets = _of_numbers(seen)
    from torchmetrics.functional.regression import mean_squared_error

    return float(mean_squared_error(predicted.flatten(), targets.flatten()))


def _mae(seen: Seen) -> float:
    predicted, targets = _of_numbers(seen)
    from torchmetrics.functional.regression import mean_absolute_error

    return float(mean_absolute_error(predicted.flatten(), targets.flatten()))


def _r2(seen: Seen) -> float:
    """1 - (residual sum of squares) / (sum of squares about the mean), averaged over outputs."""
    predicted, targets = _of_numbers(seen)
    if len(targets) < 2:  # a spread needs two
        raise Undefined("one example has no spread, so R² is undefined")
    constant = (targets == targets[0]).all(0)
    if constant.any():
        number = int(constant.int().argmax())
        raise Undefined(f"target {number} is the same in every example of the split, so R² is undefined")
    from torchmetrics.functional.regression import r2_score

    return float(r2_score(predicted, targets))


def _perplexity(seen: Seen) -> float:
    """Exp of the mean -ln p (Jelinek et al. 1977); label smoothing has no part in it."""
    if seen.negative_log_p is None:
        raise Undefined("perplexity needs a model that predicts labels or tokens")
    mean = seen.negative_log_p / seen.n_items
    try:
        return math.exp(mean)
    except OverflowError:
        raise Undefined(f"exp({mean:.6g}) exceeds the largest number, so perplexity is undefined") from None


def _bits_per_byte(seen: Seen) -> float:
    """(sum of -ln p over target characters) / (ln 2 · their bytes in UTF-8)."""
    if seen.negative_log_p is None or not seen.target_bytes:
        raise Undefined("bits per byte need a text that is predicted from left to right")
    return seen.negative_log_p / (math.log(2) * seen.target_bytes)


def _wer(seen: Seen) -> float:
    """Word error rate; a target is one word, so it is the share of targets not decoded exactly."""
    from jiwer import process_words

    return float(process_words(*_spoken(seen)).wer)


def _cer(seen: Seen) -> float:
    """Character error rate: edits between decoded and target symbols, over the targets' symbols."""
    from jiwer import process_characters

    return float(process_characters(*_spoken(seen)).cer)


def _spoken(seen: Seen) -> tuple[list[str], list[str]]:
    """Targets and what was decoded in their place; empty targets have no error rate and are left out."""
    spoken = [(target, best) for best, target in seen.decoded if target]
    if not spoken:
        raise Undefined("no target of the split has a symbol, so there is no error rate")
    return [_written(target) for target, _ in spoken], [_written(best) for _, best in spoken]


def _written(symbols: Sequence[int]) -> str:
    """Each symbol as a character of its own."""
    if any(symbol > LARGEST_SYMBOL for symbol in symbols):
        raise Undefined(f"there are more than {LARGEST_SYMBOL:,} symbols")
    return "".join(chr(FIRST_SIGN + symbol) for symbol in symbols)


def _f1_by(average: str) -> Callable[[Seen], float]:
    return lambda seen: _f1(seen, average)


# Of each metric of a recipe, the values that are kept, how each is computed, and the library that counts.
_WAYS: dict[str, dict[str, tuple[Callable[[Seen], float], str]]] = {
    "f1": {
        f"f1 {average}": (_f1_by(average), "torchmetrics")
        for average in ("binary", "micro", "macro", "weighted")
    },
    "perplexity": {"perplexity": (_perplexity, "")},
    "bits_per_byte": {"bits_per_byte": (_bits_per_byte, "")},
    "mse": {"mse": (_mse, "torchmetrics")},
    "mae": {"mae": (_mae, "torchmetrics")},
    "r2": {"r2": (_r2, "torchmetrics")},
    "wer": {"wer": (_wer, "jiwer")},
    "cer": {"cer": (_cer, "jiwer")},
}
