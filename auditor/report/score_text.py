"""`fmaudit score` for people at a terminal: the class, the components, then each list."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from auditor.openness.assessment import Assessment
from auditor.openness.components import TITLES, numeral
from auditor.openness.coverage import Coverage
from auditor.report.cells import inert, visible
from auditor.report.score import lacking, licence, place, title, where
from auditor.report.table import aligned
from auditor.report.text import STYLES

WIDTH = 100  # characters of a line of names
SHOWN = 2  # places of one component; the rest are counted

Paint = Callable[[str, str], str]


def render(assessment: Assessment, lists: Sequence[Coverage], *, color: bool = False) -> str:
    """The whole report, ending in a newline."""
    paint: Paint = _colored if color else _plain
    printed = [
        *_standing(assessment, paint),
        "",
        *_components(assessment, paint),
        *(line for listed in lists for line in ("", *_list(listed, paint))),
    ]
    return "\n".join(map(inert, printed)) + "\n"


def _plain(_: str, text: str) -> str:
    return text


def _colored(style: str, text: str) -> str:
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m"


def _standing(assessment: Assessment, paint: Paint) -> list[str]:
    standing = assessment.standing
    head = paint("good" if standing.klass else "strong", title(assessment))
    printed = [f"{visible(assessment.bundle)}: {head} (profile {assessment.profile})"]
    for klass in (3, 2, 1):
        asked = standing.asked[klass]
        have = asked - len(standing.lacks[klass])
        printed.append(
            f"  Class {numeral(klass):<3}  {TITLES[klass]:<18}  {have:>2} of {asked:>2}"
            f"  {standing.progress[klass]:>3.0f} %"
        )
    printed += [f"  not read: {visible(file)}: {visible(reason)}" for file, reason in assessment.unread]
    if standing.next:
        told = [visible(lacking(lack)) for lack in standing.lacks[standing.next]]
        printed += [f"  for Class {numeral(standing.next)}: {told[0]}", *(f"    {line}" for line in told[1:])]
    return printed


def _components(assessment: Assessment, paint: Paint) -> list[str]:
    rows = [("class", "component", "licence", "where")]
    for part in assessment.parts:
        places = where(part)
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        optional = "" if part.component.required else " *"
        rows.append(
            (
                numeral(part.component.klass) + optional,
                part.component.name,
                licence(part) or "-",
                ", ".join(places[:SHOWN]) + more if places else "missing",
            )
        )
    return [*aligned(rows, paint), "* optional"]


def _list(listed: Coverage, paint: Paint) -> list[str]:
    found, outside = listed.count("found"), listed.count("outside")
    asked = len(listed.items) - outside
    beyond = f"; {outside} more no release can answer" if outside else ""
    printed = [f"{paint('strong', listed.title)}: {found} of {asked} found{beyond}"]
    rows = [
        ("found", item.name, place(item.where.file, item.where.line)) for item in listed.items if item.where
    ]
    if rows:
        printed += [f"  {line}" for line in aligned([("", "", ""), *rows], _plain)[1:]]
    missing = "; ".join(item.name for item in listed.items if item.state == "missing")
    if missing:
        printed += textwrap.wrap(
            f"missing: {missing}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )
    return printed
