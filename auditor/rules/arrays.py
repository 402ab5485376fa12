"""Arrays of NumPy, in files of their own and in archives, and of Flax in MessagePack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault
from auditor.readers.document import Unreadable
from auditor.readers.text import shown
from auditor.readers.window import Window
from auditor.rules.formats import (
    Taken,
    ended,
    leave,
    named,
    of_kind,
    refuse_others,
    take,
    take_one,
    taken_of,
)
from auditor.rules.registry import provides, rule
from auditor.rules.zips import looked_into

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.msgpack import MsgpackFile
    from auditor.readers.npy import NpyArray
    from auditor.rules.zips import Zipped

    Arrays = Taken[NpyArray]
    Msgpacks = Taken[MsgpackFile]


@provides("arrays")
def arrays(bundle: Bundle) -> Arrays | Absent:
    """The header of every array of NumPy."""
    taken: Arrays = Taken()
    for path in of_kind(bundle, "npy", ".npy"):
        take_one(bundle, path, _read_array, taken)
    zips = taken_of(bundle, "zips")
    for zipped in zips.read:
        if zipped.file.lower().endswith(".npz"):
            _take_members(bundle, zipped, taken)
    taken.left += [error for error in zips.left if error.span.file.lower().endswith(".npz")]
    return ended(taken, "arrays of NumPy")


@provides("msgpack")
def msgpack_files(bundle: Bundle) -> Msgpacks | Absent:
    """Every file of MessagePack, walked to its end."""
    return take(bundle, named(bundle, ".msgpack"), _read_msgpack, "files of MessagePack")


@rule("WGT331", level="error", needs="arrays", klass="impossible", since="2026.2")
def array_truncated(arrays: Arrays) -> Iterator[Fault]:
    r"""A NumPy array ends before its shape is filled.

    Why: The download or copy broke off: the array cannot be read.
    Bad:
        # extra.npy, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n" b"\0\0\0\0\0\0\0\0"
    Good:
        # extra.npy, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" b"\0\0\0\0\0\0\0\0"
    Fix: Copy the file again and compare digests.
    Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    for array in arrays:
        needs = array.needed_bytes
        if needs is not None and needs > array.size_bytes:
            yield array.at().says(
                f"{_called(array)} ({_shape(array.shape)}, `{shown(array.descr)}`) needs {needs:,} bytes, "
                f"has {array.size_bytes:,}"
            )


@rule("WGT332", level="warning", needs="arrays", since="2026.2")
def array_trailing_bytes(arrays: Arrays) -> Iterator[Fault]:
    r"""Bytes follow a NumPy array.

    Why: No reader looks at them: a file could carry something else at its end.
    Bad:
        # extra.npy, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" b"\0\0\0\0\0\0\0\0+"
    Good:
        # extra.npy, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" b"\0\0\0\0\0\0\0\0"
    Fix: Write the file with `numpy.save`; several arrays belong into one `.npz`.
    """
    for array in arrays:
        needs = array.needed_bytes
        if needs is not None and needs < array.size_bytes:
            extra = array.size_bytes - needs
            yield array.at().says(f"{extra:,} bytes follow {_called(array)}")


@rule("SEC418", level="warning", needs="arrays", since="2026.2")
def array_of_objects(arrays: Arrays) -> Iterator[Fault]:
    r"""A NumPy array holds Python objects, and so is a pickle.

    Why: `numpy.load(..., allow_pickle=True)` runs the instructions in it; without that it cannot be read.
    Bad:
        # vocabulary.npy, as bytes
        b"\x93NUMPY\1\0\x39\0{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n" b"\x80\3N."
    Good:
        # vocabulary.npy, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }\n" b"a\0\0\0b\0\0\0"
    Fix: Save it with a fixed type, such as `array.astype(str)`, or as JSON.
    Source: https://numpy.org/doc/stable/reference/generated/numpy.load.html
    """
    for array in arrays:
        if array.has_objects:
            yield array.at().says(
                f"{_called(array)} holds Python objects: reading it runs what is written in it",
                help="save it with a fixed type, or as JSON",
            )


@rule("WGT333", level="error", needs="msgpack", klass="impossible", since="2026.2")
def flax_array_size_differs(files: Msgpacks) -> Iterator[Fault]:
    r"""An array of Flax has not as many bytes as its shape and type need.

    Why: The array cannot be read: the file was edited, or put together by hand.
    Bad:
        # flax_model.msgpack, as bytes
        b"\x81\xa1w\xc7\x15\1\x93\x91\3\xa7float32\xc4\x08\0\0\0\0\0\0\0\0"
    Good:
        # flax_model.msgpack, as bytes
        b"\x81\xa1w\xc7\x15\1\x93\x91\2\xa7float32\xc4\x08\0\0\0\0\0\0\0\0"
    Fix: Write the file with `flax.serialization`.
    Source: https://flax.readthedocs.io/en/latest/api_reference/flax.serialization.html
    """
    from auditor.readers.msgpack import needed_bytes

    for file in files:
        for place in file.broken if file.arrays else ():
            yield file.at().says(f"what begins at byte {place:,} says that it is an array, and is none")
        for array in file.arrays:
            needs = needed_bytes(array)
            if needs is not None and needs != array.size_bytes:
                yield file.at().says(
                    f"the array at byte {array.place:,} ({_shape(array.shape)}, {shown(array.dtype)}) needs "
                    f"{needs:,} bytes, has {array.size_bytes:,}"
                )


@rule("WGT334", level="error", needs="msgpack", since="2026.2")
def flax_weights_trailing_bytes(files: Msgpacks) -> Iterator[Fault]:
    r"""Bytes follow the weights in a file of Flax.

    Why: Flax refuses such a file, and what follows could be anything.
    Bad:
        # flax_model.msgpack, as bytes
        b"\x81\xa1w\1\0"
    Good:
        # flax_model.msgpack, as bytes
        b"\x81\xa1w\1"
    Fix: Write the file with `flax.serialization`.
    """
    for file in files:
        if file.n_objects > 1 and file.file.rpartition("/")[2].startswith("flax_model"):
            extra = file.size_bytes - file.ends[0]
            yield file.at().says(f"{extra:,} bytes follow the weights")


def _take_members(bundle: Bundle, zipped: Zipped, taken: Arrays) -> None:
    """The arrays in an archive are among those read."""
    from auditor.readers.npy import MAGIC, MAX_HEADER_BYTES, read_npy

    try:
        with bundle.opened(zipped.file) as stream:
            for member in zipped.archive.members:
                try:
                    window = looked_into(zipped.file, stream, member, MAX_HEADER_BYTES + 12)
                    if member.name.endswith(".npy") or window.some(0, "an array", 6) == MAGIC:
                        taken.read.append(read_npy(window, member.name, member.size_bytes))
                except Unreadable as error:
                    leave(bundle, taken, error, f"`{shown(member.name)}` in it")
    except Unreadable as error:
        leave(bundle, taken, error)


def _read_array(window: Window) -> NpyArray:
    from auditor.readers.npy import read_npy

    refuse_others(window, "npy")
    return read_npy(window)


def _read_msgpack(window: Window) -> MsgpackFile:
    from auditor.readers.msgpack import read_msgpack

    refuse_others(window)
    return read_msgpack(window)


def _called(array: NpyArray) -> str:
    return f"`{shown(array.member)}`" if array.member else "the array"


def _shape(shape: tuple[int, ...]) -> str:
    return shown("x".join(map(str, shape)) or "a single number")
