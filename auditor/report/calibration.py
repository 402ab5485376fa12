"""Tables of error rates, for people as text or Markdown, for programs as JSON; as a picture elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from auditor import __version__
from auditor.report.cells import inert, visible
from auditor.report.json import dumps
from auditor.report.markup import cell, prose
from auditor.report.table import aligned
from auditor.report.text import STYLES
from auditor.verdict.calibration import Calibration
from auditor.verdict.characteristic import Row
from auditor.verdict.recorded import FalseRejects, Power
from auditor.verdict.states import Rates

VERSION = 1
DIGITS = 4  # of a rate in JSON: beyond them is Monte-Carlo noise
STATES = ("reproduced", "inconclusive", "not reproduced", "mean n", "±")
Part = tuple[str, tuple[str, ...], list[tuple[str, ...]]]  # title, heads, rows


def render(style: str, *, calibration: Calibration, color: bool = False) -> str:
    """The tables in one of text, markdown, json and svg, ending in a newline."""
    if style == "json":
        return dumps(values(calibration))
    if style == "svg":
        from auditor.report import calibration_svg

        return calibration_svg.render(calibration)

    def paint(kind: str, text: str) -> str:
        return f"\x1b[{STYLES[kind]}m{text}\x1b[0m" if color else text

    blocks = []
    for title, heads, rows in parts(calibration, prose if style == "markdown" else visible):
        if style == "markdown":
            lines = [f"### {title}", "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
            lines += [f"| {' | '.join(cell(one) for one in row)} |" for row in rows]
        else:
            lines = [paint("strong", title), *(f"  {line}" for line in aligned([heads, *rows], paint))]
        blocks.append("\n".join(lines if style == "markdown" else map(inert, lines)))
    return "\n\n".join(blocks) + "\n"


def parts(calibration: Calibration, name: Callable[[str], str]) -> Iterator[Part]:
    """Each table as text: title, heads and rows; `name` shows what a file calls its runs."""
    drawn = f"{calibration.draws:,} draws"
    for table in calibration.tables:
        heads = ("claim", "test", "α", *STATES)
        yield f"{table.title} ({drawn})", heads, [_simulated(row) for row in table.rows]
    for source in dict.fromkeys(row.source for row in calibration.false_rejects):
        found = [row for row in calibration.false_rejects if row.source == source]
        rules = (
            "rule",
            "runs",
            "promised",
            "not reproduced",
            "inconclusive",
            "±",
            "groups",
            "runs that claim",
        )
        title = f"honest claims of recorded runs, {name(source)}: how often each rule rejects them"
        yield title, rules, [_rejects(row) for row in found]
    for source in dict.fromkeys(row.source for row in calibration.power):
        powers = [row for row in calibration.power if row.source == source]
        title = f"claims from a better recipe than the one audited, {name(source)}"
        pairs = ("claimed", "audited", "apart", "α", *STATES[:-1])
        yield title, pairs, [_power(row, name) for row in powers]


def values(calibration: Calibration) -> dict[str, Any]:
    """The tables as JSON values; keys as in `auditor.formats.verdict.Calibration`."""
    return {
        "version": VERSION,
        "tool": {"name": "fmaudit", "version": __version__},
        "draws": calibration.draws,
        "rng_seed": calibration.seed,
        "simulated": [
            {
                "title": table.title,
                "rows": [
                    {"claim": row.claim, "test": row.test, "alpha": row.alpha, **_rates(row.rates)}
                    for row in table.rows
                ],
            }
            for table in calibration.tables
        ],
        "recorded": [
            {
                "source": row.source,
                "rule": row.rule,
                "n": row.n or None,
                "promised": row.nominal,
                "groups": row.groups,
                **_rates(row.rates),
            }
            for row in calibration.false_rejects
        ],
        "power": [
            {
                "source": row.source,
                "claimed": row.better,
                "audited": row.worse,
                "apart_sd": round(row.gap_sd, DIGITS),
                "alpha": row.alpha,
                **_rates(row.rates),
            }
            for row in calibration.power
        ],
    }


def percent(alpha: float) -> str:
    """A share as text: 0.05 as 5 %."""
    return f"{100 * alpha:g} %"


def _rates(rates: Rates) -> dict[str, Any]:
    return {
        "reproduced": round(rates.reproduced, DIGITS),
        "inconclusive": round(rates.inconclusive, DIGITS),
        "not_reproduced": round(rates.not_reproduced, DIGITS),
        "mean_n": round(rates.mean_n, DIGITS),
        "cases": rates.cases,
        "standard_error": round(rates.error, DIGITS + 1),
    }


def _states(rates: Rates) -> tuple[str, ...]:
    shares = (rates.reproduced, rates.inconclusive, rates.not_reproduced)
    return (*(f"{share:.3f}" for share in shares), f"{rates.mean_n:.1f}")


def _simulated(row: Row) -> tuple[str, ...]:
    return (row.claim, row.test, percent(row.alpha), *_states(row.rates), f"{row.rates.error:.4f}")


def _rejects(row: FalseRejects) -> tuple[str, ...]:
    return (
        row.rule,
        str(row.n or f"{row.rates.mean_n:.1f}"),
        "-" if row.nominal is None else percent(row.nominal),
        f"{row.rates.not_reproduced:.4f}",
        f"{row.rates.inconclusive:.4f}",
        f"{row.rates.error:.4f}",
        str(row.groups),
        f"{row.rates.claims:,}",
    )


def _power(row: Power, name: Callable[[str], str]) -> tuple[str, ...]:
    names = (name(_tail(row.better)), name(_tail(row.worse)))
    return (*names, f"{row.gap_sd:.1f} sd", percent(row.alpha), *_states(row.rates))


def _tail(name: str, limit: int = 44) -> str:
    """The end of a long name, where versions of one recipe differ."""
    return name if len(name) <= limit else f"…{name[1 - limit :]}"
