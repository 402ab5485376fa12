"""`fmaudit score` as GitHub's Markdown; what comes from the bundle is nothing but text in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.openness.assessment import Assessment
from auditor.openness.components import TITLES, numeral
from auditor.openness.coverage import Coverage
from auditor.report.markup import cell, code, prose
from auditor.report.score import lacking, licence, place, title, where


def render(assessment: Assessment, lists: Sequence[Coverage]) -> str:
    """The whole report, ending in a newline."""
    standing = assessment.standing
    rows = []
    for klass in (3, 2, 1):
        asked = standing.asked[klass]
        have = f"{asked - len(standing.lacks[klass])} of {asked}"
        rows.append((numeral(klass), TITLES[klass], have, f"{standing.progress[klass]:.0f} %"))
    parts = [
        f"### fmaudit: {code(assessment.bundle)}: {title(assessment)}",
        _table(("class", "name", "components", "progress"), rows),
    ]
    if standing.next:
        told = [f"- {prose(lacking(lack))}" for lack in standing.lacks[standing.next]]
        parts.append("\n".join([f"For Class {numeral(standing.next)}:", "", *told]))
    unread = [f"- not read: {code(file)}: {prose(reason)}" for file, reason in assessment.unread]
    parts += ["\n".join(unread)] if unread else []
    parts.append(_components(assessment))
    for listed in lists:
        parts += _list(listed)
    return "\n\n".join(parts) + "\n"


def _components(assessment: Assessment) -> str:
    rows = [
        (
            numeral(part.component.klass) + ("" if part.component.required else " (optional)"),
            part.component.name,
            prose(licence(part)),
            "<br>".join(map(code, where(part))) or "missing",
        )
        for part in assessment.parts
    ]
    return _table(("class", "component", "licence", "where"), rows)


def _list(listed: Coverage) -> list[str]:
    outside = listed.count("outside")
    asked = len(listed.items) - outside
    rows = [
        (
            prose(item.name),
            item.state,
            code(place(item.where.file, item.where.line)) if item.where else prose(item.reason),
        )
        for item in listed.items
    ]
    return [
        f"#### {listed.title}",
        (
            f"{listed.count('found')} of {asked} found, {outside} outside of what a release can answer. "
            f"Source: {listed.source} ({listed.date})."
        ),
        _table(("item", "state", "where"), rows),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(cell, row))} |" for row in rows)])
