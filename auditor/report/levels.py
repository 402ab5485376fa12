"""What an error, a warning and a note are called in each format: one table, so that none drifts."""

from __future__ import annotations

from auditor.model import LEVELS, Level
from auditor.records import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One level in the words of others.

    Attributes:
        github: a workflow command, https://docs.github.com/actions/reference/workflow-commands-for-github-actions
        gitlab: `severity` of a Code Quality report, https://docs.gitlab.com/ci/testing/code_quality/
        sarif: `problem.severity`, as GitHub reads it from a rule of a SARIF log
        security: `security-severity` of a security rule; high, medium, low on GitHub's scale of CVSS
    """

    github: str
    gitlab: str
    sarif: str
    security: str


WORDS: dict[Level, Words] = {
    "error": Words("error", "critical", "error", "8.0"),
    "warning": Words("warning", "major", "warning", "5.0"),
    "note": Words("notice", "info", "recommendation", "2.0"),
}


def at_or_above(level: Level, gate: Level) -> bool:
    """Whether a finding of this level fails a gate that is set to `gate`; the level itself does."""
    return LEVELS.index(level) >= LEVELS.index(gate)
