"""GGUF headers: what a file says of itself, which tensors it holds, and where; their bytes are not read.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, of either byte order.
What the header says is not judged here: offsets, sizes and names that stand twice are for rules.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import prod

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.readers.window import Window
from auditor.records import dataclass

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_DIMENSIONS = 4  # GGML_MAX_DIMS of ggml.h
MAX_HEADER_BYTES = 256 * 2**20  # vocabularies of 256,000 tokens with their merges take 10 MB
MAX_TENSORS = 65_536  # large models have about a thousand
MAX_PAIRS = 100_000  # they have about fifty
MAX_NAME_BYTES = 65_535  # of a key, gguf.md; names of tensors have at most 64
MAX_TEXT_BYTES = 64 * 2**20  # kept of all texts; the largest is a whole tokenizer.json of some 17 MB
MAX_KEPT = 1_024  # values of one array that are kept: one a layer, and no vocabulary
MAX_KEPT_IN_ALL = 200_000
MAX_ARRAYS = 100_000  # inside others included; models have a handful
MAX_NESTING = 4  # of arrays in arrays; llama.cpp knows none
DEFAULT_ALIGNMENT = 32

GGML_TYPES = {  # name, values in a block, bytes of a block, by number: ggml.h, enum ggml_type, and ggml.c
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}

_TEXT, _ARRAY = 8, 9  # gguf_metadata_value_type
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_U32 = 4
_LEAST_TENSOR = 24  # bytes of a tensor's entry without a name and sides; bounds how many there can be
_LEAST_PAIR = 13


@dataclass(frozen=True, slots=True)
class Array:
    """A list in the metadata.

    Attributes:
        kind: number of the type of its values.
        count: how many there are.
        values: themselves, where they are numbers or texts and few enough to be kept; else None.
    """

    kind: int
    count: int
    values: tuple[Scalar, ...] | None


Scalar = str | int | float | bool
Value = Scalar | Array


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One tensor's entry.

    Attributes:
        shape: sides as the file has them, the fastest first.
        kind: number of its type, a key of GGML_TYPES where it is known.
        offset: where its bytes begin, counted from the start of the data.
    """

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int

    @property
    def type_name(self) -> str | None:
        """The name of its type; None where that is unknown."""
        return GGML_TYPES[self.kind][0] if self.kind in GGML_TYPES else None

    @property
    def block(self) -> int:
        """How many values its type stores together; 1 where it is unknown."""
        return GGML_TYPES[self.kind][1] if self.kind in GGML_TYPES else 1

    @property
    def size_bytes(self) -> int | None:
        """Bytes that shape and type need, whole blocks; None where the type is unknown."""
        if self.kind not in GGML_TYPES:
            return None
        _, values, size = GGML_TYPES[self.kind]
        return -(-prod(self.shape) // values) * size  # four sides of 64 bits: at most a number of 256 bits


@dataclass(frozen=True, slots=True)
class GgufFile:
    """One GGUF file.

    Attributes:
        metadata: every pair by its key; of equal keys the first.
        kinds: the number of each value's type, by its key.
        tensors: in the order of the file.
        doubled: keys that stand more than once, in order.
        data_start: where the data starts in the file.
    """

    file: str
    size_bytes: int
    version: int
    metadata: dict[str, Value]
    kinds: dict[str, int]
    tensors: tuple[GgufTensor, ...]
    doubled: tuple[str, ...]
    alignment: int
    data_start: int

    def at(self, name: str = "") -> Place:
        """The place of a tensor or key, or of the file: it has no lines."""
        return Place(self.file, (name,) if name else (), span=Span(self.file))


def read_gguf(window: Window) -> GgufFile:
    """The header of the GGUF file that the window shows.

    Raises:
        Unreadable: it is none, is cut off, or promises more than the file or the limits above have room for.
    """
    if window.some(0, "the magic", 4) != MAGIC:
        raise window.fault(0, "this is no GGUF file: `GGUF` is missing")
    version = window.number(4, 4, "the version")
    order = "<"
    if version and not version & 0xFFFF:  # as gguf.cpp tells the other byte order
        version, order = int.from_bytes(version.to_bytes(4, "little"), "big"), ">"
    if version not in VERSIONS:
        told = window.beyond if version > VERSIONS[-1] else window.fault
        raise told(4, f"the version is {version:,}, and 2 and 3 are known")
    reader = _Reader(window, order)
    n_tensors = reader.count("tensors", _LEAST_TENSOR, MAX_TENSORS)
    n_pairs = reader.count("keys", _LEAST_PAIR, MAX_PAIRS)
    metadata: dict[str, Value] = {}
    kinds: dict[str, int] = {}
    doubled: dict[str, None] = {}
    for _ in range(n_pairs):
        key = reader.name("a key")
        kind = reader.unsigned(4, f"the type of `{shown(key)}`")
        value = reader.value(kind, f"`{shown(key)}`")
        if key in metadata:
            doubled[key] = None
        else:
            metadata[key], kinds[key] = value, kind
    alignment = _alignment(reader, metadata, kinds)
    tensors = tuple(reader.tensor() for _ in range(n_tensors))
    start = -(-reader.place // alignment) * alignment
    return GgufFile(
        window.file, window.size_bytes, version, metadata, kinds, tensors, tuple(doubled), alignment, start
    )


def _alignment(reader: _Reader, metadata: dict[str, Value], kinds: dict[str, int]) -> int:
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    kind = kinds.get("general.alignment", _U32)
    if kind != _U32 or not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
        raise reader.fault("`general.alignment` is no power of two in 4 bytes, before the tensors")
    return alignment


class _Reader:
    """Reads on from one place to the next."""

    __slots__ = ("_arrays_left", "_kept_bytes", "_order", "_values_left", "_window", "place")

    def __init__(self, window: Window, order: str) -> None:
        self._window = window
        self._order = order
        self._kept_bytes = 0
        self._values_left = MAX_KEPT_IN_ALL
        self._arrays_left = MAX_ARRAYS
        self.place = 8

    def fault(self, what: str) -> Unreadable:
        return self._window.fault(self.place, what)

    def take(self, count: int, what: str) -> bytes:
        self._within(count, what)
        found = self._window.at(self.place, count, what)
        self.place += count
        return found

    def unsigned(self, count: int, what: str) -> int:
        return int.from_bytes(self.take(count, what), "little" if self._order == "<" else "big")

    def count(self, what: str, least: int, most: int) -> int:
        """How many entries follow, of at least `least` bytes each."""
        count = self.unsigned(8, f"the number of {what}")
        room = (self._window.size_bytes - self.place) // least
        if count > room:
            raise self.fault(f"the header promises {count:,} {what}, and at most {room:,} are possible,")
        if count > most:
            raise self._window.beyond(self.place, f"the header has {count:,} {what}, more than {most:,},")
        return count

    def name(self, what: str) -> str:
        size = self.unsigned(8, f"the length of {what}")
        if size > MAX_NAME_BYTES:
            raise self.fault(f"the name of {what} would have {size:,} bytes, more than {MAX_NAME_BYTES:,},")
        return self.take(size, what).decode("utf-8", "backslashreplace")

    def value(self, kind: int, what: str, depth: int = 0) -> Value:
        if kind == _TEXT:
            return self._text(what)
        if kind == _ARRAY:
            return self._array(what, depth)
        if kind not in _SCALARS:
            raise self.fault(f"{what} has type {kind:,}, which GGUF does not have,")
        form = struct.Struct(self._order + _SCALARS[kind])
        value: Scalar = form.unpack(self.take(form.size, what))[0]
        return value

    def tensor(self) -> GgufTensor:
        name = self.name("a tensor")
        what = f"the entry of tensor `{shown(name)}`"
        n_sides = self.unsigned(4, what)
        if n_sides > MAX_DIMENSIONS:
            raise self.fault(f"{what} has {n_sides:,} dimensions, at most {MAX_DIMENSIONS} are allowed,")
        form = struct.Struct(f"{self._order}{n_sides}QIQ")
        *shape, kind, offset = form.unpack(self.take(form.size, what))
        return GgufTensor(name, tuple(shape), kind, offset)

    def _text(self, what: str) -> str:
        size = self.unsigned(8, f"the length of {what}")
        self._within(size, what)
        self._kept_bytes += size
        if self._kept_bytes > MAX_TEXT_BYTES:
            what = f"the texts up to {what} have more than {MAX_TEXT_BYTES:,} bytes"
            raise self._window.beyond(self.place, what)
        return self.take(size, what).decode("utf-8", "backslashreplace")

    def _array(self, what: str, depth: int) -> Array:
        kind = self.unsigned(4, f"the type of {what}")
        count = self.unsigned(8, f"the length of {what}")
        self._arrays_left -= 1
        if self._arrays_left < 0:
            raise self._window.beyond(self.place, f"there are more than {MAX_ARRAYS:,} lists, with {what}")
        if kind == _ARRAY:
            if depth == MAX_NESTING:
                raise self.fault(f"{what} nests lists more than {MAX_NESTING} deep")
            self._room(count, 12, what)
            for _ in range(count):
                self._array(what, depth + 1)
            return Array(kind, count, None)
        if kind != _TEXT and kind not in _SCALARS:
            raise self.fault(f"{what} is a list of type {kind:,}, which GGUF does not have,")
        if count <= min(MAX_KEPT, self._values_left):
            self._values_left -= count
            if kind == _TEXT:
                self._room(count, 8, what)
                return Array(kind, count, tuple(self._text(what) for _ in range(count)))
            form = struct.Struct(f"{self._order}{count}{_SCALARS[kind]}")
            return Array(kind, count, form.unpack(self.take(form.size, what)))
        if kind == _TEXT:
            self._pass_texts(count, what)
        else:
            self._pass(count * struct.calcsize(f"<{_SCALARS[kind]}"), what)
        return Array(kind, count, None)

    def _pass_texts(self, count: int, what: str) -> None:
        """Texts are skipped, block by block: vocabularies hold hundreds of thousands."""
        self._room(count, 8, what)
        length: Callable[[bytes, int], tuple[int]] = struct.Struct(f"{self._order}Q").unpack_from
        while count:
            block = self._window.some(self.place, what)
            last, inside = len(block) - 8, 0
            while count and inside <= last:
                inside += 8 + length(block, inside)[0]
                count -= 1
            self._pass(inside or 8, what)

    def _pass(self, count: int, what: str) -> None:
        self._within(count, what)
        self.place += count

    def _room(self, count: int, least: int, what: str) -> None:
        """A list whose values take at least `least` bytes each does not outgrow the file."""
        if count * least > self._window.size_bytes - self.place:
            raise self.fault(f"{what} would hold {count:,} values, more than the file has room for,")

    def _within(self, count: int, what: str) -> None:
        left = self._window.size_bytes - self.place
        if count > left:
            raise self.fault(f"{what} would take {count:,} bytes, and the file has {left:,} more,")
        if self.place + count > MAX_HEADER_BYTES:
            what = f"the header has more than {MAX_HEADER_BYTES:,} bytes, with {what}"
            raise self._window.beyond(self.place, what)
