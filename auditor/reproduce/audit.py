"""The road of `reproduce` once its plan and data stand: shipped weights, fresh runs, verdicts, level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from torch import Tensor

from auditor.errors import Interrupted
from auditor.model import ClaimVerdict, LevelStep, Reproduction
from auditor.reproduce.chain import release
from auditor.reproduce.claims import judge
from auditor.reproduce.cores import processes
from auditor.reproduce.evaluated import Comparison, Shipped
from auditor.reproduce.levels import ladder, reached
from auditor.reproduce.plan import Plan
from auditor.reproduce.predictions import compare_items
from auditor.reproduce.provenance import marks
from auditor.reproduce.replay import Replay, judged, replay
from auditor.reproduce.runs import Run, Runs
from auditor.reproduce.shipped_weights import NoWeights, shipped_weights
from auditor.tracing.audit import has_chain, trace
from auditor.tracing.challenge import sample
from auditor.training import device as devices
from auditor.training.arrays import Arrays
from auditor.training.evaluate import evaluate
from auditor.training.task import Task, task
from auditor.training.watch import OUT_OF_TIME, Stop, Watch
from auditor.verdict.fingerprints import Fingerprint, compare, fingerprint_level
from reference_models import catalogue

TRACED = "10%"  # of a chain's segments, beside the first, the last and those where the rate turns


def audit(
    plan: Plan,
    arrays: Mapping[str, Arrays],
    *,
    n_errors: int,
    device: devices.Choice,
    watch: Watch,
    stop: Stop,
    checkpoint_every_s: float | None = None,
    jobs: int | None = 1,
    again: bool = False,
) -> Reproduction:
    """The reproduction of a release; `n_errors` is how many errors `check` found in it.

    With `again` the published seed of the shipped weights is trained too, thrice (L4).
    `jobs` processes train at once, None for as many as there are free cores; the result is the same.

    Raises:
        CannotRun: no such device, or no room in the run directory.
        Interrupted: `stop` was set; finished runs and the current run's steps are kept.
    """
    used = devices.choose(device, plan.recipe)
    devices.settle(plan.recipe)
    digests = {name: file.sha256 for name, file in plan.files.items()}
    splits = plan.evaluated_splits()
    n = processes(jobs, seeds=plan.most_at_once, threads=plan.recipe.environment.threads, device=used.type)
    with devices.before_fork():
        environment = devices.environment(used, plan.recipe)
        identity = {"recipe": plan.digest, "data": digests, "environment": environment}
        work = task(plan.recipe, arrays, used)
        runs = Runs(plan.run_dir, work, identity, splits, checkpoint_every_s=checkpoint_every_s, jobs=n)
    with closing(runs):
        told = _audited(plan, runs, work, n_errors=n_errors, watch=watch, stop=stop, again=again)
    noted = environment | {"nonce": plan.nonce} | dict(told.environment)
    return replace(told, environment=noted, recipe=plan.digest, data=digests)


def _audited(
    plan: Plan, runs: Runs, work: Task, *, n_errors: int, watch: Watch, stop: Stop, again: bool
) -> Reproduction:
    """Verdicts and level."""
    watch.stage("evaluating the shipped weights")
    weights = shipped_weights(
        plan.bundle, catalogue.shapes(plan.recipe.model.reference, plan.recipe.model.parameters)
    )
    known = None if isinstance(weights, NoWeights) else weights
    shipped = weights if isinstance(weights, NoWeights) else _score_shipped(plan, work, weights)
    own_marks = None if known is None else marks(work, work.model(known))
    seen = _retrained(plan, runs, shipped, own_marks, work.device.type, watch, stop)
    verdicts, replayed = seen.verdicts, None
    if again:
        replayed, verdicts = judged(plan, _replay(plan, runs, work, known, watch, stop), verdicts)
    steps = ladder(
        n_errors,
        seen.comparisons,
        verdicts,
        seen.fingerprints,
        weights.reason if isinstance(weights, NoWeights) and weights.foreign else "",
        traced=_traced(plan, work, weights, watch, stop) if has_chain(plan.bundle) else (),
        replayed=replayed,
        n_fresh=seen.n,
        other_device=plan.recipe.environment.device not in (None, work.device.type),
    )
    counted = _measured_by(shipped, seen.runs)
    return Reproduction(claims=tuple(verdicts), level=reached(steps), steps=steps, environment=counted)


def _measured_by(shipped: Shipped | NoWeights, runs: Sequence[Run]) -> dict[str, str]:
    """The library and version behind each metric that is not counted here, as `f1 measured by`."""
    scores = [score for run in runs for score in run.scores.values()]
    scores += [] if isinstance(shipped, NoWeights) else shipped.single.values()
    named = {metric: library for score in scores for metric, library in score.measured_by.items()}
    return {f"{metric} measured by": library for metric, library in sorted(named.items())}


@dataclass(frozen=True, slots=True)
class _Retrained:
    """What the fresh runs say at the last look, when there were `n`: each claim, whose the weights are."""

    n: int
    runs: list[Run]
    verdicts: list[ClaimVerdict]
    comparisons: list[Comparison]
    fingerprints: list[Fingerprint] | None


def _retrained(
    plan: Plan,
    runs: Runs,
    shipped: Shipped | NoWeights,
    own_marks: Mapping[str, float] | None,
    device: str,
    watch: Watch,
    stop: Stop,
) -> _Retrained:
    """The looks, until every gating claim is decided and the weights are foreign or at home."""
    if plan.looks:
        watch.stage("training fresh seeds")
    fresh: list[Run] = []
    verdicts, comparisons = judge(plan, fresh, shipped, device)
    settled: dict[str, ClaimVerdict] = {}
    met: list[Fingerprint] | None = None
    looked = 0
    for look in plan.looks:
        fresh += runs.several(plan.seeds[len(fresh) : look], len(fresh) + 1, look, watch, stop)
        if len(fresh) < look:  # out of time: a look that was not planned would have error rates of its own
            watch.stage(f"out of time after {len(fresh)} of {look} runs; the same command goes on from there")
            break
        verdicts, comparisons = judge(plan, fresh, shipped, device)
        looked = look
        # A claim's first decision stands: testing it again at later looks would be another test.
        settled |= {one.id: settled.get(one.id, one) for one in verdicts if one.verdict != "inconclusive"}
        verdicts = [settled.get(one.id, one) for one in verdicts]
        foreign = any(mark.foreign for mark in met or ())  # the first decision stands here too
        if own_marks is not None and not foreign:
            met = compare(own_marks, [run.fingerprints for run in fresh], fingerprint_level(plan.looks))
        open_marks = not any(mark.foreign for mark in met or ()) and any(mark.doubtful for mark in met or ())
        gating = [one.verdict for one in verdicts if one.gates]
        if "not reproduced" in gating or ("inconclusive" not in gating and not open_marks):
            break
    return _Retrained(looked, fresh, verdicts, comparisons, met)


def _replay(
    plan: Plan, runs: Runs, work: Task, shipped: Mapping[str, Tensor] | None, watch: Watch, stop: Stop
) -> Replay | str:
    if stop.signal_number == OUT_OF_TIME:
        return "there was no time left to train the published seed again"
    return replay(plan, runs, work, shipped, watch, stop)


def _traced(
    plan: Plan, work: Task, weights: Mapping[str, Tensor] | NoWeights, watch: Watch, stop: Stop
) -> tuple[LevelStep, ...]:
    """L2 and L3 of the bundle's chain; nothing where the time was up before.

    Without the auditor's nonce the segments follow from the recipe, so that two reports have the same bytes.
    """
    try:
        nonce = plan.nonce or plan.digest
        found = trace(release(plan, weights), work, sample(TRACED), nonce=nonce, stop=stop, watch=watch)
    except Interrupted:
        if stop.signal_number != OUT_OF_TIME:
            raise
        return ()
    return found.started, found.traced


def _score_shipped(plan: Plan, work: Task, weights: Mapping[str, Tensor]) -> Shipped:
    batch = work.recipe.evaluation.batch_size
    single, double = (
        {
            name: evaluate(work, work.model(weights), work.splits[name], batch, double=double)
            for name in plan.evaluated_splits()
        }
        for double in (False, True)
    )
    items = {
        claim.id: compare_items(plan.bundle, claim, work, weights)
        for claim in plan.claims
        if claim.predictions is not None
    }
    return Shipped(single, double, items)
