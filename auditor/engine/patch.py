"""Edits as changes of a text, and the changes of files as a patch. Nothing is read or written here."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from auditor.model import Fix, Span
from auditor.records import dataclass

_LINE_END = re.compile(r"\r\n|\n|\r")  # as in readers/text.py
_CONTEXT = 3  # lines around a change, as `diff -u` has them
MAX_COMPARED = 10_000  # lines between first and last change; comparing takes up to their square in time
_BLOCK = 256  # lines
_ODD = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')  # git-config(1), core.quotePath
_ESCAPES = {b'"': b'\\"', b"\\": b"\\\\", b"\n": b"\\n", b"\t": b"\\t"}


class Change(NamedTuple):
    """What stands between two offsets of a file's text gives way to another.

    Offsets count from the character after the byte-order mark, which itself stands at -1.
    """

    file: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A file as text; `mark` says that it begins with a byte-order mark."""

    text: str
    mark: bool

    @classmethod
    def of(cls, file: str, raw: bytes) -> Text:
        """The text of UTF-8 bytes.

        Raises:
            Unreadable: they are not UTF-8.
        """
        from auditor.readers.text import decode

        return cls(decode(file, raw), raw.startswith(BOM_UTF8))

    def changed(self, changes: Sequence[Change]) -> Text:
        """The file after changes that do not overlap."""
        inside = [change for change in changes if change.start >= 0]
        return Text(changed(self.text, inside), self.mark and len(inside) == len(changes))

    def raw(self) -> bytes:
        """The bytes again."""
        return (BOM_UTF8 if self.mark else b"") + self.text.encode()


def offsets(fix: Fix, sources: Mapping[str, str]) -> tuple[Change, ...]:
    """The edits of a fix as changes, in order of file and offset; none where one of them cannot be placed.

    Args:
        fix: of a finding, so that the span of each edit is known.
        sources: the text of each file it edits, without its byte-order mark.
    """
    found: list[Change] = []
    for edit in fix.edits:
        span, source = edit.place.span, sources.get(edit.place.file)
        ends = None if span is None or source is None else _between(source, span)
        if ends is None:
            return ()
        found.append(Change(edit.place.file, *ends, edit.text))
    found.sort()
    return () if any(overlap(one, other) for one, other in pairwise(found)) else tuple(found)


def overlap(one: Change, other: Change) -> bool:
    """Whether two changes touch the same characters, or begin at one place so that their order matters."""
    if one.file != other.file:
        return False
    return one.start == other.start or (one.start < other.end and other.start < one.end)


def changed(source: str, changes: Iterable[Change]) -> str:
    """The text after changes of it that do not overlap."""
    pieces: list[str] = []
    done = 0
    for change in sorted(changes):
        pieces += [source[done : change.start], change.text]
        done = change.end
    return "".join([*pieces, source[done:]])


def unified(name: bytes, before: bytes, after: bytes) -> bytes:
    """The change of one file as a patch that `patch -p1` and `git apply` take in the bundle's folder.

    Args:
        name: what the system calls the file, relative to the bundle.
        before: its bytes.
        after: its bytes then.
    """
    old, new = _lines(before), _lines(after)
    pieces = [b"--- ", _quoted(b"a/" + name), b"\n+++ ", _quoted(b"b/" + name), b"\n"]
    for hunk in _hunks(_differences(old, new)):
        first, last = hunk[0], hunk[-1]
        lead = min(_CONTEXT, first.start)
        tail = min(_CONTEXT, len(old) - last.end)
        begin, end = first.start - lead, last.end + tail
        pieces.append(
            b"@@ -%s +%s @@\n" % (_range(begin, end), _range(first.new_start - lead, last.new_end + tail))
        )
        for at, difference in enumerate(hunk):
            done = begin if at == 0 else hunk[at - 1].end
            pieces += [_line(b" ", line) for line in old[done : difference.start]]
            pieces += [_line(b"-", line) for line in old[difference.start : difference.end]]
            pieces += [_line(b"+", line) for line in new[difference.new_start : difference.new_end]]
        pieces += [_line(b" ", line) for line in old[last.end : end]]
    return b"".join(pieces)


class _Difference(NamedTuple):
    """Lines of the old text from `start` up to `end` give way to lines of the new one."""

    start: int
    end: int
    new_start: int
    new_end: int


def _differences(old: list[bytes], new: list[bytes]) -> list[_Difference]:
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    same = range(shorter - first)
    last = next((at for at in same if old[-1 - at] != new[-1 - at]), len(same))
    one, other = old[first : len(old) - last], new[first : len(new) - last]
    if max(len(one), len(other)) > MAX_COMPARED:
        return [_Difference(first, first + len(one), first, first + len(other))]
    from difflib import SequenceMatcher

    codes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return [
        _Difference(*(first + offset for offset in offsets)) for kind, *offsets in codes if kind != "equal"
    ]


def _hunks(differences: list[_Difference]) -> list[list[_Difference]]:
    """The differences in groups whose lines of context would touch."""
    groups: list[list[_Difference]] = []
    for difference in differences:
        if groups and difference.start - groups[-1][-1].end <= 2 * _CONTEXT:
            groups[-1].append(difference)
        else:
            groups.append([difference])
    return groups


def _range(begin: int, end: int) -> bytes:
    """Lines `begin` up to `end`, from 0, as a patch counts them (POSIX.1-2017, diff, unified format)."""
    count = end - begin
    start = begin + 1 if count else begin
    return b"%d" % start if count == 1 else b"%d,%d" % (start, count)


def _lines(raw: bytes) -> list[bytes]:
    """The lines with their ends; to a patch only LF ends a line."""
    lines = raw.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + line + (b"" if line.endswith(b"\n") else b"\n\\ No newline at end of file\n")


def _quoted(name: bytes) -> bytes:
    """A file name as git writes it: odd characters escaped in quotes; a tab ends one that holds a blank."""
    if _ODD.search(name):
        escaped = _ODD.sub(lambda odd: _ESCAPES.get(odd[0]) or b"\\%03o" % odd[0][0], name)
        return b'"' + escaped + b'"'
    return name + b"\t" if b" " in name else name


def _between(source: str, span: Span) -> tuple[int, int] | None:
    """The offsets of a span in the text; None where it lies outside or is turned round."""
    lines = _starts(source)
    start, end = lines.offset(span.line, span.column), lines.offset(span.end_line, span.end_column)
    return None if start is None or end is None or start > end else (start, end)


class _Starts:
    """Where the lines of a text start; some are remembered, and none is looked for before it is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known = [0]

    def offset(self, line: int, column: int) -> int | None:
        """The offset of a column of a line; the line after the last one begins at the end of the text.

        The byte-order mark of a file stands in column 0 of line 1.
        """
        if (line, column) == (1, 0):
            return -1
        if line < 1 or column < 1:
            return None
        block = min((line - 1) // _BLOCK, len(self.known) - 1)
        begin = self.known[block]
        for number in range(block * _BLOCK + 1, line):
            ended = _LINE_END.search(self.text, begin)
            if ended is None:
                return None
            begin = ended.end()
            if number == len(self.known) * _BLOCK:
                self.known.append(begin)
        offset = begin + column - 1
        # Two plain searches: a pattern takes a hundred times as long on a line of megabytes.
        within = self.text.find("\n", begin, offset) < 0 and self.text.find("\r", begin, offset) < 0
        return offset if within and offset <= len(self.text) else None


@lru_cache(maxsize=8)  # the files of one bundle that are edited, over and over
def _starts(text: str) -> _Starts:
    return _Starts(text)
