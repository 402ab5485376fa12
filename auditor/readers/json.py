"""JSON documents: values by the standard library, places and digits by an index built when first asked.

`NaN` and `Infinity`, which Python reads and RFC 8259 does not know, are values and listed in `constants`.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any

from auditor.model import Place, Span
from auditor.readers.document import MAX_DEPTH, MAX_NODES, Document, Unreadable
from auditor.readers.json_index import Index, build_index
from auditor.readers.positions import Entry, extent, leaf, underline
from auditor.readers.text import MAX_DIGITS, Lines

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SAMPLE = re.compile(r"[0-9]{10}")  # what every 30th character of 309 digits in a row shows, and few files do
_LONG = re.compile(rf"(?<![0-9])[0-9]{{{MAX_DIGITS + 1}}}")
_HALF = (
    re.compile(  # one half of a surrogate pair without the other; a match may still be an escaped backslash
        r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
        r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
    )
)


def read_json(file: str, text: str) -> JsonDocument:
    """The document in a JSON text (RFC 8259).

    Raises:
        Unreadable: broken syntax, half of a surrogate pair, an integer of more than MAX_DIGITS digits, or
            more than MAX_DEPTH levels or MAX_NODES values.
    """
    lines = Lines(text)
    # Each value but the first of its mapping or list follows a comma.
    if text.count(",") >= MAX_NODES and _STRING.sub("", text).count(",") >= MAX_NODES:
        raise Unreadable(f"the document holds more than {MAX_NODES:,} values", lines.span(file, 0, 1))
    noticed = False  # whether the index has something to report or refuse

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal noticed
        found = dict(pairs)
        noticed = noticed or len(found) != len(pairs)
        return found

    def constant(word: str) -> float:
        nonlocal noticed
        noticed = True
        return float(word)

    parse_int = _short_int if _SAMPLE.search(text[::30]) and _LONG.search(text) else None
    try:
        value = json.loads(text, object_pairs_hook=mapping, parse_constant=constant, parse_int=parse_int)
    except json.JSONDecodeError as error:
        from auditor.readers.json_syntax import explain

        what, start, end, remedy = explain(error, lines)
        raise Unreadable(what, lines.span(file, start, end), remedy) from error
    except (RecursionError, ValueError) as error:
        try:
            build_index(file, text, lines)  # refuses the document where the fault stands
        except (IndexError, TypeError, ValueError):  # the syntax breaks after the number that stopped `loads`
            what = "the document is not JSON, and holds a number that is too long to read"
            raise Unreadable(what, lines.span(file, 0, 1)) from error
        raise Unreadable("the document nests too deep to be read", lines.span(file, 0, 1)) from error
    document = JsonDocument(file, text, value, lines)
    if noticed or _deep(value) or ("\\u" in text and _HALF.search(text)):
        document.duplicates = document.index.duplicates
        document.constants = document.index.constants
    return document


class JsonDocument(Document):
    """A JSON file.

    Attributes:
        constants: each `NaN`, `Infinity` and `-Infinity`, which JSON does not know.
    """

    def __init__(self, file: str, source: str, value: Any, lines: Lines) -> None:
        self.file = file
        self.source = source
        self.value = value
        self.duplicates: tuple[Place, ...] = ()
        self.constants: tuple[Place, ...] = ()
        self._lines = lines

    @cached_property
    def index(self) -> Index:
        """Where everything stands."""
        return build_index(self.file, self.source, self._lines)

    @property
    def repeated(self) -> tuple[Entry, ...]:
        """The entry before each of `duplicates`, of the same key."""
        return self.index.repeated

    def locate(self, place: Place) -> Span:
        """The span of a place; the nearest existing parent's where the path does not exist."""
        return place.span or underline(self.file, self._lines, self.index.root, place)

    def extent(self, place: Place) -> tuple[int, int] | None:
        """From which offset to which the value or key of a place stands; None where that is not exact."""
        return extent(self.index.root, place)

    def stretch(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        return self._lines.stretch(self.file, start, end)

    def printed(self, *path: str | int) -> str | None:
        """The scalar at `path` as it stands in the file, without quotes and with escapes resolved."""
        found = leaf(self.index.root, path)
        return None if found is None else found[2]

    def plain(self, *path: str | int) -> bool:
        """Whether the scalar at `path` stands there without quotes."""
        found = leaf(self.index.root, path)
        return found is not None and found[3]


def _short_int(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        raise ValueError("too long")
    return int(digits)


def _deep(value: Any) -> bool:
    """Whether mappings and lists nest more than MAX_DEPTH deep; going level by level costs no stack."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            child
            for each in level
            for child in (each.values() if type(each) is dict else each)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)
