"""Progress of a reproduction on standard error: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


class Plain:
    """One line for each stage and run, and one now and then in between."""

    def __init__(self) -> None:
        self._title, self._steps, self._began, self._base, self._next = "", 0, 0.0, 0, 0.0

    def stage(self, text: str) -> None:
        """The stage in words."""
        _print(text)

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """Which seed begins, and where."""
        self._title, self._steps, self._base = f"run {number} of {of}, seed {seed}", steps, done
        self._began = time.monotonic()
        self._next = self._began + PLAIN_EVERY_S
        _print(
            f"  {self._title}: " + (f"resumed at step {done:,} of {steps:,}" if done else f"{steps:,} steps")
        )

    def step(self, done: int, loss: float) -> None:
        """Steps, loss, rate and remaining time, now and then."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PLAIN_EVERY_S
        rate = (done - self._base) / (now - self._began)
        left = (self._steps - done) / rate
        _print(f"  {self._title}: step {done:,}, loss {loss:.4f}, {rate:.0f} steps/s, {left:.0f} s left")

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """What the run scored."""
        _print(f"  seed {seed}: {summary}{' (from the run directory)' if reused else ''}")


class Live:
    """A bar with steps, loss, rate and remaining time."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bar: TaskID | None = None

    def stage(self, text: str) -> None:
        """The stage in words."""
        self._progress.console.print(text, markup=False, highlight=False)

    def run_started(self, seed: int, number: int, of: int, steps: int, done: int) -> None:
        """A new bar."""
        title = f"run {number} of {of}, seed {seed}"
        self._bar = self._progress.add_task(title, total=steps, completed=done, loss="")

    def step(self, done: int, loss: float) -> None:
        """The bar moves."""
        assert self._bar is not None
        self._progress.update(self._bar, completed=done, loss=f"loss {loss:.4f}")

    def run_finished(self, seed: int, summary: str, *, reused: bool) -> None:
        """The bar gives way to what the run scored."""
        if self._bar is not None:
            self._progress.remove_task(self._bar)
            self._bar = None
        kept = " (from the run directory)" if reused else ""
        self._progress.console.print(f"  seed {seed}: {summary}{kept}", markup=False, highlight=False)


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
