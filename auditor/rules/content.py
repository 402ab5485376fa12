"""The bytes of a bundle's file, block by block, so that memory does not grow with the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.model import Span
from auditor.readers.document import Unreadable

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File

SKIPPED = "contents are not read with --no-content"
BLOCK_BYTES = 2**20
MAGIC_BYTES = 512  # torch writes `NAME/data.pkl` as the first member of its archives
MAX_UNPACKED_BYTES = 2**30  # a compressed file that grows beyond this is not followed further
_POINTER = b"version https://git-lfs.github.com/spec/"


def blocks(bundle: Bundle, path: str, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The file's bytes from `begin` up to `end`, in order; stops early where the file does.

    What is added to the file meanwhile is not read, so that a file that grows has an end.

    Raises:
        Unreadable: as `Bundle.opened`, or `end` is left open and contents are not to be read.
    """
    if end is None and not bundle.content:
        raise Unreadable(SKIPPED, Span(path))
    with bundle.opened(path) as stream:
        stream.seek(begin)
        size = os.fstat(stream.fileno()).st_size
        left = (size if end is None else min(end, size)) - begin
        while left > 0:
            block = stream.read(min(BLOCK_BYTES, left))
            if not block:
                return
            left -= len(block)
            yield block


def head(bundle: Bundle, path: str, size_bytes: int = 4096) -> bytes:
    """The first bytes of a file.

    Raises:
        Unreadable: as `blocks`.
    """
    return b"".join(blocks(bundle, path, 0, size_bytes))


def beginnings(bundle: Bundle) -> Iterator[tuple[File, bytes]]:
    """Every regular file that is not empty with its first bytes, enough to know a format by.

    Raises:
        Unreadable: after all others, if a file cannot be read.
    """
    found, error = _beginnings(bundle)
    yield from found
    if error is not None:
        raise error


def is_pointer(bundle: Bundle, path: str) -> bool:
    """Whether the file is a Git LFS pointer that stands in for the real one."""
    file = bundle.file(path)
    short = file is not None and file.is_regular and file.size_bytes < 1024  # the format's own limit
    return short and head(bundle, path).startswith(_POINTER)


def sha256(bundle: Bundle, path: str) -> str:
    """The file's digest in lower-case hexadecimal digits; read once, with all else that is asked of the file.

    Raises:
        Unreadable: as `Bundle.opened`; the file changed while it was read; or contents are not to be read.
    """
    from auditor.rules.contents import Contents
    from auditor.rules.registry import needed

    found = needed(bundle, "contents")
    if not isinstance(found, Contents):
        raise Unreadable(SKIPPED, Span(path))
    return found.sha256(path)


def count_lines(bundle: Bundle, path: str) -> int | None:
    """How many lines a text file has, unpacked if it is gzip; None where that cannot be told.

    Raises:
        Unreadable: as `blocks`.
    """
    lines, last, total = 0, b"\n", 0
    for block in _unpacked(blocks(bundle, path)):
        if block is None or total > MAX_UNPACKED_BYTES:
            return None
        total += len(block)
        lines += block.count(b"\n")
        last = block[-1:] or last
    return lines + (last != b"\n")


@lru_cache(maxsize=1)
def _beginnings(bundle: Bundle) -> tuple[list[tuple[File, bytes]], Unreadable | None]:
    found, error = [], None
    for file in bundle.files:
        if file.size_bytes and file.is_regular:
            try:
                found.append((file, head(bundle, file.path, MAGIC_BYTES)))
            except Unreadable as unreadable:
                error = error or unreadable
    return found, error


def _unpacked(packed: Iterator[bytes]) -> Iterator[bytes | None]:
    """The blocks themselves, or what they hold where they are gzip; None where that is damaged."""
    first = next(packed, b"")
    if not first.startswith(b"\x1f\x8b"):
        yield first
        yield from packed
        return
    import zlib

    member = zlib.decompressobj(wbits=31)
    block: bytes | None = first
    while block is not None:
        try:
            yield member.decompress(block, BLOCK_BYTES)
        except zlib.error:
            yield None
            return
        block = member.unconsumed_tail or next(packed, None)
    yield member.flush()
    if not member.eof or member.unused_data:  # cut short, or several members in a row
        yield None
