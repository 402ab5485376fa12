"""Headings, tables, fenced code and links of a Markdown body, with their places.

The block rules are those of CommonMark 0.31 and GitHub's tables, read line by line and forgiving about
indentation in lists. Every step is linear in the text: no search starts over at each character.
"""

from __future__ import annotations

import re
from dataclasses import field

from auditor.model import Span
from auditor.readers.document import MAX_NODES, Unreadable
from auditor.readers.markdown_links import Link, find_links
from auditor.readers.text import Lines
from auditor.records import dataclass

_LINE = re.compile(r"[^\r\n]+")
_FENCE = re.compile(r"[ \t]*(?:>[ \t]?|[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+)*+(`{3,}|~{3,})(.*)")
_CLOSING_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*")
_LIST_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]|\Z)")
_PIPE = re.compile(r"\\.|\|")
_DASHES = re.compile(r":?-+:?")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `text` is its source without the marks, `level` 1 to 6."""

    level: int
    text: str
    line: int
    span: Span


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell; `text` is its source without outer blanks, an escaped pipe read as a pipe."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has as many cells as the header, as it is shown by a renderer."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fence:
    """Fenced code; `language` is the first word after the opening fence, `line` that of the fence."""

    language: str
    text: str
    line: int


@dataclass(slots=True)
class Body:
    """What a body holds; `bounds` are the offsets of each heading's first character and of its end.

    `start` is the offset at which it begins, `line` the line.
    """

    start: int
    line: int
    headings: list[Heading] = field(default_factory=list)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def read_body(file: str, text: str, lines: Lines, start: int) -> Body:
    """The body of a Markdown file from offset `start`, which begins a line.

    Raises:
        Unreadable: more than MAX_NODES headings, cells, fences and links.
    """
    blocks = _Blocks(file, text, lines, start)
    blocks.read()
    return blocks.body


@dataclass(slots=True)
class _Line:
    """A line that is not blank."""

    start: int
    end: int
    number: int
    text: str  # without outer blanks
    indent: int  # columns before the text; a tab goes to the next multiple of 4


@dataclass(slots=True)
class _OpenFence:
    """Fenced code that is being read."""

    mark: str
    language: str
    line: int
    start: int  # of its first line of code


@dataclass(slots=True)
class _OpenTable:
    """A table that is being read."""

    header: tuple[Cell, ...]
    line: int
    rows: list[tuple[Cell, ...]] = field(default_factory=list)


class _Blocks:
    """The blocks of a body, line by line."""

    def __init__(self, file: str, text: str, lines: Lines, start: int) -> None:
        self.file = file
        self.text = text
        self.lines = lines
        self.start = start
        self.body = Body(start, lines.position(start)[0])
        self.count = 0  # headings, cells, fences and links so far
        self.fence: _OpenFence | None = None
        self.table: _OpenTable | None = None
        self.paragraph: tuple[_Line, _Line] | None = None  # its first and its last line so far
        self.in_comment = False
        self.in_list = False
        self.run: tuple[int, int] | None = None  # offsets of the lines since the last blank one, for links

    def read(self) -> None:
        number, after = self.body.line, self.start
        for match in _LINE.finditer(self.text, self.start):
            start, end = match.span()
            ends = self.lines.count_ends(after, start)
            number, after = number + ends, end
            raw = match[0]
            text = raw.strip()
            if self.fence is not None:
                self.fenced(raw, text, start)
                continue
            if ends > 1 or not text:
                self.interrupt()
            if text:
                self.block(_Line(start, end, number, text, _indent(raw)))
        if self.fence is not None:
            self.close_fence(len(self.text))
        self.interrupt()

    def block(self, line: _Line) -> None:
        text = line.text
        if self.in_comment or text.startswith("<!--"):
            self.interrupt()
            self.in_comment = "-->" not in text
            return
        if ("```" in text or "~~~" in text) and self.open_fence(line):
            return
        is_item = _LIST_ITEM.match(text) is not None
        if line.indent >= 4 and not self.paragraph and self.table is None and not self.in_list:
            self.interrupt()  # indented code
            return
        self.in_list = is_item or (self.in_list and (line.indent > 0 or self.paragraph is not None))
        self.run = (self.run[0] if self.run else line.start, line.end)
        if text[0] == "#" and line.indent < 4 and self.hash_heading(line):
            return
        if self.table is not None and text[0] != ">":
            cells = self.cells(line, len(self.table.header))
            self.table.rows.append(cells)
            return
        if self.paragraph is not None and (
            self.underlined_heading(line, *self.paragraph) or self.open_table(line, self.paragraph[1])
        ):
            self.paragraph = None
            return
        self.close_table()
        if is_item or text[0] in "><":
            self.paragraph = None
        else:
            self.paragraph = (self.paragraph[0] if self.paragraph else line, line)

    def interrupt(self) -> None:
        """Paragraph and table end here, and the links of the lines before are found."""
        self.close_table()
        self.paragraph = None
        if self.run is not None:
            links = find_links(self.file, self.text, self.lines, *self.run)
            self.add(len(links))
            self.body.links.extend(links)
            self.run = None

    def open_fence(self, line: _Line) -> bool:
        match = _FENCE.fullmatch(self.text, line.start, line.end)
        if match is None or (match[1][0] == "`" and "`" in match[2]):
            return False
        self.interrupt()
        info = match[2].split(maxsplit=1)
        self.fence = _OpenFence(match[1], info[0] if info else "", line.number, self.next_line(line.end))
        return True

    def fenced(self, raw: str, text: str, start: int) -> None:
        fence = self.fence
        if fence is None or not text.endswith(fence.mark):
            return
        match = _CLOSING_FENCE.fullmatch(raw)
        if match is not None and match[1].startswith(fence.mark):
            self.close_fence(start)

    def close_fence(self, end: int) -> None:
        if self.fence is not None:
            self.add(1)
            code = self.text[min(self.fence.start, end) : end]
            self.body.fences.append(Fence(self.fence.language, code, self.fence.line))
            self.fence = None

    def hash_heading(self, line: _Line) -> bool:
        marks = len(line.text) - len(line.text.lstrip("#"))
        text = line.text[marks:]
        if marks > 6 or (text and text[0] not in " \t"):
            return False
        text = text.strip()
        shorter = text.rstrip("#")  # closing marks count only after a blank
        self.close_table()
        self.paragraph = None
        self.heading(marks, shorter.rstrip() if shorter[-1:] in ("", " ", "\t") else text, line, line)
        return True

    def underlined_heading(self, line: _Line, first: _Line, last: _Line) -> bool:
        if line.indent >= 4 or line.text[0] not in "=-" or line.text.strip(line.text[0]):
            return False
        text = " ".join(self.text[first.start : last.end].split())
        self.heading(1 if line.text[0] == "=" else 2, text, first, line)
        return True

    def heading(self, level: int, text: str, first: _Line, last: _Line) -> None:
        self.add(1)
        start = first.end - len(self.text[first.start : first.end].lstrip())
        span = Span(
            self.file, first.number, start - first.start + 1, first.number, first.end - first.start + 1
        )
        self.body.headings.append(Heading(level, text, first.number, span))
        self.body.bounds.append((first.start, self.next_line(last.end)))

    def open_table(self, line: _Line, above: _Line) -> bool:
        if "|" not in line.text or "-" not in line.text:
            return False
        dashes = [each.strip() for each in line.text.removeprefix("|").removesuffix("|").split("|")]
        if not all(_DASHES.fullmatch(each) for each in dashes):
            return False
        header = self.cells(above)
        if len(header) != len(dashes):
            return False
        self.table = _OpenTable(header, above.number)
        return True

    def close_table(self) -> None:
        if self.table is not None:
            self.body.tables.append(Table(self.table.header, tuple(self.table.rows), self.table.line))
            self.table = None

    def cells(self, line: _Line, columns: int | None = None) -> tuple[Cell, ...]:
        """The cells of a row, cut or filled up to `columns`."""
        start = line.end - len(self.text[line.start : line.end].lstrip())
        cuts = [m.start() for m in _PIPE.finditer(self.text, start, line.end) if m[0] == "|"]
        content_end = start + len(line.text)
        if cuts and cuts[0] == start:
            start = cuts.pop(0) + 1
        if cuts and cuts[-1] == content_end - 1:
            content_end = cuts.pop()
        starts, ends = [start, *(cut + 1 for cut in cuts)], [*cuts, content_end]
        cells = [self.cell(line, a, b) for a, b in zip(starts[:columns], ends[:columns], strict=True)]
        self.add(max(len(cells), columns or 0))
        if columns is not None and len(cells) < columns:
            cells += [self.cell(line, content_end, content_end)] * (columns - len(cells))
        return tuple(cells)

    def cell(self, line: _Line, start: int, end: int) -> Cell:
        raw = self.text[start:end]
        text = raw.strip()
        column = start + len(raw) - len(raw.lstrip()) - line.start + 1 if text else start - line.start + 1
        span = Span(self.file, line.number, column, line.number, column + len(text))
        return Cell(text.replace("\\|", "|"), span)

    def next_line(self, end: int) -> int:
        """The offset of the line after the one whose content ends at `end`."""
        return end + (2 if self.text.startswith("\r\n", end) else 1 if end < len(self.text) else 0)

    def add(self, number: int) -> None:
        self.count += number
        if self.count > MAX_NODES:
            what = f"the body holds more than {MAX_NODES:,} headings, cells, fences and links"
            raise Unreadable(what, self.lines.span(self.file, self.start, self.start))


def _indent(raw: str) -> int:
    """How many columns of blanks a line begins with, or 4 where there are more."""
    if raw[0] not in " \t":
        return 0
    blanks = raw[:4].partition("\t")
    spaces = len(blanks[0]) - len(blanks[0].lstrip(" "))
    return 4 if blanks[1] and spaces == len(blanks[0]) else spaces
