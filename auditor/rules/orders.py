"""Scores of one block in an order that cannot be: an error and its accuracy, nested metrics."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from auditor.forensics.nested import (
    PROVEN,
    RISING_PROVEN,
    RISING_USUAL,
    SLACK,
    USUAL,
    complements,
    exceeds,
    square,
)
from auditor.forensics.printed import ANY, decimal, places
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.blocks import Block, readings, single
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.statements.score import Score


@rule("MET305", level="error", needs="blocks", klass="impossible", since="2026.2")
def score_and_error_differ_from_one(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """An accuracy and the error of the same predictions do not add up to 1.

    Why: A prediction is right or wrong; top-k accuracy and top-k error count the same ones.
    Bad:
        # README.md
        | Model | Top1 | Top1 err |
        |---|---|---|
        | ours | 83.33 | 17.67 |
    Good:
        # README.md
        | Model | Top1 | Top1 err |
        |---|---|---|
        | ours | 83.33 | 16.67 |
    Fix: Compute one from the other. Not looked at: columns named `error` alone, which may be of
        anything, and rates that leave room for answers withheld.
    Source: measured: 12,448 of 12,448 published pairs obey.
    """
    for block in blocks:
        for error in block.scores.get("errorrate", ()):
            score = block.one("accuracy", error.average)
            ranked, rate = (word in error.text.lower() for word in ("top", "rate"))
            if score is None or not (ranked or rate) or not (single(score) and single(error)):
                continue
            found = readings(score, error)
            # answers that were withheld are in neither, so that a plain rate may be smaller than the rest
            less = rate and not ranked and any(one.value + rest.value < 1 for one, rest in found)
            if not less and not any(complements(one, rest, 1) for one, rest in found):
                both = decimal(error.value.value + score.value.value, min(places(error.value), 20))
                yield error.place.says(
                    f"`{shown(error.text)}` {error.value.text} and `{shown(score.text)}` {score.value.text} "
                    f"add up to {both}",
                    score.place,
                )


@rule("MET306", level="error", needs="blocks", klass="impossible", certainty="likely", since="2026.2")
def smaller_metric_is_larger(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """A score is larger than one that contains it: top-1 above top-5, or MAE above RMSE.

    Why: What is among the first guess is among the first five; the mean error is at most the root of the
        mean square. On the same data the order has no exception.
    Bad:
        # README.md
        | Model | Top1 | Top5 |
        |---|---|---|
        | ours | 83.33 | 75.00 |
    Good:
        # README.md
        | Model | Top1 | Top5 |
        |---|---|---|
        | ours | 83.33 | 91.67 |
    Fix: Look for columns exchanged, or rows of other data. Not looked at: names that carry a
        unit in brackets.
    Source: measured: 0 of 12,833 published pairs of top-1 and top-5 are in the wrong order.
    """
    for block in blocks:
        for smaller, larger in (*_pairs(block, PROVEN), *_rising(block, RISING_PROVEN)):
            if not _in_brackets(smaller, larger) and _exceeds(smaller, larger, Fraction(0)):
                yield _order(smaller, larger, "which can never be the smaller one")
        mse, rmse = block.one("mse"), block.one("rmse")
        if mse is not None and rmse is not None and not _in_brackets(mse, rmse):
            least, most = square(rmse.value.interval(ANY)), mse.value.interval(ANY)
            if least[0] > most[1]:
                yield rmse.place.says(
                    f"`RMSE` is {rmse.value.text}, whose square is larger than the MSE {mse.value.text}",
                    mse.place,
                )


@rule("MET307", level="warning", needs="blocks", klass="implausible", certainty="likely", since="2026.2")
def unusual_order_of_metrics(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """A score is larger than one that usually contains it: ROUGE-2 above ROUGE-1, pass@1 above pass@10.

    Why: For each example the order has no exception, but scores are drawn, estimated and defined in more than
        one way. More than 2 % in the wrong direction is seldom honest rounding.
    Bad:
        # README.md
        | Model | Rouge1 | Rouge2 |
        |---|---|---|
        | ours | 0.2014 | 0.4153 |
    Good:
        # README.md
        | Model | Rouge1 | Rouge2 |
        |---|---|---|
        | ours | 0.4153 | 0.2014 |
    Fix: Look for columns exchanged.
    Source: measured: 9 of 282 cards have ROUGE-L a little above ROUGE-1, as rouge_score draws a bootstrap
        for each.
    """
    for block in blocks:
        for smaller, larger in (*_pairs(block, USUAL), *_rising(block, RISING_USUAL)):
            if _exceeds(smaller, larger, SLACK):
                yield _order(smaller, larger, "which is usually the smaller one")


def _pairs(block: Block, known: tuple[tuple[str, str], ...]) -> Iterator[tuple[Score, Score]]:
    for small, large in known:
        if small in block.scores and large in block.scores:
            found = block.one(small), block.one(large)
            if found[0] is not None and found[1] is not None:
                yield found[0], found[1]


def _rising(block: Block, bases: tuple[str, ...]) -> Iterator[tuple[Score, Score]]:
    """Neighbours in k of the metrics that rise with it; accuracy is the one of k = 1."""
    if len(block.scores) < 2:
        return
    for base in bases:
        ranked = [(s.metric.k or 0, name) for name, (s, *_) in block.scores.items() if s.metric.base == base]
        ranked = [entry for entry in ranked if entry[0]]
        if base == "topkaccuracy" and ranked and "accuracy" in block.scores:
            ranked.append((1, "accuracy"))
        ranked.sort()
        for (_, before), (_, after) in pairwise(ranked):
            found = block.one(before), block.one(after)
            if found[0] is not None and found[1] is not None:
                yield found[0], found[1]


def _exceeds(smaller: Score, larger: Score, slack: Fraction) -> bool:
    return all(exceeds(one, other, slack=slack) for one, other in readings(smaller, larger))


def _in_brackets(*scores: Score) -> bool:
    """Whether a name carries a unit of its own, as `MAE (eV)`."""
    return any("(" in score.text and "%" not in score.text for score in scores)


def _order(smaller: Score, larger: Score, why: str) -> Fault:
    return smaller.place.says(
        f"`{shown(smaller.text)}` is {smaller.value.text} and `{shown(larger.text)}` {larger.value.text}, "
        f"{why}",
        larger.place,
    )
