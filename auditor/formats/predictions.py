"""Per-item predictions that a bundle ships: for each example of a split, the class that its weights gave.

    {"index": 0, "predicted": 7}            JSON Lines; or a CSV whose first line is `index,predicted`

Each example once, in any order, counted from 0 in the order of the split. No other field is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auditor.bundle import Bundle
from auditor.model import Span
from auditor.readers.csv_table import csv_records
from auditor.readers.document import Unreadable
from auditor.readers.json_records import json_records
from auditor.readers.table_stream import TableStream

MOST_BYTES_AN_ITEM = 256  # of a file; a line of both fields takes some forty
LEAST_BYTES = 2**20


def read_predictions(bundle: Bundle, path: str, n: int, classes: int) -> list[int]:
    """The predicted class of each of `n` examples.

    Raises:
        Unreadable: there is no such file, it is neither JSON Lines nor CSV, a line is not a prediction of one
            of the examples and classes, an example has none or two, or the file is far larger than they take.
    """
    budget = max(LEAST_BYTES, MOST_BYTES_AN_ITEM * n)
    predicted: list[int | None] = [None] * n
    with bundle.opened(path) as raw:
        stream = TableStream(path, raw, budget)
        rows = json_rows(stream) if path.endswith((".jsonl", ".json")) else csv_rows(stream)
        for line, index, value in rows:
            where = Span(path, line)
            if index is None or not 0 <= index < n:
                raise Unreadable(f"`index` is not one of the examples 0 to {n - 1:,}", where)
            if value is None or not 0 <= value < classes:
                raise Unreadable(f"`predicted` is not one of the classes 0 to {classes - 1:,}", where)
            if predicted[index] is not None:
                raise Unreadable(f"example {index:,} has two predictions", where)
            predicted[index] = value
    if stream.was_cut:
        raise Unreadable(f"the file has more than {budget:,} bytes", Span(path))
    lacking = [index for index, value in enumerate(predicted) if value is None]
    if lacking:
        raise Unreadable(
            f"{len(lacking):,} of {n:,} examples have no prediction (first: {lacking[0]:,})", Span(path)
        )
    return [value for value in predicted if value is not None]


def json_rows(stream: TableStream) -> Iterable[tuple[int, int | None, int | None]]:
    """Line, index and class of each record; None where a record has no such whole number."""
    for line, record in json_records(stream):
        row = record if isinstance(record, dict) else {}
        yield line, _whole(row.get("index")), _whole(row.get("predicted"))


def csv_rows(stream: TableStream) -> Iterable[tuple[int, int | None, int | None]]:
    """Line, index and class of each record below the heading; None where a cell is no whole number.

    Raises:
        Unreadable: the first line does not name both columns.
    """
    places: tuple[int, int] | None = None
    for line, cells in csv_records(stream):
        if places is None:
            named = [cell.strip().removeprefix("\ufeff") for cell in cells]
            if "index" not in named or "predicted" not in named:
                raise Unreadable("the first line does not name `index` and `predicted`", Span(stream.file, 1))
            places = named.index("index"), named.index("predicted")
            continue
        index, predicted = (_digits(cells[place]) if place < len(cells) else None for place in places)
        yield line, index, predicted


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _digits(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
