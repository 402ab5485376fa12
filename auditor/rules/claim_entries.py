"""Scores that the author measured against scores of the same model that others measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.agreement import agrees, own
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.rules.agreement import Published
    from auditor.statements.score import Score


@rule(
    "CLM106",
    level="note",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def verified_differs(scores: Published) -> Iterator[Fault]:
    """Somebody else measured another value of a metric on the same data, configuration and split.

    Why: A verified value is the one that others can rely on; how far the author's lies from it tells how
        well the evaluation is described. Compared are entries of `model-index` that name all of them.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, config: plain, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, config: plain, split: test}
                metrics: [{type: accuracy, value: 0.6667, verified: true, verifyToken:
                eyJhbGciOiJFZERTQSJ9.e30.c2ln}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, config: plain, split: test}
                metrics: [{type: accuracy, value: 0.8333}]
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, config: plain, split: test}
                metrics: [{type: accuracy, value: 0.8333333, verified: true, verifyToken:
                eyJhbGciOiJFZERTQSJ9.e30.c2ln}]
        ---
    Fix: Find out which evaluation differs: another split, preprocessing or average; publish the verified
        value.
    Source: measured: 46 such pairs on the hub; GLUE accuracies were equal in 5 of 10.
    """
    for found in scores.of("model-index").values():
        mine = {_data(score): score for score in own(found) if score.dataset and score.split}
        for score in found:
            other = mine.get(_data(score)) if score.verified else None
            if other is not None and not agrees(score, other):
                yield other.place.says(
                    f"`{shown(other.text)}` is {shown(other.value.text)} here, "
                    f"others measured {shown(score.value.text)}",
                    score.place.labelled("measured by others"),
                )


def _data(score: Score) -> tuple[str, str, str, str]:
    return (score.dataset, score.config, score.split, score.average)
