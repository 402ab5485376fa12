"""Training runs in a run directory: taken over where finished, taken up where begun, else started."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from auditor.errors import Interrupted
from auditor.reproduce.chain import chain_of
from auditor.reproduce.code import code_digest
from auditor.reproduce.ledger import Ledger
from auditor.reproduce.noted import Noted
from auditor.reproduce.provenance import marks
from auditor.reproduce.workers import Job, Workers
from auditor.training.batches import cut, steps_per_epoch
from auditor.training.checkpoint import Checkpoints
from auditor.training.evaluate import evaluate
from auditor.training.files import read_json, write_json, write_whole
from auditor.training.metrics import libraries
from auditor.training.score import Score
from auditor.training.task import Task
from auditor.training.together import groups, numerics_of, train_together
from auditor.training.train import Trained, train
from auditor.training.watch import OUT_OF_TIME, Stop, Watch

RECORD_FORMAT = 2  # 1 knew accuracy and loss alone


@dataclass(frozen=True, slots=True)
class Run:
    """One finished replicate.

    Attributes:
        seed: fixes all its randomness.
        scores: what it scored on each evaluated split.
        fingerprints: scalars of its weights, by name.
    """

    seed: int
    scores: Mapping[str, Score]
    fingerprints: Mapping[str, float]

    @property
    def diverged(self) -> bool:
        """Whether a loss of it is no number."""
        return not all(math.isfinite(score.loss) for score in self.scores.values())


class Runs:
    """The runs of one plan on one device."""

    def __init__(
        self,
        folder: Path,
        task: Task,
        identity: Mapping[str, Any],
        splits: tuple[str, ...],
        *,
        checkpoint_every_s: float | None = None,
        jobs: int = 1,
    ) -> None:
        """The runs of a run directory.

        Args:
            folder: the run directory, whose lock is held.
            task: what is trained and on what.
            identity: all that a run's bits depend on besides its seed, as JSON values.
            splits: where each run is measured.
            checkpoint_every_s: seconds between checkpoints; by default as seldom as costs a hundredth.
            jobs: processes that train at once. They are forked now, which must be before the first kernel.
        """
        self._ledger = Ledger(folder)
        self._folder = folder / "runs"
        self._task = task
        named = dict(identity) | {"code": code_digest(), "splits": list(splits)}
        if counted := libraries(task.recipe.evaluation.metrics):
            named["metrics"] = counted
        self._together = bool(groups(task, [0]))
        if self._together and task.device.type == "cpu":
            named["numerics"] = numerics_of(task, [0], 0).identity(task.device)
        self._seats: dict[int, dict[str, Any]] = {}  # what sets a seed's bits apart besides `identity`
        self._identity: dict[str, Any] = json.loads(json.dumps(named))  # as it is read back from a record
        self._splits = splits
        self._every = {} if checkpoint_every_s is None else {"every_s": checkpoint_every_s}
        self._n_workers = jobs
        self._workers = Workers(jobs, self._do) if jobs > 1 else None

    def close(self) -> None:
        """No process of it is left."""
        if self._workers:
            self._workers.close()

    @property
    def steps(self) -> int:
        """Steps of one run."""
        training = self._task.recipe.training
        return training.epochs * steps_per_epoch(len(self._task.splits["train"]), training.batch_size)

    def get(self, seed: int, number: int, of: int, watch: Watch, stop: Stop) -> Run:
        """The finished run of a seed; what an earlier audit finished is not done again.

        Raises:
            Interrupted: a signal asked to stop; the steps done so far are kept.
            CannotRun: the run directory cannot be written to.
        """
        (run,) = self._taken([Job(seed, number, of)], watch, stop)
        return run

    def several(self, seeds: Sequence[int], first: int, of: int, watch: Watch, stop: Stop) -> list[Run]:
        """The finished runs of these seeds, in their order; the first is number `first` (from 1) of `of`.

        Where the deadline of `stop` passes there are fewer: those that were finished by then.

        Raises:
            Interrupted: a signal asked to stop; the steps done so far are kept.
            CannotRun: the run directory cannot be written to, memory ran out, or processes were killed.
        """
        jobs = [Job(seed, first + index, of) for index, seed in enumerate(seeds)]
        try:
            return self._taken(jobs, watch, stop)
        except Interrupted:
            if stop.signal_number != OUT_OF_TIME:
                raise
        return [run for seed in seeds if (run := self.found(seed)) is not None]

    def measured(self, seed: int, model: nn.Module) -> Run:
        """What a model scores, as a run."""
        batch = self._task.recipe.evaluation.batch_size
        scores = {name: evaluate(self._task, model, self._task.splits[name], batch) for name in self._splits}
        return Run(seed, scores, marks(self._task, model))

    def _taken(self, jobs: Sequence[Job], watch: Watch, stop: Stop) -> list[Run]:
        """The runs of all jobs, taken over where finished and trained where not."""
        self._seat(jobs)
        noted = Noted(watch, self._ledger, self.id, self._diverged)
        missing = []
        for job in jobs:
            run = self.found(job.seed)
            if run is None:
                missing.append(job)
            else:
                noted.run_finished(run.seed, self.summary(run), reused=True)
        parts = self._parts(jobs, missing)
        if self._workers:
            self._workers.do(parts, noted, stop)
        else:
            for part in parts:
                self._do(part, noted, stop)
        runs = [self.found(job.seed) for job in jobs]
        assert None not in runs
        return [run for run in runs if run is not None]

    def found(self, seed: int) -> Run | None:
        """The finished run of a seed, if its record is here, whole, and of this recipe, data and code."""
        record: Any = read_json(self._folder / self.id(seed) / "record.json")
        run = _from_record(record)
        if run is None or (run.seed, record.get("identity")) != (seed, self._named(seed)):
            return None
        return run if run.scores.keys() == set(self._splits) else None

    def weights(self, seed: int) -> dict[str, Tensor] | None:
        """The weights of a finished run, on the CPU; None where their file is gone or broken."""
        try:
            return load_file(self._folder / self.id(seed) / "weights.safetensors")
        except (OSError, SafetensorError):
            return None

    def beside(self, task: Task, more: Mapping[str, Any]) -> Runs:
        """Runs of another task in the same run directory; `more` is what sets their bits apart."""
        return Runs(self._folder.parent, task, self._identity | dict(more), self._splits)

    def _diverged(self, seed: int) -> bool:
        run = self.found(seed)
        return run is not None and run.diverged

    def _parts(self, jobs: Sequence[Job], missing: Sequence[Job]) -> list[Job]:
        """The missing jobs, those that train together as one with the others `beside` it.

        On a GPU a seed's bits depend on its neighbours, so that a group is trained whole or not at all.
        """
        if not self._together:
            return list(missing)
        if self._task.device.type == "cpu":
            share = max(1, math.ceil(len(missing) / self._n_workers))
            shares = [missing[first : first + share] for first in range(0, len(missing), share)]
        else:
            shares = [jobs]
        parts = []
        for some in shares:
            by_seed = {job.seed: job for job in some}
            for seeds in groups(self._task, [*by_seed]):
                first, *others = (by_seed[seed] for seed in seeds)
                if any(job in missing for job in (first, *others)):
                    parts.append(replace(first, beside=tuple(others)))
        return parts

    def _seat(self, jobs: Sequence[Job]) -> None:
        """Remembers the numerics of each seed where they depend on its neighbours."""
        if self._task.device.type == "cpu" or not self._together:
            return
        for seeds in groups(self._task, [job.seed for job in jobs]):
            for slot, seed in enumerate(seeds):
                rounded = numerics_of(self._task, seeds, slot).identity(self._task.device)
                self._seats[seed] = {"numerics": rounded}

    def _do(self, job: Job, watch: Watch, stop: Stop) -> None:
        """Trains the seed of a job, or of several beside each other, and keeps what came of it."""
        if stop.signal_number is not None:
            raise Interrupted(stop.signal_number, where=f"before seed {job.seed}")
        torch.set_num_threads(self._task.recipe.environment.threads)  # a forked process has one
        jobs = (job, *job.beside)
        seeds = [one.seed for one in jobs]
        folders = [self._folder / self.id(seed) for seed in seeds]
        began, first_step = time.monotonic(), 0

        def begin(done: int) -> None:
            nonlocal first_step
            first_step = done
            for one in jobs:
                watch.run_started(one.seed, one.number, one.of, self.steps, done)

        name = " ".join(folder.name for folder in folders)
        checkpoints = Checkpoints(folders[0] / "checkpoint.safetensors", run=name, **self._every)
        chains = [chain_of(folder, self._identity) for folder in folders]
        if self._together:
            trained = train_together(self._task, seeds, watch, stop, checkpoints, begin, chains)
        else:
            trained = [train(self._task, seeds[0], watch, stop, checkpoints, begin, chains[0])]
        spent = (time.monotonic() - began) / len(seeds)
        timing = {"seconds": spent, "resumed_at_step": first_step, "recipe": self._identity["recipe"]}
        for seed, folder, one in zip(seeds, folders, trained, strict=True):
            self._keep(seed, folder, one, timing, watch)
        checkpoints.remove()

    def _keep(
        self, seed: int, folder: Path, trained: Trained, timing: Mapping[str, Any], watch: Watch
    ) -> None:
        """A finished run stands in its folder; its record comes last, because it says so."""
        run = self.measured(seed, trained.model)
        weights = {
            name: value.detach().cpu().contiguous() for name, value in trained.model.state_dict().items()
        }
        write_whole(folder / "weights.safetensors", save(weights, {"format": "pt"}))
        write_json(folder / "timing.json", timing)
        per_epoch = steps_per_epoch(len(self._task.splits["train"]), self._task.recipe.training.batch_size)
        losses = [repr(float(part.mean())) for part in cut(trained.losses.double(), per_epoch)]
        write_json(folder / "record.json", _record(run, self._named(seed), losses))
        watch.run_finished(seed, self.summary(run), reused=False)

    def summary(self, run: Run) -> str:
        """What a run scored on the split of the recipe's evaluation, in words."""
        split = self._task.recipe.evaluation.split
        return f"{split} {run.scores[split].summary}"

    def id(self, seed: int) -> str:
        """The name of a run's folder: another recipe, data, code or environment gives another one."""
        text = json.dumps(self._named(seed) | {"seed": seed}, sort_keys=True)
        return f"seed-{seed}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def _named(self, seed: int) -> dict[str, Any]:
        return self._identity | self._seats.get(seed, {})


def _record(run: Run, identity: Mapping[str, Any], epoch_losses: list[str]) -> dict[str, Any]:
    """Floats as text that reads back to the same bits; JSON has no NaN."""
    return {
        "format": RECORD_FORMAT,
        "seed": run.seed,
        "identity": identity,
        "epoch_losses": epoch_losses,
        "fingerprints": {name: repr(value) for name, value in run.fingerprints.items()},
        "scores": {name: score.to_json() for name, score in run.scores.items()},
    }


def _from_record(record: Any) -> Run | None:
    """The run a record tells of; None where it is not one of ours."""
    try:
        if record["format"] != RECORD_FORMAT:
            return None
        scores = {name: Score.from_json(kept) for name, kept in record["scores"].items()}
        fingerprints = {name: float(value) for name, value in record["fingerprints"].items()}
        return Run(record["seed"], scores, fingerprints)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
