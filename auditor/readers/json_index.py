"""Where everything in a JSON text stands: offsets, printed digits, repeated keys, words that are not JSON.

It goes over a text that the standard library has read already, so it need not find broken syntax.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, NoReturn

from auditor.model import KeyPath, Place
from auditor.readers.document import MAX_DEPTH, MAX_DUPLICATES, Unreadable
from auditor.readers.positions import Branch, Entry, Node
from auditor.readers.text import MAX_DIGITS, Lines

_TOKEN = re.compile(
    r'[\s,]*+(?:("(?:[^"\\]++|\\.)*+")(\s*+:)?+|([{\[])|([}\]])|([^\s,:"{}\[\]]++))', re.DOTALL
)
_STRING, _KEY, _OPEN, _CLOSE, _WORD = 1, 2, 3, 4, 5  # the last group that took part
_CONSTANTS = frozenset(("NaN", "Infinity", "-Infinity"))


class Index(NamedTuple):
    """The nodes of a text and what is odd about it; `repeated` is the entry before each of `duplicates`."""

    root: Node
    duplicates: tuple[Place, ...]
    repeated: tuple[Entry, ...]
    constants: tuple[Place, ...]


def build_index(file: str, text: str, lines: Lines) -> Index:
    """The index of a JSON text.

    Raises:
        Unreadable: more than MAX_DEPTH levels, an integer of more than MAX_DIGITS digits, or half of a
            surrogate pair; the span says where.
    """
    walk = _Walk(file, text, lines)
    for match in _TOKEN.finditer(text, 0, len(text.rstrip())):
        kind = match.lastindex
        if kind == _KEY:
            walk.take_key(*match.span(_STRING))
        elif kind == _STRING:
            start, end = match.span(_STRING)
            walk.attach((start, end, walk.content(start, end), False))
        elif kind == _OPEN:
            walk.open(match.start(_OPEN))
        elif kind == _CLOSE:
            walk.close(match.end())
        else:
            walk.word(*match.span(_WORD))
    return Index(walk.items[0], tuple(walk.duplicates), tuple(walk.repeated), tuple(walk.constants))


class _Walk:
    """The mapping or list that is being read, and those around it."""

    def __init__(self, file: str, text: str, lines: Lines) -> None:
        self.file = file
        self.text = text
        self.lines = lines
        self.items: Any = []  # of the mapping or list; the outermost holds the root
        self.key = ""
        self.key_at = (0, 0)
        self.stack: list[tuple[Any, str, tuple[int, int], int]] = []
        self.duplicates: list[Place] = []
        self.repeated: list[Entry] = []
        self.constants: list[Place] = []

    def attach(self, node: Node) -> None:
        if type(self.items) is dict:
            self.items[self.key] = (*self.key_at, node)
        else:
            self.items.append(node)

    def take_key(self, start: int, end: int) -> None:
        self.key, self.key_at = self.content(start, end), (start, end)
        if self.key in self.items and len(self.duplicates) < MAX_DUPLICATES:
            line, _ = self.lines.position(self.items[self.key][0])
            span = self.lines.span(self.file, start, end)
            self.duplicates.append(Place(self.file, self.path(), "key", f"first set on line {line}", span))
            self.repeated.append(self.items[self.key])

    def open(self, start: int) -> None:
        if len(self.stack) == MAX_DEPTH:
            self.fail(f"objects and arrays nest more than {MAX_DEPTH} deep", start, start + 1)
        self.stack.append((self.items, self.key, self.key_at, start))
        self.items = {} if self.text[start] == "{" else []

    def close(self, end: int) -> None:
        items = self.items
        self.items, self.key, self.key_at, start = self.stack.pop()
        self.attach(Branch(start, end, inline=True, items=items))

    def word(self, start: int, end: int) -> None:
        word = self.text[start:end]
        if word in _CONSTANTS:
            self.constants.append(Place(self.file, self.path()))
        elif len(word) > MAX_DIGITS:
            digits = word.removeprefix("-")
            if len(digits) > MAX_DIGITS and digits.isdigit():
                self.fail(f"an integer of {len(digits):,} digits is too long to read", start, end)
        self.attach((start, end, word, True))

    def content(self, start: int, end: int) -> str:
        raw = self.text[start + 1 : end - 1]
        if "\\" not in raw:
            return raw
        decoded: str = json.loads(self.text[start:end])
        if any("\ud800" <= char <= "\udfff" for char in decoded):
            self.fail("this text holds half of a surrogate pair", start, end, "write the character itself")
        return decoded

    def path(self) -> KeyPath:
        """The path of the value that is being read."""
        frames = (
            [*((each[0], each[1]) for each in self.stack[1:]), (self.items, self.key)] if self.stack else []
        )
        return tuple(name if isinstance(held, dict) else len(held) for held, name in frames)

    def fail(self, what: str, start: int, end: int, remedy: str = "") -> NoReturn:
        raise Unreadable(what, self.lines.span(self.file, start, end), remedy)
