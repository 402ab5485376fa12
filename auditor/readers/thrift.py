"""Thrift's compact protocol, walked field by field without a schema and without the library.

Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. No length is
believed beyond the bytes that are there, and each entry of a list takes one byte at least.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.readers.document import Unreadable
from auditor.readers.window import Unfollowed, Window

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT, UUID = range(1, 14)
MAX_STEPS = 1_000_000  # values walked, at some 0.7 microseconds each; 100 columns in 300 groups have 900,000
_MAX_DEPTH = 32  # Parquet's own structures nest 7 deep
_MAX_VARINT = 10
_WIDTHS = {TRUE: 0, FALSE: 0, BYTE: 1, DOUBLE: 8, UUID: 16}

Value = int | bytes | dict[int, object] | None
Struct = dict[int, Value]


class Thrift:
    """The bytes of one structure, and how far they have been read."""

    __slots__ = ("_at", "_begin", "_bytes", "_steps", "window")

    def __init__(self, window: Window, content: bytes, begin: int) -> None:
        self.window = window
        self._bytes = content
        self._begin = begin
        self._at = 0
        self._steps = 0

    @property
    def is_tired(self) -> bool:
        """Whether so much has been walked that no more should be."""
        return self._steps > MAX_STEPS

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and type of each field of the structure that begins here; the caller reads or skips it."""
        number = 0
        while True:
            head = self._byte()
            if head == 0:
                return
            self._steps += 1
            number = number + (head >> 4) if head >> 4 else self._signed()
            yield number, head & 15

    def integer(self, kind: int) -> int:
        """The number of a field of an integer type."""
        if kind in (I16, I32, I64):
            return self._signed()
        raise self.fault("a number was expected")

    def structs(self, kind: int) -> int:
        """How many structures follow in the list that begins here."""
        if kind != LIST:
            raise self.fault("a list was expected")
        count, inner = self._list_head()
        if inner != STRUCT and count:
            raise self.fault("a list of structures was expected")
        return count

    def struct(self, depth: int = 0) -> Struct:
        """The structure that begins here: numbers, bytes and structures by field number, others as None."""
        found: Struct = {}
        for number, kind in self.fields():
            if kind in (I16, I32, I64):
                found[number] = self._signed()
            elif kind == BINARY:
                found[number] = self._take(self._length())
            elif kind == STRUCT and depth < _MAX_DEPTH:
                found[number] = dict(self.struct(depth + 1))
            else:
                self.skip(kind)
                found[number] = None
        return found

    def skip(self, kind: int, depth: int = 0) -> None:
        """The value of this type that begins here is passed over."""
        self._steps += 1
        if depth > _MAX_DEPTH:
            raise self.fault("values nest too deep")
        if kind in _WIDTHS:
            self._take(_WIDTHS[kind])
        elif kind in (I16, I32, I64):
            self._varint()
        elif kind == BINARY:
            self._take(self._length())
        elif kind in (LIST, SET):
            count, inner = self._list_head()
            self._skip_entries(count, (inner,), depth)
        elif kind == MAP:
            count = self._length()
            kinds = self._byte() if count else 0
            self._skip_entries(count, (kinds >> 4, kinds & 15), depth)
        elif kind == STRUCT:
            for _, inner in self.fields():
                self.skip(inner, depth + 1)
        else:
            raise self.fault(f"type {kind} is none of the format")

    def fault(self, what: str) -> Unreadable:
        """What is wrong here."""
        return self.window.fault(self._begin + self._at, what)

    def beyond(self, what: str) -> Unfollowed:
        """What here goes beyond what is followed."""
        return self.window.beyond(self._begin + self._at, what)

    def _skip_entries(self, count: int, kinds: tuple[int, ...], depth: int) -> None:
        if self._steps + count > 4 * MAX_STEPS:
            raise self.beyond(f"the footer holds more than {4 * MAX_STEPS:,} values")
        for _ in range(count):
            for kind in kinds:
                if kind in (TRUE, FALSE):
                    self._take(1)  # outside of fields a truth value has a byte of its own
                else:
                    self.skip(kind, depth + 1)

    def _list_head(self) -> tuple[int, int]:
        head = self._byte()
        count = head >> 4
        if count == 15:
            count = self._length()
        elif count > len(self._bytes) - self._at:
            raise self.fault("a list is longer than the footer")
        return count, head & 15

    def _length(self) -> int:
        """A length, no larger than what is left."""
        length = self._varint()
        if length > len(self._bytes) - self._at:
            raise self.fault("a value is longer than the footer")
        return length

    def _take(self, count: int) -> bytes:
        found = self._bytes[self._at : self._at + count]
        if len(found) < count:
            raise self.fault("the footer ends inside a value")
        self._at += count
        return found

    def _byte(self) -> int:
        if self._at >= len(self._bytes):
            raise self.fault("the footer ends too early")
        self._at += 1
        return self._bytes[self._at - 1]

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        for _ in range(_MAX_VARINT):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise self.fault("a number does not end")
