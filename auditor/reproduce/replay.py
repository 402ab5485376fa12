"""The published seed again (L4): is the number real? Only what rounding does to such a run is allowed for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from torch import Tensor

from auditor.formats.manifest import Claim
from auditor.model import ClaimVerdict, LevelStep, StepState
from auditor.reproduce.claims import fresh_values
from auditor.reproduce.evaluated import (
    EXPECTED_ROUNDING,
    FULL_PRECISION,
    half_unit,
    ill_posed,
    told_of_shipped,
)
from auditor.reproduce.plan import Plan
from auditor.reproduce.probe import NUDGES, deviation, distance, nudged_task, same_bits
from auditor.reproduce.runs import Run, Runs
from auditor.reproduce.seeds import published_seeds
from auditor.training.score import LOWER_IS_BETTER
from auditor.training.task import Task
from auditor.training.watch import Stop, Watch

CONFIDENCE = 0.99  # one-sided; a replay that fails fails the release
# Times the distance between nudged runs that the shipped weights may lie off. Measured on ten seeds of
# examples/digits-cnn: other kernels (oneDNN off) at most 1.02 times, other seeds at least 7.2 times.
FURTHEST = 3.0
LEAST_DISTANCE = 1e-4  # of the weights' norm: other kernels round at every step, a nudge only once
EXACT, BLUNT = 0.01, 0.5  # of the spread between seeds: below and above it a replay is called so


@dataclass(frozen=True, slots=True)
class Replay:
    """The runs of one published seed: as the recipe has it, then with each nudge.

    Attributes:
        spread: largest distance between two of them, as a share of the weights' norm.
        distance: of the shipped weights from the first; None where none are shipped.
        same_bits: whether the shipped weights are the first run's to the last bit.
    """

    seed: int
    runs: tuple[Run, ...]
    spread: float
    distance: float | None
    same_bits: bool


def replay(
    plan: Plan,
    runs: Runs,
    work: Task,
    shipped: Mapping[str, Tensor] | None,
    watch: Watch,
    stop: Stop,
) -> Replay | str:
    """The seed of the shipped weights trained once as it is and once with each nudge, or why not.

    Raises:
        Interrupted: a signal asked to stop.
        CannotRun: the run directory cannot be written to.
    """
    seed = plan.manifest.shipped_seed
    if seed is None:
        return "the bundle does not say which seed its weights come from (`shipped_seed`)"
    if seed not in published_seeds(plan.recipe.seeds, plan.digest):
        return f"seed {seed} of the shipped weights is not one of the recipe's"
    watch.stage(f"training seed {seed} again")
    every = [runs, *(runs.beside(nudged_task(work, nudge), {"nudge": nudge}) for nudge in NUDGES)]
    done: list[Run] = []
    for number, each in enumerate(every, 1):
        done += each.several([seed], number, len(every), watch, stop)
        if len(done) < number:
            return "there was no time left to train the published seed again"
    weights = [found for each in every if (found := each.weights(seed)) is not None]
    if len(weights) < len(every):
        return "weights of the replay are gone from the run directory"
    return Replay(
        seed,
        tuple(done),
        max(distance(one, other) for one, other in combinations(weights, 2)),
        None if shipped is None else distance(shipped, weights[0]),
        shipped is not None and same_bits(shipped, weights[0]),
    )


def judged(
    plan: Plan, again: Replay | str, verdicts: Sequence[ClaimVerdict]
) -> tuple[LevelStep, list[ClaimVerdict]]:
    """Level L4, and the verdicts with what the replay says of each claim among their statistics."""
    if isinstance(again, str):
        return _step("not attempted", again), list(verdicts)
    told = [_told(plan, claim, again) for claim in plan.claims]
    marked = [
        replace(verdict, statistics={**verdict.statistics, **_sensitivity(claim, again, verdict)})
        for claim, verdict in zip(plan.claims, verdicts, strict=True)
    ]
    return _decided(plan, again, told, marked), marked


@dataclass(frozen=True, slots=True)
class _Told:
    """A claim's value for the seed against the replay: whether it agrees, None where it says none; why."""

    agrees: bool | None
    reason: str


def _told(plan: Plan, claim: Claim, again: Replay) -> _Told:
    from scipy.special import stdtrit

    fault = ill_posed(claim)
    values = None if fault else fresh_values(claim, again.runs)
    if values is None:
        return _Told(None, fault or f"`{claim.metric.type}` is not measured")
    told = told_of_shipped(plan, claim)
    if told is None:
        return _Told(None, f"the bundle does not say what seed {again.seed} scored")
    n, sd = len(values), 0.0 if again.same_bits else deviation(values)
    centre = values[0] if again.same_bits else math.fsum(values) / n
    noise = float(stdtrit(n - 1, CONFIDENCE)) * sd * math.sqrt(1 + 1 / n)
    allowed = noise + 2 * EXPECTED_ROUNDING * half_unit(told) + FULL_PRECISION * abs(centre)
    short = centre - float(told) if LOWER_IS_BETTER[claim.metric.type] else float(told) - centre
    figures = f"seed {again.seed} again gives {centre:.6g}, the bundle says {told}"
    return _Told(short <= allowed, f"{figures}; rounding alone allows {allowed:.2g}")


def _decided(plan: Plan, again: Replay, told: Sequence[_Told], verdicts: Sequence[ClaimVerdict]) -> LevelStep:
    far = max(FURTHEST * again.spread, LEAST_DISTANCE)
    if again.distance is not None and not again.distance <= far:
        return _step(
            "failed",
            f"the shipped weights are not those of seed {again.seed}: they lie {again.distance:.2g} of their "
            f"norm from its replay, and rounding alone carries it {again.spread:.2g}",
        )
    gating = [
        (claim.id, one)
        for claim, one in zip(plan.claims, told, strict=True)
        if plan.gates(claim) or one.agrees is False
    ]
    for wanted in (False, None):
        for name, one in gating:
            if one.agrees is wanted:
                return _step("not attempted" if wanted is None else "failed", f"`{name}`: {one.reason}")
    return _step("passed", _sharpness(again, verdicts))


def _sensitivity(claim: Claim, again: Replay, verdict: ClaimVerdict) -> dict[str, float | None]:
    values = None if ill_posed(claim) else fresh_values(claim, again.runs)
    if values is None:
        return {}
    sd, between = deviation(values), verdict.statistics.get("sd")
    return {
        "replay": values[0],
        "replay_sd": sd,
        "replay_share": sd / between if between else None,
    }


def _sharpness(again: Replay, verdicts: Sequence[ClaimVerdict]) -> str:
    """What this recipe's replay can tell, for a reader who takes it for proof."""
    bits = "the same weights to the last bit" if again.same_bits else "the same up to rounding"
    shares = [one.statistics.get("replay_share") for one in verdicts]
    known = [share for share in shares if share is not None]
    if not known:
        return bits
    share = max(known)
    if share == 0:
        return f"{bits}; one unit in the last place of the initial weights moves no metric: an exact test"
    sharp = "hardly sharper than a fresh seed" if share > BLUNT else "sharper than a fresh seed"
    if share < EXACT:
        sharp = "as good as an exact test"
    moved = f"moves metrics by {share:.1g} of the spread between seeds, {sharp}"
    return f"{bits}; one unit in the last place of the initial weights {moved}"


def _step(state: StepState, reason: str) -> LevelStep:
    return LevelStep("L4", "replayed", state, reason)
