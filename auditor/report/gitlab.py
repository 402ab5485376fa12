"""The report for GitLab's merge requests: Code Quality, https://docs.gitlab.com/ci/testing/code_quality/.

The format has no place for ignored findings or for rules that were not checked; it holds what counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.engine.run import CheckResult
from auditor.model import Finding, Reproduction
from auditor.report import verdicts
from auditor.report.cells import visible
from auditor.report.json import dumps
from auditor.report.levels import WORDS
from auditor.report.names import names


def render(
    result: CheckResult,
    sources: Mapping[str, str],
    reproduction: Reproduction | None = None,
    root: str = "",
) -> str:
    """One object for each finding, ending in a newline.

    Args:
        result: what the check found.
        sources: the text of each file that a finding lies in, for fingerprints.
        reproduction: verdicts and level, after `reproduce`.
        root: put before each path, so that it is relative to the repository.
    """
    found = [*result.findings, *(verdicts.findings(reproduction) if reproduction else ())]
    fingerprints, _ = names(result, found, sources)
    return dumps([_issue(finding, name, root) for finding, name in zip(found, fingerprints, strict=True)])


def _issue(finding: Finding, fingerprint: str, root: str) -> dict[str, Any]:
    span = finding.spans[0]
    help_text = f" (help: {visible(finding.help)})" if finding.help else ""
    return {
        "description": f"{finding.name}: {visible(finding.message)}{help_text}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": WORDS[finding.level].gitlab,
        "location": {
            "path": visible(root.rstrip("/") if span.file == "." and root else root + span.file),
            "lines": {"begin": max(span.line, 1), "end": max(span.end_line, span.line, 1)},
        },
    }
