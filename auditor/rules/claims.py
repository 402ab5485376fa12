"""One number in several places: claim, model-index, the card's tables and the files of evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent, Bundle, Unread
from auditor.forensics.printed import Printed, same
from auditor.model import Fault, KeyPath
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.paths import escapes, other_case, resolved, sizes
from auditor.rules.published import (
    TableNumber,
    claims,
    metric_name,
    number,
    results,
    same_in_some_unit,
    split_name,
    table_numbers,
)
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

MAX_COMPARED = 200  # numbers of one metric in one card that are compared with each claim


@rule("CLM001", level="error", needs=("manifest", "card"), klass="inconsistent")
def claim_differs_from_model_index(manifest: Document, card: MarkdownDocument) -> Iterator[Fault]:
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
    for claim in claims(manifest):
        wanted = ("", split_name(claim.split))
        published = [
            (result, result.value)
            for result in _few(results(card).get(metric_name(claim.metric), []))
            if result.value is not None and split_name(result.split) in wanted
        ]
        if published and not any(_same_claim(claim.unit, claim.value, value) for _, value in published):
            nearest, value = published[0]
            yield manifest.at(*claim.path, "value").says(
                f"`{shown(claim.id)}` is {claim.value.text}, the card's `model-index` says {value.text}",
                card.at(*nearest.path, "value"),
            )


@rule("CLM002", level="error", needs=("manifest", "card"), klass="inconsistent", certainty="likely")
def claim_differs_from_table(manifest: Document, card: MarkdownDocument) -> Iterator[Fault]:
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
    for claim in claims(manifest):
        printed = _in_tables(card, claim.metric, claim.split)
        if printed and not any(_same_claim(claim.unit, claim.value, number.value) for number in printed):
            yield manifest.at(*claim.path, "value").says(
                f"`{shown(claim.id)}` is {claim.value.text}, the card's table says {_texts(printed)}",
                card.place(printed[0].cell.span),
            )


@rule("CLM003", level="warning", needs="card", klass="inconsistent", certainty="likely", after=("CLM001",))
def model_index_differs_from_table(card: MarkdownDocument) -> Iterator[Fault]:
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
    for metric in table_numbers(card):
        for result in _few(results(card).get(metric, [])):
            value, printed = result.value, _in_tables(card, result.metric, result.split)
            if value is None or not printed:
                continue
            if not any(same_in_some_unit(value, number.value) for number in printed):
                yield card.at(*result.path, "value").says(
                    f"`{shown(result.metric)}` is {value.text} here, the card's table says {_texts(printed)}",
                    card.place(printed[0].cell.span),
                )


@rule("CLM101", level="warning", needs=("manifest", "bundle"), klass="unsupported")
def evidence_missing(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A claim names a file of evidence that the bundle does not have.

    Why: Evidence that cannot be opened supports nothing.
    Bad:
        # results/test.json, absent
    Good:
        # results/test.json, whole file
        {"accuracy": 0.8333}
    Fix: Ship the file, or correct `path`.
    """
    known = sizes(bundle)
    for _, path, where in _evidence(manifest):
        if where not in known:
            there = other_case(manifest.get(*path, "path"), bundle)
            yield manifest.at(*path, "path").says(
                f"`{shown(where)}` is not in the bundle",
                fix=rewritten(manifest, (*path, "path"), there) if there else None,
            )


