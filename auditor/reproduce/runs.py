"""Training runs in a run directory: taken over where finished, taken up where begun, else started."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import nn

import auditor
from auditor.errors import Interrupted
from auditor.training.batches import cut, steps_per_epoch
from auditor.training.checkpoint import Checkpoints
from auditor.training.evaluate import Score, evaluate
from auditor.training.files import read_json, write_json, write_whole
from auditor.training.task import Examples, Task
from auditor.training.train import train
from auditor.training.watch import Stop, Watch

PROBED_TRAIN_EXAMPLES = 10_000  # enough for a train loss to three digits
RECORD_FORMAT = 1


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
    ) -> None:
        """`identity` is all that a run's bits depend on besides its seed, as JSON values."""
        self._folder = folder / "runs"
        self._task = task
        self._identity = dict(identity) | {"code": _code_digest(), "splits": list(splits)}
        self._splits = splits
        self._every = {} if checkpoint_every_s is None else {"every_s": checkpoint_every_s}

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
        if stop.signal_number is not None:
            raise Interrupted(stop.signal_number, where=f"before seed {seed}")
        folder = self._folder / self._id(seed)
        found = read_json(folder / "record.json")
        run = _from_record(found) if found is not None else None
        if run is not None:
            watch.run_finished(seed, _summary(run, self._task.recipe.evaluation.split), reused=True)
            return run
        return self._train(
            seed, folder, lambda done: watch.run_started(seed, number, of, self.steps, done), watch, stop
        )

    def measured(self, seed: int, model: nn.Module) -> Run:
        """What a model scores, as a run."""
        batch = self._task.recipe.evaluation.batch_size
        scores = {name: evaluate(self._task, model, self._task.splits[name], batch) for name in self._splits}
        train_split = self._task.splits["train"]
        probe = Examples(
            train_split.inputs[:PROBED_TRAIN_EXAMPLES], train_split.targets[:PROBED_TRAIN_EXAMPLES]
        )
        score = scores[self._task.recipe.evaluation.split]
        train_loss = evaluate(self._task, model, probe, batch).loss
        norms = {
            f"norm of {name}": float(value.detach().cpu().double().norm())
            for name, value in model.state_dict().items()
        }
        marks = {
            "train loss": train_loss,
            "test loss": score.loss,
            "train-test gap": score.loss - train_loss,
            "confidence": score.confidence,
        }
        return Run(seed, scores, norms | marks)

    def _train(
        self, seed: int, folder: Path, started: Callable[[int], None], watch: Watch, stop: Stop
    ) -> Run:
        began = time.monotonic()
        first_step = 0

        def begin(done: int) -> None:
            nonlocal first_step
            first_step = done
            started(done)

        checkpoints = Checkpoints(folder / "checkpoint.safetensors", **self._every)
        trained = train(self._task, seed, watch, stop, checkpoints, begin)
        run = self.measured(seed, trained.model)
        weights = {
            name: value.detach().cpu().contiguous() for name, value in trained.model.state_dict().items()
        }
        write_whole(folder / "weights.safetensors", save(weights, {"format": "pt"}))
        spent = time.monotonic() - began
        timing = {"seconds": spent, "resumed_at_step": first_step, "recipe": self._identity["recipe"]}
        write_json(folder / "timing.json", timing)
        per_epoch = steps_per_epoch(len(self._task.splits["train"]), self._task.recipe.training.batch_size)
        losses = [repr(float(part.mean())) for part in cut(trained.losses.double(), per_epoch)]
        write_json(folder / "record.json", _record(run, self._identity, losses))  # last: it says "finished"
        checkpoints.remove()
        watch.run_finished(seed, _summary(run, self._task.recipe.evaluation.split), reused=False)
        return run

    def _id(self, seed: int) -> str:
        text = json.dumps(self._identity | {"seed": seed}, sort_keys=True)
        return f"seed-{seed}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _summary(run: Run, split: str) -> str:
    score = run.scores[split]
    return f"{split} accuracy {score.n_correct / score.n:.4f}, loss {score.loss:.4f}"


def _record(run: Run, identity: Mapping[str, Any], epoch_losses: list[str]) -> dict[str, Any]:
    """Floats as text that reads back to the same bits; JSON has no NaN."""
    return {
        "format": RECORD_FORMAT,
        "seed": run.seed,
        "identity": identity,
        "epoch_losses": epoch_losses,
        "fingerprints": {name: repr(value) for name, value in run.fingerprints.items()},
        "scores": {
            name: {
                "n": score.n,
                "correct": "".join(map(str, score.correct)),
                "loss": repr(score.loss),
                "confidence": repr(score.confidence),
            }
            for name, score in run.scores.items()
        },
    }


def _from_record(record: Any) -> Run | None:
    """The run a record tells of; None where it is not one of ours."""
    try:
        if record["format"] != RECORD_FORMAT:
            return None
        scores = {
            name: Score(
                n=kept["n"],
                correct=bytes(map(int, kept["correct"])),
                loss=float(kept["loss"]),
                confidence=float(kept["confidence"]),
            )
            for name, kept in record["scores"].items()
        }
        fingerprints = {name: float(value) for name, value in record["fingerprints"].items()}
        return Run(record["seed"], scores, fingerprints)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


@cache
def _code_digest() -> str:
    """Digest of the code whose change may change a run, so that no result of other code is taken over."""
    package = Path(auditor.__file__).parent
    import reference_models

    models = Path(reference_models.__file__).parent
    digest = hashlib.sha256(auditor.__version__.encode())
    defaults = package / "formats" / "recipe.py"
    for path in sorted([*package.glob("reproduce/*.py"), defaults, *models.glob("**/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
