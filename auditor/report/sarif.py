"""The report for code-scanning services: SARIF 2.1.0 (OASIS, 2020), as GitHub reads it.

Section numbers are those of https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from auditor import __version__
from auditor.engine.run import CRASHED, CheckResult
from auditor.model import Finding, Fix, Ignored, Place, Reproduction, Rule, Span
from auditor.report import verdicts
from auditor.report.cells import visible
from auditor.report.json import dumps
from auditor.report.levels import WORDS
from auditor.report.manual import help_markdown
from auditor.report.names import names
from auditor.rules import load
from auditor.rules.registry import manual

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PRECISION = {"sure": "very-high", "likely": "high", "hint": "low"}  # GitHub's words for certainty
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
    ran = {outcome.code: rules[outcome.code] for outcome in result.outcomes}
    ran |= {one.finding.code: rules[one.finding.code] for one in result.ignored}
    found = [*result.findings, *(verdicts.findings(reproduction) if reproduction else ())]
    if reproduction:
        ran |= verdicts.RULES
    index = {code: number for number, code in enumerate(ran)}
    found_as, ignored_as = names(result, found, sources)
    results = [_result(finding, index, name, root) for finding, name in zip(found, found_as, strict=True)] + [
        _result(one.finding, index, name, root) | {"suppressions": [_by(one, root)]}
        for one, name in zip(result.ignored, ignored_as, strict=True)
    ]
    if result.ignored:  # section 3.27.23: all results of a run say whether they are suppressed, or none
        results = [told | {"suppressions": told.get("suppressions", [])} for told in results]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "fmaudit",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in ran.values()],
            }
        },
        "invocations": [_invocation(result, index)],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    if reproduction:
        run["properties"] = {"level": reproduction.level}
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    """Section 3.49, reportingDescriptor."""
    page = manual(rule)
    properties: dict[str, Any] = {
        "precision": PRECISION[rule.certainty],
        "problem.severity": WORDS[rule.level].sarif,
        "tags": [tag for tag in (rule.family, rule.klass) if tag],
    }
    if rule.family == "SEC":
        properties["security-severity"] = WORDS[rule.level].security
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
    """Section 3.20: whether the check is whole, which rules could not look, and what the settings did."""
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
    remarks = [{"level": "note", "message": {"text": _safe(remark)}} for remark in result.remarks]
    return {
        "executionSuccessful": not crashed,
        "toolExecutionNotifications": notifications,
        **({"toolConfigurationNotifications": remarks} if remarks else {}),
    }


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
    if finding.fix is not None and finding.fix.edits:
        result["fixes"] = [_fix(finding.fix, root)]
    return result


def _fix(fix: Fix, root: str) -> dict[str, Any]:
    """Section 3.55; the byte-order mark, which is in no column, by its bytes."""
    files: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        span = edit.place.span or Span(edit.place.file)
        region = {"startLine": span.line, "startColumn": span.column}
        region |= {"endLine": span.end_line, "endColumn": span.end_column}
        if not span.column:
            region = {"byteOffset": 0, "byteLength": 3}
        replacement = {"deletedRegion": region, "insertedContent": {"text": edit.text}}
        files.setdefault(span.file, []).append(replacement)
    changes = [
        {
            "artifactLocation": {"uri": _uri(root + file), "uriBaseId": "%SRCROOT%"},
            "replacements": replacements,
        }
        for file, replacements in files.items()
    ]
    title = fix.title if fix.safety == "safe" else f"{fix.title} (may change what the release says)"
    return {"description": {"text": _safe(title)}, "artifactChanges": changes}


def _by(one: Ignored, root: str) -> dict[str, Any]:
    """Section 3.35, suppression: a comment in the file, or an entry or the baseline outside of it."""
    date = f" (until {one.until})" if one.until else ""
    told: dict[str, Any] = {
        "kind": "inSource" if one.how == "comment" else "external",
        "status": "accepted",
        "justification": _safe(one.reason + date),
    }
    if one.how == "comment":
        told["location"] = _location(Place(one.by.file), one.by, root)
    return told


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
