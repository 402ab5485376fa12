"""The report for test views of CI services: JUnit XML as Jenkins and GitLab read it (junit-10.xsd).

A test case is a rule, or a rule in one file where it found something. What fails the gate is a failure,
what does not is told in `system-out`; a rule that could not look is skipped, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from auditor.engine.run import CRASHED, CheckResult
from auditor.model import ClaimVerdict, Finding, Ignored, Level, LevelStep, Outcome, Reproduction
from auditor.records import dataclass
from auditor.report import concise, summary, verdicts
from auditor.report.cells import visible
from auditor.report.levels import at_or_above


@dataclass(frozen=True, slots=True)
class Case:
    """One test case: `state` is empty where it passed, else the element that tells why it did not.

    Attributes:
        group: what it belongs to, as a dotted name.
        name: what is tested.
        state: `failure`, `error`, `skipped` or empty.
        kind: of failure, as its `type`.
        message: the reason in one line.
        text: all of it, in lines.
    """

    group: str
    name: str
    state: str = ""
    kind: str = ""
    message: str = ""
    text: str = ""


def render(
    result: CheckResult,
    reproduction: Reproduction | None = None,
    root: str = "",
    *,
    fail_on: Level = "error",
    complete: bool = False,
) -> str:
    """The XML document, ending in a newline.

    Args:
        result: what the check found.
        reproduction: verdicts and level, after `reproduce`.
        root: put before each path, so that it is relative to the repository.
        fail_on: level from which on a finding is a failure.
        complete: whether a rule that could not look is one too.
    """
    cases = list(_rules(result, root, fail_on, complete=complete))
    if reproduction is not None:
        cases += [*map(_claim, reproduction.claims), *map(_step, reproduction.steps)]
    states = Counter(case.state for case in cases)
    counts = f'tests="{len(cases)}" failures="{states["failure"]}" errors="{states["error"]}"'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites name="fmaudit" {counts}>',
            f'<testsuite name="{_quoted(visible(result.bundle))}" {counts} skipped="{states["skipped"]}">',
            *map(_element, cases),
            *(f"<system-out>{_quoted(visible(remark))}</system-out>" for remark in result.remarks),
            "</testsuite>",
            "</testsuites>\n",
        ]
    )


def _rules(result: CheckResult, root: str, fail_on: Level, *, complete: bool) -> Iterator[Case]:
    found: dict[str, dict[str, list[Finding]]] = {}
    for finding in result.findings:
        found.setdefault(finding.code, {}).setdefault(finding.spans[0].file, []).append(finding)
    ignored: dict[str, list[Ignored]] = {}
    for one in result.ignored:
        ignored.setdefault(one.finding.code, []).append(one)
    for outcome in result.outcomes:
        group = f"fmaudit.{outcome.code.rstrip('0123456789')}"
        name = f"{outcome.code} {outcome.name}"
        known = "\n".join(_lines(ignored.get(outcome.code, ()), root))
        for file, findings in found.get(outcome.code, {}).items():
            yield _found(group, f"{name} in {visible(root + file)}", findings, root, fail_on)
        if outcome.code not in found:
            yield _quiet(group, name, outcome, known, complete=complete)
        elif known:
            yield Case(group, f"{name}, ignored", text=known)


def _found(group: str, name: str, findings: list[Finding], root: str, fail_on: Level) -> Case:
    text = "\n".join(
        line + (f"\n  help: {visible(finding.help)}" if finding.help else "")
        for finding, line in zip(findings, concise.lines(findings, root), strict=True)
    )
    failed = [finding for finding in findings if at_or_above(finding.level, fail_on)]
    if not failed:
        return Case(group, name, text=text)
    state = "error" if findings[0].code == CRASHED else "failure"
    more = f" (and {len(findings) - 1} more)" if findings[1:] else ""
    return Case(group, name, state, failed[0].level, visible(failed[0].message) + more, text)


def _quiet(group: str, name: str, outcome: Outcome, known: str, *, complete: bool) -> Case:
    """A rule without a finding that counts."""
    if outcome.state == "not checked" and complete:
        return Case(group, name, "failure", "not checked", visible(outcome.reason))
    if outcome.state in ("not checked", "not applicable"):
        return Case(group, name, "skipped", message=f"{outcome.state}: {visible(outcome.reason)}")
    return Case(group, name, text=known)


def _lines(ignored: Iterable[Ignored], root: str) -> Iterator[str]:
    for one in ignored:
        date = f" until {visible(one.until)}" if one.until else ""
        where = summary.position(one.finding.spans[0], root)
        yield f"{where}: ignored by {one.how}{date}: {visible(one.reason)}"


def _claim(claim: ClaimVerdict) -> Case:
    name, reason = f"claim {visible(claim.id)} of {visible(claim.value)}", visible(claim.reason)
    told = f"{claim.verdict}{': ' if reason else ''}{reason}"
    if claim.verdict == "not reproduced" and claim.gates:
        return Case("fmaudit.claims", name, "failure", verdicts.NOT_REPRODUCED.name, told, told)
    if claim.verdict in ("inconclusive", "not attempted"):
        return Case("fmaudit.claims", name, "skipped", message=told)
    return Case("fmaudit.claims", name, text=told)


def _step(step: LevelStep) -> Case:
    name, reason = f"{step.level} {step.name}", visible(step.reason)
    if step.state == "failed":
        return Case("fmaudit.levels", name, "failure", "level not reached", reason, reason)
    if step.state == "not attempted":
        return Case("fmaudit.levels", name, "skipped", message=reason)
    return Case("fmaudit.levels", name, text=reason)


def _element(case: Case) -> str:
    head = f'<testcase classname="{case.group}" name="{_quoted(case.name)}"'
    message = f' message="{_quoted(case.message)}"' if case.message else ""
    if case.state == "skipped":
        return f"{head}><skipped{message}/></testcase>"
    if case.state:
        kind = f' type="{_quoted(case.kind)}"'
        return f"{head}><{case.state}{kind}{message}>{_quoted(case.text)}</{case.state}></testcase>"
    return f"{head}><system-out>{_quoted(case.text)}</system-out></testcase>" if case.text else f"{head}/>"


def _quoted(text: str) -> str:
    """Visible text for content and attributes of XML; `visible` leaves nothing that XML 1.0 forbids."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
