"""One pass over the rows of a table: each is noted, and then forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.window import Unfollowed
from auditor.rules.grams import WORDS, grams
from auditor.rules.table_scan import Asked, Misfit, Scan

if TYPE_CHECKING:
    from auditor.readers.table_stream import TableStream

MAX_LABELS = 1_000  # more different values are no classes
MAX_KEYS = 100_000  # of all records of a file in JSON
_PEEKED = 20  # rows that tell which columns hold text
MAX_WATCHED_TEXTS = 20_000  # of a file of train; 200 words take some 60 microseconds (measured)
_UNIT = "\x1f"  # the separator that ASCII has between the cells of a record
# Names of columns that number the rows: two rows that differ in them alone are one row twice.
_NUMBERS = frozenset(
    {"", "id", "idx", "index", "guid", "uid", "uuid", "row", "row_id", "unnamed: 0", "__index_level_0__"}
)
_LABELS = ("label", "labels", "target", "class", "y")  # names of a column of classes, the likeliest first
_TRUTH = ("true", "false")
# What pandas reads as missing (pandas/_libs/parsers.pyx, STR_NA_VALUES), and `?` of the UCI tables.
_MISSING = frozenset(
    {"", "?", "-1.#IND", "1.#QNAN", "1.#IND", "-1.#QNAN", "#N/A N/A", "#N/A", "N/A", "n/a", "NA", "<NA>"}
    | {"#NA", "NULL", "null", "NaN", "-NaN", "nan", "-nan", "None"}
)


def scan_text(stream: TableStream, kind: str, asked: Asked) -> Scan:
    """The scan of a table of text; `kind` is csv, tsv or json."""
    scan = Scan(stream.file)
    try:
        if kind == "json":
            _walk_json(scan, stream, asked)
        else:
            _walk_csv(scan, stream, kind, asked)
    except Unfollowed as unfollowed:
        scan.reason = unfollowed.what
    except Unreadable as fault:
        scan.fault = fault
    if stream.was_cut:
        scan.reason = "there is more data than is read here"
        _drop_last(scan)
    scan.n_rows = len(scan.digests)
    scan.traces.look()
    return scan


def scan_parquet(file: str, stream: BinaryIO, size_bytes: int) -> Scan:
    """What the footer of a Parquet file says; its rows are compressed and are not looked at."""
    from auditor.readers.parquet import read_parquet

    scan = Scan(file)
    try:
        found = read_parquet(file, stream, size_bytes)
    except Unfollowed as unfollowed:
        scan.reason = unfollowed.what
        return scan
    except Unreadable as fault:
        scan.fault = fault
        return scan
    scan.columns = tuple(column.name for column in found.columns)
    scan.kinds = {column.name: column.kind for column in found.columns}
    scan.n_rows = found.n_rows
    if found.group_rows and sum(found.group_rows) != found.n_rows:
        told = f"its groups hold {sum(found.group_rows):,} rows, its footer says {found.n_rows:,}"
        scan.fault = Unreadable(told, Span(file))
    return scan


def is_number(cell: str) -> bool:
    """Whether a cell reads as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def is_integer(cell: str) -> bool:
    """Whether a cell reads as a whole number, also as `3.0`; truth values are numbers to pandas."""
    try:
        return float(cell).is_integer()
    except ValueError:
        return cell.lower() in _TRUTH


_READS: dict[str, Callable[[str], bool]] = {
    "integer": is_integer,
    "number": lambda cell: is_number(cell) or cell.lower() in _TRUTH,
}


class _Notes:
    """What is noted of row after row."""

    __slots__ = ("_asked", "_known", "_left", "_scan", "_types")

    def __init__(self, scan: Scan, asked: Asked) -> None:
        self._scan = scan
        self._asked = asked
        self._known: dict[str, int] = {}
        self._left = MAX_WATCHED_TEXTS
        self._types = dict(asked.types)

    def row(self, content: str) -> int:
        """The digest of a row, which has been noted.

        Raises:
            Unfollowed: there are more rows than are followed.
        """
        digests = self._scan.digests
        if len(digests) >= self._asked.most_rows:
            raise Unfollowed("there are more rows than are read here", Span(self._scan.file))
        raw = content.encode("utf-8", "replace")
        digest = int.from_bytes(blake2b(raw, digest_size=8).digest(), "little")
        digests.append(digest)
        return digest

    def label(self, value: str | None) -> None:
        """The label of the row is noted, as long as there are few different ones."""
        scan = self._scan
        if scan.labels is None:
            return
        code = -1 if value is None or value in _MISSING else self._known.get(value, -2)
        if code == -2 and value is not None:
            if len(self._known) >= MAX_LABELS:
                scan.labels = None
                return
            code = self._known[value] = len(self._known)
            scan.labels.append(value)
        scan.codes.append(code)

    def text(self, digest: int, line: int, text: str) -> None:
        """The text of the row is kept for comparing, or compared."""
        if self._asked.sampled:
            self._scan.sample.take(digest, line, text)
        elif self._asked.watched and self._left:
            self._left -= 1
            self._scan.met.update(self._asked.watched.intersection(grams(text)))

    def typed(self, columns: Iterable[str]) -> list[str]:
        """Which of the columns are still to be read as declared."""
        return [column for column in columns if column in self._types]

    def value(self, column: str, line: int, cell: str) -> bool:
        """Whether a cell reads as its column is declared; the first that does not is noted."""
        kind = self._types[column]
        if cell in _MISSING or _READS[kind](cell):
            return True
        self._scan.misfits.append(Misfit(column, kind, line, cell))
        del self._types[column]
        return False


