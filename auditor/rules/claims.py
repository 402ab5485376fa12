"""One score in several places: claim, `model-index`, and the lists, tables and sentences of the card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.agreement import agrees, comparable, own, surely_comparable, values
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.rules.agreement import Published
    from auditor.statements.score import Score


@rule(
    "CLM001",
    level="error",
    needs="published scores",
    klass="inconsistent",
)
def claim_differs_from_model_index(scores: Published) -> Iterator[Fault]:
    """A claim's value is not the one that the card's `model-index` publishes.

    Why: The hub shows one number, the manifest vouches for another.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 0.9167}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: accuracy, value: 83.33}]
        ---
    Fix: Publish the claimed value. Fewer digits and percentages are understood.
    """
    for name, claimed in scores.of("manifest").items():
        entries = scores.of("model-index").get(name, ())
        for claim in claimed:
            against = [entry for entry in entries if comparable(claim, entry)]
            if against and not any(agrees(claim, entry) for entry in against):
                yield claim.place.says(
                    f"`{shown(claim.label)}` is {shown(claim.value.text)}, "
                    f"the card's `model-index` says {values(against)}",
                    against[0].place.labelled("the hub shows this"),
                )


@rule(
    "CLM002",
    level="error",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
)
def claim_differs_from_table(scores: Published) -> Iterator[Fault]:
    """A table of the card has numbers for the claim's metric, and none of them is the claim's value.

    Why: People read the table; what they read is not what the manifest vouches for.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
        # README.md
        | | Accuracy |
        |---|---|
        | validation | 0.6667 |
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
        # README.md
        | | Accuracy (%) |
        |---|---|
        | validation | 83.3 |
    Fix: Bring table and claim to the same number. Tables that do not name the metric or the split as the
        claim does are not compared.
    """
    for name, claimed in scores.of("manifest").items():
        for claim in claimed:
            printed = _in_tables(scores, name, claim)
            if printed and not any(agrees(claim, number) for number in printed):
                yield claim.place.says(
                    f"`{shown(claim.label)}` is {shown(claim.value.text)}, "
                    f"the card's table says {values(printed)}",
                    printed[0].place.labelled("readers see this"),
                )


@rule(
    "CLM003",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    after=("CLM001",),
)
def model_index_differs_from_table(scores: Published) -> Iterator[Fault]:
    """The card's tables have numbers for a metric, and none is the value in its `model-index`.

    Why: The hub shows the front matter beside the text; a reader sees two values for one model.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: validation}
                metrics: [{type: f1, value: 0.83}]
        ---
        | | F1 |
        |---|---|
        | validation | 0.61 |
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: validation}
                metrics: [{type: f1, value: 0.83}]
        ---
        | | F1 |
        |---|---|
        | validation | 0.83 |
    Fix: Bring both to the same number.
    Source: measured: 8 of 2,672 cards of the hub with both, all of them truly different numbers.
    """
    for name, entries in scores.of("model-index").items():
        for entry in own(entries):
            printed = _in_tables(scores, name, entry) or _in_benchmarks(scores, name, entry)
            if printed and not any(agrees(entry, number) for number in printed):
                yield entry.place.says(
                    f"`{shown(entry.text)}` is {shown(entry.value.text)} here, "
                    f"the card's table says {values(printed)}",
                    printed[0].place.labelled("readers see this"),
                )


@rule(
    "CLM004",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def list_differs_from_model_index(scores: Published) -> Iterator[Fault]:
    """The card lists a value for a metric, and no entry of its `model-index` for that metric has it.

    Why: The hub ranks by the front matter, people read the list below the title; one of them was changed or
        is left over from another training. Not looked at: entries that others have verified, other splits,
        and metrics that the list or the front matter does not name.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.7143}]
        ---
        It reads the six rows of the test split:
        - F1: 0.8286
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: f1, value: 0.8286}]
        ---
        It reads the six rows of the test split:
        - F1: 82.86
    Fix: Publish one value in both places. Fewer digits and percentages are understood.
    Source: measured: 8 of 2,672 cards of the hub with both, all of them truly different numbers.
    """
    yield from _disjoint("the list in the card", scores.of("card list"), own_entries(scores))


@rule(
    "CLM005",
    level="warning",
    needs="published scores",
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def sentence_differs(scores: Published) -> Iterator[Fault]:
    """A sentence of the card says what the model achieves, and no other place of the card has that value.

    Why: The sentence is what gets quoted; the numbers were measured. Read are sentences of one number about
        `the model` or `it` without words of comparison; they are compared with `model-index`, lists and
        tables.
    Bad:
        # README.md
        On the test split it achieves an accuracy of 86.7%.
    Good:
        # README.md
        On the test split it achieves an accuracy of 83.3%.
    Fix: Write the measured value into the sentence.
    """
    others: dict[str, list[Score]] = {}
    for source in ("model-index", "card list", "card table", "manifest", "training log"):
        for name, found in scores.of(source).items():
            others.setdefault(name, []).extend(found)
    for name, said in scores.of("card prose").items():
        for score in said:
            against = [one for one in others.get(name, ()) if comparable(score, one)]
            if own(against) and not any(agrees(score, one) for one in against):
                sign = "%" if score.unit == "percent" else ""
                yield score.place.says(
                    f"the sentence says {shown(score.value.text)}{sign} for "
                    f"`{shown(score.text)}`, elsewhere the release says {values(own(against))}",
                    own(against)[0].place.labelled("said here"),
                )


def own_entries(scores: Published) -> dict[str, tuple[Score, ...]]:
    """The entries of `model-index` that the author measured, by metric."""
    return {name: tuple(own(found)) for name, found in scores.of("model-index").items()}


def _disjoint(
    what: str, listed: dict[str, tuple[Score, ...]], entries: dict[str, tuple[Score, ...]]
) -> Iterator[Fault]:
    """A fault for each metric of which no listed value is that of any entry it can be compared with."""
    for name, found in listed.items():
        pairs = [
            (one, entry)
            for one in own(found)
            for entry in entries.get(name, ())
            if comparable(one, entry) and entry.metric.split in ("", one.split)  # `Test WER` is of the test
        ]
        if pairs and not any(agrees(*pair) for pair in pairs):
            one, entry = pairs[0]
            yield entry.place.says(
                f"`{shown(entry.text)}` is {shown(entry.value.text)} here, {what} says "
                f"{values(_firsts(pairs))}",
                one.place.labelled("readers see this"),
            )


def _firsts(pairs: Iterable[tuple[Score, Score]]) -> list[Score]:
    return [one for one, _ in pairs]


def _in_tables(scores: Published, name: str, score: Score) -> list[Score]:
    """The tables' numbers for a metric that a score can be compared with.

    Empty where none of them is of the released model alone: several rows are of several models.
    """
    found = [one for one in scores.of("card table").get(name, ()) if comparable(score, one)]
    return found if own(found) else []


def _in_benchmarks(scores: Published, name: str, score: Score) -> list[Score]:
    """The numbers in tables of benchmarks that are surely of the same data."""
    found = scores.of("benchmark table").get(name, ())
    return [one for one in found if surely_comparable(one, score)]
