"""A watch that also writes down in the ledger when runs begin and end."""

from __future__ import annotations

from collections.abc import Callable

from auditor.reproduce.ledger import Ledger
from auditor.training.watch import Watch


class Noted:
    """Tells another watch all that it hears, and the ledger what will be asked about later."""

    def __init__(
        self, watch: Watch, ledger: Ledger, run_id: Callable[[int], str], diverged: Callable[[int], bool]
    ) -> None:
        """`run_id` names a seed's run, `diverged` says whether a loss of a finished one is no number."""
        self._watch, self._ledger, self._id, self._diverged = watch, ledger, run_id, diverged

    def stage(self, text: str) -> None:
        """Told alone."""
        self._watch.stage(text)

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """A run starts, or is taken up at step `done`."""
        event = "run resumed" if done else "run started"
        self._ledger.add(event, seed=seed, run=self._id(seed), step=done, steps=steps)
        self._watch.run_started(seed, number, of, steps, done)

    def step(self, seed: int, done: int, loss: float) -> None:
        """Told alone."""
        self._watch.step(seed, done, loss)

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """A run is finished, has diverged, or was finished before."""
        ending = "run used again" if reused else "run diverged" if self._diverged(seed) else "run finished"
        self._ledger.add(ending, seed=seed, run=self._id(seed), scored=summary)
        self._watch.run_finished(seed, summary, reused=reused)

    def run_stopped(self, seed: int, why: str) -> None:
        """A run could not go on in its process."""
        self._ledger.add("run failed", seed=seed, run=self._id(seed), why=why)
        self._watch.run_stopped(seed, why)
