"""The report for programs: one JSON object, version 1, described by schemas/report.schema.json.

All but `timing` is the same for the same bundle, options and version of fmaudit. Text is printed in
ASCII with escapes, so that no control character of a bundle reaches a terminal.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from auditor import __version__
from auditor.engine.run import CheckResult
from auditor.engine.settings import Settings
from auditor.model import ClaimVerdict, Finding, Fix, Ignored, Outcome, Place, Reproduction, Span
from auditor.report import verdicts
from auditor.report.cells import ORDER
from auditor.report.names import names

VERSION = 1


def render(
    result: CheckResult,
    sources: Mapping[str, str],
    timing: Mapping[str, float] | None = None,
    reproduction: Reproduction | None = None,
) -> str:
    """The whole report as text, ending in a newline; see `report`."""
    return dumps(report(result, sources, timing, reproduction))


def dumps(value: object) -> str:
    """Indented JSON in printable ASCII, ending in a newline, with nothing in it that a log would obey."""
    text = json.dumps(value, indent=2, allow_nan=False)
    text = text.replace("\x7f", "\\u007f")  # the one control character that json leaves as it is
    return (re.sub(ORDER, r"\\u0023", text) if "##" in text else text) + "\n"


def report(
    result: CheckResult,
    sources: Mapping[str, str],
    timing: Mapping[str, float] | None = None,
    reproduction: Reproduction | None = None,
) -> dict[str, Any]:
    """The report as JSON values; keys as in `auditor.formats.report.Report`.

    Args:
        result: what the check found.
        sources: the text of each file that a finding lies in, for identities.
        timing: durations in seconds by name.
        reproduction: verdicts and level, after `reproduce`.
    """
    verdict = reproduction or Reproduction()
    found = [*result.findings, *verdicts.findings(verdict)]
    found_as, ignored_as = names(result, found, sources)
    steps = [
        {"level": step.level, "name": step.name, "state": step.state, "reason": step.reason}
        for step in verdict.steps
    ]
    return {
        "version": VERSION,
        "tool": {"name": "fmaudit", "version": __version__},
        "bundle": result.bundle,
        "settings": _settings(result.settings),
        "remarks": list(result.remarks),
        "findings": [_finding(*one) for one in zip(found, found_as, strict=True)],
        "ignored": [_ignored(*one) for one in zip(result.ignored, ignored_as, strict=True)],
        "outcomes": [_outcome(outcome) for outcome in result.outcomes],
        "claims": [_claim(claim) for claim in verdict.claims],
        "level": {"reached": verdict.level, "steps": steps} if reproduction else None,
        "environment": dict(sorted(verdict.environment.items())),
        "recipe": verdict.recipe or None,
        "data": dict(sorted(verdict.data.items())),
        "timing": dict(timing or {}),
    }


def _settings(settings: Settings) -> dict[str, Any]:
    return {
        "profile": settings.profile,
        "rules": settings.rules,
        "select": list(settings.select),
        "ignore": list(settings.ignore),
        "fail_on": settings.fail_on,
        "complete": settings.complete,
        "isolated": settings.isolated,
    }


def _finding(finding: Finding, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "code": finding.code,
        "name": finding.name,
        "level": finding.level,
        "certainty": finding.certainty,
        "class": finding.klass,
        "message": finding.message,
        "help": finding.help,
        "fix": _fix(finding.fix) if finding.fix else None,
        "spans": [_span(place, span) for place, span in zip(finding.places, finding.spans, strict=True)],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_where(edit.place.span or Span(edit.place.file)), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safety": fix.safety, "edits": edits}


def _ignored(one: Ignored, name: str) -> dict[str, Any]:
    return {
        "finding": _finding(one.finding, name),
        "how": one.how,
        "reason": one.reason,
        "until": one.until or None,
        "by": _where(one.by),
    }


def _span(place: Place, span: Span) -> dict[str, Any]:
    return {**_where(span), "path": list(place.path), "label": place.label}


def _where(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line or None,
        "column": span.column or None,
        "end_line": span.end_line or None,
        "end_column": span.end_column or None,
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
