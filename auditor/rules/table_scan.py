"""One pass over a table of data: rows, columns, a digest of each row, labels, and what the rules ask beside.

Nothing is kept of a row but its digest and the code of its label, and the text of a few that are compared.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from hashlib import blake2b
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from auditor.readers.document import Unreadable
from auditor.readers.window import Unfollowed
from auditor.records import dataclass
from auditor.rules.grams import Sample, grams
from auditor.rules.traces import Traces

if TYPE_CHECKING:
    from auditor.readers.table_stream import TableStream

MAX_ROWS = 2_000_000  # of one file: 24 MB of digests and codes of labels
MAX_LABELS = 1_000  # more different values are no classes
MAX_KEYS = 100_000  # of all records of a file in JSON
_PEEKED = 20  # rows that tell which columns hold text
_TEXT_WORDS = 13  # as many as are compared together
_UNIT = "\x1f"  # the separator that ASCII has between the cells of a record
# Names of columns that number the rows: two rows that differ in them alone are one row twice.
NUMBERS = frozenset(
    {"", "id", "idx", "index", "guid", "uid", "uuid", "row", "row_id", "unnamed: 0", "__index_level_0__"}
)
LABELS = ("label", "labels", "target", "class", "y")  # names of a column of classes, the likeliest first
# What pandas reads as missing (pandas/_libs/parsers.pyx, STR_NA_VALUES), and `?` of the UCI tables.
MISSING = frozenset(
    {"", "?", "-1.#IND", "1.#QNAN", "1.#IND", "-1.#QNAN", "#N/A N/A", "#N/A", "N/A", "n/a", "NA", "<NA>"}
    | {"#NA", "NULL", "null", "NaN", "-NaN", "nan", "-nan", "None"}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a scan is to look for.

    Attributes:
        has_header: as a recipe says it, None where nobody does.
        label: the column of classes by its number, None where its name tells it.
        types: what each column is declared as: integer or number.
        sampled: whether some texts are kept, to be looked for in other files.
        watched: the word sequences of such texts, to be looked for here.
    """

    has_header: bool | None = None
    label: int | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    sampled: bool = False
    watched: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that cannot be read as its column is declared."""

    column: str
    declared: str
    line: int
    value: str


@dataclass(slots=True)
class Scan:
    """What is known of one file; `reason` says why it was not read to its end, and is empty where it was."""

    file: str
    columns: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)  # of the columns, where the file states them
    has_header: bool | None = True  # None where the first row may as well be data
    width: int = 0  # cells of the first row
    n_rows: int = 0
    digests: array[int] = field(default_factory=lambda: array("Q"))
    codes: array[int] = field(default_factory=lambda: array("i"))  # of each row's label, -1 without one
    labels: list[str] | None = None
    label_name: str = ""
    misfits: list[Misfit] = field(default_factory=list)
    uneven: tuple[int, int, int] = (
        0,
        0,
        0,
    )  # rows with more cells than the first; the first one's line, cells
    traces: Traces = field(default_factory=Traces)
    sample: Sample = field(default_factory=Sample)
    met: set[int] = field(default_factory=set)  # of the watched sequences
    texts_left_out: bool = False
    reason: str = ""
    fault: Unreadable | None = None  # the file is damaged

    @property
    def is_whole(self) -> bool:
        """Whether every row was seen."""
        return not self.reason and self.fault is None

    def counts(self, first: int, end: int | None) -> dict[str, int] | None:
        """How often each label stands in a range of rows; None where there are none, or too many."""
        if self.labels is None or not self.codes:
            return None
        from collections import Counter

        counted = Counter(self.codes[first:end])
        return {self.labels[code]: count for code, count in sorted(counted.items()) if code >= 0}


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
    scan.traces.look()
    return scan


def scan_parquet(file: str, stream: Any, size_bytes: int) -> Scan:
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
        from auditor.model import Span

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
    """Whether a cell reads as a whole number, also as `3.0`."""
    try:
        return float(cell).is_integer()
    except ValueError:
        return False


def _walk_csv(scan: Scan, stream: TableStream, kind: str, asked: Asked) -> None:
    from auditor.readers.csv_table import csv_records

    records = csv_records(stream, tabs=kind == "tsv", look=scan.traces.take)
    first = next(records, None)
    if first is None:
        return
    line, names = first
    cells = [name.strip() for name in names]
    scan.has_header = asked.has_header
    if scan.has_header is None:
        unlike = len(set(cells)) < len(cells) or any(
            not cell or is_number(cell) for cell in cells[1:] or cells
        )
        scan.has_header = None if unlike else True
    if scan.has_header is False:
        scan.columns = ()
        records = chain([(line, names)], records)
    else:
        scan.columns = tuple(cells)
    _walk_cells(scan, records, len(names), asked)


def _walk_cells(scan: Scan, records: Iterator[tuple[int, list[str]]], width: int, asked: Asked) -> None:
    """Each row of a table with columns is noted in the scan."""
    scan.width = width
    begun = list(islice(records, _PEEKED))
    texts = _text_places(cells for _, cells in begun)
    kept = _kept(scan.columns) or list(range(width))
    all_kept = kept == list(range(width))
    label = _label_place(scan.columns, asked)
    scan.label_name = scan.columns[label] if label is not None and label < len(scan.columns) else ""
    note = _noting(scan, label is not None)
    compare = _comparing(scan, asked)
    typed = _typed(scan.columns, asked.types)
    digests = scan.digests
    for line, cells in chain(begun, records):
        row = cells if all_kept or len(cells) != width else [cells[place] for place in kept]
        text = _UNIT.join(row)
        digest = int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")
        digests.append(digest)
        if len(cells) > width and any(cells[width:]):
            count, at, cells_there = scan.uneven
            scan.uneven = (count + 1, at or line, cells_there or len(cells))
        if label is not None:
            note(cells[label].strip() if label < len(cells) else None)
        for column in typed:
            _check(scan, typed, column, line, cells)
        if texts and compare is not None:
            compare(digest, line, " ".join(cells[place] for place in texts if place < len(cells)))
        if len(digests) > MAX_ROWS:
            scan.reason = f"it has more than {MAX_ROWS:,} rows"
            break
    scan.n_rows = len(digests)


def _walk_json(scan: Scan, stream: TableStream, asked: Asked) -> None:
    """Each record of a file in JSON is noted in the scan."""
    from json import dumps

    from auditor.readers.json_records import json_records

    records = json_records(stream, look=scan.traces.take)
    names: dict[str, None] = {}
    begun = list(islice(records, _PEEKED))
    first = next((record for _, record in begun if isinstance(record, dict)), {})
    texts = [
        key for key, value in first.items() if isinstance(value, str) and value.count(" ") >= _TEXT_WORDS - 1
    ]
    place = _label_place(tuple(first), asked)
    label = tuple(first)[place] if place is not None and place < len(first) else None
    scan.label_name = label or ""
    note = _noting(scan, label is not None)
    compare = _comparing(scan, asked)
    typed = {name: (name, kind) for name, kind in asked.types.items() if name in first}
    digests = scan.digests
    for line, record in chain(begun, records):
        if isinstance(record, dict):
            if len(names) < MAX_KEYS:
                names.update(dict.fromkeys(record))
            shorn = [record[key] for key in sorted(record) if key.lower() not in NUMBERS]
            text = _UNIT.join(
                value if type(value) is str else dumps(value, sort_keys=True) for value in shorn
            )
        else:
            text = dumps(record, sort_keys=True)
        digest = int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")
        digests.append(digest)
        held = record if isinstance(record, dict) else {}
        if label is not None:
            value = held.get(label)
            note(str(value) if isinstance(value, str | int) else None)
        for name, (_, kind) in list(typed.items()):
            value = held.get(name)
            if isinstance(value, str) and value not in MISSING and not _READS[kind](value):
                scan.misfits.append(Misfit(name, kind, line, value))
                del typed[name]
        if texts and compare is not None:
            compare(digest, line, " ".join(str(held[key]) for key in texts if isinstance(held.get(key), str)))
        if len(digests) > MAX_ROWS:
            scan.reason = f"it has more than {MAX_ROWS:,} rows"
            break
    scan.columns = tuple(names)
    scan.n_rows = len(digests)


def _kept(columns: tuple[str, ...]) -> list[int]:
    """The columns that make up a row, in the order of their names, as in a record in JSON."""
    return [
        place
        for _, place in sorted(zip(columns, range(len(columns)), strict=True))
        if columns[place].lower() not in NUMBERS
    ]


def _drop_last(scan: Scan) -> None:
    """The last row, which may have been cut in two, is forgotten."""
    if scan.digests:
        scan.digests.pop()
        scan.n_rows -= 1
    if len(scan.codes) > len(scan.digests):
        scan.codes.pop()


def _label_place(columns: tuple[str, ...], asked: Asked) -> int | None:
    """The number of the column of classes, None where none is known."""
    if asked.label is not None:
        return asked.label
    lower = [column.lower() for column in columns]
    return next((lower.index(name) for name in LABELS if name in lower), None)


def _noting(scan: Scan, is_labelled: bool) -> Callable[[str | None], None]:  # noqa: FBT001
    """What notes the label of the next row."""
    known: dict[str, int] = {}
    if is_labelled:
        scan.labels = []

    def note(value: str | None) -> None:
        if scan.labels is None:
            return
        code = -1 if value is None or value in MISSING else known.get(value, -2)
        if code == -2 and value is not None:
            if len(known) >= MAX_LABELS:
                scan.labels = None
                return
            code = known[value] = len(known)
            scan.labels.append(value)
        scan.codes.append(code)

    return note


def _comparing(scan: Scan, asked: Asked) -> Callable[[int, int, str], None] | None:
    """What takes the text of the next row to be compared; None where no texts are."""
    if asked.sampled:
        return scan.sample.take
    if not asked.watched:
        return None
    left = MAX_WATCHED_TEXTS
    watched, met = asked.watched, scan.met

    def look(_digest: int, _line: int, text: str) -> None:
        nonlocal left
        if left:
            left -= 1
            met.update(watched.intersection(grams(text)))
        else:
            scan.texts_left_out = True

    return look


MAX_WATCHED_TEXTS = 20_000  # of the train split, some 60 microseconds for 200 words each (measured)
_READS: dict[str, Callable[[str], bool]] = {"integer": is_integer, "number": is_number}


def _typed(columns: tuple[str, ...], types: Mapping[str, str]) -> dict[int, tuple[str, str]]:
    """The columns whose cells are to be read as declared, by their number."""
    return {place: (name, types[name]) for place, name in enumerate(columns) if name in types}


def _check(scan: Scan, typed: dict[int, tuple[str, str]], place: int, line: int, cells: list[str]) -> None:
    name, kind = typed[place]
    cell = cells[place].strip() if place < len(cells) else ""
    if name and cell not in MISSING and not _READS[kind](cell):
        scan.misfits.append(Misfit(name, kind, line, cell))
        typed[place] = ("", kind)  # one is enough


def _text_places(rows: Iterable[list[str]]) -> list[int]:
    """The columns that hold as many words in half of the rows as are compared together."""
    count: dict[int, int] = {}
    n_rows = 0
    for row in rows:
        n_rows += 1
        for place, cell in enumerate(row):
            if cell.count(" ") >= _TEXT_WORDS - 1:
                count[place] = count.get(place, 0) + 1
    return [place for place, often in count.items() if 2 * often >= n_rows]
