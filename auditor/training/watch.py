"""What an audit tells whoever watches it, and how it is asked to stop."""

from __future__ import annotations

from typing import Protocol


class Watch(Protocol):
    """Receives progress; every method returns at once."""

    def stage(self, text: str) -> None:
        """A new stop of the road begins."""

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """Run `number` (from 1) of `of` begins at step `done` of `steps`."""

    def step(self, done: int, loss: float) -> None:
        """`done` steps of the current run are finished; a few times a second at most."""

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """A run ended, or an earlier audit's was taken over."""


class Silent:
    """A watch that tells nobody."""

    def stage(self, text: str) -> None:
        """Nothing."""

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """Nothing."""

    def step(self, done: int, loss: float) -> None:
        """Nothing."""

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """Nothing."""


class Stop:
    """Set by a signal handler, asked between steps."""

    signal_number: int | None = None
