"""Numbers of training runs from a file: a column of a table, or a list in a JSON document.

Each number keeps its printed digits, which say how precise it is. Anything that is no plain number stops the
reading where it stands: a run that is left out unseen would change the verdict.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from auditor.model import KeyPath, Place, Span
from auditor.readers.csv_table import separator_of
from auditor.readers.document import Unreadable
from auditor.readers.json import JsonDocument, read_json
from auditor.readers.text import decode, shown
from auditor.records import dataclass

MAX_BYTES = 16 * 2**20
MAX_RUNS = 100_000  # in one file
LARGEST, SMALLEST = 1e100, 1e-100  # beyond them squares of differences leave what a double holds
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_MAX_CHARACTERS = 400  # of a number: 308 digits before the point fit a double


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Runs that differ in their seed alone, with the numbers as they are printed."""

    record: str
    name: str
    values: tuple[str, ...]
    lower_is_better: bool


def number(text: str) -> float:
    """The value of a printed decimal number.

    Raises:
        ValueError: it is none, is infinite or not a number, or beyond 1e±100; with what is wrong.
    """
    if len(text) > _MAX_CHARACTERS or not _NUMBER.fullmatch(text):
        raise ValueError(f"`{shown(text)}` is not a number" if text else "a number is missing")
    value = float(text)
    if not math.isfinite(value) or (value and not SMALLEST <= abs(value) <= LARGEST):
        raise ValueError(f"`{shown(text)}` is not between 1e-100 and 1e100 in size")
    return value


def half_unit(text: str) -> float:
    """Half a unit in the last printed place of a number: 0.00005 for `0.9750`.

    Raises:
        ValueError: it is printed to more than a hundred places.
    """
    exponent = Decimal(text).as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) >= 100:
        raise ValueError(f"`{shown(text)}` has no last place that could be weighed")
    return float(Decimal(5).scaleb(exponent - 1))


def load(path: str) -> str:
    """The text of a file.

    Raises:
        Unreadable: it is not there, no regular file, too large, or not UTF-8.
    """
    if not Path(path).is_file():
        raise Unreadable("there is no such file", Span(path))
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(
            f"the file cannot be read ({(error.strerror or '?').lower()})", Span(path)
        ) from error
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"the file has more than {MAX_BYTES:,} bytes", Span(path))
    return decode(path, raw)


def read_runs(file: str, text: str, column: str = "") -> tuple[str, ...]:
    """The printed numbers of all runs, in the order of the file.

    Args:
        file: for messages; a name in `.json`, or a text that begins as JSON, is read as such.
        text: the contents.
        column: of a table its heading; of JSON a pointer (RFC 6901) to the list, or the key that each object
            of the list has. May be left out where there is but one column, or the document is the list.

    Raises:
        Unreadable: no such column, or something in it is no number; the span says where.
    """
    as_json = file.lower().endswith(".json") or text.lstrip()[:1] in ("[", "{")
    found = _json_runs(file, text, column) if as_json else tuple(_table_runs(file, text, column))
    if not found:
        raise Unreadable("there are no runs in the file", Span(file))
    return found


def read_groups(file: str, text: str) -> tuple[RunGroup, ...]:
    """Groups of runs: a JSON list of lists, or an object whose `groups` are objects with `values`.

    Raises:
        Unreadable: the document is neither, or something in it is no number.
    """
    document = _document(file, text)
    whole = document.value
    base: KeyPath = ("groups",) if isinstance(whole, dict) else ()
    items = document.get(*base)
    if not isinstance(items, list) or not items:
        raise _fault(document, base, "this is no list of groups of runs")
    return tuple(_group(document, (*base, index), item) for index, item in enumerate(items))


