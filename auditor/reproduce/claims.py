"""One verdict a claim, from what the shipped weights and the fresh runs scored.

Two questions are kept apart. Is the number real: do the shipped weights give what the bundle says they
give, up to numeric noise? Is it typical: could fresh seeds of the recipe have given it?
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from auditor.formats.manifest import Claim
from auditor.model import ClaimVerdict, RunValue
from auditor.reproduce.evaluated import (
    Comparison,
    Shipped,
    compare_shipped,
    half_unit,
    ill_posed,
)
from auditor.reproduce.plan import FEWEST_RUNS, Plan
from auditor.reproduce.runs import Run
from auditor.reproduce.shipped_weights import NoWeights
from auditor.training.score import LOWER_IS_BETTER, Score
from auditor.verdict.looks import look_level
from auditor.verdict.prediction import (
    SINGLE_LEVEL,
    Claimed,
    ClaimTest,
    claim_test,
    discrepancy,
    runs_to_decide,
)
from auditor.verdict.several import holm
from auditor.verdict.spread import Spread, spread


def typical_test(plan: Plan, claim: Claim, runs: Sequence[Run], device: str) -> ClaimTest | str:
    """The claim against fresh runs, or why it cannot be tested."""
    fault = ill_posed(claim) or _contradiction(plan, claim)
    if fault:
        return fault
    if len(runs) < FEWEST_RUNS:
        return "fewer than two fresh runs were finished"
    values = fresh_values(claim, runs)
    if values is None:
        return why_not_measured(claim, runs)
    scores = [run.scores[claim.data.split] for run in runs]
    if claim.data.n != scores[0].n:
        return f"the claim is about {claim.data.n:,} examples, split `{claim.data.split}` has {scores[0].n:,}"
    # Weights that are no numbers still have an accuracy, that of guessing one class.
    odd = [run for run, value in zip(runs, values, strict=True) if run.diverged or not math.isfinite(value)]
    if odd:
        how = "diverged" if odd[0].diverged else f"have no `{claim.metric.type}`"
        return f"{len(odd)} of {len(runs)} runs {how} (seed {odd[0].seed})"
    sign = _sign(claim)
    published = claim.runs.values if claim.runs and claim.runs.values else []
    measured = [sign * value for value in values]
    pooled, own = (
        _spread(claim, measured, scores, told) for told in ([sign * float(v) for v in published], [])
    )
    if own.sd == 0.0:
        return "all runs are equal to the last bit, so there is no spread to judge by"
    claimed = _claimed(plan, claim, device)
    level = look_level(plan.looks, SINGLE_LEVEL, claimed.runs, claimed.best_of)
    return claim_test(claimed, measured, pooled, level, own)


def _spread(claim: Claim, values: Sequence[float], scores: Sequence[Score], told: Sequence[float]) -> Spread:
    """The spread of the runs and of those the bundle lists, not below what the metric can resolve."""
    accuracy, scale = claim.metric.type == "accuracy", 100.0 if claim.metric.unit == "percent" else 1.0
    return spread(
        values,
        told,
        half_unit=half_unit(claim.value),
        quantum=scale / scores[0].n_items if accuracy else 0.0,
        churn=scale**2 * churn(scores) if accuracy else 0.0,
        n_items=scores[0].n_items or scores[0].n,
    )


def _contradiction(plan: Plan, claim: Claim) -> str:
    """Why this claim's tolerance cannot be taken for what the bundle means; empty where it can."""
    asked = (claim.metric.type, claim.metric.unit, claim.data.split)
    tolerance = claim.tolerance
    for other in plan.claims:
        same = (other.metric.type, other.metric.unit, other.data.split) == asked
        if not same or tolerance is None or other.tolerance is None:
            continue
        if float(tolerance.abs) != float(other.tolerance.abs):
            return (
                f"`{claim.id}` and `{other.id}` are about one metric of one split, but declare tolerances of "
                f"{tolerance.abs} and {other.tolerance.abs}"
            )
    return ""


def fresh_values(claim: Claim, runs: Sequence[Run]) -> list[float] | None:
    """The claim's metric of each run, in the claim's unit; None where it is not measured."""
    metric = claim.metric
    values = [run.scores[claim.data.split].value(metric.type, metric.unit, metric.average) for run in runs]
    return None if None in values else [value for value in values if value is not None]


def why_not_measured(claim: Claim, runs: Sequence[Run]) -> str:
    """Why `fresh_values` are None: the reason of the first run that has no value."""
    asked = (claim.metric.type, claim.metric.unit, claim.metric.average)
    scores = [run.scores[claim.data.split] for run in runs]
    return next(score.why_not(*asked) for score in scores if score.value(*asked) is None)


def churn(scores: Sequence[Score]) -> float:
    """Share of items whose correctness differs between two runs, averaged over all pairs of runs."""
    pairs = list(combinations(scores, 2))
    differing = sum(sum(a != b for a, b in zip(x.correct, y.correct, strict=True)) for x, y in pairs)
    return differing / (len(pairs) * scores[0].n_items)


def judge(
    plan: Plan, runs: Sequence[Run], shipped: Shipped | NoWeights, device: str
) -> tuple[list[ClaimVerdict], list[Comparison]]:
    """The verdict on every claim, in their order, and how each compares with the shipped weights.

    Where one claim is primary it is tested by itself and the others are advisory; otherwise all gate.
    Every group of claims tested together is adjusted by Holm.
    """
    comparisons = [compare_shipped(plan, claim, shipped) for claim in plan.claims]
    tests = [typical_test(plan, claim, runs, device) for claim in plan.claims]
    adjusted = _adjusted(plan, tests)
    verdicts = [
        _verdict(plan, claim, runs, comparison, test, p, device)
        for claim, comparison, test, p in zip(plan.claims, comparisons, tests, adjusted, strict=True)
    ]
    return verdicts, comparisons


