"""Bytes read from front to back, however they are come by: a stretch of a file, or what one unpacks to.

Whatever a length in a file says, no more than what was asked for is held, and skipping a stretch of a file
reads nothing.
"""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from typing import BinaryIO, Protocol

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.folder import reason

BLOCK_BYTES = 2**16
FIRST_BYTES = 2**11  # of a stream that is often left again after its beginning


class Ended(Exception):  # noqa: N818  reads as a sentence where it is raised
    """The bytes ended, or are damaged, before what was asked for; or, `is_limit`, we unpack no more."""

    def __init__(self, what: str, *, is_limit: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.is_limit = is_limit


class Stream(Protocol):
    """What gives bytes in order; nothing where they end."""

    def read(self, count: int) -> bytes:
        """The next bytes, at most `count`, and none only at the end.

        Raises:
            Ended: they cannot be unpacked any further.
            Unreadable: reading fails.
        """

    def skip(self, count: int) -> int:
        """The next `count` bytes are passed over; the answer is how many there were.

        Raises:
            Ended: as `read`.
            Unreadable: as `read`.
        """


class Stretch:
    """Bytes `begin` to `end` of a file; several may share the file."""

    __slots__ = ("_at", "_end", "_file", "_path")

    def __init__(self, path: str, file: BinaryIO, begin: int, end: int) -> None:
        self._path = path
        self._file = file
        self._at = begin
        self._end = end

    def read(self, count: int) -> bytes:
        """As `Stream.read`; a file that became shorter ends early."""
        wanted = min(count, self._end - self._at)
        if wanted <= 0:
            return b""
        try:
            self._file.seek(self._at)
            found = self._file.read(wanted)
        except OSError as error:
            raise Unreadable(f"reading failed ({reason(error)})", Span(self._path)) from error
        self._at += len(found)
        return found

    def skip(self, count: int) -> int:
        """As `Stream.skip`, without reading."""
        passed = max(0, min(count, self._end - self._at))
        self._at += passed
        return passed


class Forward:
    """A stream with a position, from which one takes bytes, numbers and lines."""

    __slots__ = ("_at", "_before", "_block", "_next", "_stream")

    def __init__(self, stream: Stream, start: int = 0) -> None:
        """`start` is the position of the first byte, as it is told in messages."""
        self._stream = stream
        self._block = b""
        self._next = FIRST_BYTES  # how much is read next time; doubled each time
        self._at = 0
        self._before = start  # position of the block's first byte

    @property
    def position(self) -> int:
        """How many bytes have been passed, plus the start."""
        return self._before + self._at

    def again(self) -> Forward | None:
        """The same bytes from here on, to be read on their own; None of bytes that are being unpacked."""
        stream = again(self._stream)
        if stream is None:
            return None
        other = Forward(stream, self._before)
        other._block, other._at = self._block, self._at
        return other

    def byte(self) -> int:
        """The next byte.

        Raises:
            Ended: there is none.
        """
        at = self._at
        if at == len(self._block):
            self._fill(1)
            at = 0
        self._at = at + 1
        return self._block[at]

    def take(self, count: int) -> bytes:
        """The next `count` bytes; the caller bounds the count.

        Raises:
            Ended: there are fewer.
        """
        at = self._at
        if at + count > len(self._block):
            self._fill(count)
            at = 0
        self._at = at + count
        return self._block[at : at + count]

    def peek(self, count: int) -> bytes:
        """The next bytes, at most `count`, without passing them."""
        if self._at + count > len(self._block):
            with suppress(Ended):
                self._fill(count)
        return self._block[self._at : self._at + count]

    def read(self, count: int) -> bytes:
        """As `Stream.read`."""
        if self._at == len(self._block):
            self._before += self._at
            self._block, self._at = b"", 0
            self._block = self._stream.read(BLOCK_BYTES)
        found = self._block[self._at : self._at + count]
        self._at += len(found)
        return found

    def skip(self, count: int) -> int:
        """As `Stream.skip`."""
        here = len(self._block) - self._at
        if count <= here:
            self._at += count
            return count
        passed = here + self._stream.skip(count - here)
        self._before += self._at + passed
        self._block, self._at = b"", 0
        return passed

    def pass_over(self, count: int) -> None:
        """The next `count` bytes are passed over.

        Raises:
            Ended: there are fewer.
        """
        passed = self.skip(count)
        if passed < count:
            raise Ended(f"{count - passed:,} of {count:,} bytes are missing")

    def line(self, kept: int, limit: int) -> bytes:
        """The bytes up to the next line feed, which is passed too; of a long line the first `kept`.

        Raises:
            Ended: there is no line feed within `limit` bytes.
        """
        found = b""
        passed = 0
        while True:
            if self._at == len(self._block):
                self._fill(1)
            end = self._block.find(b"\n", self._at)
            stop = len(self._block) if end < 0 else end
            if len(found) < kept:
                found += self._block[self._at : min(stop, self._at + kept - len(found))]
            passed += stop - self._at
            self._at = stop
            if end >= 0:
                self._at += 1
                return found
            if passed > limit:
                raise Ended(f"a line has more than {limit:,} bytes", is_limit=True)

    def _fill(self, count: int) -> None:
        """The block holds the next `count` bytes at least, and begins with the next one."""
        rest = self._block[self._at :]
        parts, held = [rest], len(rest)
        self._before += self._at
        self._next = min(2 * self._next, BLOCK_BYTES)
        try:
            while held < count:
                more = self._stream.read(max(self._next, count - held))
                if not more:
                    raise Ended("the bytes end")
                parts.append(more)
                held += len(more)
        finally:
            self._block, self._at = b"".join(parts), 0


class Part:
    """The next `size_bytes` bytes of another stream."""

    __slots__ = ("left", "stream")

    def __init__(self, stream: Stream, size_bytes: int) -> None:
        self.stream = stream
        self.left = size_bytes

    def read(self, count: int) -> bytes:
        """As `Stream.read`."""
        found = self.stream.read(min(count, self.left))
        self.left -= len(found)
        return found

    def skip(self, count: int) -> int:
        """As `Stream.skip`."""
        passed = self.stream.skip(min(count, self.left))
        self.left -= passed
        return passed


class Held:
    """Bytes that are in memory."""

    __slots__ = ("_at", "_bytes")

    def __init__(self, content: bytes) -> None:
        self._bytes = content
        self._at = 0

    def read(self, count: int) -> bytes:
        """As `Stream.read`."""
        found = self._bytes[self._at : self._at + count]
        self._at += len(found)
        return found

    def skip(self, count: int) -> int:
        """As `Stream.skip`."""
        passed = max(0, min(count, len(self._bytes) - self._at))
        self._at += passed
        return passed


def again(stream: Stream) -> Stream | None:
    """A stream of the same bytes from here on that leaves this one where it is; None if it is unpacked."""
    if isinstance(stream, Stretch | Held):
        return copy(stream)
    if isinstance(stream, Forward):
        return stream.again()
    if isinstance(stream, Part):
        inner = again(stream.stream)
        return None if inner is None else Part(inner, stream.left)
    return None
