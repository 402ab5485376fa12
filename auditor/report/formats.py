"""Every format of a report by its name; only the one that is asked for is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auditor.engine.run import CheckResult
    from auditor.model import Level, Reproduction, Span

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
COUNTED = ("text", "concise")  # that show statistics


def spans(result: CheckResult, reproduction: Reproduction | None = None) -> Iterator[Span]:
    """Every span that a report shows or names, for `auditor.engine.run.sources`."""
    for finding in (*result.findings, *(one.finding for one in result.ignored)):
        yield from finding.spans
    yield from (claim.span for claim in reproduction.claims) if reproduction else ()


def render(
    style: str,
    result: CheckResult,
    sources: Mapping[str, str],
    *,
    root: str = "",
    color: bool = False,
    statistics: bool = False,
    timing: Mapping[str, float] | None = None,
    reproduction: Reproduction | None = None,
    fail_on: Level = "error",
    complete: bool = False,
    max_bytes: int = 0,
) -> str:
    """The report in the format of this name, ending in a newline.

    Args:
        style: one of FORMATS.
        result: what the check found.
        sources: the text of each file that a finding lies in, for snippets and identities.
        root: put before each path, so that it is relative to the repository; JSON leaves it out.
        color: whether text is coloured.
        statistics: a table of rules in place of the findings, in the formats that are COUNTED.
        timing: durations in seconds by name, for JSON.
        reproduction: verdicts and level, after `reproduce`.
        fail_on: level from which on a finding fails the gate, for JUnit.
        complete: whether a rule that could not look fails it too, for JUnit.
        max_bytes: most bytes of Markdown; 0 stands for what a comment may hold.
    """
    if style == "text":
        from auditor.report import text

        return text.render(result, sources, color, reproduction, root, statistics=statistics)
    if style == "concise":
        from auditor.report import concise

        return concise.render(result, reproduction, root, statistics=statistics)
    if style == "json":
        from auditor.report import json

        return json.render(result, sources, timing, reproduction)
    if style == "sarif":
        from auditor.report import sarif

        return sarif.render(result, sources, reproduction, root)
    if style == "github":
        from auditor.report import github

        return github.render(result, reproduction, root)
    if style == "gitlab":
        from auditor.report import gitlab

        return gitlab.render(result, sources, reproduction, root)
    if style == "junit":
        from auditor.report import junit

        return junit.render(result, reproduction, root, fail_on=fail_on, complete=complete)
    from auditor.report import markdown

    return markdown.render(result, reproduction, root, max_bytes or markdown.MAX_BYTES)
