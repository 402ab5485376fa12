"""Tables of comma- or tab-separated values (RFC 4180), record by record with the line each begins on.

Which character separates the cells is told from the first line. A table that is not UTF-8 or has a cell or
record beyond the bounds is not followed: other readers may well read it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.table_stream import MAX_LINE, TableStream, buffered
from auditor.readers.window import Unfollowed

SEPARATORS = ",;\t|"
Record = tuple[int, list[str]]
_BLOCK = 2**16


def csv_records(
    stream: TableStream, *, tabs: bool = False, look: Callable[[list[str]], None] | None = None
) -> Iterator[Record]:
    """Each record that is not blank, and the line it begins on, counted from 1.

    Args:
        stream: the bytes.
        tabs: the name of the file says that tabs separate the cells; quotes are then letters like others
            where one of the first lines holds an odd number of them, as in many corpora.
        look: is given the lines of the text as they are read, some at a time.

    Raises:
        Unreadable: the bytes are damaged; `Unfollowed` where they are no UTF-8, or a cell has more than
            131,072 characters (the limit of Python's reader), or a record some MAX_LINE.
    """
    lines = _Lines(stream, look)
    separator = "\t" if tabs else separator_of(lines.first[0][:_BLOCK] if lines.first else "")
    odd = tabs and any(line.count('"') % 2 for line in lines.first)
    reader = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE if odd else csv.QUOTE_MINIMAL)
    begun = 1
    try:
        for cells in reader:
            if cells:
                yield begun, cells
            begun = lines.begun = reader.line_num + 1
    except csv.Error as error:
        raise Unfollowed(f"{error}, in the record on line {begun:,}", Span(stream.file, begun)) from error


def separator_of(line: str) -> str:
    """The character that separates the cells of a first line: the most frequent one outside of quotes."""
    outside = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=lambda char: (outside.count(char), -SEPARATORS.index(char)))


class _Lines:
    """The lines of a table, bounded; `begun` is the line on which the record starts that is being read."""

    __slots__ = ("_file", "_look", "_text", "begun", "first")

    def __init__(self, stream: TableStream, look: Callable[[list[str]], None] | None) -> None:
        self._text = io.TextIOWrapper(buffered(stream), encoding="utf-8-sig", newline="")
        self._file = stream.file
        self._look = look
        self.begun = 1
        self.first = self._some()

    def __iter__(self) -> Iterator[str]:
        block, waiting = self.first, 0  # characters since a record ended
        while block:
            if max(map(len, block)) > MAX_LINE or waiting > MAX_LINE:
                what = f"a record has more than {MAX_LINE:,} characters"
                raise Unfollowed(what, Span(self._file, self.begun))
            if self._look is not None:
                self._look(block)
            before = self.begun
            yield from block
            waiting = waiting + sum(map(len, block)) if before == self.begun else 0
            block = self._some()

    def _some(self) -> list[str]:
        """The next lines, some 65,536 characters; a line is no longer than the stream's budget."""
        try:
            return self._text.readlines(_BLOCK)
        except UnicodeDecodeError as error:
            raise Unfollowed("the text is not UTF-8", Span(self._file, self.begun)) from error
        except OSError as error:
            raise Unreadable("reading failed", Span(self._file)) from error
