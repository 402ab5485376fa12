"""Attributes of HDF5 objects: the texts in which Keras keeps its configuration.

Format: HDF5 File Format Specification 3.0, sections IV.A.2.b (dataspace), d (datatype) and m (attribute).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import Span
from auditor.readers.hdf5_heaps import Store, global_object, name_in
from auditor.readers.numel import numel
from auditor.readers.window import Unfollowed
from auditor.records import dataclass

WANTED = ("model_config", "training_config")  # attributes whose values are kept; Keras, hdf5_format.py
MAX_VALUE_BYTES = 64 * 2**20  # of one attribute; the configuration of a large model has a few megabytes
MAX_VALUES = 16  # of those attributes that are kept
_FIXED_TEXT, _VARIABLE = 3, 9  # classes of datatypes


@dataclass(frozen=True, slots=True)
class Attribute:
    """A text that the file holds beside its data: whose, its name, and its bytes."""

    owner: str
    name: str
    value: bytes


def wanted(store: Store, owner: str, raw: bytes) -> Iterator[Attribute]:
    """The values of an attribute message, where its name is one of WANTED.

    Raises:
        Unreadable: they lie outside of the file.
        Unfollowed: they are kept in a way that is not known here.
    """
    file = store.window.file
    if len(raw) < 9:
        raise Unfollowed(f"an attribute of `{owner}` that is cut off", Span(file))
    version, flags = raw[0], raw[1]
    sizes = [int.from_bytes(raw[n : n + 2], "little") for n in (2, 4, 6)]
    place = 9 if version == 3 else 8
    name = name_in(raw[place : place + sizes[0]])
    if name not in WANTED:
        return
    if version not in (1, 2, 3) or (version > 1 and flags & 3):
        raise Unfollowed(f"attribute `{name}` of `{owner}` is kept in a way", Span(file))
    padded = [-(-size // 8) * 8 for size in sizes] if version == 1 else sizes
    datatype = raw[place + padded[0] :][: sizes[1]]
    count = _points(store, raw[place + padded[0] + padded[1] :][: sizes[2]])
    data = raw[place + sum(padded) :]
    if count is None or count > MAX_VALUES:
        raise Unfollowed(f"`{name}` of `{owner}` has more than {MAX_VALUES} values", Span(file))
    kind, size = datatype[0] & 15 if datatype else 0, int.from_bytes(datatype[4:8], "little")
    for number in range(count):
        value = data[number * size : (number + 1) * size]
        if len(value) < size:
            raise Unfollowed(f"`{name}` of `{owner}` ends before its last value", Span(file))
        yield Attribute(owner, name, _text(store, f"`{name}` of `{owner}`", kind, value))


def _text(store: Store, words: str, kind: int, raw: bytes) -> bytes:
    """The text that a value is, or points at in a global heap."""
    if kind == _FIXED_TEXT:
        return raw.rstrip(b"\0")
    if kind != _VARIABLE or len(raw) != 8 + store.offset_bytes:
        raise Unfollowed(f"{words} is no text", Span(store.window.file))
    length = int.from_bytes(raw[:4], "little")
    address, index = store.offset(raw, 4), int.from_bytes(raw[4 + store.offset_bytes :], "little")
    if length > MAX_VALUE_BYTES:
        raise Unfollowed(f"{words} has more than {MAX_VALUE_BYTES:,} bytes", Span(store.window.file))
    held = global_object(store, address, index, length) if length else b""
    return held.partition(b"\0")[0]  # the library hands it on as a text that ends there


def _points(store: Store, dataspace: bytes) -> int | None:
    """How many values a dataspace message has, one where it has no sides; None where it is absurd."""
    if len(dataspace) < 4 or (dataspace[0] == 2 and dataspace[3] == 2):  # the second: H5S_NULL
        return 0
    rank, first = dataspace[1], 8 if dataspace[0] == 1 else 4
    return numel([store.length(dataspace, first + number * store.length_bytes) for number in range(rank)])
