"""What a chain costs the run that writes it, and what its audit costs beside training again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pairs import Amount, Ratio, ratio
from tasks import made
from torch import Tensor

from auditor.bundle import Bundle
from auditor.tracing.audit import Release, trace
from auditor.tracing.chain import Bound, Chain
from auditor.tracing.challenge import sample
from auditor.training import device
from auditor.training.session import Session
from auditor.training.task import Task
from auditor.training.train import train
from auditor.training.watch import Silent, Stop

Figures = Iterator[tuple[str, float, Ratio | Amount]]
BOUND = Bound("a" * 64, {}, {})
CHAINED = {"mlp": (100, 20), "cnn": (20, 10), "gpt": (100, 1), "bert": (100, 1)}  # steps an epoch, epochs
TRACED = {"mlp": (100, 30), "cnn": (20, 50)}
SEGMENTS = 30


class Timed(Chain):
    """A chain that adds up the processor's time that it takes."""

    spent_s = 0.0

    def begin(self, session: Session, losses: Tensor) -> None:
        self._timed(super().begin, session, losses)

    def stepped(self, session: Session, losses: Tensor) -> None:
        self._timed(super().stepped, session, losses)

    def finished(self, session: Session, losses: Tensor) -> None:
        self._timed(super().finished, session, losses)

    def _timed(self, act: Callable[[Session, Tensor], None], session: Session, losses: Tensor) -> None:
        began = time.process_time()
        act(session, losses)
        self.spent_s += time.process_time() - began


def chain(pairs: int) -> Figures:
    """Processor time of the chain that every run writes against the run's other time."""
    for name, (steps, epochs) in CHAINED.items():
        work = _task(name, steps, epochs)
        told = []
        for _ in range(pairs):
            with TemporaryDirectory() as folder:
                witness = Timed(Path(folder), BOUND)
                began = time.process_time()
                train(work, 0, Silent(), Stop(), witness=witness)
                told.append((witness.spent_s, time.process_time() - began - witness.spent_s))
        shares = [spent / rest for spent, rest in told]
        a_s, b_s = (statistics.median(column) for column in zip(*told, strict=True))
        measured = Ratio(a_s, b_s, statistics.median(shares), min(shares), max(shares))
        yield f"chain of {name}, {steps * epochs:,} steps  /  the training beside it", 0.02, measured


def audit(pairs: int) -> Figures:
    """The audit of a tenth of the segments, reading included, against training again."""
    for name, (steps, epochs) in TRACED.items():
        work = _task(name, steps, epochs)
        with TemporaryDirectory() as folder:
            witness = Chain(Path(folder), BOUND, keep=True, segments=SEGMENTS)
            train(work, 0, Silent(), Stop(), witness=witness)

            def tracing(work: Task = work, folder: str = folder) -> None:
                release = Release(Bundle.open(folder), BOUND.recipe, {}, (0,))
                found = trace(release, work, sample("10%"), nonce="n", stop=Stop(), watch=Silent())
                if found.traced.state != "passed":
                    raise RuntimeError(found.traced.reason)

            measured = ratio(
                tracing,
                lambda work=work: train(work, 0, Silent(), Stop()),
                min(pairs, 5),
                clock=time.process_time,
            )
        yield f"trace of 10 % of {SEGMENTS} segments of {name}  /  training it again", 0.15, measured


def _task(name: str, steps: int, epochs: int) -> Task:
    work = made(name, steps)
    training = work.recipe.training.model_copy(update={"epochs": epochs})
    device.settle(work.recipe)
    return replace(work, recipe=work.recipe.model_copy(update={"training": training}))
