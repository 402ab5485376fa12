"""The bytes of a table as Python's own readers take them: unpacked, counted, and no more than a budget."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.forward import Ended, Stream, Stretch
from auditor.readers.packed import Unpacked, compression
from auditor.readers.window import Unfollowed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_LINE = 4 * 2**20  # characters of a line or record: 100,000 columns of 40 characters fit
_READ_BYTES = 2**18
_ZERO = b"\0"


class TableStream(io.RawIOBase):
    """A file of text, unpacked if it is gzip, bzip2 or xz.

    Attributes:
        file: its path, for messages.
        was_cut: whether there was more of it than the budget.
        read_bytes: how many bytes have been read, after unpacking.
    """

    def __init__(self, file: str, stream: BinaryIO, budget_bytes: int) -> None:
        super().__init__()
        self.file = file
        self.was_cut = False
        self.read_bytes = 0
        self._budget = budget_bytes
        size = os.fstat(stream.fileno()).st_size
        self._stream: Stream = Stretch(file, stream, 0, size)
        kind = compression(self._stream.read(6))
        self._stream = Stretch(file, stream, 0, size)
        if kind in ("gzip", "bzip2", "xz"):
            try:
                self._stream = Unpacked(kind, self._stream, budget_bytes + 1)
            except Ended as error:
                raise Unreadable(error.what, Span(file)) from error

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """As `io.RawIOBase`; nothing more once the budget is spent.

        Raises:
            Unreadable: the bytes are damaged, or hold a byte 0, which no text does.
        """
        view = memoryview(buffer).cast("B")
        try:
            found = self._stream.read(min(len(view), max(self._budget - self.read_bytes, 0) + 1))
        except Ended as error:
            if error.is_limit:
                self.was_cut = True
                return 0
            raise Unreadable(error.what, Span(self.file), "copy the file again, or pack it anew") from error
        if self.read_bytes + len(found) > self._budget:
            self.was_cut = True
            return 0
        if _ZERO in found:
            raise Unfollowed("it is no text in UTF-8: it holds a byte 0", Span(self.file))
        self.read_bytes += len(found)
        view[: len(found)] = found
        return len(found)


def buffered(stream: TableStream) -> io.BufferedReader:
    """The stream in blocks, of which lines are taken."""
    return io.BufferedReader(stream, _READ_BYTES)
