"""One verdict a claim, from what the shipped weights and the fresh runs scored.

Two questions are kept apart. Is the number real: do the shipped weights give what the bundle says they
give, up to numeric noise? Is it typical: could fresh seeds of the recipe have given it?
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from auditor.formats.manifest import Claim
from auditor.model import ClaimVerdict, RunValue
from auditor.reproduce.plan import FEWEST_RUNS, Plan
from auditor.reproduce.runs import Run
from auditor.reproduce.shipped_weights import NoWeights
from auditor.training.evaluate import Score
from auditor.verdict.prediction import Claimed, ClaimTest, claim_test, runs_to_decide
from auditor.verdict.several import holm
from auditor.verdict.spread import spread

EXPECTED_ROUNDING = 0.55  # units in the last place: half, and a little for rounding twice
WIDEST_TOLERANCE = 0.1  # of the value; beyond it a tolerance says nothing
LOWER_IS_BETTER = {"accuracy": False, "loss": True}
LOSS_NOISE = 10.0  # times the float32-float64 difference; measured honest ratios stay below 3
FULL_PRECISION = 1e-9  # relative: two renderings of one double


@dataclass(frozen=True, slots=True)
class Shipped:
    """The shipped weights' scores by split, in float32 and in float64, whose difference is numeric noise."""

    single: dict[str, Score]
    double: dict[str, Score]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim against the shipped weights.

    Attributes:
        value: what they score, in the claim's unit; None where this metric is not measured.
        agrees: whether that is what the bundle says of them; None where it does not say.
        reason: the figures, or why there is no answer.
    """

    value: float | None
    agrees: bool | None
    reason: str


def half_unit(printed: str) -> float:
    """Half a unit in the last printed place: 0.00005 for "0.9750"."""
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int)  # the format admits no NaN or infinity
    return float(Decimal(5).scaleb(exponent - 1))


def compare_shipped(plan: Plan, claim: Claim, shipped: Shipped | NoWeights) -> Comparison:
    """Whether the shipped weights give at least what the bundle says they give."""
    if isinstance(shipped, NoWeights):
        return Comparison(None, None, shipped.reason)
    fault = ill_posed(claim)
    if fault:
        return Comparison(None, None, fault)
    single, double = shipped.single[claim.data.split], shipped.double[claim.data.split]
    value, finer = (score.value(claim.metric.type, claim.metric.unit) for score in (single, double))
    if value is None or finer is None:
        return Comparison(None, None, _not_measured(claim))
    told = told_of_shipped(plan, claim)
    if told is None:
        return Comparison(value, None, "the bundle does not say which run's weights it ships")
    if claim.metric.type == "accuracy":
        flips = sum(a != b for a, b in zip(single.correct, double.correct, strict=True))
        noise = flips / single.n * (100 if claim.metric.unit == "percent" else 1)
        figures = f"the shipped weights give {value:.6g} ({single.n_correct:,} of {single.n:,} correct)"
    else:
        noise = LOSS_NOISE * abs(value - finer)
        figures = f"the shipped weights give {value:.6g}"
    allowed = 2 * EXPECTED_ROUNDING * half_unit(told) + noise + FULL_PRECISION * abs(value)
    short = value - float(told) if LOWER_IS_BETTER[claim.metric.type] else float(told) - value
    agrees = short <= allowed  # false for NaN; better than claimed is no failure
    return Comparison(value, agrees, f"{figures}, the bundle says {told}")


def typical_test(plan: Plan, claim: Claim, runs: Sequence[Run], device: str) -> ClaimTest | str:
    """The claim against fresh runs, or why it cannot be tested."""
    fault = ill_posed(claim)
    if fault:
        return fault
    if len(runs) < FEWEST_RUNS:
        return "fewer than two fresh runs were finished"
    values = fresh_values(claim, runs)
    if values is None:
        return _not_measured(claim)
    scores = [run.scores[claim.data.split] for run in runs]
    if claim.data.n != scores[0].n:
        return f"the claim is about {claim.data.n:,} examples, split `{claim.data.split}` has {scores[0].n:,}"
    odd = [run.seed for run, value in zip(runs, values, strict=True) if not math.isfinite(value)]
    if odd:
        return f"{len(odd)} of {len(runs)} runs diverged (seed {odd[0]})"
    sign = _sign(claim)
    published = claim.runs.values if claim.runs and claim.runs.values else []
    accuracy = claim.metric.type == "accuracy"
    scale = 100.0 if claim.metric.unit == "percent" else 1.0
    measured = [sign * value for value in values]
    resolution = {
        "half_unit": half_unit(claim.value),
        "quantum": scale / scores[0].n if accuracy else 0.0,
        "churn": scale**2 * churn(scores) if accuracy else 0.0,
    }
    listed = [sign * float(value) for value in published]
    pooled, own = (spread(measured, told, **resolution, n_items=scores[0].n) for told in (listed, ()))
    if own.sd == 0.0:
        return "all runs are equal to the last bit, so there is no spread to judge by"
    return claim_test(_claimed(plan, claim, device), measured, pooled, plan.level, own)


def ill_posed(claim: Claim) -> str:
    """Why a claim cannot be tested however it was measured; empty where it can."""
    metric, tolerance = claim.metric, claim.tolerance
    if metric.type not in LOWER_IS_BETTER:
        return _not_measured(claim)
    lower = LOWER_IS_BETTER[metric.type]
    if "lower_is_better" in metric.model_fields_set and metric.lower_is_better is not lower:
        return f"`{metric.type}` is better when {'lower' if lower else 'higher'}, the claim says otherwise"
    if tolerance is not None and not 0 < float(tolerance.abs) <= WIDEST_TOLERANCE * abs(float(claim.value)):
        return f"the declared tolerance {tolerance.abs} is not between 0 and a tenth of the value"
    return ""


def fresh_values(claim: Claim, runs: Sequence[Run]) -> list[float] | None:
    """The claim's metric of each run, in the claim's unit; None where it is not measured."""
    values = [run.scores[claim.data.split].value(claim.metric.type, claim.metric.unit) for run in runs]
    return None if None in values else [value for value in values if value is not None]


def churn(scores: Sequence[Score]) -> float:
    """Share of items whose correctness differs between two runs, averaged over all pairs of runs."""
    pairs = list(combinations(scores, 2))
    differing = sum(sum(a != b for a, b in zip(x.correct, y.correct, strict=True)) for x, y in pairs)
    return differing / (len(pairs) * scores[0].n)


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


def told_of_shipped(plan: Plan, claim: Claim) -> str | None:
    """What the bundle says its shipped weights score: the value of their run, or of the only run."""
    runs, seed = claim.runs, plan.manifest.shipped_seed
    if runs and runs.seeds and runs.values and seed in runs.seeds and len(runs.seeds) == len(runs.values):
        return runs.values[runs.seeds.index(seed)]
    return claim.value if runs is None or runs.statistic == "single" else None


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
        return replace(open_verdict, reason=test)
    assert p is not None
    answer = test.answer
    if answer == "not reproduced" and p >= test.level:
        answer = "inconclusive"  # significant alone, not among all claims tested together
    reason = _figures(claim, test, p)
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
    }
    return replace(open_verdict, verdict=answer, reason=reason, statistics=statistics)


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


def _not_measured(claim: Claim) -> str:
    return f"fmaudit does not measure `{claim.metric.type}` in `{claim.metric.unit}`"
