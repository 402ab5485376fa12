"""The report for programs: one JSON object, version 1, described by schemas/report.schema.json.

All but `timing` is the same for the same bundle, options and version of fmaudit. Text is printed in
ASCII with escapes, so that no control character of a bundle reaches a terminal.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from auditor import __version__
from auditor.engine.run import CheckResult
from auditor.model import ClaimVerdict, Finding, Outcome, Place, Reproduction, Span
from auditor.report import verdicts

VERSION = 1


def render(
    result: CheckResult, timing: Mapping[str, float] | None = None, reproduction: Reproduction | None = None
) -> str:
    """The whole report as text, ending in a newline; `timing` holds durations in seconds by name."""
    return dumps(report(result, timing, reproduction))


def dumps(value: object) -> str:
    """Indented JSON in printable ASCII, ending in a newline."""
    text = json.dumps(value, indent=2, allow_nan=False)
    return text.replace("\x7f", "\\u007f") + "\n"  # the one control character that json leaves as it is


def report(
    result: CheckResult, timing: Mapping[str, float] | None = None, reproduction: Reproduction | None = None
) -> dict[str, Any]:
    """The report as JSON values; keys as in `auditor.formats.report.Report`."""
    verdict = reproduction or Reproduction()
    found = [*result.findings, *verdicts.findings(verdict)]
    steps = [
        {"level": step.level, "name": step.name, "state": step.state, "reason": step.reason}
        for step in verdict.steps
    ]
    return {
        "version": VERSION,
        "tool": {"name": "fmaudit", "version": __version__},
        "bundle": result.bundle,
        "findings": [_finding(finding) for finding in found],
        "outcomes": [_outcome(outcome) for outcome in result.outcomes],
        "claims": [_claim(claim) for claim in verdict.claims],
        "level": {"reached": verdict.level, "steps": steps} if reproduction else None,
        "environment": dict(sorted(verdict.environment.items())),
        "recipe": verdict.recipe or None,
        "data": dict(sorted(verdict.data.items())),
        "timing": dict(timing or {}),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "level": finding.level,
        "certainty": finding.certainty,
        "class": finding.klass,
        "message": finding.message,
        "help": finding.help,
        "spans": [_span(place, span) for place, span in zip(finding.places, finding.spans, strict=True)],
    }


def _span(place: Place, span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line or None,
        "column": span.column or None,
        "end_line": span.end_line or None,
        "end_column": span.end_column or None,
        "path": list(place.path),
        "label": place.label,
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "code": outcome.code,
        "name": outcome.name,
        "state": outcome.state,
        "count": outcome.count,
        "reason": outcome.reason,
    }


def _claim(claim: ClaimVerdict) -> dict[str, Any]:
    return {
        "id": claim.id,
        "value": claim.value,
        "verdict": claim.verdict,
        "reason": claim.reason,
        "gates": claim.gates,
        "shipped": claim.shipped,
        "runs": [{"seed": run.seed, "value": run.value} for run in claim.runs],
        "statistics": {name: _number(value) for name, value in sorted(claim.statistics.items())},
    }


def _number(value: float | None) -> float | None:
    """The number, or None where JSON has no word for it."""
    return value if value is None or math.isfinite(value) else None
