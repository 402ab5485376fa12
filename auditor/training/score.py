"""What a model scored on a split, as it is compared with claims and kept in a run's record; no torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# In which unit of a claim each metric is one number; `percent` is a proportion times 100.
UNITS = {
    "accuracy": ("proportion", "percent"),
    "f1": ("proportion", "percent", "score"),
    "perplexity": ("score",),
    "bits_per_byte": ("bits_per_byte",),
    "mse": ("score",),
    "mae": ("score",),
    "r2": ("score", "proportion", "percent"),
    "wer": ("proportion", "percent"),
    "cer": ("proportion", "percent"),
}
LOWER_IS_BETTER = {
    "accuracy": False,
    "loss": True,
    "f1": False,
    "perplexity": True,
    "bits_per_byte": True,
    "mse": True,
    "mae": True,
    "r2": False,
    "wer": True,
    "cer": True,
}


@dataclass(frozen=True, slots=True)
class Score:
    """Metrics of one model on one split.

    Attributes:
        n: number of examples.
        correct: one byte an item (a label, a token, a yes or no), 1 where the model says what it should;
            empty where nothing is right or wrong.
        loss: the recipe's loss, averaged over its items.
        confidence: mean probability of the predicted class; None where no example has one.
        loss_unit: `nats`, or `score` where the loss is a difference of numbers.
        metrics: further metrics by name; F1 by its average, as in `f1 macro`.
        undefined: metrics without a value on this split, with the reason.
        measured_by: library and version that counted a metric.
    """

    n: int
    correct: bytes
    loss: float
    confidence: float | None
    loss_unit: str = "nats"
    metrics: Mapping[str, float] = field(default_factory=dict)
    undefined: Mapping[str, str] = field(default_factory=dict)
    measured_by: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_correct(self) -> int:
        """Number of items that are right."""
        return sum(self.correct)

    @property
    def n_items(self) -> int:
        """Number of items that can be right or wrong."""
        return len(self.correct)

    @property
    def summary(self) -> str:
        """The score in a few words."""
        accuracy = f"accuracy {self.n_correct / self.n_items:.4f}, " if self.correct else ""
        return f"{accuracy}loss {self.loss:.4f}"

    def value(self, metric: str, unit: str, average: str | None = None) -> float | None:
        """The metric in the unit a claim uses; None where there is none, and `why_not` says why."""
        if metric == "loss":
            return self.loss if unit == self.loss_unit else None
        if unit not in UNITS.get(metric, ()):
            return None
        if metric == "accuracy":
            value = self.n_correct / self.n_items if self.correct else None
        else:
            value = self.metrics.get(_name(metric, average))
        return None if value is None else value * (100 if unit == "percent" else 1)

    def plain(self, metric: str) -> float | None:
        """The metric in the first of its units, F1 as the macro average; None where there is none."""
        if metric == "loss":
            return self.loss
        return self.value(metric, UNITS[metric][0], "macro" if metric == "f1" else None)

    def why_not(self, metric: str, unit: str, average: str | None = None) -> str:
        """Why `value` gives None."""
        name = _name(metric, average)
        if metric == "f1" and average is None and name not in self.metrics:
            return "the claim does not say how F1 was averaged (`metric.average`)"
        if name in self.undefined:
            return self.undefined[name]
        known = (self.loss_unit,) if metric == "loss" else UNITS.get(metric, ())
        if unit not in known:
            return f"fmaudit does not measure `{metric}` in `{unit}`"
        if metric == "accuracy":
            return "nothing that the model predicts is right or wrong, so there is no accuracy"
        told = f"`{metric}`" if average is None else f"`{metric}` with the average `{average}`"
        return f"the recipe's `evaluation.metrics` do not ask for {told}"

    def to_json(self) -> dict[str, Any]:
        """The score as JSON values; floats as text that reads back to the same bits, as JSON has no NaN."""
        return {
            "n": self.n,
            "correct": "".join(map(str, self.correct)),
            "loss": repr(self.loss),
            "confidence": None if self.confidence is None else repr(self.confidence),
            "loss_unit": self.loss_unit,
            "metrics": {name: repr(value) for name, value in self.metrics.items()},
            "undefined": dict(self.undefined),
            "measured_by": dict(self.measured_by),
        }

    @classmethod
    def from_json(cls, kept: Any) -> Score:
        """The score that `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is not one.
        """
        correct = bytes(map(int, kept["correct"]))
        if not isinstance(kept["n"], int) or set(correct) - {0, 1}:
            raise ValueError("no score")
        return cls(
            n=kept["n"],
            correct=correct,
            loss=float(kept["loss"]),
            confidence=None if kept["confidence"] is None else float(kept["confidence"]),
            loss_unit=str(kept["loss_unit"]),
            metrics={str(name): float(value) for name, value in kept["metrics"].items()},
            undefined={str(name): str(why) for name, why in kept["undefined"].items()},
            measured_by={str(name): str(library) for name, library in kept["measured_by"].items()},
        )


def _name(metric: str, average: str | None) -> str:
    return f"f1 {average}" if metric == "f1" else metric
