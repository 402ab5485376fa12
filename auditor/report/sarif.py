"""The report for code-scanning services: SARIF 2.1.0 (OASIS, 2020), as GitHub reads it.

Section numbers are those of https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from auditor import __version__
from auditor.engine.identity import identities
from auditor.engine.run import CRASHED, CheckResult
from auditor.model import Finding, Place, Reproduction, Rule, Span
from auditor.report import verdicts
from auditor.report.cells import visible
from auditor.report.json import dumps
from auditor.report.manual import help_markdown
from auditor.rules import load
from auditor.rules.registry import manual

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PRECISION = {"sure": "very-high", "likely": "high", "hint": "low"}  # GitHub's words for certainty
SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}  # likewise
SECURITY = {"error": "8.0", "warning": "5.0", "note": "2.0"}  # high, medium, low on GitHub's scale of CVSS
MAX_DESCRIPTION = 1_024  # characters of fullDescription that GitHub takes


def render(
    result: CheckResult,
    sources: Mapping[str, str],
    reproduction: Reproduction | None = None,
    root: str = "",
) -> str:
    """The SARIF log as text, ending in a newline.

    Args:
        result: what the check found.
        sources: the text of each file that a finding lies in, for fingerprints.
        reproduction: verdicts and level, after `reproduce`.
        root: put before each path, so that it is relative to the repository.
    """
    rules = load()
    ran = [rules[outcome.code] for outcome in result.outcomes]
    found = [*result.findings, *(verdicts.findings(reproduction) if reproduction else ())]
    if reproduction:
        ran += verdicts.RULES.values()
    index = {rule.code: number for number, rule in enumerate(ran)}
    names = identities(found, sources)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "fmaudit",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in ran],
            }
        },
        "invocations": [_invocation(result, index)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index, name, root) for finding, name in zip(found, names, strict=True)],
    }
    if reproduction:
        run["properties"] = {"level": reproduction.level}
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    """Section 3.49, reportingDescriptor."""
    page = manual(rule)
    properties: dict[str, Any] = {
        "precision": PRECISION[rule.certainty],
        "problem.severity": SEVERITY[rule.level],
        "tags": [tag for tag in (rule.family, rule.klass) if tag],
    }
    if rule.family == "SEC":
        properties["security-severity"] = SECURITY[rule.level]
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": f"{page.summary} {page.why}"[:MAX_DESCRIPTION]},
        "help": {
            "text": f"{page.why}\n\nFix: {page.fix}\n\nMore: fmaudit rule {rule.code}",
            "markdown": help_markdown(rule),
        },
        "defaultConfiguration": {"level": rule.level},
        "properties": properties,
    }


def _invocation(result: CheckResult, index: Mapping[str, int]) -> dict[str, Any]:
    """Section 3.20: whether the check is whole, and which rules could not look."""
    notifications = [
        {
            "level": "note",
            "message": {"text": f"not checked: {_safe(outcome.reason)}"},
            "associatedRule": {"id": outcome.code, "index": index[outcome.code]},
        }
        for outcome in result.outcomes
        if outcome.state == "not checked"
    ]
    crashed = any(finding.code == CRASHED for finding in result.findings)
    return {"executionSuccessful": not crashed, "toolExecutionNotifications": notifications}


def _result(finding: Finding, index: Mapping[str, int], name: str, root: str) -> dict[str, Any]:
    """Section 3.27."""
    locations = [
        _location(place, span, root) for place, span in zip(finding.places, finding.spans, strict=True)
    ]
    text = finding.message + (f". Help: {finding.help}" if finding.help else "")
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.level,
        "message": {"text": _safe(text)},
        "locations": locations[:1],
        "partialFingerprints": {"fmaudit/v1": name},
    }
    if locations[1:]:
        result["relatedLocations"] = [
            {"id": number, **location} for number, location in enumerate(locations[1:], start=1)
        ]
    return result


def _location(place: Place, span: Span, root: str) -> dict[str, Any]:
    """Section 3.28; without a region where the file has no lines."""
    uri = _uri(root if span.file == "." and root else root + span.file)
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if span.line:
        region = {"startLine": span.line, "startColumn": max(span.column, 1)}
        if (span.end_line, span.end_column) >= (span.line, span.column):
            region |= {"endLine": span.end_line, "endColumn": max(span.end_column, 1)}
        physical["region"] = region
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.path:
        name = visible(".".join(map(str, place.path)))
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    if place.label:
        location["message"] = {"text": _safe(place.label)}
    return location


def _uri(path: str) -> str:
    """The path as a relative reference (RFC 3986); bytes of a name that is not UTF-8 stay what they are."""
    try:
        return quote(path, errors="surrogateescape")
    except UnicodeEncodeError:
        return quote(path, errors="surrogatepass")


def _safe(text: str) -> str:
    """Plain text that no viewer takes for a link (section 3.11.6) and no terminal obeys."""
    return visible(text).replace("](", "] (")
