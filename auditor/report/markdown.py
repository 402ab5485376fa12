"""The report for comments on pull requests and for summaries of CI jobs: GitHub's and GitLab's Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from auditor.engine.run import CheckResult
from auditor.model import LEVELS, Finding, Ignored, Reproduction
from auditor.report import summary, verdicts
from auditor.report.markup import cell, code, prose

MAX_BYTES = 65_536  # GitHub refuses a longer comment: "Body is too long (maximum is 65536 characters)"
RESERVED = 1_024  # bytes kept for headings and for the lines that say how much was left out

Cells = tuple[str, ...]
Item = TypeVar("Item")


def render(
    result: CheckResult,
    reproduction: Reproduction | None = None,
    root: str = "",
    max_bytes: int = MAX_BYTES,
) -> str:
    """The whole report, ending in a newline; what does not fit into `max_bytes` is counted, errors last.

    Args:
        result: what the check found.
        reproduction: verdicts and level, after `reproduce`.
        root: put before each path, so that it is relative to the repository.
        max_bytes: of the report in UTF-8.
    """
    found = [*result.findings, *(verdicts.findings(reproduction) if reproduction else ())]
    found.sort(key=lambda finding: -LEVELS.index(finding.level))  # a stable sort: by place within a level
    verdict = summary.by_level(found) or summary.clean(result) or "nothing found"
    title = f"### fmaudit: {code(result.bundle)}: {verdict}"
    total = f"{prose(summary.total(result))}."
    room = Room(max_bytes - len(f"{title}{total}".encode()) - RESERVED)
    parts = [
        *_claims(reproduction, room),
        *_table(("level", "rule", "where", "what"), found, lambda finding: _row(finding, root), room),
        total,
        *_sentences(summary.fixable(result.findings), room),
        *_ignored(result.ignored, root, room),
        *_sentences(map(prose, result.remarks), room),
        *_open(result, room),
    ]
    return "\n\n".join([title, *parts]) + "\n"


class Room:
    """Bytes that are left."""

    def __init__(self, left: int) -> None:
        self._left = left

    def takes(self, text: str) -> bool:
        """Whether the text and two line ends still fit; after one that did not, none does."""
        self._left -= len(text.encode()) + 2
        return self._left >= 0


def _row(finding: Finding, root: str) -> Cells:
    rule = f"{finding.code}{summary.mark(finding)} {finding.name}"
    what = prose(finding.message) + (f"<br>help: {prose(finding.help)}" if finding.help else "")
    return (finding.level, rule, code(summary.position(finding.spans[0], root)), what)


def _claims(reproduction: Reproduction | None, room: Room) -> list[str]:
    if reproduction is None:
        return []
    return [
        *_table(
            ("claim", "published", "verdict", "why"),
            reproduction.claims,
            lambda claim: (code(claim.id), code(claim.value), claim.verdict, prose(claim.reason)),
            room,
        ),
        *_table(
            ("level", "state", "why"),
            reproduction.steps,
            lambda step: (f"{step.level} {step.name}", step.state, prose(step.reason)),
            room,
        ),
        f"Level reached: **{reproduction.level or 'none'}**",
    ]


def _sentences(notes: Iterable[str], room: Room) -> list[str]:
    told = [f"{note[:1].upper()}{note[1:]}." for note in notes]
    return [note for note in told if room.takes(note)]


def _ignored(ignored: Sequence[Ignored], root: str, room: Room) -> list[str]:
    """Every ignored finding with the reason, folded away; some kinds are counted by rule alone."""
    others = [one for one in ignored if one.how not in summary.COUNTED]
    listed = _table(
        ("rule", "where", "by", "until", "reason"),
        others,
        lambda one: (
            one.finding.code,
            code(summary.position(one.finding.spans[0], root)),
            one.how,
            prose(one.until) or "no end",
            prose(one.reason),
        ),
        room,
    )
    told = [_folded(f"{summary.count(len(others), 'finding')} ignored", listed)] if others else []
    return [*told, *_sentences(summary.counted(ignored), room)]


def _open(result: CheckResult, room: Room) -> list[str]:
    """The rules that could not look, folded away, with the reasons."""
    reasons = summary.unchecked(result)
    number = sum(len(codes) for codes, _ in reasons)
    listed = _table(("rules", "why"), reasons, lambda one: (summary.listed(one[0]), prose(one[1])), room)
    return [_folded(f"{summary.count(number, 'rule')} not checked", listed)] if reasons else []


def _folded(title: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"<details><summary>{title}</summary>", *parts, "</details>"])


def _table(heads: Cells, items: Sequence[Item], row: Callable[[Item], Cells], room: Room) -> list[str]:
    """A row for each item in one block, and a block that counts those that did not fit."""
    if not items:
        return []
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for number, item in enumerate(items):
        line = f"| {' | '.join(map(cell, row(item)))} |"
        if not room.takes(line):
            more = f"**{len(items) - number} more did not fit here.**"
            return ["\n".join(lines), more] if number else [more]
        lines.append(line)
    return ["\n".join(lines)]
