"""The road of `reproduce` once its plan and data stand: shipped weights, fresh runs, verdicts, level."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace

from torch import Tensor

from auditor.model import ClaimVerdict, Reproduction
from auditor.reproduce.claims import Shipped, judge
from auditor.reproduce.levels import ladder, reached
from auditor.reproduce.plan import Plan
from auditor.reproduce.runs import Run, Runs
from auditor.reproduce.shipped_weights import NoWeights, shipped_weights
from auditor.reproduce.workers import processes
from auditor.training import device as devices
from auditor.training.data import Arrays
from auditor.training.evaluate import evaluate
from auditor.training.task import Task, task
from auditor.training.watch import Stop, Watch
from auditor.verdict.fingerprints import compare
from reference_models import catalogue


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
) -> Reproduction:
    """The reproduction of a release; `n_errors` is how many errors `check` found in it.

    `jobs` processes train at once, None for as many as there are free cores; the result is the same.

    Raises:
        CannotRun: no such device, or no room in the run directory.
        Interrupted: `stop` was set; finished runs and the current run's steps are kept.
    """
    used = devices.choose(device, plan.recipe)
    devices.settle(plan.recipe)
    environment = devices.environment(used, plan.recipe)
    work = task(plan.recipe, arrays, used)
    digests = {name: file.sha256 for name, file in plan.files.items()}
    identity = {"recipe": plan.digest, "data": digests, "environment": environment}
    splits = plan.evaluated_splits()
    n = processes(jobs, seeds=plan.most_at_once, threads=plan.recipe.environment.threads, device=used.type)
    runs = Runs(plan.run_dir, work, identity, splits, checkpoint_every_s=checkpoint_every_s, jobs=n)
    with closing(runs):
        judged = _audited(plan, runs, work, n_errors=n_errors, watch=watch, stop=stop)
    return replace(judged, environment=environment | {"nonce": plan.nonce}, recipe=plan.digest, data=digests)


def _audited(plan: Plan, runs: Runs, work: Task, *, n_errors: int, watch: Watch, stop: Stop) -> Reproduction:
    """Verdicts and level."""
    splits = plan.evaluated_splits()
    watch.stage("evaluating the shipped weights")
    weights = shipped_weights(
        plan.bundle, catalogue.shapes(plan.recipe.model.reference, plan.recipe.model.parameters)
    )
    shipped = weights if isinstance(weights, NoWeights) else _score_shipped(work, weights, splits)
    shipped_run = None if isinstance(weights, NoWeights) else runs.measured(-1, work.model(weights))

    if plan.looks:
        watch.stage("training fresh seeds")
    fresh: list[Run] = []
    verdicts, comparisons = judge(plan, fresh, shipped, work.device.type)
    settled: dict[str, ClaimVerdict] = {}
    looked = 0
    for look in plan.looks:
        fresh += runs.several(plan.seeds[len(fresh) : look], len(fresh) + 1, look, watch, stop)
        if len(fresh) < look:  # out of time: a look that was not planned would have error rates of its own
            watch.stage(f"out of time after {len(fresh)} of {look} runs; the same command goes on from there")
            fresh = fresh[:looked]
            break
        verdicts, comparisons = judge(plan, fresh, shipped, work.device.type)
        looked = look
        # A claim's first decision stands: testing it again at later looks would be another test.
        settled |= {one.id: settled.get(one.id, one) for one in verdicts if one.verdict != "inconclusive"}
        verdicts = [settled.get(one.id, one) for one in verdicts]
        gating = [one.verdict for one in verdicts if one.gates]
        if "not reproduced" in gating or "inconclusive" not in gating:
            break
    retrained = [run.fingerprints for run in fresh]
    known = shipped_run is not None and len(retrained) > 1
    fingerprints = compare(shipped_run.fingerprints, retrained) if shipped_run and known else None
    foreign = weights.reason if isinstance(weights, NoWeights) and weights.foreign else ""
    steps = ladder(n_errors, comparisons, verdicts, fingerprints, foreign)
    return Reproduction(
        claims=tuple(verdicts),
        level=reached(steps),
        steps=steps,
    )


def _score_shipped(work: Task, weights: Mapping[str, Tensor], splits: tuple[str, ...]) -> Shipped:
    batch = work.recipe.evaluation.batch_size
    single = {name: evaluate(work, work.model(weights), work.splits[name], batch) for name in splits}
    double = {
        name: evaluate(work, work.model(weights), work.splits[name], batch, double=True) for name in splits
    }
    return Shipped(single, double)
