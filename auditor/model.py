"""The words of both wings as data: span, place, fault, finding, rule, outcome; claim verdict, level step.

Frozen dataclasses without behaviour beyond naming things; no input or output here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any, Literal

from auditor.records import dataclass

Level = Literal["error", "warning", "note"]
Certainty = Literal["sure", "likely", "hint"]
FindingClass = Literal["impossible", "inconsistent", "implausible", "unsupported"]
State = Literal["passed", "found", "not applicable", "not checked"]
Safety = Literal["safe", "unsafe"]

LEVELS: tuple[Level, ...] = ("note", "warning", "error")  # rising
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one text file, 1-based, end exclusive; `line` 0 where the file has no lines (weights)."""

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A file and a key path in it; turned into a span only when a finding needs one.

    Attributes:
        file: path relative to the bundle, with forward slashes.
        path: mapping keys and list indexes from the document's root.
        on: underline the value or its key.
        label: a short note shown beside the underline.
        span: set where the reader already knows it (Markdown bodies, syntax errors).
    """

    file: str
    path: KeyPath = ()
    on: Literal["value", "key"] = "value"
    label: str = ""
    span: Span | None = None

    def labelled(self, label: str) -> Place:
        """The same place with a note shown beside its underline."""
        return replace(self, label=label)

    def says(
        self,
        message: str,
        *others: Place,
        help: str = "",  # noqa: A002  the word users read
        fix: Fix | None = None,
    ) -> Fault:
        """A fault at this place; `others` are the further places that take part in it."""
        return Fault(message, (self, *others), help, fix)


@dataclass(frozen=True, slots=True)
class Edit:
    """New text for what stands at a place of a text file; no text takes it away."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that mend a fault together or not at all.

    Attributes:
        title: what they do, as an order: "write `license` for `licence`".
        edits: applied to the places as they were when the fault was found.
        safety: `safe` keeps what the release says; `unsafe` may change it and is applied on demand only.
    """

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = "safe"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule yields: a message, the places it concerns, how to mend it, and edits that do."""

    message: str
    places: tuple[Place, ...]
    help: str = ""
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault with its rule's identity and resolved spans, ready to print."""

    code: str
    name: str
    level: Level
    certainty: Certainty
    klass: FindingClass | None
    message: str
    help: str
    places: tuple[Place, ...]
    spans: tuple[Span, ...]  # one per place
    fix: Fix | None = None  # the span of every edit's place is set

    def order(self) -> tuple[Any, ...]:
        """Sort key: file, line, column, code, message."""
        first = self.spans[0]
        return (first.file, first.line, first.column, self.code, self.message, str(self.places))


@dataclass(frozen=True, slots=True)
class Ignored:
    """A finding that does not count, and on whose word.

    Attributes:
        how: by a comment beside it, an entry or a pattern of files in the settings, the baseline, or because
            the release leaves its rule out.
        reason: why, in the words of whoever ignored it.
        until: last day on which it is ignored, as `2026-12-31`; empty where it has none.
        by: where the comment or entry stands.
    """

    finding: Finding
    how: Literal["comment", "entry", "per-file", "baseline", "release"]
    reason: str
    until: str
    by: Span


@dataclass(frozen=True, slots=True)
class Rule:
    """A coded check. `run` takes the documents named in `needs`, in that order, and yields faults."""

    code: str
    name: str
    level: Level
    certainty: Certainty
    klass: FindingClass | None
    needs: tuple[str, ...]
    after: tuple[str, ...]
    run: Callable[..., Iterator[Fault]] = field(repr=False, compare=False)
    since: str = "2026.1"  # the rule set that it entered with

    @property
    def family(self) -> str:
        """The letters of the code: `MET` of `MET214`."""
        return self.code.rstrip("0123456789")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a rule ended, and why it could not look where it could not."""

    code: str
    name: str
    state: State
    count: int = 0
    reason: str = ""


ClaimState = Literal["reproduced", "not reproduced", "inconclusive", "not attempted"]
StepState = Literal["passed", "failed", "not attempted"]
LevelName = Literal["L0", "L1", "L2", "L3", "L4", "L5", "L6"]


@dataclass(frozen=True, slots=True)
class RunValue:
    """What one training run measured for a claim; `value` is text that reads back to the same number."""

    seed: int
    value: str


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """What a reproduction says of one claim.

    Attributes:
        id: the claim's name in `fmaudit.yaml`.
        value: the published value as printed.
        verdict: whether it was met again.
        reason: why, in figures; lower case, no full stop.
        gates: whether the exit code depends on it.
        shipped: what the shipped weights measured, as text; None where they were not evaluated.
        runs: what each retrained seed measured, in the order of the seeds.
        statistics: the numbers behind the verdict by name; not finite ones become null in JSON.
        span: where the claim stands, for the report.
    """

    id: str
    value: str
    verdict: ClaimState
    reason: str = ""
    gates: bool = True
    shipped: str | None = None
    runs: tuple[RunValue, ...] = ()
    statistics: Mapping[str, float | int | None] = field(default_factory=dict)
    span: Span = Span("fmaudit.yaml")


@dataclass(frozen=True, slots=True)
class LevelStep:
    """One rung of the ladder L0 to L6: how it ended, and why where it did not pass."""

    level: LevelName
    name: str
    state: StepState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """All that `reproduce` adds to a report.

    Attributes:
        claims: one verdict a claim, in the order of `fmaudit.yaml`.
        level: the highest level reached, None where not even L0 was.
        steps: every rung, lowest first.
        environment: device, threads, versions and flags that were used, by name.
        recipe: digest of the recipe that was run.
        data: sha256 of each data file by its path in the data manifest.
    """

    claims: tuple[ClaimVerdict, ...] = ()
    level: LevelName | None = None
    steps: tuple[LevelStep, ...] = ()
    environment: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    recipe: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
