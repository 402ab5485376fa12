"""The report for editors and `grep`: one line a finding, then the same counts as in text."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.engine.run import CheckResult
from auditor.model import Finding, Reproduction
from auditor.report import summary, verdicts
from auditor.report.cells import inert, visible


def render(
    result: CheckResult,
    reproduction: Reproduction | None = None,
    root: str = "",
    *,
    statistics: bool = False,
) -> str:
    """The whole report, ending in a newline.

    Args:
        result: what the check found.
        reproduction: verdicts and level, after `reproduce`.
        root: put before each path, so that an editor can open it.
        statistics: a table of rules in place of the findings.
    """
    found = [*result.findings, *(verdicts.findings(reproduction) if reproduction else ())]
    printed = summary.statistics(found, result.outcomes, _plain) if statistics else lines(found, root)
    return "\n".join([*printed, *ending(result, reproduction)]) + "\n"


def lines(findings: Iterable[Finding], root: str = "") -> list[str]:
    """`path:line:column: level[CODE] name: message`, without line and column in a file that has no lines."""
    return [
        inert(
            f"{summary.position(finding.spans[0], root)}: {finding.level}[{finding.code}]"
            f"{summary.mark(finding)} {finding.name}: {visible(finding.message)}"
        )
        for finding in findings
    ]


def ending(result: CheckResult, reproduction: Reproduction | None = None) -> list[str]:
    """The level that was reached and the counts."""
    level = [f"level reached: {reproduction.level or 'none'}"] if reproduction else []
    title = "check" if reproduction else visible(result.bundle)
    return [*level, *map(inert, summary.lines(title, result, _plain))]


def _plain(_: str, text: str) -> str:
    return text
