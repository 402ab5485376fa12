"""What a claim says about its conditions, against the recipe, the weights and the other claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.formats.derivation import MOST_DERIVED, derived_seeds, recipe_digest
from auditor.model import Fault, KeyPath
from auditor.readers.text import shown
from auditor.rules.amounts import Amounts, ModelSize
from auditor.rules.edits import meant
from auditor.rules.prose import matches
from auditor.rules.published import claims, is_whole, metric_name
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

if TYPE_CHECKING:
    from auditor.readers.document import Document
    from auditor.readers.markdown import MarkdownDocument

_DEFAULT_METRICS = ("accuracy", "loss")  # of a recipe that names none; auditor/formats/recipe.py
_PARAMETERS = re.compile(
    r"(?<![\w.,$])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s?(k|m|b|thousand|million|billion)?"
    r"[ -](?:trainable |learnable |model |total )?param(?:eter)?s?\b",
    re.IGNORECASE,
)
_FEWEST = 1000  # smaller numbers of parameters are those of functions and optimizers


@rule("CLM201", level="warning", needs=("manifest", "recipe"), klass="unsupported")
def metric_not_evaluated(manifest: Document, recipe: Document) -> Iterator[Fault]:
    """A claim is about a metric that the recipe does not measure.

    Why: A reproduction cannot say anything about it.
    Bad:
        # fmaudit.yaml
        claims:
          - id: test-f1
            metric: {type: f1, unit: proportion, average: macro}
            value: "0.8286"
            data: {split: test, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: test-loss
            metric: {type: loss, unit: nats, lower_is_better: true}
            value: "0.4105"
            data: {split: test, n: 6}
    Fix: Add the metric to `evaluation.metrics`, or give evidence for the claim.
    """
    listed = [name for _, name in recipe.items("evaluation", "metrics") if isinstance(name, str)]
    measured = {metric_name(name) for name in listed or _DEFAULT_METRICS}
    for claim in claims(manifest):
        evidence = manifest.get(*claim.path, "evidence")
        if claim.metric and metric_name(claim.metric) not in measured and not evidence:
            yield manifest.at(*claim.path, "metric", "type").says(
                f"the recipe does not measure `{shown(claim.metric)}`", recipe.key("evaluation")
            )


@rule("CLM202", level="error", needs=("manifest", "recipe"), klass="inconsistent", after=("REC101",))
def claim_on_unknown_split(manifest: Document, recipe: Document) -> Iterator[Fault]:
    """A claim is about a split that the recipe does not define.

    Why: Nobody can tell which examples were measured.
    Bad:
        # fmaudit.yaml
        claims:
          - id: dev-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: held-out, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
    Fix: Use the name of an entry of `data.splits`.
    """
    known = recipe.mapping("data", "splits")
    for claim in claims(manifest):
        if known and claim.split and claim.split not in known:
            yield manifest.at(*claim.path, "data", "split").says(
                f"`{shown(claim.split)}` is not a split of the recipe",
                recipe.key("data", "splits"),
                help=near_miss(claim.split, known),
                fix=meant(manifest, (*claim.path, "data", "split"), known),
            )


@rule("CLM203", level="error", needs=("manifest", "recipe"), klass="inconsistent", after=("REC006", "REC007"))
def claim_seeds_differ(manifest: Document, recipe: Document) -> Iterator[Fault]:
    """A claim was measured with seeds that are not the recipe's.

    Why: The recipe says which seeds the published runs used, one by one or by deriving them from its own
        digest so that nobody could choose them; these are others.
    Bad:
        # recipe.yaml
        seeds: {values: [7, 8, 9]}
        # fmaudit.yaml
        shipped_seed: null
    Good:
        # recipe.yaml
        seeds: {values: [0, 1, 2, 3]}
    Fix: List the seeds of the published runs in the recipe, or publish runs of the seeds it derives. A
        changed recipe derives others.
    """
    known = _recipe_seeds(recipe)
    for claim in claims(manifest):
        if known and claim.seeds is not None and not known.issuperset(claim.seeds):
            foreign = sum(seed not in known for seed in claim.seeds)
            yield manifest.at(*claim.path, "runs", "seeds").says(
                f"{foreign} of the {len(claim.seeds)} seeds of `{shown(claim.id)}` are not the recipe's",
                recipe.at("seeds"),
                help=_derived_help(recipe),
            )


@rule("CLM204", level="error", needs=("manifest", "recipe"), klass="inconsistent", after=("REC006", "REC007"))
def shipped_seed_unknown(manifest: Document, recipe: Document) -> Iterator[Fault]:
    """The weights are said to come from a seed that is not one of the recipe's.

    Why: The run that gave the shipped weights is none of the published ones.
    Bad:
        # fmaudit.yaml
        shipped_seed: 42
    Good:
        # fmaudit.yaml
        shipped_seed: 2
    Fix: Name the seed of the run whose weights are shipped, and list it in the recipe.
    """
    seed = manifest.get("shipped_seed")
    known = _recipe_seeds(recipe)
    if known and is_whole(seed) and seed not in known:
        yield manifest.at("shipped_seed").says(
            f"seed {shown(manifest.printed('shipped_seed') or '')} is not one of the recipe's",
            recipe.at("seeds"),
            help=_derived_help(recipe),
        )


@rule("CLM205", level="error", needs="manifest")
def claim_id_twice(manifest: Document) -> Iterator[Fault]:
    """Two claims have the same `id`.

    Why: Verdicts are given by id; with two claims of one name nobody knows which was reproduced.
    Bad:
        # fmaudit.yaml
        claims:
          - id: accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
          - id: accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.6667"
            data: {split: validation, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: test-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: test, n: 6}
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.6667"
            data: {split: validation, n: 6}
    Fix: Give each claim an id of its own.
    """
    first: dict[str, KeyPath] = {}
    for path, entry in manifest.items("claims"):
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str) and first.setdefault(name, path) != path:
            yield manifest.at(*path, "id").says(
                f"`{shown(name)}` is the id of two claims",
                manifest.at(*first[name], "id").labelled("first used here"),
            )


@rule(
    "CLM206",
    level="warning",
    needs=("card", "amounts", "model_size"),
    klass="inconsistent",
    certainty="likely",
)
def parameters_in_card_differ(card: MarkdownDocument, amounts: Amounts, size: ModelSize) -> Iterator[Fault]:
    """The card states a number of parameters that the model does not have, and the right one nowhere.

    Why: The size in the text is what people compare; the files disprove it. Where no weights can be counted,
        the architecture that config.json describes is.
    Bad:
        # README.md
        A small network of 34,826 parameters.
    Good:
        # README.md
        A small network of 18.9 thousand parameters, a thousandth of one with 19 million parameters.
    Fix: Correct the number. Cards that name the right number anywhere are left alone, and so are numbers
        without embeddings, buffers and tied copies, and sentences that compare. Not looked at: adapters,
        quantised weights, tables of several models.
    """
    stated = [one for one in amounts.of("params_total", "card", "card prose") if one.value.value >= _FEWEST]
    if not stated or any(size.is_met(one.value) for one in stated) or _mentioned(card, size):
        return
    first = stated[0]
    yield first.place.says(
        f"the card says {shown(first.value.text)} parameters, {size.source} {size.total:,}",
        size.place.labelled("counted here"),
    )


def _mentioned(card: MarkdownDocument, size: ModelSize) -> bool:
    """Whether the card names the right number anywhere, be it in a sentence that compares."""
    from auditor.statements.amount import scaled

    for match, _ in matches(card, _PARAMETERS):
        meant = scaled(match[1], match[2])
        if meant is not None and size.is_met(meant):
            return True
    return False


def _recipe_seeds(recipe: Document) -> set[int]:
    """The seeds that the recipe lists or derives; none where it does neither properly."""
    n = recipe.get("seeds", "derive")
    if is_whole(n) and 1 <= n <= MOST_DERIVED:
        return set(derived_seeds(recipe_digest(recipe.value), n))
    return {seed for _, seed in recipe.items("seeds", "values") if is_whole(seed)}


def _derived_help(recipe: Document) -> str:
    n = recipe.get("seeds", "derive")
    if not is_whole(n) or not 1 <= n <= MOST_DERIVED:
        return ""
    first = ", ".join(map(str, derived_seeds(recipe_digest(recipe.value), min(n, 5))))
    return f"the recipe derives {first}{' and more' if n > 5 else ''}"
