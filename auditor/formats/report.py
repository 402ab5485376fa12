"""The JSON that `check` and `reproduce` print with `--format json`, version 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from auditor.formats.strict import Sha256
from auditor.model import Certainty, ClaimState, FindingClass, Level, LevelName, Safety, State, StepState

Code = Annotated[str, Field(pattern=r"^[A-Z]+\d{3}$", examples=["MET214"])]
Measured = Annotated[
    str, Field(pattern=r"^(-?\d+(\.\d+)?([eE][-+]?\d+)?|nan|-?inf)$", examples=["0.9722222222222222"])
]
"""A measured value as text that reads back to the same number; `nan` where a run diverged."""


class Printed(BaseModel):
    """An object of the report; it has these fields and no others within one version."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Tool(Printed):
    """What printed the report."""

    name: Literal["fmaudit"]
    """Name of the program."""
    version: str
    """Version of the program."""


class ReportSettings(Printed):
    """What the check was asked for, after flags and files were put together."""

    profile: Literal["draft", "release", "audit"]
    """draft: what is surely an error; release: all but hints; audit: everything."""
    rules: str
    """The rule set; rules that entered later did not run."""
    select: list[str]
    """Rules that were asked for: codes, families, names or ALL."""
    ignore: list[str]
    """Rules that were left out."""
    fail_on: Level
    """Level from which on a finding makes the exit code 1."""
    complete: bool
    """Whether a rule that could not look does so too."""
    isolated: bool
    """Whether nothing but the flags was asked."""


class ReportWhere(Printed):
    """A stretch of a file; lines and columns count from 1, columns in Unicode code points, end exclusive."""

    file: str
    """Path inside the bundle, with forward slashes; `.` is the bundle itself."""
    line: PositiveInt | None
    """First line; null in files without lines, such as weights."""
    column: PositiveInt | None
    """First column."""
    end_line: PositiveInt | None
    """Last line."""
    end_column: PositiveInt | None
    """Column after the last one."""


class ReportSpan(ReportWhere):
    """A place that takes part in a finding."""

    path: list[str | int]
    """Mapping keys and list indexes from the document's root; the tensor's name in weights."""
    label: str
    """A note on this place, or empty."""


class ReportEdit(ReportWhere):
    """A stretch of a text file and what is to stand there; line 1 without a column is a byte-order mark."""

    text: str
    """The new text; empty to take away what stands there."""


class ReportFix(Printed):
    """Edits that `fmaudit check --fix` can make, all of them or none."""

    title: str
    """What they do."""
    safety: Safety
    """safe: `--fix` makes them; unsafe: they may change what the release says and need `--unsafe-fixes`."""
    edits: list[ReportEdit]
    """The edits; they do not overlap."""


class ReportFinding(Printed):
    """What a rule met at a place, or a claim that was not reproduced."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}:\d+$", examples=["8c1f0a52d94be673:1"])]
    """Identity: made of code, file, key path and value, so that lines inserted elsewhere do not change it."""
    code: Code
    """Code of the rule; `fmaudit rule CODE` explains it."""
    name: str
    """Name of the rule."""
    level: Level
    """error: something is wrong; warning: missing or doubtful; note: worth knowing."""
    certainty: Certainty
    """How far the finding may be wrong."""
    klass: FindingClass | None = Field(alias="class")
    """For findings on numbers: how strong the contradiction is."""
    message: str
    """What was met and what was expected."""
    help: str
    """How to mend it, or empty."""
    fix: ReportFix | None
    """Edits that mend it; null where a person has to."""
    spans: Annotated[list[ReportSpan], Field(min_length=1)]
    """Every place that takes part, the finding's own first."""


class ReportIgnored(Printed):
    """A finding that does not count, and on whose word."""

    finding: ReportFinding
    """What was found."""
    how: Literal["comment", "entry", "per-file", "baseline", "release"]
    """comment: beside it in the file; entry, per-file: in the settings; baseline: in its file; release: the
    release leaves out the whole rule."""
    reason: str
    """Why, in the words of whoever ignored it."""
    until: str | None
    """Last day on which it is ignored, as 2026-12-31; null where it has none."""
    by: ReportWhere
    """Where the comment or entry stands."""


class ReportOutcome(Printed):
    """How a rule ended."""

    code: Code
    """Code of the rule."""
    name: str
    """Name of the rule."""
    state: State
    """passed, found, not applicable (nothing to look at), not checked (could not look)."""
    count: NonNegativeInt
    """Number of findings listed."""
    reason: str
    """Why it could not look, or empty."""


class ReportRun(Printed):
    """What one training run measured."""

    seed: NonNegativeInt
    """Seed of the run."""
    value: Measured
    """Measured value."""


class ReportClaim(Printed):
    """The verdict on one claim."""

    id: str
    """Name of the claim in fmaudit.yaml."""
    value: str
    """Published value as printed."""
    verdict: ClaimState
    """Whether it was met again."""
    reason: str
    """Why, in figures."""
    gates: bool
    """Whether the exit code depends on it."""
    shipped: Measured | None
    """What the shipped weights measured; null where they were not evaluated."""
    runs: list[ReportRun]
    """What each retrained seed measured."""
    statistics: dict[str, float | int | None]
    """The numbers behind the verdict; null where one is not finite."""


class ReportStep(Printed):
    """One rung of the ladder of levels."""

    level: LevelName
    """L0 to L6."""
    name: str
    """What the level is called."""
    state: StepState
    """How it ended."""
    reason: str
    """Why it did not pass, or empty."""


class ReportLevel(Printed):
    """How far the whole bundle was verified."""

    reached: LevelName | None
    """Highest level reached; null where none was."""
    steps: list[ReportStep]
    """Every rung, lowest first."""


class Report(Printed):
    """A report of fmaudit; the same for the same bundle and options, its timing apart."""

    version: Literal[1]
    """Version of this format; it changes where a field changes its meaning or goes."""
    tool: Tool
    """What printed it."""
    bundle: str
    """Name of the bundle's folder."""
    settings: ReportSettings
    """What the check was asked for."""
    remarks: list[str]
    """What the settings did that a reader must know, a sentence each."""
    findings: list[ReportFinding]
    """Findings that count, by file, line and column, then verdicts that are not good."""
    ignored: list[ReportIgnored]
    """Findings that do not count; each says why."""
    outcomes: list[ReportOutcome]
    """How each selected rule ended, in the order of the rule list."""
    claims: list[ReportClaim]
    """Verdicts on claims; empty after `check`."""
    level: ReportLevel | None
    """Level of the bundle; null after `check`."""
    environment: dict[str, str | int | float | bool | None]
    """Device, threads, versions and flags of a reproduction; empty after `check`."""
    recipe: Sha256 | None
    """Digest of the recipe that was run; null after `check`."""
    data: dict[str, Sha256]
    """Digest of each data file that was read; empty after `check`."""
    timing: dict[str, float]
    """Durations in seconds by name: the one part that differs from run to run."""