def _walk_csv(scan: Scan, stream: TableStream, kind: str, asked: Asked) -> None:
    from auditor.readers.csv_table import csv_records

    records = csv_records(stream, tabs=kind == "tsv", look=scan.traces.take)
    first = next(records, None)
    if first is None:
        return
    scan.width = len(first[1])
    names = tuple(name.strip() for name in first[1])
    scan.has_header = asked.has_header
    if scan.has_header is None:
        odd = len(set(names)) < len(names) or any(not name or is_number(name) for name in names[1:] or names)
        scan.has_header = None if odd else True
    if scan.has_header is False:
        records = chain([first], records)
    else:
        scan.columns = names
    _walk_cells(scan, records, asked)


def _walk_cells(scan: Scan, records: Iterator[tuple[int, list[str]]], asked: Asked) -> None:
    """Each row of a table with columns is noted in the scan."""
    notes, width = _Notes(scan, asked), scan.width
    begun = list(islice(records, _PEEKED))
    texts = _text_places(cells for _, cells in begun) if asked.sampled or asked.watched else []
    kept = _kept(scan.columns) or list(range(width))
    are_all = kept == list(range(width))
    label = asked.label if asked.label is not None else _label_place(scan.columns)
    scan.labels = None if label is None else []
    typed = [(scan.columns.index(name), name) for name in notes.typed(scan.columns)]
    for line, cells in chain(begun, records):
        row = cells if are_all or len(cells) != width else [cells[place] for place in kept]
        digest = notes.row(_UNIT.join(row))
        if len(cells) > width and any(cells[width:]):
            count, at, there = scan.uneven
            scan.uneven = (count + 1, at or line, there or len(cells))
        if label is not None:
            notes.label(cells[label].strip() if label < len(cells) else None)
        for entry in typed:
            if entry[0] < len(cells) and not notes.value(entry[1], line, cells[entry[0]].strip()):
                typed = [other for other in typed if other != entry]
        if texts:
            notes.text(digest, line, " ".join(cells[place] for place in texts if place < len(cells)))


def _walk_json(scan: Scan, stream: TableStream, asked: Asked) -> None:
    """Each record of a file in JSON is noted: as its values, in the order of their names."""
    from json import dumps

    from auditor.readers.json_records import json_records

    notes = _Notes(scan, asked)
    records = json_records(stream, look=scan.traces.take)
    begun = list(islice(records, _PEEKED))
    first = next((record for _, record in begun if isinstance(record, dict)), {})
    texts = [key for key, value in first.items() if isinstance(value, str) and value.count(" ") >= WORDS - 1]
    place = _label_place(tuple(first))
    label = None if place is None else [*first][place]
    scan.labels = None if label is None else []
    typed = notes.typed(first)
    names: dict[str, None] = {}
    for line, record in chain(begun, records):
        held = record if isinstance(record, dict) else {"": record}
        if len(names) < MAX_KEYS and not held.keys() <= names.keys():
            names.update(dict.fromkeys(held))
        shorn = [held[key] for key in sorted(held) if key.lower() not in _NUMBERS or len(held) == 1]
        cells = (value if type(value) is str else dumps(value, sort_keys=True) for value in shorn)
        digest = notes.row(_UNIT.join(cells))
        if label is not None:
            value = held.get(label)
            notes.label(str(value) if isinstance(value, str | int) else None)
        for name in typed:
            value = held.get(name)
            if isinstance(value, str) and not notes.value(name, line, value):
                typed = [other for other in typed if other != name]
        if texts:
            notes.text(digest, line, " ".join(str(held[key]) for key in texts if type(held.get(key)) is str))
    scan.columns = tuple(names)


def _kept(columns: tuple[str, ...]) -> list[int]:
    """The columns that make up a row, in the order of their names, as in a record in JSON."""
    named = sorted((name, place) for place, name in enumerate(columns) if name.lower() not in _NUMBERS)
    return [place for _, place in named]


def _drop_last(scan: Scan) -> None:
    """The last row, which may have been cut in two, is forgotten."""
    if scan.digests:
        scan.digests.pop()
    if len(scan.codes) > len(scan.digests):
        scan.codes.pop()


def _label_place(columns: tuple[str, ...]) -> int | None:
    """The number of the column of classes, None where no name tells it."""
    lower = [column.lower() for column in columns]
    return next((lower.index(name) for name in _LABELS if name in lower), None)


def _text_places(rows: Iterable[list[str]]) -> list[int]:
    """The columns that hold as many words in half of the rows as are compared together."""
    count: dict[int, int] = {}
    n_rows = 0
    for row in rows:
        n_rows += 1
        for place, cell in enumerate(row):
            if cell.count(" ") >= WORDS - 1:
                count[place] = count.get(place, 0) + 1
    return [place for place, often in count.items() if 2 * often >= n_rows]
