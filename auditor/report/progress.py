"""Progress of a reproduction on standard error: live bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.training.watch import Silent, Watch

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PLAIN_EVERY_S = 15.0  # a line this often keeps a CI log alive and short


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watch]:
    """The watch that fits where standard error goes."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with _live() as watch:
            yield watch
    else:
        yield Plain()


@dataclass(slots=True)
class _Shown:
    """A run that goes on: its title, where it began, and when it is told of next."""

    title: str
    steps: int
    base: int
    began: float
    next: float


class Plain:
    """One line for each stage and run, and one now and then in between."""

    def __init__(self) -> None:
        self._shown: dict[int, _Shown] = {}

    def stage(self, text: str) -> None:
        """The stage in words."""
        _print(text)

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """Which seed begins, and where."""
        title, now = f"run {number} of {of}, seed {seed}", time.monotonic()
        self._shown[seed] = _Shown(title, steps, done, now, now + PLAIN_EVERY_S)
        _print(f"  {title}: " + (f"resumed at step {done:,} of {steps:,}" if done else f"{steps:,} steps"))

    def step(self, seed: int, done: int, loss: float) -> None:
        """Steps, loss, rate and remaining time, now and then."""
        now, run = time.monotonic(), self._shown.get(seed)
        if run is None or now < run.next:
            return
        run.next = now + PLAIN_EVERY_S
        rate = (done - run.base) / (now - run.began)
        left = (run.steps - done) / rate
        _print(f"  {run.title}: step {done:,}, loss {loss:.4f}, {rate:.0f} steps/s, {left:.0f} s left")

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """What the run scored."""
        self._shown.pop(seed, None)
        _print(f"  seed {seed}: {summary}{' (from the run directory)' if reused else ''}")

    def run_stopped(self, seed: int, why: str) -> None:
        """Why the run stopped."""
        self._shown.pop(seed, None)
        _print(f"  seed {seed}: {why}")


class Live:
    """For each run that goes on a bar with steps, loss, rate and remaining time."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[int, TaskID] = {}

    def stage(self, text: str) -> None:
        """The stage in words."""
        self._progress.console.print(text, markup=False, highlight=False)

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """A new bar."""
        title = f"run {number} of {of}, seed {seed}"
        self._bars[seed] = self._progress.add_task(title, total=steps, completed=done, loss="")

    def step(self, seed: int, done: int, loss: float) -> None:
        """The bar moves."""
        if seed in self._bars:
            self._progress.update(self._bars[seed], completed=done, loss=f"loss {loss:.4f}")

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """The bar gives way to what the run scored."""
        self._end(seed, f"{summary}{' (from the run directory)' if reused else ''}")

    def run_stopped(self, seed: int, why: str) -> None:
        """The bar gives way to why the run stopped."""
        self._end(seed, why)

    def _end(self, seed: int, told: str) -> None:
        if seed in self._bars:
            self._progress.remove_task(self._bars.pop(seed))
        self._progress.console.print(f"  seed {seed}: {told}", markup=False, highlight=False)


@contextmanager
def _live() -> Iterator[Live]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Task as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """Steps a second."""

        def render(self, task: Bar) -> Text:
            return Text(f"{task.speed:.0f} steps/s" if task.speed else "")

    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[loss]}"),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Live(progress)


def _print(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
