"""Tables of error rates as a picture: one SVG file that needs nothing else and reads in light and dark.

Left out of it are what the text has beside: standard errors, the cases around the main table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from auditor.report.calibration import percent
from auditor.report.cells import visible
from auditor.verdict.calibration import Calibration
from auditor.verdict.characteristic import Row
from auditor.verdict.recorded import FalseRejects
from auditor.verdict.states import Rates

WIDTH, LINE, LABEL, BAR = 860, 22, 300, 440  # px: of the picture, a row, the names, a bar of 100 %
# Okabe & Ito 2008, "Color Universal Design": told apart by people with any kind of colour vision.
COLORS = {"reproduced": "#009e73", "inconclusive": "#999999", "not reproduced": "#d55e00"}
MOST_REJECTED = 0.3  # where the axis of false rejections ends; longer bars are cut and say their number
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.head{font-weight:600}.bg{fill:#ffffff}"
    ".mark{stroke:#1f2328;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bg{fill:#0d1117}.mark{stroke:#e6edf3}}"
)


def render(calibration: Calibration) -> str:
    """The picture, ending in a newline."""
    body: list[str] = []
    y = 30
    for alpha in sorted({row.alpha for row in calibration.tables[0].rows}, reverse=True):
        rows = [row for row in calibration.tables[0].rows if row.alpha == alpha]
        body += _shares(f"{calibration.tables[0].title}, total error {percent(alpha)}", rows, y)
        y += (len(rows) + 3) * LINE
    for source in dict.fromkeys(row.source for row in calibration.false_rejects):
        found = [row for row in calibration.false_rejects if row.source == source]
        body += _rejects(f"honest claims rejected, recorded runs of {visible(source)}", found, y)
        y += (len(found) + 2) * LINE
    if calibration.false_rejects:
        body.append(_text(20, y, "upright mark: how often the rule promises to reject an honest claim"))
        y += LINE
    drawn = f"{calibration.draws:,} draws of each row; made by fmaudit verdict --calibrate"
    body.append(_text(20, y, drawn))
    height = y + LINE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img">'
    )
    title = "<title>How often claims end reproduced, inconclusive and not reproduced</title>"
    ground = f'<rect class="bg" width="{WIDTH}" height="{height}"/>'
    return "\n".join([head, title, f"<style>{STYLE}</style>", ground, *body, "</svg>"]) + "\n"


def _shares(title: str, rows: Sequence[Row], y: int) -> Iterator[str]:
    """A bar of three shares for each row, and the key to the colours."""
    yield _text(20, y, title, "head")
    x = LABEL
    for name, color in COLORS.items():
        yield f'<rect x="{x}" y="{y + 9}" width="12" height="12" fill="{color}"/>'
        yield _text(x + 18, y + LINE - 2, name)
        x += 130
    for number, row in enumerate(rows, start=2):
        top = y + number * LINE
        yield _text(20, top, row.claim)
        left = float(LABEL)
        for share, color in zip(_three(row.rates), COLORS.values(), strict=True):
            yield _bar(left, top, share * BAR, color)
            left += share * BAR
        yield _text(LABEL + BAR + 10, top, f"n {row.rates.mean_n:.1f}")


def _rejects(title: str, rows: Sequence[FalseRejects], y: int) -> Iterator[str]:
    """A bar for each rule, with a mark where it promises to be."""
    yield _text(20, y, title, "head")
    scale = BAR / MOST_REJECTED
    for number, row in enumerate(rows, start=1):
        top = y + number * LINE
        size = f"n = {row.n}" if row.n else percent(row.nominal or 0.0)
        yield _text(20, top, f"{row.rule}, {size}")
        rate = row.rates.not_reproduced
        yield _bar(LABEL, top, min(rate, MOST_REJECTED) * scale, COLORS["not reproduced"])
        if row.nominal is not None:
            x = LABEL + row.nominal * scale
            yield f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 14}" y2="{top + 4}"/>'
        yield _text(LABEL + BAR + 10, top, f"{100 * rate:.1f} %")


def _three(rates: Rates) -> tuple[float, float, float]:
    return rates.reproduced, rates.inconclusive, rates.not_reproduced


def _bar(x: float, baseline: int, width: float, color: str) -> str:
    return f'<rect x="{x:.1f}" y="{baseline - 12}" width="{width:.1f}" height="14" fill="{color}"/>'


def _text(x: float, y: int, words: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{style}>{escape(words)}</text>'
