"""Safetensors headers: which tensors a file says it holds, and where; the tensors' bytes are not read.

Format: https://github.com/huggingface/safetensors#format (8 bytes little-endian length, JSON, data). What
the header says is not judged here: overlaps, gaps and sizes are for rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO, TypeGuard

from auditor.model import Place, Span
from auditor.readers.document import MAX_NODES, Unreadable
from auditor.readers.folder import reason
from auditor.readers.stand_ins import stand_in
from auditor.readers.text import shown
from auditor.records import dataclass

MAX_HEADER_BYTES = 100_000_000  # the limit of the safetensors library (tensor.rs, MAX_HEADER_SIZE)
_PREFIX_BYTES = 512  # enough to know by what lies there instead
MAX_OFFSET = 2**64 - 1  # lengths, shapes and offsets are unsigned 64-bit integers

DTYPE_BITS = {  # bits per value, by the names of tensor.rs, Dtype
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}

_NOT_WEIGHTS = (  # what such a file holds now and then, by its first bytes; none of them is a length
    (b"PK\x03\x04", "a zip archive, as torch.save writes", "convert it with safetensors.torch.save_file"),
    (b"\x80\x02", "a pickle", "convert it with safetensors.torch.save_file"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "convert it to safetensors"),
    (b"GGUF", "a GGUF file", "name it `.gguf`, or convert it"),
)
_MINUS_ZERO = re.compile(rb"[\s:,\[]-0+[\s,\]}]")


@dataclass(frozen=True, slots=True)
class Tensor:
    """One entry of the header; `begin` and `end` count bytes from the start of the data, end exclusive."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Oddities:
    """What a header holds that the format does not allow, and that readers pass over without a word.

    Attributes:
        before: bytes before its `{`.
        after: bytes other than spaces after its `}`.
        metadata: what `__metadata__` is where it is no object, as JSON calls it; else empty.
        not_text: keys of `__metadata__` whose value is no text.
        repeated: keys that `__metadata__` holds more than once.
        fields: tensor and field, for each field that the format does not know.
    """

    before: bytes = b""
    after: bytes = b""
    metadata: str = ""
    not_text: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TensorFile:
    """One safetensors file.

    Attributes:
        header_bytes: length of the JSON header, without the 8 bytes before it.
        metadata: `__metadata__`, empty where there is none.
        tensors: every entry in header order, repeated names included.
        duplicates: names that the header holds more than once, in order.
        data_start: where the data starts in the file.
        oddities: where the header departs from the format and can be read all the same.
    """

    file: str
    size_bytes: int
    header_bytes: int
    metadata: dict[str, str]
    tensors: tuple[Tensor, ...]
    duplicates: tuple[str, ...]
    data_start: int
    oddities: Oddities

    def at(self, name: str = "") -> Place:
        """The place of a tensor, or of the file: a file of weights has no lines."""
        return Place(self.file, (name,) if name else (), span=Span(self.file))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it stands, repeated names included."""


def read_safetensors(file: str, stream: BinaryIO, size_bytes: int) -> TensorFile:
    """The header of a safetensors file of `size_bytes` bytes; the stream stands at its first byte.

    Raises:
        Unreadable: the header is cut off, too long, no JSON object, or an entry lacks what it must have.
    """
    try:
        prefix = stream.read(_PREFIX_BYTES)
        header_bytes = int.from_bytes(prefix[:8], "little")
        _check_length(file, prefix, header_bytes, size_bytes)
        raw = prefix[8:] + stream.read(max(0, header_bytes - len(prefix) + 8))
    except OSError as error:
        raise _unreadable(file, f"reading failed ({reason(error)})") from error
    raw = raw[:header_bytes]
    if len(raw) < header_bytes:
        raise _unreadable(file, f"the file ended {header_bytes - len(raw):,} bytes before its header did")
    pairs = _parse(file, raw)
    entries = [(name, entry) for name, entry in pairs if name != "__metadata__"]
    tensors = tuple(_tensor(file, name, entry) for name, entry in entries)
    metadata = _Pairs()
    oddities = Oddities(before=raw[: raw.find(b"{")], after=_after(raw))
    for name, entry in pairs:
        if name == "__metadata__":
            metadata, oddities = _metadata(file, entry, oddities)
    fields = tuple((name, field) for name, entry in entries if len(entry) > 3 for field in _unknown(entry))
    return TensorFile(
        file,
        size_bytes,
        header_bytes,
        {key: text for key, text in metadata if isinstance(text, str)},
        tensors,
        _repeated(pairs),
        8 + header_bytes,
        replace(oddities, fields=fields) if fields else oddities,
    )


def _check_length(file: str, prefix: bytes, header_bytes: int, size_bytes: int) -> None:
    if not prefix:
        raise _unreadable(file, "the file is empty")
    if len(prefix) < 8:
        raise _unreadable(
            file, f"the file has {len(prefix)} bytes, and the length of the header alone takes 8"
        )
    if header_bytes > MAX_HEADER_BYTES:
        instead = stand_in(prefix)
        if instead is not None:
            raise _unreadable(file, f"this is {instead.kind}, not safetensors", instead.remedy)
        for first, kind, remedy in _NOT_WEIGHTS:
            if prefix.startswith(first):
                raise _unreadable(file, f"this is {kind}, not safetensors", remedy)
        what = f"the header would have {header_bytes:,} bytes, and at most {MAX_HEADER_BYTES:,} are allowed"
        raise _unreadable(file, what, "this is not safetensors, or its first 8 bytes are damaged")
    missing = 8 + header_bytes - size_bytes
    if missing > 0:
        what = f"the header has {header_bytes:,} bytes, of which {missing:,} are missing"
        raise _unreadable(file, what, "the file is cut off: copy or download it again")


def _parse(file: str, raw: bytes) -> _Pairs:
    """The header's entries, in order."""
    if raw.count(b",") > MAX_NODES:
        raise _unreadable(file, f"the header holds more than {MAX_NODES:,} values")
    try:
        # Python takes -0 for 0; readers that want whole numbers without a sign do not.
        integer = _integer if _MINUS_ZERO.search(raw) else None
        header = json.loads(raw.decode(), object_pairs_hook=_Pairs, parse_constant=_refuse, parse_int=integer)
    except UnicodeDecodeError as error:
        raise _unreadable(file, f"byte {8 + error.start:,} of the file is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise _unreadable(file, f"the header is not JSON at byte {8 + error.pos:,} of the file") from error
    except (RecursionError, ValueError) as error:
        raise _unreadable(file, "the header is not JSON that can be read") from error
    if type(header) is not _Pairs:
        raise _unreadable(file, "the header is not a JSON object")
    return header


def _integer(digits: str) -> int:
    """The number, or one that no shape has where a sign stands before its zero."""
    return -1 if digits.startswith("-0") else int(digits)


def _refuse(word: str) -> float:
    raise ValueError(word)


def _metadata(file: str, entry: Any, before: Oddities) -> tuple[_Pairs, Oddities]:
    """The pairs of `__metadata__`, and what is odd about them beside what was found before."""
    if type(entry) is not _Pairs:
        kind = {type(None): "null", bool: "a truth value", list: "a list", str: "a text"}
        return _Pairs(), replace(before, metadata=kind.get(type(entry), "a number"))
    for key, text in entry:
        if not _whole(key) or (isinstance(text, str) and not _whole(text)):
            raise _unreadable(file, "`__metadata__` holds half of a character")
    not_text = tuple(key for key, text in entry if not isinstance(text, str))
    return entry, replace(before, not_text=not_text, repeated=_repeated(entry))


def _repeated(pairs: _Pairs) -> tuple[str, ...]:
    """The keys that stand there more than once, in order."""
    seen: dict[str, bool] = {}
    for key, _ in pairs:
        seen[key] = key in seen
    return tuple(key for key, again in seen.items() if again) if len(seen) < len(pairs) else ()


def _unknown(entry: _Pairs) -> Iterator[str]:
    """The fields of a tensor that the format does not know."""
    return (key for key, _ in entry if key not in ("dtype", "shape", "data_offsets"))


def _after(raw: bytes) -> bytes:
    """What stands after the header's last brace beside the spaces that the format allows."""
    rest = raw.rstrip(b" ")
    return b"" if rest.endswith(b"}") else rest[rest.rfind(b"}") + 1 :]


def _tensor(file: str, name: str, entry: Any) -> Tensor:
    if not _whole(name):
        raise _unreadable(file, f"the name {shown(ascii(name))} holds half of a character")
    if type(entry) is not _Pairs:
        raise _unreadable(file, f"the entry of tensor `{shown(name)}` is not an object")
    fields = dict(entry)
    if len(fields) < len(entry):
        raise _unreadable(file, f"tensor `{shown(name)}` has a field twice")
    dtype, shape, offsets = fields.get("dtype"), fields.get("shape"), fields.get("data_offsets")
    if not isinstance(dtype, str) or not _whole(dtype):
        raise _unreadable(file, f"tensor `{shown(name)}` has no `dtype` that is text")
    if not _is_integers(shape):
        raise _unreadable(file, f"tensor `{shown(name)}` has no `shape` that is a list of whole numbers")
    if not _is_integers(offsets) or len(offsets) != 2:
        raise _unreadable(file, f"tensor `{shown(name)}` has no `data_offsets` that are two whole numbers")
    return Tensor(name, dtype, tuple(shape), offsets[0], offsets[1])


def _is_integers(value: Any) -> TypeGuard[list[int]]:
    return type(value) is list and all(type(each) is int and 0 <= each <= MAX_OFFSET for each in value)


def _whole(text: str) -> bool:
    """Whether a text can be written again: JSON lets half of a surrogate pair through."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _unreadable(file: str, what: str, remedy: str = "") -> Unreadable:
    return Unreadable(what, Span(file), remedy)