def _group(document: JsonDocument, path: KeyPath, item: object) -> RunGroup:
    facts = item if isinstance(item, dict) else {"values": item}
    inner = (*path, "values") if isinstance(item, dict) else path
    values = facts.get("values")
    if not isinstance(values, list) or not values:
        raise _fault(document, path, "a group of runs has no list of `values`")
    name = "/".join(str(facts[key]) for key in ("name", "version", "record", "code_sha") if facts.get(key))
    record = "/".join(str(facts.get("record") or facts.get("name") or "").split("/")[:2])
    printed = tuple(_printed(document, (*inner, index)) for index in range(len(values)))
    return RunGroup(record, name or f"group {path[-1]}", printed, facts.get("lower_is_better") is True)


def _json_runs(file: str, text: str, column: str) -> tuple[str, ...]:
    document = _document(file, text)
    path: KeyPath = ()
    if column.startswith("/"):
        path = _pointed(document, column)
    found = document.get(*path)
    if not isinstance(found, list):
        raise _fault(document, path, "this is no list of runs", "name it: --column /path/to/the/list")
    if len(found) > MAX_RUNS:
        raise _fault(document, path, f"the list has more than {MAX_RUNS:,} runs")
    last: KeyPath = (column,) if column and not path else ()
    return tuple(_printed(document, (*path, index, *last)) for index in range(len(found)))


def _pointed(document: JsonDocument, pointer: str) -> KeyPath:
    """The key path of an RFC 6901 pointer."""
    path: list[str | int] = []
    for word in pointer.split("/")[1:]:
        here = document.get(*path)
        key = word.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and key.isascii() and key.isdecimal() and int(key[:9]) < len(here):
            path.append(int(key))
        elif isinstance(here, dict) and key in here:
            path.append(key)
        else:
            raise _fault(document, tuple(path), f"there is no `{shown(key)}` here")
    return tuple(path)


def _document(file: str, text: str) -> JsonDocument:
    document = read_json(file, text)
    for place in document.duplicates[:1]:
        raise Unreadable("the key stands here a second time", document.locate(place), "keep one of them")
    for place in document.constants[:1]:
        raise Unreadable("this is no number of JSON", document.locate(place), "leave out runs that diverged")
    return document


def _printed(document: JsonDocument, path: KeyPath) -> str:
    value = document.get(*path)
    text = document.printed(*path)
    if text is None or isinstance(value, bool) or value is None or isinstance(value, dict | list):
        raise _fault(document, path, "a number is missing here")
    try:
        number(text)
    except ValueError as error:
        raise _fault(document, path, str(error)) from error
    return text


def _fault(document: JsonDocument, path: KeyPath, what: str, remedy: str = "") -> Unreadable:
    return Unreadable(what, document.locate(Place(document.file, path)), remedy)


def _table_runs(file: str, text: str, column: str) -> Iterator[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text.split("\n", 1)[0]))
    index, count = -1, 0
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            span = Span(file, reader.line_num, 1, reader.line_num, 1)
            if index < 0:
                index = _column(cells, column, span)
                if column or _is_heading(cells[index]):
                    continue
            if len(cells) <= index:
                raise Unreadable(f"the row has {len(cells)} cells, the column is number {index + 1}", span)
            try:
                number(cells[index])
            except ValueError as error:
                raise Unreadable(str(error), span) from error
            count += 1
            if count > MAX_RUNS:
                raise Unreadable(f"the table has more than {MAX_RUNS:,} runs", span)
            yield cells[index]
    except csv.Error as error:
        raise Unreadable(str(error), Span(file, reader.line_num, 1, reader.line_num, 1)) from error


def _column(cells: Sequence[str], column: str, span: Span) -> int:
    """The index of the column in the first row."""
    names = ", ".join(f"`{shown(cell, 30)}`" for cell in cells[:10])
    if not column and len(cells) > 1:
        raise Unreadable("the table has several columns", span, f"name one with --column: {names}")
    if column and cells.count(column) != 1:
        what = "no column" if column not in cells else "more than one column"
        raise Unreadable(f"{what} is called `{shown(column)}`", span, f"the first row has {names}")
    return cells.index(column) if column else 0


def _is_heading(text: str) -> bool:
    """Whether the first cell names the column: `nan` and `1e400` do not."""
    if not (text[:1].isalpha() or text[:1] == "_"):
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False
