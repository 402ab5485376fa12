"""From what replays met to the state of each segment; pure but for asking how large batches were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.formats.chain import CHAIN, Broken
from auditor.tracing.challenge import Why
from auditor.tracing.gaps import RESOLVED, Gap, Point
from auditor.tracing.replay import Committed, Replays
from auditor.tracing.result import Segment, State, TraceFault

PROOF_STEPS = 10  # exact steps after which rounding is the publisher's: by chance not even one slot agrees


@dataclass(frozen=True, slots=True)
class Met:
    """What the replay of a segment, or of its first step where `why` is None, met.

    Attributes:
        last: the last step that was replayed.
        absent: whether the chain names no state to begin with.
        broken: why its start is not as the chain binds it.
    """

    number: int
    first: int
    last: int
    why: Why | None
    points: tuple[Point, ...] = ()
    gaps: tuple[Gap, ...] = ()
    absent: bool = False
    broken: Broken | None = None

    @property
    def exact(self) -> bool:
        """Whether all agreed to the last bit."""
        return bool(self.points) and all(point.same for point in self.points)


def judged(
    chain: Committed, replays: Replays, met: Sequence[Met]
) -> tuple[tuple[Segment, ...], int, list[TraceFault]]:
    """The audited segments, how many others had their first step looked at, and what is wrong."""
    proof = [one for one in met if one.exact and one.why]
    sizes = frozenset[int]().union(*(replays.batch_sizes(one.first, one.last) for one in proof))
    if sum(one.last - one.first for one in proof) < PROOF_STEPS:
        sizes = frozenset()
    segments, starts, faults = [], 0, []
    for one in met:
        if one.absent and one.why is None:
            continue
        same_rounding = not one.broken and replays.batch_sizes(one.first, one.last) <= sizes
        segment = _segment(one, one.why or "drawn", same_rounding=same_rounding)
        if segment.state == "failed":
            line = one.broken.line if one.broken else _line(chain, segment)
            faults.append(TraceFault("L3", f"{CHAIN}:{line}", segment.reason))
        if one.why:
            segments.append(segment)
        else:
            starts += 1
    return tuple(segments), starts, faults


def _segment(one: Met, why: Why, *, same_rounding: bool) -> Segment:
    def said(
        state: State, reason: str, gap: Gap | None = None, bad: tuple[int, int] | None = None
    ) -> Segment:
        return Segment(
            one.number + 1,
            one.first,
            one.last,
            why,
            state,
            one.exact,
            0.0 if one.exact else None if gap is None else gap.distance,
            None if gap is None else gap.tolerance,
            bad,
            reason,
        )

    if one.absent:
        return said("not checked", "the chain names no stored state to begin with")
    if one.broken:
        return said("failed", one.broken.what)
    if one.exact:
        return said("passed", "to the last bit")
    worst = max(one.gaps, key=lambda gap: (gap.bad, gap.beyond))
    if same_rounding:
        number = next(index for index, point in enumerate(one.points) if not point.same)
        gap = one.gaps[number]
        if gap.distance == 0:  # the weights are there to the last bit, something beside them was edited
            return said("failed", f"{_steps(gap)}: all but the weights differs", gap, (gap.begin, gap.end))
        if any(found.bad for found in one.gaps):
            what = f"off by {gap.distance:.2g}, others replay to the last bit"
            return said("failed", f"{_steps(gap)}: {what}", gap, (gap.begin, gap.end))
        what = "rounding may come to, but others replay to the last bit: was it run elsewhere?"
        return said("unresolved", f"off by {gap.distance:.2g}, no more than {what}", gap)
    for gap in one.gaps:
        if gap.bad and gap.tolerance <= RESOLVED:
            what = f"off by {gap.distance:.2g}, rounding comes to {gap.tolerance:.2g} at most"
            if gap.distance <= gap.tolerance:
                what = "the logged loss is another one"
            return said("failed", f"{_steps(gap)}: {what}", gap, (gap.begin, gap.end))
    if worst.distance > RESOLVED:
        return said("unresolved", "rounding alone takes a replay as far: use shorter segments", worst)
    return said("passed", "but for rounding", worst)


def _steps(gap: Gap) -> str:
    if gap.end == gap.begin + 1:
        return f"step {gap.end:,} does not follow the recipe"
    return f"some step of {gap.begin + 1:,} to {gap.end:,} does not follow the recipe"


def _line(chain: Committed, segment: Segment) -> int:
    return chain.lines[segment.bad[1] if segment.bad else segment.last].number
