"""Bytes to text, and offsets in a text to lines and columns as an editor shows them.

A line ends at LF, CRLF or a lone CR; nothing else ends a line (`str.splitlines` knows eleven more).
Columns count characters, not bytes and not screen cells.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from auditor.model import Span
from auditor.readers.document import Unreadable

MAX_DIGITS = 308  # of an integer: beyond 1e308 it fits no float, beyond 640 digits Python may not print it
BLOCK = 1 << 12  # characters between two remembered lines: a look-up searches at most this many

_LINE_END = re.compile(r"\r\n|\n|\r")


def decode(file: str, raw: bytes) -> str:
    """The text of UTF-8 bytes, without the byte-order mark.

    Raises:
        Unreadable: the bytes are not UTF-8; the span is the first byte that is not.
    """
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise Unreadable("the text is UTF-16, not UTF-8", Span(file, 1, 1, 1, 1), "save the file as UTF-8")
    body = raw.removeprefix(BOM_UTF8)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        line, column = Lines(before).position(len(before))
        span = Span(file, line, column, line, column + 1)
        what = f"byte 0x{body[error.start]:02x} is not UTF-8"
        raise Unreadable(what, span, "save the file as UTF-8") from error


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends, so that item `n - 1` is line `n` of every span."""
    return _LINE_END.split(text) if "\r" in text else text.split("\n")


def shown(text: str, limit: int = 60) -> str:
    """A piece of a file as it may stand in a message: short, and without control characters."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short)


class Lines:
    """Lines and columns of offsets in one text, without a table of all its lines.

    `first` is the number of the text's first line, for a text that is part of a file.
    """

    __slots__ = ("_blocks", "_has_cr", "_text", "first")

    def __init__(self, text: str, first: int = 1) -> None:
        self._text = text
        self._has_cr = "\r" in text
        self._blocks: list[tuple[int, int]] = []  # per block: line ends before it, start of its first line
        self.first = first

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset; an offset inside a CRLF is the end of the line before it."""
        blocks = self._blocks
        if not blocks:
            blocks.append((0, 0))
            for block in range(BLOCK, len(self._text), BLOCK):
                ends, start = blocks[-1]
                ends += self.count_ends(block - BLOCK, block)
                blocks.append((ends, self._line_start(block - BLOCK, block, start)))
        offset = min(offset, len(self._text))
        if self._has_cr and self._text[offset - 1 : offset + 1] == "\r\n":
            offset -= 1
        index = min(offset // BLOCK, len(blocks) - 1)
        ends, start = blocks[index]
        line = self.first + ends + self.count_ends(index * BLOCK, offset)
        return line, offset - self._line_start(index * BLOCK, offset, start) + 1

    def end_of_line(self, offset: int) -> int:
        """The offset at which the content of the line holding `offset` ends, trailing blanks left out."""
        end = self._line_end(offset, len(self._text))
        while end > offset and self._text[end - 1] in " \t":
            end -= 1
        return end

    def span(self, file: str, start: int, end: int) -> Span:
        """The span of a stretch, cut at the end of its first line."""
        line, column = self.position(start)
        end = self._line_end(start, max(start, min(end, len(self._text))))
        return Span(file, line, column, line, column + end - start)

    def stretch(self, file: str, start: int, end: int) -> Span:
        """The span of a stretch, to its very end, be that lines below."""
        return Span(file, *self.position(start), *self.position(end))

    def count_ends(self, start: int, end: int) -> int:
        """How many lines end between two offsets; a CRLF that `end` splits has not ended its line yet."""
        count = self._text.count("\n", start, end)
        if self._has_cr:
            count += self._text.count("\r", start, end) - self._text.count("\r\n", start, end + 1)
        return count

    def _line_start(self, begin: int, offset: int, otherwise: int) -> int:
        """Where the line holding `offset` starts, if that is after `begin`."""
        found = self._text.rfind("\n", begin, offset)
        if self._has_cr:
            found = max(found, self._text.rfind("\r", begin, offset))
        return otherwise if found < 0 else found + 1

    def _line_end(self, offset: int, limit: int) -> int:
        end = self._text.find("\n", offset, limit)
        end = limit if end < 0 else end
        if self._has_cr:
            cr = self._text.find("\r", offset, end)
            end = end if cr < 0 else cr
        return end
