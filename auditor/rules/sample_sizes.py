"""How many examples a score was measured on, by its own digits."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.granularity import attainable, has_power, implied, neighbours, of_float32
from auditor.forensics.printed import ANY, Printed, decimal, places
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.blocks import Block, examples, has_one_label, proportion, single
from auditor.rules.registry import rule
from auditor.rules.test_sets import sizes
from auditor.statements.metrics import nature

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Score

_LONGEST_FRACTION = 100_000  # examples; simpler fractions than k/n are told as what the digits mean


@rule("MET105", level="error", needs=("blocks", "bundle"), klass="impossible", since="2026.2")
def count_between_steps(blocks: tuple[Block, ...], bundle: Bundle) -> Iterator[Fault]:
    """No whole number of right answers gives a score on the number of examples that stands beside it.

    Why: Accuracy on n examples is k/n for a whole k; see MET101, which looks at claims. Only rounding beyond
        one unit of the last digit is called impossible, and only where the digits can tell.
    Bad:
        # README.md
        Measured on the held-out rows:

        - Exact match: 0.8412 (n = 60)
    Good:
        # README.md
        Measured on the held-out rows:

        - Exact match: 0.8333 (n = 60)
    Fix: Correct the value or the number of examples. Not looked at: result files of models that answer for
        each token, tables (MET312 looks at reports), averages over classes and means of several runs.
    Source: Brown and Heathers 2017, The GRIM test, doi:10.1177/1948550616673876.
    """
    per_example: bool | None = None
    for score in _means(blocks):
        n = examples(score)
        if n is None or score.source not in ("card list", "results", "eval-results"):
            continue
        value = proportion(score)
        if value is None:
            continue
        if score.source == "results":
            if per_example is None:
                per_example = has_one_label(bundle)
            if not per_example or "," in score.text:
                continue
        if has_power(value, n, ANY) and not _attainable(value, n):
            factor = 100 if value.value != score.value.value else 1
            digits = min(places(value.times(factor)), 20)
            sides = [
                f"{k}/{n} is {decimal(Fraction(k, n) * factor, digits)}"
                for k in neighbours(value, n)
                if k <= n
            ]
            yield score.place.says(
                f"`{shown(score.text)}` is {shown(score.value.text)}, which no count out of {n:,} gives: "
                f"{', '.join(sides)}",
                help=_meaning(value),
            )


@rule("MET106", level="warning", needs="blocks", klass="inconsistent", certainty="likely", since="2026.2")
def score_not_of_named_test_set(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """A score was not measured on the whole split of the well-known data set that it names.

    Why: The value is no k/n for the split's size. Most often it was measured on a few hundred examples and is
        published beside others' scores on all of them.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: text-classification}
                dataset: {type: imdb, name: imdb, split: test}
                metrics: [{type: exact_match, value: 0.8966666666666666}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: text-classification}
                dataset: {type: imdb, name: imdb, split: test}
                metrics: [{type: exact_match, value: 0.89664}]
        ---
    Fix: Measure on the whole split, or say which part it was. Not looked at: data sets whose sizes are not in
        `test_sets.txt`, and values with too few digits.
    Source: measured: 36 of 337 cards, all of them measured on a part.
    """
    for score in _means(blocks):
        value = (
            proportion(score) if score.dataset and score.source in ("model-index", "eval-results") else None
        )
        known = sizes(score.dataset, score.config, score.split) if value is not None else {}
        if value is None or not known:
            continue
        if all(has_power(value, n, ANY) and not _attainable(value, n) for n in known.values()):
            told = ", ".join(f"`{split}` with {n:,} examples" for split, n in sorted(known.items()))
            what = _meaning(value) or f"{shown(score.value.text)} is no k/n"
            yield score.place.says(f"{what}, `{shown(score.dataset)}` has {told}")


def _means(blocks: tuple[Block, ...]) -> Iterator[Score]:
    """Scores that are means of zeros and ones, of one run."""
    for block in blocks:
        for found in () if block.several else block.scores.values():
            for score in found:
                known = nature(score.metric.base)
                if (
                    known is not None
                    and known.mean_of_01
                    and score.average in ("", "micro")
                    and single(score)
                ):
                    yield score


def _attainable(value: Printed, n: int) -> bool:
    """Whether k/n prints so; a number that went through 32 bits is known to 7 digits only."""
    return attainable(value, n, ANY) or (value.full and of_float32(value, n))


def _meaning(value: Printed) -> str:
    simplest = implied(value, _LONGEST_FRACTION)
    return f"{shown(value.text)} is {simplest.numerator}/{simplest.denominator}" if simplest else ""
