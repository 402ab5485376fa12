"""What an audit of a chain found, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from auditor.model import LevelStep
from auditor.tracing.challenge import BAD_SHARES, Why, detection

State = Literal["passed", "failed", "unresolved", "not checked"]


@dataclass(frozen=True, slots=True)
class TraceFault:
    """Something that an honest chain has not: what it is, where in the bundle, and the level it fails."""

    level: Literal["L2", "L3"]
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One audited segment.

    Attributes:
        number: from 1.
        first: the step after which it begins.
        last: the step that it ends with.
        why: why it was audited.
        exact: whether it replayed to the last bit.
        distance: the furthest that the replay was off, as a share of the way; None where none was measured.
        tolerance: what rounding may come to there.
        bad: the steps, (after, up to), in which the chain first leaves its recipe; None where it does not.
        reason: in words.
    """

    number: int
    first: int
    last: int
    why: Why
    state: State
    exact: bool = False
    distance: float | None = None
    tolerance: float | None = None
    bad: tuple[int, int] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TraceResult:
    """The audit of one chain.

    Attributes:
        started: how level L2 ended: initial weights and the first steps are the seed's.
        traced: how level L3 ended: the audited segments follow the recipe.
        root: digest of the chain's last line; empty where it could not be read.
        nonce: what the segments were drawn with, so that the draw can be repeated.
        seed: the seed of the run.
        n_segments: segments of the chain.
        segments: the audited ones.
        faults: all that is wrong, in the order it was met.
        starts: further segments whose stored state and first step were looked at.
        steps: steps of the run.
        replayed: steps done again in the run's arithmetic.
        doubled: steps done again in double precision.
    """

    started: LevelStep
    traced: LevelStep
    nonce: str
    root: str = ""
    seed: int | None = None
    n_segments: int = 0
    segments: tuple[Segment, ...] = ()
    faults: tuple[TraceFault, ...] = ()
    starts: int = 0
    steps: int = 0
    replayed: int = 0
    doubled: int = 0

    @property
    def failed(self) -> bool:
        """Whether the chain is not what the recipe gives."""
        return "failed" in (self.started.state, self.traced.state)

    def chances(self) -> list[tuple[str, int, float]]:
        """How many bad segments this sample would have met, how likely: what of them, number, probability."""
        n, drawn = self.n_segments, sum(segment.why == "drawn" for segment in self.segments)
        if not n:
            return []
        always = len(self.segments) - drawn
        asked = [("one", 1), *((f"{share:.0%}", max(1, round(share * n))) for share in BAD_SHARES)]
        return [(name, bad, detection(n, always, drawn, bad)) for name, bad in asked]
