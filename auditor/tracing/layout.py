"""After which steps a chain has lines and where its segments end: a function of the recipe and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.formats.chain import line_steps

MOST_SEGMENTS = 20  # of a run that nobody asked for more: an audit of a tenth then replays two of them
STEPS_A_SEGMENT = 100  # at least: the two lines of a segment take less than one step (tests/bench/tracing.py)
# Of `mlp`, whose step takes 0.1 ms and two lines 0.6 ms; a step of `cnn` takes 30 ms (measured in that file).
CHEAP_STEPS_A_SEGMENT = 1000


@dataclass(frozen=True, slots=True)
class Layout:
    """Where lines stand.

    Attributes:
        ends: last step of each segment, rising, the run's last step among them.
        every: further lines stand at its multiples.
        lines: steps after which a line is written, 0 first.
    """

    ends: tuple[int, ...]
    every: int | None
    lines: frozenset[int]


def layout(
    steps: int,
    boundaries: Sequence[int] = (),
    segments: int | None = None,
    every: int | None = None,
    *,
    cheap: bool = False,
) -> Layout:
    """The layout of a run of `steps` steps; at each of `boundaries` the schedule changes its course.

    `cheap`: a step takes little beside a line, and nobody is going to audit the segments.
    """
    shortest = CHEAP_STEPS_A_SEGMENT if cheap else STEPS_A_SEGMENT
    n = min(segments or max(1, min(MOST_SEGMENTS, steps // shortest)), steps)
    ends = {steps * number // n for number in range(1, n + 1)}
    ends |= {step for step in boundaries if 0 < step < steps}
    rising = tuple(sorted(ends))
    return Layout(rising, every, frozenset(line_steps(rising, every, steps)))
