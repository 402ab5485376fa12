"""Scores outside the range that their metric has, wherever they are published."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.printed import ANY
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.blocks import Block
from auditor.rules.registry import rule
from auditor.statements.metrics import nature

if TYPE_CHECKING:
    from auditor.statements.score import Score

# Names that are written for settings and for distances too: `precision: 16`, `error (mm)`, `hits`.
_AMBIGUOUS = frozenset({"precision", "errorrate", "hitrate", "passrate", "map", "averageprecision", "rocauc"})


@rule("MET103", level="error", needs="blocks", klass="impossible", since="2026.2")
def score_outside_range(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """A score lies outside the range of its metric in the unit that is written beside it.

    Why: An accuracy of 183 % or a perplexity of 0.7 cannot be measured; most often a percent sign was put
        behind another number, or digits were lost.
    Bad:
        # README.md
        | Model | Recall (%) |
        |---|---|
        | ours | 183.3 |
    Good:
        # README.md
        | Model | Recall (%) |
        |---|---|
        | ours | 83.3 |
    Fix: Correct the value or its unit. Not looked at: numbers without a unit (MET104 looks at those), with a
        sign (they are differences), and claims (MET001).
    Source: measured: none of 9,319 published values is outside.
    """
    for score in _scores(blocks):
        known = nature(score.metric.base)
        if known is None or score.source == "manifest" or score.unit not in ("percent", "proportion"):
            continue
        if score.metric.base == "errorrate":  # `error (%)` is often a relative one, which has no end
            continue
        one = 100 if score.unit == "percent" else 1
        high = 100 if known.high == 100 else None if known.high is None else known.high * one
        value = score.value.value
        noise = score.value.half_width(ANY) if score.value.full else Fraction(0)
        if high is not None and value > high + noise:
            unit = "percent" if one == 100 else "as a proportion"
            yield score.place.says(
                f"`{shown(score.text)}` is {score.value.text} {unit}, the most there can be is {high}"
            )


@rule("MET104", level="warning", needs="blocks", klass="implausible", certainty="likely", since="2026.2")
def score_outside_any_unit(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """A score is neither a proportion nor a percentage, and its metric is nothing else.

    Why: No unit is written, and in none of the usual ones can the metric have this value.
    Bad:
        # README.md
        | Model | Recall |
        |---|---|
        | ours | 833.3 |
    Good:
        # README.md
        | Model | Recall |
        |---|---|
        | ours | 83.33 |
    Fix: Correct the value, or name what was measured. Not looked at: names that are also written for settings
        (`precision`), distances (`error`) and areas (`auc`).
    """
    for score in _scores(blocks):
        known = nature(score.metric.base)
        if known is None or score.unit or score.source == "manifest" or score.metric.base in _AMBIGUOUS:
            continue
        value, low = score.value.value, -100 if (known.low or 0) < 0 else known.low
        if (low is None or low <= value) and value <= 100:  # nearly always
            continue
        noise = score.value.half_width(ANY)
        too_high = known.high is not None and value > 100 + noise
        # a difference to another model is written with its sign
        bounded = score.source in ("model-index", "results", "eval-results")
        too_low = bounded and low is not None and value < low - noise
        if too_high or too_low:
            least = f"at least {low}" if too_low else "at most 1, or 100 %"
            yield score.place.says(f"`{shown(score.text)}` is {score.value.text}, it is {least}")


def _scores(blocks: tuple[Block, ...]) -> Iterator[Score]:
    for block in blocks:
        for found in block.scores.values():
            for score in found:
                if score.value.text[:1] not in ("+", "-") or score.source == "model-index":
                    yield score
