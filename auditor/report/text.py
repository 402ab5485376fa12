"""The report for people: each finding with its snippet, then what was and what could not be checked."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.engine.run import CheckResult
from auditor.model import ClaimVerdict, Finding, Reproduction
from auditor.readers.text import split_lines
from auditor.report import summary, verdicts
from auditor.report.cells import inert, visible
from auditor.report.snippet import Paint, snippet
from auditor.report.table import aligned

STYLES = {  # SGR parameters, ECMA-48 section 8.3.117
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "gutter": "34",
    "secondary": "34",
    "strong": "1",
    "good": "32",
}
MAX_VALUES = 10  # measured values shown of one claim


def render(
    result: CheckResult,
    sources: Mapping[str, str],
    color: bool,
    reproduction: Reproduction | None = None,
    root: str = "",
    *,
    statistics: bool = False,
) -> str:
    """The whole report, ending in a newline.

    Args:
        result: what the check found.
        sources: the text of each file that a finding lies in.
        color: whether the reader's terminal shows colours.
        reproduction: verdicts and level, after `reproduce`.
        root: put before each path, so that an editor can open it.
        statistics: a table of rules in place of the findings.
    """
    paint = _colored if color else _plain
    lines = {file: split_lines(text) for file, text in sources.items()}
    found = [*result.findings, *(verdicts.findings(reproduction) if reproduction else ())]
    explained: set[str] = set()
    printed: list[str] = []
    if statistics and found:
        printed += [*summary.statistics(found, result.outcomes, paint), ""]
    for finding in () if statistics else found:
        printed += _finding(finding, lines, paint, root, more=finding.code not in explained)
        printed.append("")
        explained.add(finding.code)
    if reproduction is not None:
        printed += _reproduction(reproduction, paint)
    printed += summary.lines("check" if reproduction else visible(result.bundle), result, paint)
    return "\n".join(map(inert, printed)) + "\n"


def _plain(_: str, text: str) -> str:
    return text


def _colored(style: str, text: str) -> str:
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def _finding(
    finding: Finding, lines: Mapping[str, list[str]], paint: Paint, root: str, *, more: bool
) -> list[str]:
    def tint(style: str, text: str) -> str:
        return paint(finding.level if style == "primary" else style, text)

    pad = " " * len(str(max(span.line for span in finding.spans)))
    title = paint(finding.level, f"{finding.level}[{finding.code}]") + summary.mark(finding)
    printed = [f"{title} {finding.name}: {visible(finding.message)}"]
    printed += snippet(finding.places, finding.spans, lines, tint, root)
    if finding.help:
        printed.append(f"{paint('gutter', f'{pad} =')} {paint('strong', 'help:')} {visible(finding.help)}")
    if finding.fix is not None and finding.fix.title != finding.help:
        kind = "fix" if finding.fix.safety == "safe" else "unsafe fix"
        title = paint("strong", f"{kind}:")
        printed.append(f"{paint('gutter', f'{pad} =')} {title} {visible(finding.fix.title)}")
    if more:
        printed.append(f"{paint('gutter', f'{pad} =')} more: fmaudit rule {finding.code}")
    return printed


def _reproduction(reproduction: Reproduction, paint: Paint) -> list[str]:
    claims = [
        (
            claim.id,
            claim.value,
            _rounded(claim.shipped) if claim.shipped else "-",
            _measured(claim),
            _told(claim),
        )
        for claim in reproduction.claims
    ]
    steps = [(step.level, step.name, step.state, step.reason) for step in reproduction.steps]
    told = {finding.message for finding in verdicts.findings(reproduction)}
    printed: list[str] = []
    if claims:
        heads = ("claim", "published", "shipped weights", "retrained", "verdict")
        printed += [*aligned([heads, *claims], paint), ""]
    reasons = [
        f"{visible(claim.id)}: {visible(claim.reason)}"
        for claim in reproduction.claims
        if claim.reason and not any(claim.reason in message for message in told)
    ]
    printed += [*reasons, ""] if reasons else []
    if steps:
        printed += [*aligned([("level", "", "", ""), *steps], paint), ""]
    printed.append(f"level reached: {paint('strong', reproduction.level or 'none')}")
    return printed


def _measured(claim: ClaimVerdict) -> str:
    """Mean and standard deviation of the fresh runs where they were tested, else their values."""
    mean, sd = claim.statistics.get("mean"), claim.statistics.get("sd")
    if mean is not None and sd is not None:
        return f"{mean:.4f} ± {sd:.4f} ({len(claim.runs)} runs)"
    values = [_rounded(run.value) for run in claim.runs[:MAX_VALUES]]
    more = f" and {len(claim.runs) - MAX_VALUES} more" if len(claim.runs) > MAX_VALUES else ""
    return (" ".join(values) + more) or "-"


def _told(claim: ClaimVerdict) -> str:
    return claim.verdict if claim.gates else f"{claim.verdict} (advisory)"


def _rounded(value: str) -> str:
    """Six digits of a measured value; text that is no number stays as it is."""
    try:
        return f"{float(value):.6g}"
    except ValueError:
        return value
