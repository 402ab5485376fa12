"""Pieces of a file of bytes by their place, for readers that take a format apart.

A window is the file, or a stretch of it such as a member that an archive stores unpacked. Nothing outside of
it is read, nothing is read that was not asked for, and no length that a file states is believed beyond the
bytes that are there.
"""

from __future__ import annotations

from typing import BinaryIO

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.folder import reason

BLOCK_BYTES = 2**16  # read at once: most of a header in few calls, and little beside any file


class Window:
    """A stretch of a file.

    Attributes:
        file: path of the file, for messages.
        size_bytes: length of the stretch.
        begin: where it starts in the file.
        stream: the file itself, for readers that read it in their own order.
    """

    __slots__ = ("_at", "_block", "begin", "file", "size_bytes", "stream")

    def __init__(self, file: str, stream: BinaryIO, size_bytes: int, begin: int = 0) -> None:
        self.file = file
        self.size_bytes = size_bytes
        self.begin = begin
        self.stream = stream
        self._at = 0
        self._block = b""

    def at(self, place: int, count: int, what: str) -> bytes:
        """The `count` bytes from `place` on; `what` says in a message what they should have been.

        Raises:
            Unreadable: the window ends before them, or reading fails.
        """
        inside = place - self._at
        if inside < 0 or inside + count > len(self._block):
            if place < 0 or place + count > self.size_bytes:
                missing = place + count - max(place, self.size_bytes)
                lacks = f"{missing:,} of its {count:,} bytes missing" if count > 1 else "missing"
                raise self.fault(place, f"the file ends inside {what}, {lacks},")
            if count > BLOCK_BYTES:
                return self._read(place, count, what)
            self._block = self._read(place, min(BLOCK_BYTES, self.size_bytes - place), what)
            self._at, inside = place, 0
        return self._block[inside : inside + count]

    def some(self, place: int, what: str, count: int = BLOCK_BYTES) -> bytes:
        """At most `count` bytes from `place` on: fewer where the window ends, none beyond.

        Raises:
            Unreadable: reading fails.
        """
        return self.at(place, max(0, min(count, self.size_bytes - place)), what)

    def number(self, place: int, count: int, what: str) -> int:
        """The little-endian number of `count` bytes at `place`.

        Raises:
            Unreadable: as `at`.
        """
        return int.from_bytes(self.at(place, count, what), "little")

    def fault(self, place: int, what: str, remedy: str = "") -> Unreadable:
        """What is wrong at a place, which is told as a byte of the whole file."""
        return Unreadable(f"{what} at byte {self.begin + place:,}", Span(self.file), remedy)

    def beyond(self, place: int, what: str) -> Unfollowed:
        """That at a place the file goes beyond what its reader follows; it need not be at fault."""
        return Unfollowed(f"{what} at byte {self.begin + place:,}", Span(self.file))

    def _read(self, place: int, count: int, what: str) -> bytes:
        try:
            self.stream.seek(self.begin + place)
            found = self.stream.read(count)
        except OSError as error:
            raise self.fault(place, f"reading failed ({reason(error)})") from error
        if len(found) < count:  # it was longer when it was opened
            raise self.fault(place, f"the file was cut while it was read, inside {what},")
        return found


class Unfollowed(Unreadable):
    """The file may be sound, but its reader does not know all that its format allows.

    It is no fault of the release: what could not be looked at is not checked, and said to be.
    """
