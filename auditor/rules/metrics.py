"""Single published values: the range of their unit, and the steps in which a mean of zeros and ones moves."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.granularity import attainable, has_power, implied, neighbours
from auditor.forensics.printed import ANY, EXPECTED, Printed, decimal, places
from auditor.model import Fault, Place
from auditor.readers.text import shown
from auditor.rules.edits import word_written
from auditor.rules.published import Claim, claims, metric_name, number
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.document import Document

# Means of one 0 or 1 for each example. F1, balanced accuracy, macro averages and the like are none.
_MEANS_OF_01 = frozenset(
    {
        *("accuracy", "exactmatch", "top1accuracy", "top5accuracy", "top1", "top5", "errorrate", "error"),
        *("passat1", "pass1", "winrate", "hitrate", "hits1", "hits10"),
    }
)
# Never below 0 nor above 1 (100 %), by definition. Word error rate, R² and BLEU-like scores are not here.
_WITHIN_UNIT = _MEANS_OF_01 | {
    *("f1", "precision", "recall", "specificity", "sensitivity", "balancedaccuracy", "rocauc", "auc"),
    *("averageprecision", "map", "iou", "miou", "meaniou", "dice"),
}
# By definition; the reproduction's own metrics are among them (a test holds the two together).
LOWER_IS_BETTER = {
    **dict.fromkeys((*_WITHIN_UNIT - {"errorrate", "error"}, "r2"), False),
    **dict.fromkeys(("errorrate", "error", "loss", "perplexity", "wer", "cer", "mae", "mse", "rmse"), True),
    **dict.fromkeys(("bitsperbyte", "bpb"), True),
}
_NEVER_NEGATIVE = frozenset({"nats", "bits_per_byte", "count", "seconds"})


@rule("MET001", level="error", needs="manifest", klass="impossible")
def value_outside_range(manifest: Document) -> Iterator[Fault]:
    """A claimed value lies outside the range that its metric and unit allow.

    Why: No measurement can give it; most often a percentage was written as a proportion.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "83.33"
            data: {split: validation, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: percent}
            value: "83.33"
            data: {split: validation, n: 6}
    Fix: Correct the value or its `unit`. Metrics that are not known to be bounded are not checked.
    """
    for claim in claims(manifest):
        low, high = bounds(claim)
        for place, value in _printed(manifest, claim):
            noise = value.half_width(ANY) if value.full else 0  # 100.00000000000001 is 100
            too_low = low is not None and value.value < low - noise
            if too_low or (high is not None and value.value > high + noise):
                allowed = f"{low} to {high}" if high is not None else f"{low} or more"
                yield place.says(
                    f"`{shown(claim.id)}` is {value.text}, {_about(claim)} is {allowed}",
                    manifest.at(*claim.path, "metric"),
                )


@rule("MET002", level="note", needs="manifest", klass="implausible", certainty="hint")
def perfect_score(manifest: Document) -> Iterator[Fault]:
    """A claim is that nothing at all was wrong.

    Why: Perfect scores exist, and more often test examples were in the training data, or labels in the
        inputs.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "1.0000"
            data: {split: validation, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
    Fix: Look for duplicates between the splits; say in the card that you did.
    Source: measured: 28 of 4,503 model cards of the hub publish a perfect score.
    """
    for claim in claims(manifest):
        perfect = bounds(claim)[1]
        errors = claim.lower_is_better or "error" in metric_name(claim.metric)
        if perfect is not None and claim.value.value == perfect and not errors:
            yield manifest.at(*claim.path, "value").says(
                f"`{shown(claim.id)}` is perfect: {claim.value.text}"
            )


@rule("MET003", level="error", needs="manifest", klass="inconsistent")
def direction_contradicts_metric(manifest: Document) -> Iterator[Fault]:
    """A claim says that a metric improves in the direction in which it gets worse.

    Why: Better than claimed is never a failure of reproduction, so a direction turned round would let any
        value pass.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion, lower_is_better: true}
            value: "0.8333"
            data: {split: validation, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion, lower_is_better: false}
            value: "0.8333"
            data: {split: validation, n: 6}
    Fix: Remove `lower_is_better`, or correct it. Metrics whose direction is not known are not checked.
    """
    for claim in claims(manifest):
        told = manifest.get(*claim.path, "metric", "lower_is_better")
        lower = LOWER_IS_BETTER.get(metric_name(claim.metric))
        if isinstance(told, bool) and lower is not None and told is not lower:
            yield manifest.at(*claim.path, "metric", "lower_is_better").says(
                f"`{shown(claim.id)}` says {str(told).lower()}, "
                f"`{shown(claim.metric)}` is better when {'lower' if lower else 'higher'}",
                fix=word_written(
                    manifest, (*claim.path, "metric", "lower_is_better"), str(lower).lower(), "unsafe"
                ),
            )


@rule("MET101", level="error", needs="manifest", klass="impossible")
def value_between_steps(manifest: Document) -> Iterator[Fault]:
    """No whole number of right answers gives the claimed value.

    Why: Accuracy on n examples is k/n for a whole k. A value between two steps was measured on another
        number of examples, or was never measured. Only rounding beyond one unit of the last digit is
        called impossible, and only where the digits are enough to tell (2 · unit · n < 1).
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8412"
            data: {split: validation, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
    Fix: Correct the value or `n`; where scores were weighted or averaged in another way, say so in `average`.
    Source: Brown and Heathers 2017, The GRIM test, doi:10.1177/1948550616673876.
    """
    for claim in claims(manifest):
        wrong = _unattainable(manifest, claim, ANY)
        if wrong:
            place, value, n = wrong[0]
            more = f" (and {len(wrong) - 1} of its other values)" if len(wrong) > 1 else ""
            yield place.says(
                f"`{shown(claim.id)}` is {value.text}{more}, which no count out of {n} gives: "
                f"{_steps(claim, value, n)}",
                manifest.at(*claim.path, "data", "n"),
                help=_implied(value, n),
            )


@rule("MET102", level="warning", needs="manifest", klass="implausible")
def value_oddly_rounded(manifest: Document) -> Iterator[Fault]:
    """The claimed value is a whole number of right answers only if it was cut off, not rounded.

    Why: Rounding moves a value by half a unit of its last digit. This one is further from every k/n,
        though within one unit: digits were cut off, or the value was measured on another number of
        examples.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8334"
            data: {split: validation, n: 6}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
    Fix: Print the value rounded to the nearest last digit.
    Source: measured on 12,448 published values: none is further than 0.55 units from a k/n.
    """
    for claim in claims(manifest):
        odd = _unattainable(manifest, claim, EXPECTED)
        if odd and not _unattainable(manifest, claim, ANY):  # MET101 tells
            place, value, n = odd[0]
            yield place.says(
                f"`{shown(claim.id)}` is {value.text}, which rounding does not give for any count "
                f"out of {n}: {_steps(claim, value, n)}",
                manifest.at(*claim.path, "data", "n"),
            )


def bounds(claim: Claim) -> tuple[int | None, int | None]:
    """The range that the claim's metric and unit allow; None where there is no bound."""
    if metric_name(claim.metric) in _WITHIN_UNIT and claim.unit in ("proportion", "percent"):
        return 0, 1 if claim.unit == "proportion" else 100
    return (0, None) if claim.unit in _NEVER_NEGATIVE else (None, None)


def _printed(manifest: Document, claim: Claim) -> Iterator[tuple[Place, Printed]]:
    """The claimed value, and that of each run."""
    yield manifest.at(*claim.path, "value"), claim.value
    for path, _ in manifest.items(*claim.path, "runs", "values"):
        value = number(manifest, *path)
        if value is not None:
            yield manifest.at(*path), value


def _unattainable(manifest: Document, claim: Claim, units: Fraction) -> list[tuple[Place, Printed, int]]:
    """The claim's values that are no k/n although their digits can tell: proportions, each with its n."""
    plain = metric_name(claim.metric) in _MEANS_OF_01 and claim.average in ("", "micro")
    if not plain or claim.n is None or claim.unit not in ("proportion", "percent"):
        return []
    found = []
    for place, printed in _printed(manifest, claim):
        value = printed.times(Fraction(1, 100)) if claim.unit == "percent" else printed
        n = _examples(claim) if place.path[-1] == "value" else claim.n
        if n is None or not 0 <= value.value <= 1:
            continue
        if has_power(value, n, units) and not attainable(value, n, units):
            found.append((place, value, n))
    return found


def _examples(claim: Claim) -> int | None:
    """How many examples stand behind the summed-up value; runs on one split count each."""
    if claim.n is None or claim.statistic in ("single", "max", "best"):
        return claim.n
    if claim.n_runs is None:
        return None
    if claim.statistic == "median":
        return claim.n if claim.n_runs % 2 else 2 * claim.n
    return claim.n * claim.n_runs if claim.statistic == "mean" else None


def _steps(claim: Claim, value: Printed, n: int) -> str:
    """The two values on either side: `5/6 is 0.8333, 6/6 is 1.0000`."""
    factor = 100 if claim.unit == "percent" else 1
    digits = min(places(value.times(factor)), 20)
    sides = (f"{k}/{n} is {decimal(Fraction(k, n) * factor, digits)}" for k in neighbours(value, n) if k <= n)
    return ", ".join(sides)


def _implied(value: Printed, n: int) -> str:
    simplest = implied(value, max(10 * n, 1000))
    return f"{value.text} is {simplest.numerator}/{simplest.denominator}" if simplest else ""


def _about(claim: Claim) -> str:
    unit = {"proportion": "a proportion", "percent": "a percentage"}.get(claim.unit, f"`{claim.unit}`")
    return unit if claim.unit in ("proportion", "percent") else f"the unit {unit}"
