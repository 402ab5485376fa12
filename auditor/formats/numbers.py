"""The JSON that `fmaudit claims` prints with `--format json`, version 1."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from auditor.formats.report import Code, Printed, Tool
from auditor.model import FindingClass, Level


class ClaimsWhere(Printed):
    """The beginning of a stretch of a file; lines and columns count from 1."""

    file: str
    """Path inside the bundle, with forward slashes."""
    line: PositiveInt | None
    """Line; null in files without lines, such as weights."""
    column: PositiveInt | None
    """Column, in Unicode code points."""


class ClaimsFinding(Printed):
    """A finding that a number takes part in."""

    code: Code
    """Code of the rule; `fmaudit rule CODE` explains it."""
    name: str
    """Name of the rule."""
    level: Level
    """error: something is wrong; warning: missing or doubtful; note: worth knowing."""
    klass: FindingClass | None = Field(alias="class")
    """How strong the contradiction is."""
    message: str
    """What was met and what was expected."""


class ClaimsNumber(Printed):
    """A number that the release states."""

    kind: Literal["score", "quantity"]
    """score: the value of a metric, or its deviation or error; quantity: any other number."""
    value: str
    """The number as printed; magnitudes such as `B` belong to it."""
    name: str
    """What it was read as; empty where the place names no metric."""
    role: str
    """value, std, stderr, ci, count or other: what of the metric the number is."""
    text: str
    """The name as it is written there."""
    source: str
    """What kind of place it stands in."""
    average: str
    """How classes were averaged, or empty."""
    dataset: str
    """Name of the data, or empty."""
    config: str
    """Configuration or subset of the data, or empty."""
    split: str
    """Split, or empty."""
    label: str
    """The model, class or claim that the row or entry is about, or empty."""
    unit: str
    """Unit where the place says it, or empty; it is never guessed."""
    n: NonNegativeInt | None
    """Number of examples where the place says it."""
    own: bool
    """Whether the place speaks of the released model as a whole."""
    where: ClaimsWhere
    """Where it stands."""
    supported: list[ClaimsWhere]
    """Where else the same number stands."""
    contradicted: list[ClaimsFinding]
    """Findings of rules about data, scores and claims that it takes part in."""


class Claims(Printed):
    """Every number of a release by file, line and column; the same for the same bundle."""

    version: Literal[1]
    """Version of this format; it changes where a field changes its meaning or goes."""
    tool: Tool
    """What printed it."""
    bundle: str
    """Name of the bundle's folder."""
    numbers: list[ClaimsNumber]
    """The numbers."""
