"""The report for the log of a GitHub workflow: each finding as an annotation on its line.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.engine.run import CheckResult
from auditor.model import LEVELS, Finding, Level, Reproduction
from auditor.report import concise, summary, verdicts
from auditor.report.cells import visible
from auditor.report.levels import WORDS

MAX_ANNOTATIONS = 10  # of each level that GitHub shows of one step; it drops the others without a word


def render(result: CheckResult, reproduction: Reproduction | None = None, root: str = "") -> str:
    """The annotations, worst first, then one line for each finding and the counts; ends in a newline.

    Args:
        result: what the check found.
        reproduction: verdicts and level, after `reproduce`.
        root: put before each path, so that it is relative to the repository.
    """
    found = [*result.findings, *(verdicts.findings(reproduction) if reproduction else ())]
    printed: list[str] = []
    for level in reversed(LEVELS):
        printed += _annotations(level, [finding for finding in found if finding.level == level], root)
    if any(len(of_level) > MAX_ANNOTATIONS for of_level in _by_level(found)):
        printed += ["::group::Every finding", *concise.lines(found, root), "::endgroup::"]
    return "\n".join([*printed, *concise.ending(result, reproduction)]) + "\n"


def _by_level(found: Sequence[Finding]) -> list[list[Finding]]:
    return [[finding for finding in found if finding.level == level] for level in LEVELS]


def _annotations(level: Level, found: Sequence[Finding], root: str) -> list[str]:
    """As many commands as are shown; the last one counts what they leave out."""
    if len(found) <= MAX_ANNOTATIONS:
        return [_command(finding, root) for finding in found]
    shown = _varied(found)[: MAX_ANNOTATIONS - 1]
    rest = summary.count(len(found) - len(shown), f"more {level}")
    more = f"and {rest}: see the summary of this job, or the log of this step"
    return [*(_command(finding, root) for finding in shown), f"::{WORDS[level].github} title={rest}::{more}"]


def _varied(found: Sequence[Finding]) -> list[Finding]:
    """The findings with the first of each rule and file before all others."""
    firsts: dict[tuple[str, str], Finding] = {}
    others = []
    for finding in found:
        key = (finding.code, finding.spans[0].file)
        if key in firsts:
            others.append(finding)
        else:
            firsts[key] = finding
    return [*firsts.values(), *others]


def _command(finding: Finding, root: str) -> str:
    span = finding.spans[0]
    properties: dict[str, str | int] = {}
    if span.file != ".":
        properties["file"] = visible(root + span.file)
    if span.line:
        properties |= {"line": span.line, "endLine": max(span.end_line, span.line)}
        if span.end_line == span.line and span.column > 0:  # GitHub takes columns within one line only
            properties |= {"col": span.column, "endColumn": max(span.end_column, span.column)}
    properties["title"] = f"{finding.code} {finding.name}"
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = f"{summary.position(span, root)}: {visible(finding.message)}"
    text += f"\nhelp: {visible(finding.help)}" if finding.help else ""
    return f"::{WORDS[finding.level].github} {told}::{_data(text)}"


def _data(text: str) -> str:
    """The text as the runner reads it back: `escapeData` of @actions/core."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """A value among others, as the runner reads it back: `escapeProperty` of @actions/core."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
