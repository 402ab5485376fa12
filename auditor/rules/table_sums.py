"""Tables of the card whose row of totals, or column of averages, is not that of the other cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import EXPECTED, Printed, decimal, places
from auditor.forensics.totals import amount, holds, mean, total
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.registry import rule
from auditor.statements.html_tables import tables

if TYPE_CHECKING:
    from auditor.readers.markdown import Cell, MarkdownDocument, Table

MAX_CELLS = 20_000  # of one table that is summed; a larger one is data
_TOTALS = frozenset(("total", "totals", "sum", "grand total", "overall total"))
_AVERAGES = frozenset(("avg", "avg.", "average", "mean", "overall average", "average score"))
_PARTIAL = frozenset(("total", "subtotal", "sum", "average", "mean", "which", "all", "overall", "both"))
_MARKS = "*_`~ :"
_LEAST_ROWS = 4  # of a table whose column of averages is believed to be one


@rule("MET207", level="warning", needs="card", klass="inconsistent", certainty="likely", since="2026.2")
def table_total_wrong(card: MarkdownDocument) -> Iterator[Fault]:
    """The row of totals of a table is not the sum of the rows above it.

    Why: A row was removed or changed and the total kept; whoever adds up hours or grams gets another number.
    Bad:
        # README.md
        | Model | GPU hours |
        |---|---|
        | small | 184320 |
        | large | 368640 |
        | Total | 653960 |
    Good:
        # README.md
        | Model | GPU hours |
        |---|---|
        | small | 184320 |
        | large | 368640 |
        | Total | 552960 |
    Fix: Add the rows up again, or say which row is not shown. Not looked at: columns of what does not add up
        (rates, shares, distinct things) or whose heading does not say what is counted.
    Source: measured: the model card of Llama 2 counts 3,311,616 hours, its rows have 2,273,280.
    """
    for table in tables(card) if _may_have(card, "total", "sum") else ():
        end = _row_of_totals(table)
        if end is None:
            continue
        splits = _lists_splits(table)
        for column, head in enumerate(table.header):
            printed = amount(table.rows[end][column].text) if splits or _adds_up(head.text) else None
            amounts = [amount(row[column].text) for row in table.rows[:end]] if printed else []
            known = [one for one in amounts if one is not None]
            if printed is None or len(known) < max(len(amounts), 2):
                continue
            expected = total(known, EXPECTED)
            if not (splits and printed.unit < 1) and not holds(expected, printed, EXPECTED):
                middle = decimal((expected[0] + expected[1]) / 2, min(places(printed), 12))
                yield card.place(table.rows[end][column].span).says(
                    f"the total of `{shown(head.text)}` is {shown(printed.text)}, its {end} rows add up to "
                    f"{middle}",
                    card.place(table.rows[0][column].span, "the first row"),
                )


@rule("MET208", level="warning", needs="card", klass="inconsistent", certainty="likely", since="2026.2")
def table_average_wrong(card: MarkdownDocument) -> Iterator[Fault]:
    """The average at the end of a row is not the mean of the row, though it is in most other rows.

    Why: A score was mistyped, or changed after the average was computed; rankings follow the average.
    Bad:
        # README.md
        | Model | Task A | Task B | Avg |
        |---|---|---|---|
        | one | 60.1 | 70.3 | 65.2 |
        | two | 61.0 | 71.0 | 66.0 |
        | three | 62.4 | 72.4 | 67.4 |
        | ours | 63.4 | 73.6 | 86.5 |
    Good:
        # README.md
        | Model | Task A | Task B | Avg |
        |---|---|---|---|
        | one | 60.1 | 70.3 | 65.2 |
        | two | 61.0 | 71.0 | 66.0 |
        | three | 62.4 | 72.4 | 67.4 |
        | ours | 63.4 | 73.6 | 68.5 |
    Fix: Compute the average anew, or look for a digit or a decimal point too many. Not looked at:
        tables where fewer than half of the rows obey, as their average is another one, and those of fewer
        than 4 rows.
    Source: measured: 13 of 102 rows in 19 tables, all of them wrong.
    """
    for table in tables(card) if _may_have(card, "avg", "average", "mean") else ():
        names = [cell.text.strip(_MARKS).lower() for cell in table.header]
        column = next((index for index, name in enumerate(names) if name in _AVERAGES), None)
        if column is None or len(names) * len(table.rows) > MAX_CELLS or len(table.rows) < _LEAST_ROWS:
            continue
        rows = [found for row in table.rows if (found := _averaged(row, column)) is not None]
        wrong = [
            (cell, printed, values) for cell, printed, values in rows if not holds(mean(values), printed)
        ]
        if len(rows) < _LEAST_ROWS or 2 * len(wrong) > len(rows):
            continue
        for cell, printed, values in wrong:
            low, high = mean(values)
            yield card.place(cell.span).says(
                f"the average is {shown(printed.text)}, the mean of the row's {len(values)} numbers is "
                f"{decimal((low + high) / 2, min(places(printed), 12))}"
            )


def _averaged(row: tuple[Cell, ...], column: int) -> tuple[Cell, Printed, list[Printed]] | None:
    """The average of a row, and the numbers of its other cells; None where it has too few."""
    numbers = [amount(cell.text) for cell in row]
    printed, values = (
        numbers[column],
        [one for one in numbers[:column] + numbers[column + 1 :] if one is not None],
    )
    return (row[column], printed, values) if printed is not None and len(values) >= 2 else None


def _row_of_totals(table: Table) -> int | None:
    """The index of the only row of totals; None where rows above it overlap or are left out."""
    if len(table.header) * len(table.rows) > MAX_CELLS:
        return None
    labels = [row[0].text.strip(_MARKS).lower() for row in table.rows if row]
    ends = [index for index, label in enumerate(labels) if label in _TOTALS]
    if len(ends) != 1 or ends[0] < 2:
        return None
    above = " ".join(labels[: ends[0]])
    return None if "..." in above or "…" in above or not _PARTIAL.isdisjoint(above.split()) else ends[0]


def _lists_splits(table: Table) -> bool:
    """Whether the rows are splits of data, whose whole numbers are counts whatever the heading says."""
    return table.header[0].text.strip(_MARKS).lower() in ("split", "splits", "subset", "partition")


def _adds_up(head: str) -> bool:
    """Whether the heading says that the column counts something that adds up."""
    words = re.sub(r"<[^<>]*>", "", head).lower()  # `CO<sub>2</sub>`
    return bool(_words()[0].search(words)) and not _words()[1].search(words)


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(
            r"\b(?:hours?|tokens?|samples?|examples?|rows|images|documents|sentences|count|number|files|emitted|"
            r"emissions?|co2\w*|tco2\w*|carbon|energy|kwh|instances|pairs|questions|utterances|words)\b|#"
        ),
        re.compile(
            r"\b(?:per|unique|distinct|speakers?|avg|average|mean|max|min|rate|ratio|share|power)\b|%|/"
        ),
    )


def _may_have(card: MarkdownDocument, *words: str) -> bool:
    """Whether the card has a table and one of the words; most have not, and need no tables to be read."""
    return bool(card.tables or "<table" in card.source) and any(
        word in card.source or word.capitalize() in card.source or word.upper() in card.source
        for word in words
    )
