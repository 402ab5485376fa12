"""Tables written as HTML in a card, as Meta's are, read as those of Markdown.

Only the tags of tables are looked at, each once, so the time is linear in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.model import Span
from auditor.readers.markdown_body import Cell, Table
from auditor.readers.text import Lines
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

MAX_TABLES = 200  # of one card; more are data
MAX_CELLS = 20_000  # of all tables of a card, after spans are spread out
MAX_SPAN = 1_000  # columns or rows that one cell takes; HTML bounds the columns so (section 4.9.11)
MAX_CELL = 2_000  # characters of a cell that are kept


@dataclass(frozen=True, slots=True)
class _Raw:
    """A cell as it is written: from which offset to which, and how many rows and columns it takes."""

    start: int
    end: int
    rows: int
    columns: int


def tables(card: MarkdownDocument) -> tuple[Table, ...]:
    """The tables of a card in both notations, those of Markdown first; each row as long as its header."""
    return card.tables + html_tables(card)


@lru_cache(maxsize=2)
def html_tables(card: MarkdownDocument) -> tuple[Table, ...]:
    """The HTML tables of a card; the first row is the header, tables inside cells are passed over."""
    if "<table" not in card.source and "<TABLE" not in card.source:
        return ()
    lines = Lines(card.source)
    found: list[Table] = []
    count = 0
    for rows in _written(card.source):
        grid = _grid(card, lines, rows, MAX_CELLS - count)
        count += sum(map(len, grid))
        if len(grid) > 1:
            wide = max(map(len, grid))
            blank = Cell("", grid[0][0].span)
            even = [tuple(row + [blank] * (wide - len(row))) for row in grid]
            found.append(Table(even[0], tuple(even[1:]), grid[0][0].span.line))
        if count >= MAX_CELLS:
            break
    return tuple(found)


def _written(source: str) -> list[list[list[_Raw]]]:
    """The rows of cells of each table, in order of the tables' ends."""
    tag = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]{0,2000})>", re.IGNORECASE)
    found: list[list[list[_Raw]]] = []
    rows: list[list[_Raw]] = []
    depth, start, attributes, count = 0, -1, "", 0
    for match in tag.finditer(source):
        closing, name = bool(match[1]), match[2].lower()
        if name == "table":
            depth = max(depth + (-1 if closing else 1), 0)
            if depth == 0 and closing and rows:
                found.append([row for row in rows if row])
                rows, start = [], -1
                if len(found) == MAX_TABLES:
                    break
            continue
        if depth != 1:
            continue
        if start >= 0 and rows:  # an end tag may be left out
            rows[-1].append(_Raw(start, match.start(), *_spans(attributes)))
            start, count = -1, count + 1
            if count == MAX_CELLS:
                break
        if name == "tr" and not closing:
            rows.append([])
        elif name in ("td", "th") and not closing and rows:
            start, attributes = match.end(), match[3]
    return [table for table in found if table]


def _spans(attributes: str) -> tuple[int, int]:
    """How many rows and columns the attributes of a cell say that it takes."""
    taken = []
    for name in ("rowspan", "colspan"):
        match = re.search(rf"\b{name}\s*=\s*[\"']?(\d{{1,4}})", attributes, re.IGNORECASE)
        taken.append(min(max(int(match[1]), 1), MAX_SPAN) if match else 1)
    return taken[0], taken[1]


def _grid(card: MarkdownDocument, lines: Lines, rows: list[list[_Raw]], room: int) -> list[list[Cell]]:
    """The rows with each cell in every place it takes, at most `room` cells in all."""
    grid: list[list[Cell]] = []
    below: dict[int, tuple[int, Cell]] = {}  # by column: rows that a cell above still takes
    for row in rows:
        cells: list[Cell] = []
        waiting = [(_cell(card, lines, raw), raw) for raw in row]
        for cell, raw in waiting:
            _carry(cells, below)
            for _ in range(raw.columns):
                if raw.rows > 1:
                    below[len(cells)] = (raw.rows - 1, cell)
                cells.append(cell)
            if len(cells) > room:
                return grid
        _carry(cells, below)
        room -= len(cells)
        grid.append(cells)
        if room <= 0:
            break
    return [row for row in grid if row]


def _carry(cells: list[Cell], below: dict[int, tuple[int, Cell]]) -> None:
    """The cells of rows above that reach into this one stand where the next cell would."""
    while len(cells) in below:
        left, cell = below.pop(len(cells))
        if left > 1:
            below[len(cells)] = (left - 1, cell)
        cells.append(cell)


def _cell(card: MarkdownDocument, lines: Lines, raw: _Raw) -> Cell:
    source = card.source[raw.start : min(raw.end, raw.start + MAX_CELL)]
    text = re.sub(r"<[^<>]*>", " ", source) if "<" in source else source
    if "&" in text:
        from html import unescape

        text = unescape(text)
    text = " ".join(text.split())
    start = raw.start + max(source.find(text[:1]), 0) if text else raw.start
    line, column = lines.position(start)
    return Cell(text, Span(card.file, line, column, line, column + max(len(text), 1)))
