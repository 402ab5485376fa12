"""What the footer of a Parquet file says: columns with their types, rows, and rows of each group.

Format: https://parquet.apache.org/docs/file-format/ and `parquet.thrift` of apache/parquet-format 2.10: the
file ends with the footer, its length in 4 bytes, and `PAR1`. The pages of data are not read.
"""

from __future__ import annotations

from typing import BinaryIO

from auditor.readers.document import Unreadable
from auditor.readers.thrift import Struct, Thrift
from auditor.readers.window import Window
from auditor.records import dataclass

MAGIC = b"PAR1"
_ENCRYPTED = b"PARE"  # Encryption.md: the footer is encrypted too
_TAIL_BYTES = 8
MAX_FOOTER_BYTES = 64 * 2**20  # thousands of columns in hundreds of groups; walked, never held as values
MAX_COLUMNS = 100_000  # of which names are kept

# parquet.thrift, enum Type, and those of enum ConvertedType and union LogicalType that change what it means.
_PHYSICAL = {
    0: "boolean",
    1: "integer",
    2: "integer",
    3: "time",
    4: "float",
    5: "float",
    6: "bytes",
    7: "bytes",
}
_CONVERTED = {0: "text", 4: "text", 5: "decimal", 6: "time", 7: "time", 8: "time", 9: "time", 10: "time"}
_CONVERTED |= {19: "text", 20: "bytes"}  # JSON, BSON
_LOGICAL = {1: "text", 4: "text", 5: "decimal", 6: "time", 7: "time", 8: "time", 12: "text", 14: "text"}
_LOGICAL |= {15: "float"}  # half precision


@dataclass(frozen=True, slots=True)
class Column:
    """A top-level column.

    Attributes:
        name: as it stands in the schema.
        kind: boolean, integer, float, decimal, text, bytes or time; `nested` where it holds lists or parts.
    """

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """The footer; `group_rows` is empty where the groups are more than are walked."""

    file: str
    columns: tuple[Column, ...]
    n_rows: int
    group_rows: tuple[int, ...]


def read_parquet(file: str, stream: BinaryIO, size_bytes: int) -> ParquetFile:
    """The footer of a Parquet file.

    Raises:
        Unreadable: the file is cut off, or its footer is damaged; `Unfollowed` where it is encrypted or
            larger than is read here.
    """
    window = Window(file, stream, size_bytes)
    tail = (
        window.at(size_bytes - _TAIL_BYTES, _TAIL_BYTES, "the length of a Parquet footer")
        if size_bytes >= 12
        else b""
    )
    if tail.endswith(_ENCRYPTED):
        raise window.beyond(size_bytes - 4, "the footer is encrypted")
    if not tail.endswith(MAGIC) or window.at(0, 4, "the beginning") != MAGIC:
        remedy = "copy the file again, or write it anew"
        raise window.fault(max(0, size_bytes - 4), "the file does not begin and end with `PAR1`", remedy)
    length = int.from_bytes(tail[:4], "little")
    begin = size_bytes - _TAIL_BYTES - length
    if begin < len(MAGIC):
        raise window.fault(size_bytes - _TAIL_BYTES, f"the footer of {length:,} bytes does not fit the file")
    if length > MAX_FOOTER_BYTES:
        raise window.beyond(begin, f"the footer has more than {MAX_FOOTER_BYTES:,} bytes")
    return _footer(Thrift(window, window.at(begin, length, "the footer"), begin))


def _footer(thrift: Thrift) -> ParquetFile:
    """FileMetaData of parquet.thrift: schema (2), num_rows (3), row_groups (4)."""
    columns: tuple[Column, ...] | None = None
    n_rows = -1
    groups: list[int] = []
    for number, kind in thrift.fields():
        if number == 2:
            columns = _columns(thrift, thrift.structs(kind))
        elif number == 3:
            n_rows = thrift.integer(kind)
        elif number == 4:
            if not _walk_groups(thrift, kind, groups):
                break
        else:
            thrift.skip(kind)
    if columns is None or n_rows < 0:
        raise thrift.fault("the footer says neither columns nor rows")
    return ParquetFile(thrift.window.file, columns, n_rows, tuple(groups))


def _walk_groups(thrift: Thrift, kind: int, groups: list[int]) -> bool:
    """The rows of each group are noted; false, and none noted, where walking takes too long."""
    for _ in range(thrift.structs(kind)):
        rows = -1
        for number, inner in thrift.fields():
            if number == 3:
                rows = thrift.integer(inner)
            else:
                thrift.skip(inner)
        groups.append(rows)
        if thrift.is_tired:
            groups.clear()
            return False
    return True


def _columns(thrift: Thrift, count: int) -> tuple[Column, ...]:
    """The children of the root, of a schema that is written depth first."""
    if count > MAX_COLUMNS:
        raise thrift.beyond(f"the schema has more than {MAX_COLUMNS:,} entries")
    entries = [_entry(thrift.struct()) for _ in range(count)]
    if not entries:
        raise thrift.fault("the schema is empty")
    columns: list[Column] = []
    index = 1
    for _ in range(entries[0][2]):
        if index >= len(entries):
            raise thrift.fault("the schema has fewer columns than it says")
        name, kind, children = entries[index]
        columns.append(Column(name, kind))
        pending = children
        index += 1
        while pending:
            if index >= len(entries):
                raise thrift.fault("the schema has fewer columns than it says")
            pending += entries[index][2] - 1
            index += 1
    return tuple(columns)


def _entry(struct: Struct) -> tuple[str, str, int]:
    """Name, kind and number of children of a SchemaElement."""
    name = struct.get(4)
    children, physical, converted = (struct.get(number) for number in (5, 1, 6))
    logical = struct.get(10)
    kind = _PHYSICAL.get(physical, "bytes") if isinstance(physical, int) else "nested"
    if isinstance(converted, int):
        kind = _CONVERTED.get(converted, kind)
    if isinstance(logical, dict):
        kind = next((_LOGICAL[number] for number in logical if number in _LOGICAL), kind)
    count = children if isinstance(children, int) and children > 0 else 0
    repeated = struct.get(3) == 2
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else ""
    return text, "nested" if count or repeated else kind, count


__all__ = ["Column", "ParquetFile", "Unreadable", "read_parquet"]
