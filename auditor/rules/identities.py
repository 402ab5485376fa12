"""Averages of one block that are one number under two names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.forensics.envelope import apart
from auditor.forensics.printed import ANY
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.blocks import Block, has_one_label, readings, single
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Score

# Pairs of name and average that are equal whatever the data: see the rules for why.
_ALWAYS = (
    (("balancedaccuracy", ""), ("recall", "macro")),
    (("recall", "micro"), ("recall", "weighted")),
)
_OF_ONE_LABEL = (
    (("accuracy", ""), ("recall", "weighted")),
    (("accuracy", ""), ("recall", "micro")),
    (("accuracy", ""), ("precision", "micro")),
    (("accuracy", ""), ("f1", "micro")),
)


@rule("MET313", level="error", needs="blocks", klass="impossible", certainty="likely", since="2026.2")
def equal_averages_differ(blocks: tuple[Block, ...]) -> Iterator[Fault]:
    """Two averages that are the same by definition are printed with different values.

    Why: Balanced accuracy is the macro average of recall. Recall weighted by support is the number of right
        predictions over the number of all, which is its micro average.
    Bad:
        # README.md
        | Model | Balanced accuracy | Macro recall |
        |---|---|---|
        | ours | 0.8333 | 0.7833 |
    Good:
        # README.md
        | Model | Balanced accuracy | Macro recall |
        |---|---|---|
        | ours | 0.8333 | 0.8333 |
    Fix: Look for a value of another run or another split.
    Source: scikit-learn, `balanced_accuracy_score`: "the average of recall obtained on each class".
    """
    yield from _differing(blocks, _ALWAYS)


@rule(
    "MET314",
    level="warning",
    needs=("blocks", "bundle"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def accuracy_differs_from_micro_average(blocks: tuple[Block, ...], bundle: Bundle) -> Iterator[Fault]:
    """Accuracy of a model that gives one label differs from micro averages, or from weighted recall.

    Why: Where each example has one label and gets one, each error is one false positive and one false
        negative, so that micro precision, recall and F1 and weighted recall are all the accuracy.
    Bad:
        # config.json
        {"problem_type": "single_label_classification"}
        # README.md
        | Model | Accuracy | Micro F1 |
        |---|---|---|
        | ours | 0.8333 | 0.8533 |
    Good:
        # config.json
        {"problem_type": "single_label_classification"}
        # README.md
        | Model | Accuracy | Micro F1 |
        |---|---|---|
        | ours | 0.8333 | 0.8333 |
    Fix: Look for a value of another run. Where a class was left out, as is usual for relations, say so.
        Not looked at: models whose `config.json` does not say `single_label_classification`.
    Source: measured: 151 AutoTrain cards of several classes obey.
    """
    if any("accuracy" in block.scores and len(block.scores) > 1 for block in blocks) and has_one_label(
        bundle
    ):
        yield from _differing(blocks, _OF_ONE_LABEL)


_Named = tuple[str, str]


def _differing(blocks: tuple[Block, ...], pairs: tuple[tuple[_Named, _Named], ...]) -> Iterator[Fault]:
    for block in blocks:
        for (first, average), (second, other) in pairs:
            if first not in block.scores or second not in block.scores:
                continue
            one, two = block.one(first, average), block.one(second, other)
            if one is None or two is None or not (single(one) and single(two)):
                continue
            if all(apart(a.interval(ANY), b.interval(ANY)) for a, b in readings(one, two)):
                yield two.place.says(
                    f"{_told(two)} is {shown(two.value.text)}, {_told(one)} is {shown(one.value.text)}",
                    one.place,
                )
                break


def _told(score: Score) -> str:
    return f"`{shown(score.text)}`"
