"""Costs and sizes in tables with a row or a column for each of several models, as Meta's cards have them.

Each quantity is labelled by its model, so no rule takes it for the released one's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed
from auditor.records import dataclass
from auditor.statements.amount import amount
from auditor.statements.score import Quantity

if TYPE_CHECKING:
    from auditor.readers.markdown import Cell, MarkdownDocument, Table

MAX_ROWS = 200  # of a table that is read, and columns; a larger one is data
MAX_HEAD = 160  # characters of a heading with its unit
_HOURS = ("gpuhours", "tpuhours", "chiphours", "gpuh", "h100hours", "a100hours")
# Letters of the unit in brackets: canonical name, unit, factor, and words of which the heading holds one.
_CARBON = ("carbon", "emission", "emitted", "co2", "greenhouse")
_UNITS: dict[str, tuple[str, str, int, tuple[str, ...]]] = {
    "w": ("power_w", "W", 1, ("power",)),
    "kw": ("power_w", "W", 1000, ("power",)),
    "kwh": ("energy_kwh", "kWh", 1, ("energy", "power", "consumption", "electricity")),
    "mwh": ("energy_kwh", "kWh", 1000, ("energy", "power", "consumption", "electricity")),
    **dict.fromkeys(("gco2eq", "gco2", "gco2e", "gramsco2eq"), ("co2_g", "g", 1, _CARBON)),
    **dict.fromkeys(("kgco2eq", "kgco2", "kgco2e", "kg"), ("co2_g", "g", 1000, _CARBON)),
    **dict.fromkeys(
        ("tco2eq", "tco2", "tco2e", "tonsco2eq", "tonnesco2eq", "tonsco2", "tons", "tonnes"),
        ("co2_g", "g", 10**6, _CARBON),
    ),
}
_PLAIN = {"params": "params_total", "parameters": "params_total", "contextlength": "context_length"}
_MARKS = "*_` \t"


@dataclass(frozen=True, slots=True)
class _Head:
    """What a heading counts: canonical name and unit, and the unit that is written with its factor."""

    name: str
    unit: str = ""
    factor: int = 1
    written: str = ""


def of_models(card: MarkdownDocument, table: Table) -> Iterator[Quantity]:
    """The quantities of a table whose header, else whose first column, is named as costs or sizes."""
    if len(table.rows) > MAX_ROWS or not 2 <= len(table.header) <= MAX_ROWS:
        return
    named = {index: known for index, cell in enumerate(table.header) if (known := _head(cell.text))}
    if named:
        for row in table.rows:
            label = _label(row, min(named), named)
            for index, known in named.items():
                yield from _one(card, table, row[index], known, label)
        return
    if len(table.header) == 2:  # name and value: `of_tables` reads those
        return
    for row in table.rows:
        if known := _head(row[0].text):
            for above, cell in zip(table.header[1:], row[1:], strict=True):
                yield from _one(card, table, cell, known, above.text.strip(_MARKS))


def _one(card: MarkdownDocument, table: Table, cell: Cell, known: _Head, label: str) -> Iterator[Quantity]:
    found = amount(cell.text) if label and cell.text else None
    if found is None or found[1]:
        return
    value = found[0]
    if known.factor != 1:
        text = f"{value.text} {known.written}"
        value = Printed(text, value.value * known.factor, value.unit * known.factor, value.full)
    group = f"{card.file} table {table.line} {label}"
    yield Quantity(card.place(cell.span), "card table", known.name, value, known.unit, group, label)


def _label(row: tuple[Cell, ...], before: int, named: dict[int, _Head]) -> str:
    """What the row is about: its cells before the numbers, and its size where that is all there is beside."""
    sizes = [index for index, known in named.items() if known.name == "params_total"]
    cells = [
        row[index].text.strip(_MARKS) for index in (0, *sizes) if index < max(before, 1) or index in sizes
    ]
    return " ".join(dict.fromkeys(filter(None, cells)))[:200]


@lru_cache(maxsize=1024)
def _head(text: str) -> _Head | None:
    """What a heading counts; None where it does not say so, or is a sentence."""
    if not text or len(text) > MAX_HEAD:
        return None
    plain = re.sub(r"<[^<>]*>", "", text).lower().replace("₂", "2").replace("-", " ")
    before, opened, inside = plain.rstrip(_MARKS).removesuffix(")").partition("(")
    unit = "".join(filter(str.isalnum, inside)) if opened else ""
    letters = "".join(filter(str.isalnum, before))
    if unit in _HOURS or (not unit and letters.endswith(_HOURS[:3])):
        return _Head("chip_hours", "h")
    if unit in _UNITS:
        name, of, factor, words = _UNITS[unit]
        return _Head(name, of, factor, inside.strip()) if any(word in before for word in words) else None
    return _Head(_PLAIN[letters]) if not unit and letters in _PLAIN else None
