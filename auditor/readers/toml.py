"""TOML documents: values by tomllib, and the place of each by a scan of the text.

tomllib keeps no positions. Its word is taken for what is TOML and for the values; the scan only walks over
a text that is known to be TOML and remembers where keys and values stand.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import Any

from auditor.model import Place, Span
from auditor.readers.document import MAX_DEPTH, Document, Unreadable
from auditor.readers.positions import Branch, Node, leaf, trace, underline
from auditor.readers.text import Lines

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+")
_KEY = re.compile(r'[ \t]*("(?:\\.|[^"\\])*+"|\'[^\']*+\'|[A-Za-z0-9_-]++)[ \t]*')
_TEXT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:\\.|[^"\\])*+"|\'[^\']*+\'', re.DOTALL
)
_BARE = re.compile(r"[^\s,#\]}]++(?: [0-9][^\s,#\]}]*+)?")  # a date may have its time after a blank
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def read_toml(file: str, text: str) -> TomlDocument:
    """The document in a TOML text; dates and times in it are text.

    Raises:
        Unreadable: the text is not TOML, or nests more than MAX_DEPTH levels.
    """
    lines = Lines(text)
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(file, text, lines, str(error)) from error
    except RecursionError as error:
        what = f"arrays and tables nest more than {MAX_DEPTH} deep"
        raise Unreadable(what, lines.span(file, 0, 1)) from error
    return TomlDocument(file, text, _plain(value), _Scan(text).root, lines)


class TomlDocument(Document):
    """A TOML file, or one table of it."""

    def __init__(self, file: str, source: str, value: Any, root: Node, lines: Lines) -> None:
        self.file = file
        self.source = source
        self.value = value
        self.duplicates = ()  # tomllib refuses them
        self._root = root
        self._lines = lines

    def table(self, *path: str) -> TomlDocument | None:
        """The table at `path` as a document whose key paths begin there; None where there is none."""
        value = self.get(*path)
        node, _, _ = trace(self._root, path)
        if not isinstance(value, dict):
            return None
        return TomlDocument(self.file, self.source, value, node, self._lines)

    def locate(self, place: Place) -> Span:
        """The span of a place; the nearest existing parent's where the path does not exist."""
        return underline(self.file, self._lines, self._root, place)

    def printed(self, *path: str | int) -> str | None:
        """The scalar at `path` as it stands in the file, without quotes."""
        found = leaf(self._root, path)
        return None if found is None else found[2]

    def plain(self, *path: str | int) -> bool:
        """Whether the scalar at `path` stands there without quotes."""
        found = leaf(self._root, path)
        return found is not None and found[3]


class _Scan:
    """The tree of offsets of a text that is TOML."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Branch(0, len(text), inline=False, items={})
        self.at = 0
        table = self.root
        while self._skip():
            if text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip(self) -> bool:
        """Blanks and comments are behind; whether anything is left."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at < len(self.text)

    def _header(self) -> Branch:
        """The table that `[a.b]` opens, or the next one of the list `[[a.b]]`."""
        start = self.at
        is_list = self.text.startswith("[[", start)
        self.at += 2 if is_list else 1
        *above, (name, key) = self._keys()
        self.at += 2 if is_list else 1
        table = Branch(start, self.at, inline=False, items={})
        around = self._within(self.root, above)
        if is_list:
            node = _entries(around).setdefault(name, (*key, Branch(*key, inline=False, items=[])))[2]
            if isinstance(node, Branch) and isinstance(node.items, list):
                node.items.append(table)
            return table
        before = _entries(around).get(name)
        if before is not None and isinstance(before[2], Branch):  # `[a.b]` stood above it
            table.items = before[2].items
        _entries(around)[name] = (*key, table)
        return table

    def _pair(self, table: Branch) -> None:
        """`a.b = value` is in the table."""
        *above, (name, key) = self._keys()
        self.at += 1  # the equals sign
        self._skip()
        _entries(self._within(table, above))[name] = (*key, self._value())

    def _keys(self) -> list[tuple[str, tuple[int, int]]]:
        """The parts of a dotted key, each with its offsets."""
        keys: list[tuple[str, tuple[int, int]]] = []
        while True:
            found = _KEY.match(self.text, self.at)
            if found is None:  # not so in a text that is TOML
                raise AssertionError(self.at)
            keys.append((_unquoted(found[1]), found.span(1)))
            self.at = found.end()
            if self.text[self.at : self.at + 1] != ".":
                return keys
            self.at += 1

    def _within(self, table: Branch, keys: list[tuple[str, tuple[int, int]]]) -> Branch:
        """The table below `table`; of a list of tables, its last one."""
        for name, key in keys:
            fresh = Branch(*key, inline=False, items={})
            node = _entries(table).setdefault(name, (*key, fresh))[2]
            if isinstance(node, Branch) and isinstance(node.items, list):
                node = node.items[-1]
            table = node if isinstance(node, Branch) else fresh
        return table

    def _value(self) -> Node:
        start = self.at
        opening = self.text[start]
        if opening in "[{":
            branch = Branch(start, start, inline=True, items=[] if opening == "[" else {})
            self.at += 1
            while self._skip() and self.text[self.at] not in "]}":
                if self.text[self.at] == ",":
                    self.at += 1
                elif isinstance(branch.items, list):
                    branch.items.append(self._value())
                else:
                    self._pair(branch)
            self.at += 1
            branch.end = self.at
            return branch
        found = (_TEXT if opening in "\"'" else _BARE).match(self.text, start)
        if found is None:  # not so in a text that is TOML
            raise AssertionError(start)
        self.at = found.end()
        return (start, self.at, _unquoted(found[0]), opening not in "\"'")


def _entries(table: Branch) -> dict[str, tuple[int, int, Node]]:
    assert isinstance(table.items, dict)
    return table.items


def _unquoted(written: str) -> str:
    """The text of a key or value, without quotes and with escapes resolved."""
    if written[0] not in "\"'":
        return written
    text: str = tomllib.loads(f"text = {written}")["text"]
    return text


def _plain(value: Any) -> Any:
    """The value with dates and times as text, as the other readers give them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def _unreadable(file: str, text: str, lines: Lines, message: str) -> Unreadable:
    found = _AT.search(message)
    what = message[: found.start()] if found else message
    span = lines.span(file, len(text), len(text))
    if found and found[1]:
        line, column = int(found[1]), int(found[2])
        span = Span(file, line, column, line, column + 1)
    return Unreadable(what[:1].lower() + what[1:], span, "https://toml.io describes the format")
