"""Accuracies that are claimed, against what always giving the most frequent label would reach."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.model import Fault, Place
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.published import claims, metric_name, results, split_name
from auditor.rules.registry import rule
from auditor.rules.split_labels import HIDDEN

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.forensics.printed import Printed
    from auditor.rules.tables import Tables


@rule("DATA214", level="warning", needs=("tables", "bundle"), klass="implausible", since="2026.2")
def no_better_than_constant(tables: Tables, bundle: Bundle) -> Iterator[Fault]:
    """A claimed accuracy is no better than giving the most frequent label always.

    Why: The model may have learned nothing but which label is frequent; an accuracy alone does not show it.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.5000"
            data: {split: validation, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
    Fix: Report a metric that such a model fails, such as balanced accuracy or MCC, and say what the most
        frequent label's share is.
    Source: Chicco and Jurman 2020, The advantages of the Matthews correlation coefficient, BMC Genomics
        21(6).
    """
    shares: dict[str, tuple[Fraction, str, Place]] = {}
    for one in tables.sets if len(tables.sets) == 1 else ():
        for split, found in tables.labels(one):
            known = {name: count for name, count in found.items() if name not in HIDDEN}
            if len(known) > 1:
                name, most = max(known.items(), key=lambda entry: entry[1])
                shares[split] = Fraction(most, sum(known.values())), name, one.splits[split][0].place
    for place, split, value in _accuracies(bundle) if shares else ():
        if split in shares and value.value <= shares[split][0]:
            share, name, where = shares[split]
            yield place.says(
                f"accuracy is {value.text}, and label `{shown(name, 40)}` alone makes up "
                f"{float(100 * share):.2f} % of `{shown(split)}`",
                where,
            )
    tables.told()


def _accuracies(bundle: Bundle) -> Iterator[tuple[Place, str, Printed]]:
    """Every accuracy that is claimed on a split, as a proportion, with its place."""
    manifest, card = bundle.get("manifest"), bundle.get("card")
    if isinstance(manifest, Document):
        for claim in claims(manifest):
            if metric_name(claim.metric) == "accuracy" and claim.unit in ("proportion", "percent"):
                value = claim.value if claim.unit == "proportion" else claim.value.times(Fraction(1, 100))
                yield manifest.at(*claim.path, "value"), split_name(claim.split), value
    elif isinstance(card, Document):
        every = results(card)
        sets = {str(result.dataset.get("type")) for several in every.values() for result in several}
        for result in every.get("accuracy", []) if len(sets) == 1 else ():
            if result.value is not None and 0 <= result.value.value <= 1:
                yield card.at(*result.path, "value"), split_name(result.split), result.value
