"""What a check came to: counts of rules, what is fixable, what is ignored, what could not be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from auditor.engine.run import CheckResult
from auditor.model import LEVELS, Finding, Ignored, Outcome, Span, State
from auditor.report.cells import visible
from auditor.report.table import aligned

MAX_PLACES = 3  # named of findings that are ignored alike; the rest are counted
LEAST_RUN = 3  # codes in a row that are shortened to the first and the last
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARK = "[*]"  # beside a finding that `--fix` mends

# What is ignored and can be so many that a report for people counts it instead of naming each place.
COUNTED = {"release": "left out by the release", "baseline": "in the baseline"}
_STATES: tuple[State, ...] = ("passed", "found", "not applicable", "not checked")


def lines(title: str, result: CheckResult, paint: Callable[[str, str], str]) -> list[str]:
    """The end of a report: one line of counts, then a line for each thing that the counts leave open."""
    told = clean(result)
    head = f"{title}: {paint('good', told)} ({total(result)})" if told else paint("strong", total(result))
    return [head, *(f"  {note}" for note in notes(result))]


def clean(result: CheckResult) -> str:
    """How to say that nothing was found without claiming too much; empty where something was."""
    if result.findings:
        return ""
    part = " in what could be checked" if any(o.state == "not checked" for o in result.outcomes) else ""
    return f"nothing found{part}{' but what is ignored' if result.ignored else ''}"


def total(result: CheckResult) -> str:
    """How many rules ran, and how they ended."""
    states = Counter(outcome.state for outcome in result.outcomes)
    parts = [f"{states['passed']} passed"]
    if states["found"] and not result.findings:
        parts.append(f"{states['found']} found")
    elif states["found"]:
        parts.append(f"{states['found']} found ({by_level(result.findings)})")
    parts += [f"{states[state]} {state}" for state in _STATES[2:] if states[state]]
    return f"{count(len(result.outcomes), 'rule')}: {', '.join(parts)}"


def by_level(findings: Iterable[Finding]) -> str:
    """How many of each level, the worst first."""
    levels = Counter(finding.level for finding in findings)
    return ", ".join(count(levels[level], level) for level in reversed(LEVELS) if levels[level])


def notes(result: CheckResult) -> list[str]:
    """What the counts leave open: fixes, what is ignored, the baseline, what was not checked and why."""
    return [
        *fixable(result.findings),
        *_ignored(one for one in result.ignored if one.how not in COUNTED),
        *counted(result.ignored),
        *(f"not checked: {listed(codes)}: {visible(reason)}" for codes, reason in unchecked(result)),
        *map(visible, result.remarks),
    ]


def fixable(findings: Sequence[Finding]) -> list[str]:
    """How many findings `--fix` mends, in a line; no line where it mends none."""
    safe = sum(map(is_safe, findings))
    unsafe = sum(finding.fix is not None for finding in findings) - safe
    parts = [f"{safe} with `--fix` {MARK}"] if safe else []
    parts += [f"{unsafe}{' more' if safe else ''} with `--fix --unsafe-fixes`"] if unsafe else []
    return [f"fixable: {', '.join(parts)}"] if parts else []


def counted(ignored: Sequence[Ignored]) -> list[str]:
    """How many findings were known before or left out by the release, by rule, in a line each."""
    told = []
    for how, title in COUNTED.items():
        codes = Counter(one.finding.code for one in ignored if one.how == how)
        by_rule = ", ".join(f"{code} {number}" for code, number in sorted(codes.items()))
        told += [f"{title}: {count(codes.total(), 'finding')}: {by_rule}"] if codes else []
    return told


def unchecked(result: CheckResult) -> list[tuple[list[str], str]]:
    """Each reason why rules were not checked, with their codes."""
    reasons: dict[str, list[str]] = {}
    for outcome in result.outcomes:
        if outcome.state == "not checked":
            reasons.setdefault(outcome.reason, []).append(outcome.code)
    return [(codes, reason) for reason, codes in reasons.items()]


def listed(codes: Sequence[str]) -> str:
    """The codes in a row; three and more that follow each other as `WGT201-209`."""
    runs: list[list[str]] = []
    for code in codes:
        if runs and _next(runs[-1][-1]) == code:
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(
        f"{run[0]}-{run[-1].lstrip(LETTERS)}" if run[LEAST_RUN - 1 :] else ", ".join(run) for run in runs
    )


def statistics(
    findings: Sequence[Finding], outcomes: Iterable[Outcome], paint: Callable[[str, str], str]
) -> list[str]:
    """A table of the rules that found something, the most frequent first."""
    found = Counter(finding.code for finding in findings)
    mended = Counter(finding.code for finding in findings if is_safe(finding))
    kinds = {finding.code: (finding.name, finding.level) for finding in findings}
    order = [outcome.code for outcome in outcomes]
    codes = sorted(found, key=lambda code: order.index(code) if code in order else len(order))
    codes.sort(key=lambda code: (-found[code], -LEVELS.index(kinds[code][1])))
    rows = [["count", "code", "name", "level"], *([str(found[code]), code, *kinds[code]] for code in codes)]
    if mended:
        rows[0].append("fixable")
        for row in rows[1:]:
            row.append(f"{MARK} {mended[row[1]]}" if mended[row[1]] else "")
    return aligned(rows, paint, right=1) if codes else []


def is_safe(finding: Finding) -> bool:
    """Whether `--fix` mends the finding."""
    return finding.fix is not None and finding.fix.safety == "safe"


def mark(finding: Finding) -> str:
    """What stands behind the code of a finding that `--fix` mends."""
    return f" {MARK}" if is_safe(finding) else ""


def position(span: Span, root: str = "") -> str:
    """`path:line:column`, or the path alone in a file without lines; as an editor opens it."""
    file = root.rstrip("/") if span.file == "." and root else root + span.file
    return visible(f"{file}:{span.line}:{span.column}" if span.line else file)


def count(number: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _ignored(ignored: Iterable[Ignored]) -> list[str]:
    """One line for each comment and entry that ignored something."""
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for one in ignored:
        key = (one.finding.code, one.how, one.until, one.reason, str(one.by))
        alike.setdefault(key, []).append(one.finding)
    told = []
    for (code, how, until, reason, _), findings in alike.items():
        where = ", ".join(position(one.spans[0]) for one in findings[:MAX_PLACES])
        more = f" and {len(findings) - MAX_PLACES} more" if len(findings) > MAX_PLACES else ""
        date = f" until {visible(until)}" if until else ""
        told.append(f"ignored by {how}: {code} at {where}{more}{date}: {visible(reason)}")
    return told


def _next(code: str) -> str:
    """The code after this one in its family."""
    number = code.lstrip(LETTERS)
    return f"{code[: len(code) - len(number)]}{int(number) + 1:03}"
