"""Whether the shipped weights give what the bundle says they give, as a number and item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from auditor.formats.manifest import Claim
from auditor.reproduce.plan import Plan
from auditor.reproduce.predictions import Items, told_of_items
from auditor.reproduce.shipped_weights import NoWeights
from auditor.training.score import LOWER_IS_BETTER, Score

EXPECTED_ROUNDING = 0.55  # units in the last place: half, and a little for rounding twice
WIDEST_TOLERANCE = 0.1  # of the value; beyond it a tolerance says nothing
LOSS_NOISE = 10.0  # times the float32-float64 difference; measured honest ratios stay below 3
FULL_PRECISION = 1e-9  # relative: two renderings of one double


@dataclass(frozen=True, slots=True)
class Shipped:
    """The shipped weights' scores by split, in float32 and in float64, whose difference is numeric noise.

    Attributes:
        items: for each claim that names predictions, how they compare, or why they do not; by id.
    """

    single: Mapping[str, Score]
    double: Mapping[str, Score]
    items: Mapping[str, Items | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim against the shipped weights.

    Attributes:
        value: what they score, in the claim's unit; None where this metric is not measured.
        agrees: whether that is what the bundle says of them; None where it does not say.
        reason: the figures, or why there is no answer.
        items: how the shipped predictions compare; None where there are none.
    """

    value: float | None
    agrees: bool | None
    reason: str
    items: Items | None = None


def compare_shipped(plan: Plan, claim: Claim, shipped: Shipped | NoWeights) -> Comparison:
    """Whether the shipped weights give at least what the bundle says they give."""
    if isinstance(shipped, NoWeights):
        return Comparison(None, None, shipped.reason)
    fault = ill_posed(claim)
    if fault:
        return Comparison(None, None, fault)
    single, double = shipped.single[claim.data.split], shipped.double[claim.data.split]
    asked = (claim.metric.type, claim.metric.unit, claim.metric.average)
    value, finer = single.value(*asked), double.value(*asked)
    if value is None or finer is None:
        return Comparison(None, None, (single if value is None else double).why_not(*asked))
    told = told_of_shipped(plan, claim)
    if told is None:
        return Comparison(value, None, "the bundle does not say which run's weights it ships")
    if claim.metric.type == "accuracy":
        flips = sum(a != b for a, b in zip(single.correct, double.correct, strict=True))
        noise = flips / single.n_items * (100 if claim.metric.unit == "percent" else 1)
        figures = f"the shipped weights give {value:.6g} ({single.n_correct:,} of {single.n_items:,} correct)"
    else:
        noise = LOSS_NOISE * abs(value - finer)
        figures = f"the shipped weights give {value:.6g}"
    allowed = 2 * EXPECTED_ROUNDING * half_unit(told) + noise + FULL_PRECISION * abs(value)
    short = value - float(told) if LOWER_IS_BETTER[claim.metric.type] else float(told) - value
    agrees = short <= allowed  # false for NaN; better than claimed is no failure
    scored = Comparison(value, agrees, f"{figures}, the bundle says {told}")
    items = shipped.items.get(claim.id)
    return scored if items is None else _with_items(claim, scored, items, told)


def _with_items(claim: Claim, scored: Comparison, items: Items | str, told: str) -> Comparison:
    """The comparison, item by item too: the predictions are those of the weights and give the value told."""
    assert claim.predictions is not None
    if isinstance(items, str):
        return scored if scored.agrees is False else replace(scored, agrees=None, reason=items)
    words = told_of_items(claim.predictions.path, items)
    scored = replace(scored, items=items, reason=f"{scored.reason}; {words}")
    if items.first is not None:
        return replace(scored, agrees=False, reason=words if scored.agrees else scored.reason)
    if claim.metric.type != "accuracy":
        return scored
    implied = items.n_correct / items.n * (100 if claim.metric.unit == "percent" else 1)
    if abs(implied - float(told)) <= 2 * EXPECTED_ROUNDING * half_unit(told) + FULL_PRECISION * implied:
        return scored
    gives = f"{claim.predictions.path}: {items.n_correct:,} of {items.n:,} predictions are right"
    return replace(scored, agrees=False, reason=f"{gives}, {implied:.6g}, the bundle says {told}")


def half_unit(printed: str) -> float:
    """Half a unit in the last printed place: 0.00005 for "0.9750"."""
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int)  # the format admits no NaN or infinity
    return float(Decimal(5).scaleb(exponent - 1))


def ill_posed(claim: Claim) -> str:
    """Why a claim cannot be tested however it was measured; empty where it can."""
    metric, tolerance = claim.metric, claim.tolerance
    if metric.type not in LOWER_IS_BETTER:
        return not_measured(claim)
    lower = LOWER_IS_BETTER[metric.type]
    if "lower_is_better" in metric.model_fields_set and metric.lower_is_better is not lower:
        return f"`{metric.type}` is better when {'lower' if lower else 'higher'}, the claim says otherwise"
    if tolerance is not None and not 0 < float(tolerance.abs) <= WIDEST_TOLERANCE * abs(float(claim.value)):
        return f"the declared tolerance {tolerance.abs} is not between 0 and a tenth of the value"
    return ""


def told_of_shipped(plan: Plan, claim: Claim) -> str | None:
    """What the bundle says its shipped weights score: the value of their run, or of the only run."""
    runs, seed = claim.runs, plan.manifest.shipped_seed
    if runs and runs.seeds and runs.values and seed in runs.seeds and len(runs.seeds) == len(runs.values):
        return runs.values[runs.seeds.index(seed)]
    return claim.value if runs is None or runs.statistic == "single" else None


def not_measured(claim: Claim) -> str:
    """Why a claim whose metric is not known here gets no answer."""
    return f"fmaudit does not measure `{claim.metric.type}` in `{claim.metric.unit}`"
