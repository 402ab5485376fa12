"""What an audit tells whoever watches it, and how it is asked to stop."""

from __future__ import annotations

import time
from typing import Protocol

OUT_OF_TIME = 0  # stands in the place of a signal's number


class Watch(Protocol):
    """Receives progress; every method returns at once."""

    def stage(self, text: str) -> None:
        """A new stop of the road begins."""

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """Run `number` (from 1) of `of` begins at step `done` of `steps`."""

    def step(self, seed: int, done: int, loss: float) -> None:
        """`done` steps of the run of `seed` are finished; a few times a second at most."""

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """A run ended, or an earlier audit's was taken over."""

    def run_stopped(self, seed: int, why: str) -> None:
        """A run stopped before its end; where it stands is kept."""


class Silent:
    """A watch that tells nobody."""

    def stage(self, text: str) -> None:
        """Nothing."""

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """Nothing."""

    def step(self, seed: int, done: int, loss: float) -> None:
        """Nothing."""

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """Nothing."""

    def run_stopped(self, seed: int, why: str) -> None:
        """Nothing."""


class Stop:
    """Set by a signal handler or by the clock, asked between steps."""

    def __init__(self, deadline: float | None = None) -> None:
        """`deadline` is a time of `time.monotonic()`, which no change of the clock moves."""
        self._deadline = deadline
        self._number: int | None = None

    @property
    def signal_number(self) -> int | None:
        """The signal that asked to stop, OUT_OF_TIME after the deadline, None to go on."""
        if self._number is None and self._deadline is not None and time.monotonic() >= self._deadline:
            self._number = OUT_OF_TIME
        return self._number

    @signal_number.setter
    def signal_number(self, number: int | None) -> None:
        self._number = number