def _claimed(plan: Plan, claim: Claim, device: str) -> Claimed:
    runs = claim.runs
    n, statistic = (runs.n, runs.statistic) if runs else (1, "single")
    behind = {"mean": float(n), "median": 2 * n / math.pi}.get(statistic, 1.0)  # a median's efficiency is 2/π
    listed = runs is not None and runs.values is not None and len(runs.values) == n
    chosen = statistic == "best" or (statistic == "max" and not LOWER_IS_BETTER[claim.metric.type])
    home = plan.recipe.environment.device
    return Claimed(
        value=_sign(claim) * float(claim.value),
        half_unit=half_unit(claim.value),
        runs=max(behind, 1.0),
        best_of=n if chosen and listed else 1,  # a choice among runs that nobody sees excuses nothing
        tolerance=float(claim.tolerance.abs) if claim.tolerance else None,
        rho=0.0 if home in (None, device) else 1.0,
    )


def _adjusted(plan: Plan, tests: Sequence[ClaimTest | str]) -> list[float | None]:
    """Each test's p, adjusted within its group: the gating claims, and the others."""
    adjusted: list[float | None] = [None] * len(tests)
    for gating in (True, False):
        group = [
            (index, test.p)
            for index, (claim, test) in enumerate(zip(plan.claims, tests, strict=True))
            if isinstance(test, ClaimTest) and plan.gates(claim) is gating
        ]
        for (index, _), p in zip(group, holm([p for _, p in group]), strict=True):
            adjusted[index] = p
    return adjusted


def _verdict(
    plan: Plan,
    claim: Claim,
    runs: Sequence[Run],
    comparison: Comparison,
    test: ClaimTest | str,
    p: float | None,
    device: str,
) -> ClaimVerdict:
    values = fresh_values(claim, runs) or []
    measured = tuple(RunValue(run.seed, repr(value)) for run, value in zip(runs, values, strict=False))
    shipped = None if comparison.value is None else repr(comparison.value)
    open_verdict = ClaimVerdict(
        id=claim.id,
        value=claim.value,
        verdict="not attempted",
        gates=plan.gates(claim),
        shipped=shipped,
        runs=measured,
        span=plan.spans[claim.id],
    )
    if comparison.agrees is False:
        return replace(open_verdict, verdict="not reproduced", reason=comparison.reason)
    if isinstance(test, str):
        return replace(open_verdict, reason=test, statistics=_item_counts(comparison))
    assert p is not None
    answer = test.answer
    if answer == "not reproduced" and p >= test.level:
        answer = "inconclusive"  # significant alone, not among all claims tested together
    counted_by = runs[0].scores[claim.data.split].measured_by.get(claim.metric.type)
    reason = _figures(claim, test, p) + (f"; counted by {counted_by}" if counted_by else "")
    if answer == "inconclusive":
        reason += _outlook(plan, claim, test, device)
    statistics = {
        "mean": test.mean * _sign(claim),
        "sd": test.own_sd,
        "sd_pooled": test.sd,
        "df": test.df,
        "n": test.n,
        "t": test.t,
        "p": test.p,
        "p_adjusted": p,
        "level": test.level,
        "shortfall_sd": test.shortfall_sd,
        "limit_sd": test.limit_sd,
        **_elsewhere(_claimed(plan, claim, device), test),
        **_item_counts(comparison),
    }
    return replace(open_verdict, verdict=answer, reason=reason, statistics=statistics)


def _elsewhere(claimed: Claimed, test: ClaimTest) -> dict[str, float]:
    """With another class of device: the spread that was allowed for, and p without it."""
    if not claimed.rho:
        return {}
    spread_ = Spread(test.sd, test.df, pooled_published=False, floored=False)
    _, p = discrepancy(replace(claimed, rho=0.0), test.n, test.mean, spread_)
    return {"rho": claimed.rho, "p_without_rho": p}


def _item_counts(comparison: Comparison) -> dict[str, int]:
    items = comparison.items
    if items is None:
        return {}
    return {"predictions_differing": items.differing, "predictions_foreign": items.foreign}


def _figures(claim: Claim, test: ClaimTest, p: float) -> str:
    centre = test.mean * _sign(claim)
    gap = float(claim.value) - centre
    side = "above" if gap > 0 else "below"
    rank = ("<" if p < test.level else ">=") + f" {test.level:g}"
    told = (
        f"{test.n} fresh runs give {centre:.4f} ± {test.own_sd:.4f} (mean ± sd); "
        f"the claim is {abs(gap) / test.own_sd:.1f} sd {side}, p = {p:.2g} {rank}"
    )
    if test.within_tolerance is None:
        return told
    within = "within" if test.within_tolerance else "not surely within"
    if test.within_tolerance and p < test.level:
        within = "a real shift, but within"
    assert claim.tolerance is not None
    return f"{told}; {within} the declared tolerance {claim.tolerance.abs}"


def _outlook(plan: Plan, claim: Claim, test: ClaimTest, device: str) -> str:
    needed = runs_to_decide(_claimed(plan, claim, device), test)
    if needed is None:
        return "; no practical number of runs like these would decide"
    return f"; about {needed} runs in all would decide (--seeds {needed})"


def _sign(claim: Claim) -> float:
    """Turns values so that larger is better."""
    return -1.0 if LOWER_IS_BETTER[claim.metric.type] else 1.0
