"""The road of `reproduce` once its plan and data stand: shipped weights, fresh runs, verdicts, level."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from auditor.model import ClaimVerdict, Reproduction
from auditor.reproduce.claims import Comparison, Shipped, judge
from auditor.reproduce.levels import ladder, reached
from auditor.reproduce.plan import Plan
from auditor.reproduce.runs import Run, Runs
from auditor.reproduce.shipped_weights import NoWeights, shipped_weights
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
) -> Reproduction:
    """The reproduction of a release; `n_errors` is how many errors `check` found in it.

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
    runs = Runs(plan.run_dir, work, identity, splits, checkpoint_every_s=checkpoint_every_s)

    watch.stage("evaluating the shipped weights")
    weights = shipped_weights(
        plan.bundle, catalogue.shapes(plan.recipe.model.reference, plan.recipe.model.parameters)
    )
    shipped = weights if isinstance(weights, NoWeights) else _score_shipped(work, weights, splits)
    shipped_run = None if isinstance(weights, NoWeights) else runs.measured(-1, work.model(weights))

    watch.stage("training fresh seeds")
    fresh: list[Run] = []
    verdicts: list[ClaimVerdict] = []
    comparisons: list[Comparison] = []
    settled: dict[str, ClaimVerdict] = {}
    for look in plan.looks:
        for seed in plan.seeds[len(fresh) : look]:
            fresh.append(runs.get(seed, len(fresh) + 1, look, watch, stop))
        verdicts, comparisons = judge(plan, fresh, shipped, used.type)
        # A claim's first decision stands: testing it again at later looks would be another test.
        settled |= {one.id: settled.get(one.id, one) for one in verdicts if one.verdict != "inconclusive"}
        verdicts = [settled.get(one.id, one) for one in verdicts]
        gating = [one.verdict for one in verdicts if one.gates]
        if "not reproduced" in gating or "inconclusive" not in gating:
            break
    retrained = [run.fingerprints for run in fresh]
    fingerprints = None if shipped_run is None else compare(shipped_run.fingerprints, retrained)
    foreign = weights.reason if isinstance(weights, NoWeights) and weights.foreign else ""
    steps = ladder(n_errors, comparisons, verdicts, fingerprints, foreign)
    return Reproduction(
        claims=tuple(verdicts),
        level=reached(steps),
        steps=steps,
        environment=environment | {"nonce": plan.nonce},
        recipe=plan.digest,
        data=digests,
    )


def _score_shipped(work: Task, weights: Mapping[str, Tensor], splits: tuple[str, ...]) -> Shipped:
    batch = work.recipe.evaluation.batch_size
    single = {name: evaluate(work, work.model(weights), work.splits[name], batch) for name in splits}
    double = {
        name: evaluate(work, work.model(weights), work.splits[name], batch, double=True) for name in splits
    }
    return Shipped(single, double)
