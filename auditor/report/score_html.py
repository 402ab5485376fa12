"""`fmaudit score` as one page of HTML that needs nothing else: no script, image or font; fit for printing.

Everything that comes from the bundle is escaped, control characters and all; nothing of it becomes a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from auditor import __version__
from auditor.openness.assessment import Assessed, Assessment
from auditor.openness.components import TITLES, numeral
from auditor.openness.coverage import Coverage, Item
from auditor.report.cells import visible
from auditor.report.score import lacking, licence, place, title, where

STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #b42318; --soft: #8888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
progress { width: 8rem; height: .8rem; }
.found { color: var(--good); } .missing, .not-open { color: var(--bad); }
.outside, small { opacity: .7; } ul { padding-left: 1.2rem; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } tr { break-inside: avoid; } }
"""
MISSING = '<span class="missing">missing</span>'
# Nothing is loaded and nothing runs, whatever a slip in the escaping might let through.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(assessment: Assessment, lists: Sequence[Coverage]) -> str:
    """The whole page, ending in a newline."""
    name = _text(assessment.bundle)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{name}: {_text(title(assessment))}</title><style>{STYLE}</style></head>",
            "<body>",
            f"<h1><code>{name}</code>: {_text(title(assessment))}</h1>",
            f"<p><small>fmaudit {_text(__version__)}, profile {assessment.profile}</small></p>",
            *_standing(assessment),
            *_components(assessment),
            *(line for listed in lists for line in _list(listed)),
            "</body>",
            "</html>",
            "",
        ]
    )


def _standing(assessment: Assessment) -> list[str]:
    standing = assessment.standing
    lines = [
        "<table><thead><tr><th>class</th><th></th><th>components</th><th>progress</th></tr></thead><tbody>"
    ]
    for klass in (3, 2, 1):
        asked, share = standing.asked[klass], standing.progress[klass]
        have = asked - len(standing.lacks[klass])
        lines.append(
            f"<tr><td>{numeral(klass)}</td><td>{TITLES[klass]}</td><td>{have} of {asked}</td>"
            f'<td><progress max="100" value="{share:.0f}"></progress> {share:.0f} %</td></tr>'
        )
    lines.append("</tbody></table>")
    lines += [
        f"<p>Not read: <code>{_text(file)}</code>: {_text(reason)}</p>" for file, reason in assessment.unread
    ]
    if standing.next:
        lines.append(f"<p>For Class {numeral(standing.next)}:</p><ul>")
        lines += [
            f"<li>{_text(lacking(lack).replace('`', ''))}</li>" for lack in standing.lacks[standing.next]
        ]
        lines.append("</ul>")
    return lines


def _components(assessment: Assessment) -> list[str]:
    head = "<tr><th>class</th><th>component</th><th>licence</th><th>where</th></tr>"
    return [
        "<h2>Components</h2>",
        f"<table><thead>{head}</thead><tbody>",
        *map(_component, assessment.parts),
        "</tbody></table>",
    ]


def _component(part: Assessed) -> str:
    optional = "" if part.component.required else " <small>optional</small>"
    places = "<br>".join(f"<code>{_text(one)}</code>" for one in where(part))
    mark = ' class="not-open"' if part.pieces and not part.is_open else ""
    return (
        f"<tr><td>{numeral(part.component.klass)}{optional}</td><td>{part.component.name}</td>"
        f"<td{mark}>{_text(licence(part))}</td>"
        f"<td>{places or MISSING}</td></tr>"
    )


def _list(listed: Coverage) -> list[str]:
    outside = listed.count("outside")
    asked = len(listed.items) - outside
    return [
        f"<h2>{_text(listed.title)}</h2>",
        (
            f"<p>{listed.count('found')} of {asked} found, {outside} outside of what a release can answer. "
            f"<small>{_text(listed.source)} ({_text(listed.date)})</small></p>"
        ),
        "<table><thead><tr><th>item</th><th>state</th><th>where</th></tr></thead><tbody>",
        *map(_item, listed.items),
        "</tbody></table>",
    ]


def _item(item: Item) -> str:
    place_ = (
        f"<code>{_text(place(item.where.file, item.where.line))}</code>" if item.where else _text(item.reason)
    )
    return f'<tr><td>{_text(item.name)}</td><td class="{item.state}">{item.state}</td><td>{place_}</td></tr>'


def _text(text: str) -> str:
    return escape(visible(text))
