"""The JSON that `fmaudit trace` prints with `--format json`, version 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from auditor.formats.report import Measured, Printed, Tool
from auditor.formats.strict import Sha256
from auditor.model import StepState

Share = Annotated[float, Field(ge=0)]


class TraceLevel(Printed):
    """How a level ended."""

    level: Literal["L2", "L3"]
    """Which level."""
    name: str
    """Its name."""
    state: StepState
    """How it ended."""
    reason: str
    """Why it did not pass, or empty."""


class TraceFaultEntry(Printed):
    """Something that an honest chain has not."""

    level: Literal["L2", "L3"]
    """The level that it fails."""
    file: str
    """Path in the bundle."""
    line: PositiveInt | None
    """Line; null for a whole file."""
    message: str
    """What it is."""


class TraceSegment(Printed):
    """An audited segment."""

    number: PositiveInt
    """Its place in the chain, from 1."""
    first: NonNegativeInt
    """Step after which it begins."""
    last: PositiveInt
    """Step that it ends with."""
    why: Literal["first", "last", "boundary", "drawn"]
    """Why it was audited."""
    state: Literal["passed", "failed", "unresolved", "not checked"]
    """How it ended."""
    exact: bool
    """Whether it replayed to the last bit."""
    distance: Measured | None
    """How far the replay was off, as a share of the way from the segment's start; null if not measured."""
    tolerance: Measured | None
    """What rounding may come to there; null if not measured."""
    bad: tuple[NonNegativeInt, PositiveInt] | None
    """Steps (after, up to) in which the chain first leaves its recipe; null if it does not."""
    reason: str
    """In words."""


class TraceChance(Printed):
    """How likely this sample met at least one of some bad segments."""

    bad: PositiveInt
    """Number of bad segments."""
    probability: Annotated[float, Field(ge=0, le=1)]
    """1 - C(S-b, q) / C(S, q), over the segments that are not always audited."""


class TraceCost(Printed):
    """What the audit spent."""

    steps: NonNegativeInt
    """Steps of the run."""
    replayed: NonNegativeInt
    """Steps done again in the run's arithmetic."""
    doubled: NonNegativeInt
    """Steps done again in double precision."""
    share: Share
    """Both as a share of the run's steps."""


class Trace(Printed):
    """The audit of one training chain."""

    version: Literal[1]
    """Version of this format."""
    tool: Tool
    """What printed it."""
    bundle: str
    """Name of the release."""
    root: Sha256 | None
    """Digest of the chain's last line; null where the chain could not be read."""
    nonce: str
    """What the segments were drawn with; the same nonce draws them again."""
    seed: NonNegativeInt | None
    """Seed of the run."""
    segments_total: NonNegativeInt
    """Segments of the chain."""
    levels: list[TraceLevel]
    """How L2 and L3 ended."""
    faults: list[TraceFaultEntry]
    """All that is wrong."""
    segments: list[TraceSegment]
    """The audited segments."""
    starts: NonNegativeInt
    """Further segments whose stored state and first step were looked at."""
    detection: list[TraceChance]
    """What the sample could find."""
    cost: TraceCost
    """What the audit spent."""
