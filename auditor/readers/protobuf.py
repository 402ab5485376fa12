"""The wire format of Protocol Buffers, walked field by field without a schema and without the library.

Format: https://protobuf.dev/programming-guides/encoding/. What a reader of ONNX or SavedModel does not ask
for is passed over, so that weights of gigabytes inside a message cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.readers.window import BLOCK_BYTES, Window

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types; 3 and 4 are groups, which neither format has
MAX_FIELDS = 4_000_000  # of one file, at about a microsecond each; a graph of 50,000 nodes has 1.5 million
MAX_TEXT_BYTES = 2**16  # of one name
MAX_TEXTS_BYTES = 64 * 2**20  # of all names
_MAX_VARINT = 10  # bytes of 7 bits for a number of 64
_HIGH = bytes(range(128, 256))


class Field(NamedTuple):
    """One field: its number, its wire type, its value where that is a number, and where its bytes lie."""

    number: int
    wire: int
    value: int
    begin: int
    end: int


class Messages:
    """The messages of one file; what is walked and kept of them is counted against the limits above."""

    __slots__ = ("_at", "_block", "_fields_left", "_texts_left", "window")

    def __init__(self, window: Window) -> None:
        self.window = window
        self._block, self._at = b"", 0
        self._fields_left = MAX_FIELDS
        self._texts_left = MAX_TEXTS_BYTES

    def fields(self, begin: int, end: int) -> Iterator[Field]:
        """The fields of the message that lies between two places.

        Raises:
            Unreadable: a field is none of the format, or does not end in the message.
        """
        place = begin
        while place < end:
            self._fields_left -= 1
            if self._fields_left < 0:
                raise self.window.beyond(place, f"the file has more than {MAX_FIELDS:,} fields")
            inside = place - self._at
            if inside < 0 or inside + 2 * _MAX_VARINT > len(self._block):  # room for a key and a length
                self._block, self._at, inside = self.window.some(place, "a message"), place, 0
            block, at = self._block, self._at
            key, value, inside = self._head(block, inside, at)
            number, wire = key >> 3, key & 7
            if wire == VARINT:
                field = Field(number, wire, value, place, at + inside)
            elif wire == BYTES:
                field = Field(number, wire, value, at + inside, at + inside + value)
            else:
                last = at + inside + (4 if wire == FIXED32 else 8)
                value = int.from_bytes(block[inside : last - at], "little")
                field = Field(number, wire, value, at + inside, last)
            if field.end > end or not number:
                what = "a field does not end inside its message" if number else "a field has number 0"
                raise self.window.fault(place, what)
            yield field
            place = field.end

    def text(self, field: Field, what: str) -> str:
        """The text in a field.

        Raises:
            Unreadable: it is longer than a name may be, or no text.
        """
        size = field.end - field.begin
        if field.wire != BYTES:
            raise self.window.fault(field.begin, f"{what} is no text")
        if size > MAX_TEXT_BYTES:
            raise self.window.beyond(field.begin, f"{what} has more than {MAX_TEXT_BYTES:,} bytes")
        self._texts_left -= size
        if self._texts_left < 0:
            raise self.window.beyond(field.begin, f"the names have more than {MAX_TEXTS_BYTES:,} bytes")
        return self.window.at(field.begin, size, what).decode("utf-8", "backslashreplace")

    def numbers(self, field: Field, most: int, what: str) -> list[int]:
        """The signed 64-bit numbers in a field that is repeated or packed.

        Raises:
            Unreadable: there are more than `most`, or they are cut off.
        """
        if field.wire == VARINT:
            return [signed(field.value)]
        if field.wire != BYTES:
            raise self.window.fault(field.begin, f"{what} is no list of numbers")
        if field.end - field.begin > most * _MAX_VARINT:
            raise self.window.beyond(field.begin, f"{what} has more than {most:,} numbers")
        block, inside, found = self.window.at(field.begin, field.end - field.begin, what), 0, []
        while inside < len(block):
            value, inside = self._varint(block, inside, field.begin)
            found.append(signed(value))
        if len(found) > most:
            raise self.window.beyond(field.begin, f"{what} has more than {most:,} numbers")
        return found

    def count(self, field: Field, width: int = 0) -> int:
        """How many numbers a repeated field holds, of `width` bytes each, or varints where that is 0.

        Raises:
            Unreadable: reading fails.
        """
        if field.wire != BYTES:
            return 1
        if width:
            return (field.end - field.begin) // width
        total = 0
        for place in range(field.begin, field.end, BLOCK_BYTES):
            block = self.window.some(place, "numbers", min(BLOCK_BYTES, field.end - place))
            total += len(block.translate(None, _HIGH))  # each number ends with a byte below 128
        return total

    def _head(self, block: bytes, inside: int, at: int) -> tuple[int, int, int]:
        """Key of a field, its number or length where its wire type has one, and where they have ended."""
        if inside + 1 < len(block) and block[inside] < 128 and block[inside + 1] < 128:  # most fields
            key, after = block[inside], inside + 1
        else:
            key, after = self._varint(block, inside, at)
        wire = key & 7
        if wire in (FIXED64, FIXED32):
            return key, 0, after
        if wire not in (VARINT, BYTES):
            raise self.window.fault(
                at + inside, f"a field has wire type {wire}, which is none of these formats,"
            )
        if after < len(block) and block[after] < 128:
            return key, block[after], after + 1
        value, after = self._varint(block, after, at)
        return key, value, after

    def _varint(self, block: bytes, inside: int, at: int) -> tuple[int, int]:
        """The number that begins inside a block, and where it has ended."""
        value = shift = 0
        for offset in range(inside, min(inside + _MAX_VARINT, len(block))):
            byte = block[offset]
            value |= (byte & 127) << shift
            if byte < 128:
                return value, offset + 1
            shift += 7
        raise self.window.fault(at + inside, "a number does not end")


def signed(value: int) -> int:
    """A 64-bit number as two's complement has it."""
    value &= 2**64 - 1
    return value - 2**64 if value >= 2**63 else value
