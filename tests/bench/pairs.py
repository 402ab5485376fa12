"""Times two things in turn, A B A B …, and gives the median of the ratios pair by pair.

Pairing makes the ratio hold when the machine's speed drifts while it runs.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """A against B: median seconds of each, and median, smallest and largest of the ratios."""

    a_s: float
    b_s: float
    median: float
    low: float
    high: float


def ratio(a: Callable[[], object], b: Callable[[], object], pairs: int, warmup: int = 1) -> Ratio:
    """A/B over `pairs` counted pairs; which of the two goes first alternates."""
    for _ in range(warmup):
        a(), b()
    a_s, b_s = [], []
    for index in range(pairs):
        both = [(a, a_s), (b, b_s)]
        for run, times in both if index % 2 == 0 else reversed(both):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    ratios = [x / y for x, y in zip(a_s, b_s, strict=True)]
    return Ratio(
        statistics.median(a_s), statistics.median(b_s), statistics.median(ratios), min(ratios), max(ratios)
    )


def command(words: Sequence[str], exit_code: int = 0) -> Callable[[], None]:
    """Runs a program to its end; it must exit with `exit_code`, or the timing would be of a failure."""

    def run() -> None:
        ended = subprocess.run(list(words), capture_output=True, check=False)
        if ended.returncode != exit_code:
            raise RuntimeError(
                f"{' '.join(words)} exited with {ended.returncode}: {ended.stderr.decode()[-500:]}"
            )

    return run
