"""Times two things in turn, A B A B …, and gives the median of the ratios, or differences, pair by pair.

Pairing makes the result hold when the machine's speed drifts while it runs.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Pipe
from typing import Any


@dataclass(frozen=True, slots=True)
class Ratio:
    """A against B: median seconds of each, and median, smallest and largest of the ratios."""

    a_s: float
    b_s: float
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return (
            f"ratio {self.median:.3f} ({self.low:.3f} to {self.high:.3f}); "
            f"medians {self.a_s * 1000:.0f} ms and {self.b_s * 1000:.0f} ms"
        )


@dataclass(frozen=True, slots=True)
class Amount:
    """Something measured in a unit: median, smallest and largest."""

    median: float
    low: float
    high: float
    unit: str

    def __str__(self) -> str:
        digits = 2 if self.median < 10 else 0
        return f"{self.median:.{digits}f} {self.unit} ({self.low:.{digits}f} to {self.high:.{digits}f})"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took: seconds by the clock, seconds of processors, most memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def ratio(
    a: Callable[[], object],
    b: Callable[[], object],
    pairs: int,
    warmup: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Ratio:
    """A/B over `pairs` counted pairs; which of the two goes first alternates."""
    a_s, b_s = in_turn(a, b, pairs, warmup, clock)
    ratios = [x / y for x, y in zip(a_s, b_s, strict=True)]
    return Ratio(
        statistics.median(a_s), statistics.median(b_s), statistics.median(ratios), min(ratios), max(ratios)
    )


def ratio_of(a: Callable[[], float], b: Callable[[], float], pairs: int) -> Ratio:
    """As `ratio`, of two things that tell their own seconds."""
    told: dict[str, list[float]] = {"a": [], "b": []}
    in_turn(lambda: told["a"].append(a()), lambda: told["b"].append(b()), pairs, warmup=0)
    ratios = [x / y for x, y in zip(told["a"], told["b"], strict=True)]
    return Ratio(
        statistics.median(told["a"]),
        statistics.median(told["b"]),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
    )


def amount(values: Sequence[float], unit: str) -> Amount:
    """Median, smallest and largest of values in a unit."""
    return Amount(statistics.median(values), min(values), max(values), unit)


def in_turn(
    a: Callable[[], object],
    b: Callable[[], object],
    pairs: int,
    warmup: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[list[float], list[float]]:
    """Seconds by a clock that each of the two took, pair by pair."""
    for _ in range(warmup):
        a(), b()
    a_s, b_s = [], []
    for index in range(pairs):
        both = [(a, a_s), (b, b_s)]
        for run, times in both if index % 2 == 0 else reversed(both):
            start = clock()
            run()
            times.append(clock() - start)
    return a_s, b_s


def children() -> float:
    """A clock: seconds of processors that ended child processes used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def forked(work: Callable[[], Any]) -> Any:
    """What `work` gives in a process of its own, which shares neither memory nor settings with others."""
    ours, theirs = Pipe(duplex=False)
    child = os.fork()
    if not child:
        try:
            theirs.send(work())
        finally:
            os._exit(0)
    theirs.close()
    try:
        return ours.recv()
    finally:
        os.waitpid(child, 0)


def command(words: Sequence[str], *exit_codes: int, cwd: str | None = None) -> Callable[[], None]:
    """Runs a program to its end; it must exit with one of the codes, or the timing would be of a failure."""

    def run() -> None:
        ended = subprocess.run(list(words), capture_output=True, check=False, cwd=cwd)
        if ended.returncode not in (exit_codes or (0,)):
            raise RuntimeError(
                f"{' '.join(words)} exited with {ended.returncode}: {ended.stderr.decode()[-500:]}"
            )

    return run


def cost(words: Sequence[str]) -> Cost:
    """What one run of a program takes; it must exit with 0."""
    # A process of its own starts it: the peak of a child begins with what its parent held when it was forked.
    ended = subprocess.run([sys.executable, "-ISc", _MEASURE, *words], capture_output=True, check=True)
    return Cost(*map(float, ended.stdout.split()))


# ru_maxrss counts kilobytes on Linux, getrusage(2).
_MEASURE = """
import os, sys, time
start = time.perf_counter()
child = os.fork()
if not child:
    os.dup2(2, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