@rule("CLM102", level="error", needs=("manifest", "bundle"), klass="inconsistent")
def evidence_differs(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """The file of evidence holds another value than the claim.

    Why: The evaluation wrote one number, the release publishes another.
    Bad:
        # results/test.json, whole file
        {"accuracy": 0.9167}
    Good:
        # results/test.json, whole file
        {"accuracy": 0.83333333333333337}
    Fix: Publish what was measured.
    """
    by_path = {claim.path: claim for claim in claims(manifest)}
    for index, path, where in _evidence(manifest):
        claim = by_path.get(index)
        evidence = _read(bundle, where)
        if claim is None or not isinstance(evidence, Document):
            continue
        found = _pointed(evidence, manifest.get(*path, "pointer"))
        value = number(evidence, *found) if found is not None else None
        if value is not None and not _same_claim(claim.unit, claim.value, value):
            yield manifest.at(*claim.path, "value").says(
                f"`{shown(claim.id)}` is {claim.value.text}, {shown(where)} has {shown(value.text)}",
                evidence.at(*(found or ())),
            )


@rule("CLM103", level="warning", needs=("manifest", "bundle"), klass="unsupported")
def evidence_points_nowhere(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A file of evidence cannot be read, or the pointer into it leads to no number.

    Why: The file is there, and what it should prove is not in it.
    Bad:
        # results/test.json, whole file
        {"eval": {"accuracy": 0.8333}}
    Good:
        # results/test.json, whole file
        {"accuracy": 0.8333, "loss": 0.41}
    Fix: Correct `pointer`; `/eval/accuracy` means the key `accuracy` in the mapping under `eval`.
    Source: RFC 6901, JSON Pointer.
    """
    for _, path, where in _evidence(manifest):
        pointer = manifest.get(*path, "pointer")
        evidence = _read(bundle, where)
        if isinstance(evidence, Unread):
            yield manifest.at(*path, "path").says(f"`{shown(where)}` could not be read")
        elif isinstance(pointer, str) and isinstance(evidence, Document):
            found = _pointed(evidence, pointer)
            if found is None or number(evidence, *found) is None:
                yield manifest.at(*path, "pointer").says(
                    f"`{shown(pointer)}` leads to no number in {shown(where)}", evidence.at(*(found or ()))
                )


@rule("CLM104", level="note", needs=("manifest", "bundle"), klass="unsupported")
def claim_without_evidence(manifest: Document, bundle: Bundle) -> Iterator[Fault]:
    """A claim has nothing behind it: no file, no values of runs, no recipe to measure it again.

    Why: Such a number can be believed or not, but not checked.
    Bad:
        # recipe.yaml, absent
        # fmaudit.yaml
        components: null
        claims:
          - id: test-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: test-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
    Fix: Ship the file that the evaluation wrote and name it under `evidence`, or a recipe.
    """
    if bundle.file("recipe.yaml") is None:
        for claim in claims(manifest):
            if claim.values is None and not manifest.get(*claim.path, "evidence"):
                yield manifest.at(*claim.path).says(f"nothing supports `{shown(claim.id)}`")


def _same_claim(unit: str, claimed: Printed, other: Printed) -> bool:
    """Whether another place can mean the claimed value; only proportions and percentages have two forms."""
    return same_in_some_unit(claimed, other) if unit in ("proportion", "percent") else same(claimed, other)


def _in_tables(card: MarkdownDocument, metric: str, split: str) -> list[TableNumber]:
    """The tables' numbers for a metric on a split; a number whose split is not named counts for any.

    Empty where none of them stands alone in its table: several rows are of several models.
    """
    wanted = split_name(split)
    found = _few(table_numbers(card).get(metric_name(metric), []))
    fitting = [number for number in found if not wanted or number.split in ("", wanted)]
    return fitting if any(number.alone for number in fitting) else []


def _few(found: list[Any]) -> list[Any]:
    """The list itself, or nothing where it is so long that it is data and no claim."""
    return found if len(found) <= MAX_COMPARED else []


def _texts(numbers: list[TableNumber]) -> str:
    texts = list(dict.fromkeys(number.value.text for number in numbers))
    return " and ".join(texts[:3]) + (f" and {len(texts) - 3} others" if len(texts) > 3 else "")


def _evidence(manifest: Document) -> Iterator[tuple[KeyPath, KeyPath, str]]:
    """Each piece of evidence inside the bundle: place of its claim, its own place, its path."""
    for claim, _ in manifest.items("claims"):
        for path, entry in manifest.items(*claim, "evidence"):
            where = entry.get("path") if isinstance(entry, dict) else None
            if isinstance(where, str) and where and "\0" not in where and not escapes(where):
                yield claim, path, resolved(where)


def _read(bundle: Bundle, path: str) -> Document | Absent | Unread | None:
    """The document that a path of evidence means; None for logs and other text without a structure."""
    structured = bundle.has(path) and path.endswith((".json", ".yaml", ".yml"))
    return bundle.document(path) if structured else None


def _pointed(document: Document, pointer: object) -> KeyPath | None:
    """The key path that a JSON pointer means in the document, or None where it leads nowhere."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        return None
    path: list[str | int] = []
    for token in pointer[1:].split("/")[:1000]:
        key = token.replace("~1", "/").replace("~0", "~")
        value = document.get(*path)
        if isinstance(value, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(value):
            path.append(int(key[:9]))
        elif isinstance(value, dict) and key in value:
            path.append(key)
        else:
            return None
    return tuple(path)
