"""Records in JSON: one a line (JSON Lines, https://jsonlines.org), or a list of them in one document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.table_stream import MAX_LINE, TableStream, buffered
from auditor.readers.text import split_lines
from auditor.readers.window import Unfollowed

MAX_LIST_BYTES = 16 * 2**20  # of a document that is held as a whole; its values take some ten times as much
_TOGETHER = 64  # lines that are given away to be looked at
_BOM = b"\xef\xbb\xbf"


def json_records(
    stream: TableStream, *, look: Callable[[list[str]], None] | None = None
) -> Iterator[tuple[int, Any]]:
    """Each record, and the line it stands on; 0 in a list, of which lines are not told.

    Raises:
        Unreadable: a line is no JSON, or the bytes are damaged; `Unfollowed` where the file is one mapping,
            a record is longer than MAX_LINE, or a list longer than MAX_LIST_BYTES.
    """
    lines = buffered(stream)
    number = 0
    waiting: list[str] = []
    try:
        while line := _line(lines, stream, number + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(_BOM)
                if line.lstrip()[:1] == b"[":
                    yield from _listed(stream, line + lines.read(MAX_LIST_BYTES + 1), look)
                    return
            text = _decoded(stream.file, line, number)
            waiting.append(text)
            if look is not None and len(waiting) >= _TOGETHER:
                look(waiting)
                waiting = []
            if not text.isspace():
                yield number, _value(stream, text, number)
    finally:
        if look is not None and waiting:
            look(waiting)


def _line(lines: Any, stream: TableStream, number: int) -> bytes:
    line: bytes = lines.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        if number == 1 and line.lstrip()[:1] == b"[":
            return line
        raise Unfollowed(f"a line has more than {MAX_LINE:,} bytes", Span(stream.file, number))
    return line


def _value(stream: TableStream, text: str, number: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if stream.was_cut:
            raise Unfollowed("the file is larger than is read", Span(stream.file, number)) from error
        if number == 1 and text.lstrip()[:1] == "{":  # a mapping over several lines is no list of records
            raise Unfollowed("it is not one record a line", Span(stream.file)) from error
        column = error.colno
        span = Span(stream.file, number, column, number, column + 1)
        raise Unreadable(f"line {number:,} is no JSON ({error.msg.lower()})", span) from error
    except (RecursionError, ValueError) as error:  # deep nesting; an integer of more than 4,300 digits
        raise Unfollowed(
            f"line {number:,} nests too deep or holds too long a number", Span(stream.file, number)
        ) from error


def _listed(
    stream: TableStream, raw: bytes, look: Callable[[list[str]], None] | None
) -> Iterator[tuple[int, Any]]:
    if len(raw) > MAX_LIST_BYTES or stream.was_cut:
        raise Unfollowed(f"a list in JSON has more than {MAX_LIST_BYTES:,} bytes", Span(stream.file))
    text = _decoded(stream.file, raw, 1)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        span = Span(stream.file, error.lineno, error.colno, error.lineno, error.colno + 1)
        raise Unreadable(f"line {error.lineno:,} is no JSON ({error.msg.lower()})", span) from error
    except (RecursionError, ValueError) as error:
        raise Unfollowed("it nests too deep or holds too long a number", Span(stream.file)) from error
    if look is not None:
        look(split_lines(text))
    for record in value:
        yield 0, record


def _decoded(file: str, raw: bytes, line: int) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unfollowed("the text is not UTF-8", Span(file, line)) from error
