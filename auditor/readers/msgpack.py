"""MessagePack, walked to its end without building what it holds; arrays of Flax inside it are told.

Format: https://github.com/msgpack/msgpack/blob/master/spec.md. Flax stores an array as extension 1, itself
MessagePack: shape, name of the type, bytes (flax/serialization.py, _msgpack_ext_pack).
"""

from __future__ import annotations

from dataclasses import field

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.numel import numel
from auditor.readers.window import Window
from auditor.records import dataclass

MAX_VALUES = 5_000_000  # of one file, at about a microsecond each; weights have one a tensor and its name
MAX_DEPTH = 100  # Flax nests as modules do; msgpack's own packer ends at 511
MAX_SIDES = 64
MAX_ARRAYS = 100_000
NDARRAY, COMPLEX, SCALAR = 1, 2, 3  # flax/serialization.py, _MsgpackExtType
WIDTHS = {  # bytes of a value by the name of its type
    **dict.fromkeys(("bool", "int8", "uint8", "int4", "uint4", "float8_e4m3fn", "float8_e5m2"), 1),
    **dict.fromkeys(("int16", "uint16", "float16", "bfloat16"), 2),
    **dict.fromkeys(("int32", "uint32", "float32"), 4),
    **dict.fromkeys(("int64", "uint64", "float64", "complex64"), 8),
    "complex128": 16,
}

_TEXT, _BYTES, _LIST, _MAP, _EXT, _PLAIN = "text", "bytes", "list", "map", "ext", "plain"
# What each first byte from 0xc4 on begins: kind, and bytes of its length or of itself.
_HEADS = {
    0xC4: (_BYTES, 1),
    0xC5: (_BYTES, 2),
    0xC6: (_BYTES, 4),
    0xC7: (_EXT, 1),
    0xC8: (_EXT, 2),
    0xC9: (_EXT, 4),
    0xCA: (_PLAIN, 4),
    0xCB: (_PLAIN, 8),
    0xCC: (_PLAIN, 1),
    0xCD: (_PLAIN, 2),
    0xCE: (_PLAIN, 4),
    0xCF: (_PLAIN, 8),
    0xD0: (_PLAIN, 1),
    0xD1: (_PLAIN, 2),
    0xD2: (_PLAIN, 4),
    0xD3: (_PLAIN, 8),
    0xD9: (_TEXT, 1),
    0xDA: (_TEXT, 2),
    0xDB: (_TEXT, 4),
    0xDC: (_LIST, 2),
    0xDD: (_LIST, 4),
    0xDE: (_MAP, 2),
    0xDF: (_MAP, 4),
}
_FIXED_EXT = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


@dataclass(frozen=True, slots=True)
class FlaxArray:
    """One array: where it begins, its shape and type, and how many bytes it has."""

    place: int
    shape: tuple[int, ...]
    dtype: str
    size_bytes: int


@dataclass(slots=True)
class MsgpackFile:
    """One file of MessagePack.

    Attributes:
        n_objects: how many values stand in it one after the other.
        n_values: how many there are in all.
        arrays: those of Flax, in order.
        broken: where something that says it is an array of Flax is none.
        extensions: how many values are of each extension's number.
        ends: where each of the first two objects ends.
    """

    file: str
    size_bytes: int
    n_objects: int = 0
    n_values: int = 0
    arrays: list[FlaxArray] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    extensions: dict[int, int] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)

    def at(self) -> Place:
        """The place of the file: it has no lines."""
        return Place(self.file, span=Span(self.file))


def read_msgpack(window: Window) -> MsgpackFile:
    """The file that the window shows, walked to its end.

    Raises:
        Unreadable: it is no MessagePack, is cut off, or goes beyond a limit.
    """
    found = MsgpackFile(window.file, window.size_bytes)
    place = 0
    while place < window.size_bytes:
        place = _walk(window, place, found)
        found.n_objects += 1
        if len(found.ends) < 2:
            found.ends.append(place)
    return found


