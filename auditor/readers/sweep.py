"""One pass over the bytes of a file: its sha256, and the account of each tensor in it.

Memory is one block however large the file is. Holes of a sparse file are not read where no digest is asked
for. A file that changes while it is read is refused, because what was read of it belongs to no file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from auditor.model import Span
from auditor.readers.bits import Look
from auditor.readers.document import Unreadable
from auditor.readers.tally import Tally
from auditor.records import dataclass

if TYPE_CHECKING:
    from hashlib import _Hash

    from auditor.readers.safetensors import Tensor

# Measured with 2**17 to 2**21: 2**20 takes the least CPU with two workers, as each needs the lock less often.
BLOCK_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tensors that follow each other in a file, none over another, in order of their places.

    Attributes:
        data_start: where the data starts in the file.
        tensors: they, each with at least one byte.
        tallies: an account for each, which the sweep fills.
    """

    data_start: int
    tensors: Sequence[Tensor]
    tallies: Sequence[Tally]


def sweep(
    path: str, stream: BinaryIO, size_bytes: int, *, digest: bool, stretch: Stretch | None, look: Look
) -> str:
    """The tallies of the stretch are filled; the answer is the sha256 in hexadecimal digits, if asked for.

    Args:
        path: the file, for messages.
        stream: the file, open; its position is not used.
        size_bytes: the size that the file had when its header was read.
        digest: whether the sha256 is asked for.
        stretch: the tensors to look at.
        look: how to look at their numbers.

    Raises:
        Unreadable: the file has another size by now, or changes while it is read.
        OSError: reading fails.
    """
    before = os.fstat(stream.fileno())
    if before.st_size != size_bytes:
        raise _changed(path)
    walk = _Walk(stretch, look) if stretch is not None else None
    hasher = _sha256() if digest else None
    begin, end = (0, size_bytes) if walk is None or hasher is not None else (walk.begin, walk.end)
    is_sparse = before.st_blocks * 512 < before.st_size  # st_blocks counts 512 bytes, inode(7)
    descriptor = stream.fileno()
    for place, block, zeros in _blocks(path, descriptor, begin, end, skips=is_sparse and hasher is None):
        if hasher is not None:
            hasher.update(block)
        if walk is not None:
            walk.feed(place, block, zeros)
    after = os.fstat(descriptor)
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise _changed(path)
    return hasher.hexdigest() if hasher is not None else ""


class _Walk:
    """Hands the bytes of a file, in order, to the tallies of the tensors that they belong to."""

    def __init__(self, stretch: Stretch, look: Look) -> None:
        self._stretch = stretch
        self._look = look
        self._next = 0
        self.begin = stretch.data_start + stretch.tensors[0].begin
        self.end = stretch.data_start + stretch.tensors[-1].end

    def feed(self, place: int, block: memoryview, zeros: int) -> None:
        """The bytes from `place` on are the block, or that many zeros."""
        start, tensors, tallies = self._stretch.data_start, self._stretch.tensors, self._stretch.tallies
        end = place + (zeros or len(block))
        while self._next < len(tensors):
            tensor, tally = tensors[self._next], tallies[self._next]
            first, last = max(place, start + tensor.begin), min(end, start + tensor.end)
            if first >= last:
                return
            if zeros:
                tally.add_zeros(last - first)
            else:
                tally.add(block[first - place : last - place], self._look)
            if last == end and last < start + tensor.end:
                return
            self._next += 1


def _blocks(
    path: str, descriptor: int, begin: int, end: int, *, skips: bool
) -> Iterator[tuple[int, memoryview, int]]:
    """Each block of a file from `begin` to `end` with its place; or, of a hole, its length and no block.

    The block is overwritten by the next one.
    """
    buffer = memoryview(bytearray(min(BLOCK_BYTES, max(1, end - begin))))
    place = begin
    while place < end:
        hole = _hole(descriptor, place, end) if skips else 0
        if hole:
            yield place, buffer[:0], hole
            place += hole
            continue
        count = os.preadv(descriptor, [buffer[: end - place]], place)
        if not count:
            raise _changed(path)
        yield place, buffer[:count], 0
        place += count


def _hole(descriptor: int, place: int, end: int) -> int:
    """How many bytes from `place` on are a hole; 0 too where the system does not tell."""
    if not hasattr(os, "SEEK_DATA"):
        return 0
    try:
        return min(end, os.lseek(descriptor, place, os.SEEK_DATA)) - place
    except OSError:  # ENXIO: nothing but a hole up to the end of the file
        return end - place


def _sha256() -> _Hash:
    import hashlib

    return hashlib.sha256()


def _changed(path: str) -> Unreadable:
    return Unreadable("the file changed while it was read", Span(path), "check it when nothing writes to it")