def _walk(window: Window, place: int, found: MsgpackFile) -> int:
    """One object is passed, and all in it; the answer is where it ended."""
    left = [1]  # values still to come, of every list and map that is open
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        found.n_values += 1
        if found.n_values > MAX_VALUES:
            raise window.beyond(place, f"the file holds more than {MAX_VALUES:,} values")
        kind, count, after = _head(window, place)
        if kind in (_LIST, _MAP):
            count *= 2 if kind == _MAP else 1
            if count > window.size_bytes - after:
                raise window.fault(place, f"a {kind} would hold {count:,} values, more than there are bytes,")
            if len(left) > MAX_DEPTH:
                raise window.beyond(place, f"lists and maps nest more than {MAX_DEPTH} deep")
            left.append(count)
        elif count > window.size_bytes - after:
            missing = count - (window.size_bytes - after)
            raise window.fault(
                place, f"the file ends inside a value, {missing:,} of its {count:,} bytes missing,"
            )
        elif kind == _EXT:
            number = int.from_bytes(window.at(after, 1, "an extension"), "little", signed=True)
            found.extensions[number] = found.extensions.get(number, 0) + 1
            if number in (NDARRAY, SCALAR):
                _array(window, after + 1, after + count, found)
            after += count
        else:
            after += count
        place = after
    return place


def _head(window: Window, place: int) -> tuple[str, int, int]:
    """What begins at a place: its kind, its length in bytes or values, and where its content begins.

    The length of an extension counts its number's byte.
    """
    first = window.at(place, 1, "a value")[0]
    if first < 0x80 or first >= 0xE0 or first in (0xC0, 0xC2, 0xC3):
        return _PLAIN, 0, place + 1
    if first < 0xC0:
        kind = _MAP if first < 0x90 else _LIST if first < 0xA0 else _TEXT
        return kind, first & (31 if kind == _TEXT else 15), place + 1
    if first in _FIXED_EXT:
        return _EXT, _FIXED_EXT[first] + 1, place + 1
    if first not in _HEADS:  # 0xc1 is never used
        raise window.fault(place, f"byte 0x{first:02x} begins no value of MessagePack,")
    kind, width = _HEADS[first]
    if kind == _PLAIN:
        return kind, width, place + 1
    count = int.from_bytes(window.at(place + 1, width, "a length"), "big")
    return kind, count + (kind == _EXT), place + 1 + width


def _array(window: Window, begin: int, end: int, found: MsgpackFile) -> None:
    """An array of Flax in an extension is kept; what is none is noted."""
    if len(found.arrays) + len(found.broken) == MAX_ARRAYS:
        raise window.beyond(begin, f"the file holds more than {MAX_ARRAYS:,} arrays")
    inside = Window(window.file, window.stream, end - begin, window.begin + begin)
    try:
        found.arrays.append(_flax_array(inside, begin))
    except Unreadable:
        found.broken.append(begin)


def _flax_array(inside: Window, begin: int) -> FlaxArray:
    """The array that the window shows: a list of its shape, the name of its type, and its bytes."""
    kind, count, place = _head(inside, 0)
    if kind != _LIST or count != 3:
        raise inside.fault(0, "no list of three")
    kind, n_sides, place = _head(inside, place)
    if kind != _LIST or n_sides > MAX_SIDES:
        raise inside.fault(place, "no shape")
    sides = []
    for _ in range(n_sides):
        side, place = _number(inside, place)
        sides.append(side)
    kind, size, place = _head(inside, place)
    if kind not in (_TEXT, _BYTES) or size > MAX_SIDES:
        raise inside.fault(place, "no name of a type")
    dtype = inside.at(place, size, "a type").decode("ascii", "backslashreplace")
    kind, size, place = _head(inside, place + size)
    if kind not in (_TEXT, _BYTES) or place + size != inside.size_bytes:
        raise inside.fault(place, "no bytes to the end")
    return FlaxArray(begin, tuple(sides), dtype, size)


def _number(window: Window, place: int) -> tuple[int, int]:
    """The whole number at a place that is not negative, and where it ended."""
    first = window.at(place, 1, "a side")[0]
    if first < 0x80:
        return first, place + 1
    if first not in (0xCC, 0xCD, 0xCE, 0xCF):
        raise window.fault(place, "no side")
    width = _HEADS[first][1]
    return int.from_bytes(window.at(place + 1, width, "a side"), "big"), place + 1 + width


def needed_bytes(array: FlaxArray) -> int | None:
    """Bytes that shape and type need; None where the type is not known or no file is that long."""
    width, count = WIDTHS.get(array.dtype), numel(array.shape)
    return None if width is None or count is None else count * width
