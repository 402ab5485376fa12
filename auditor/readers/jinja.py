"""The code in a Jinja template, cut into tokens; the text around it is passed over, and nothing is rendered.

Cut as Jinja 3.1 does with its usual delimiters (jinja2/lexer.py): `{{ }}` and `{% %}` hold code, `{# #}` and
`{% raw %}` do not, and a delimiter inside a string or an open bracket ends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from auditor.records import dataclass

Kind = Literal["begin", "end", "name", "string", "number", "operator"]

_BEGIN = re.compile(r"\{[{%#]")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*-?%\}")
_END_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
# Possessive where it repeats, so that a string without an end costs its length once.
_TOKEN = re.compile(
    r"\s*+(?:(?P<name>[^\W\d]\w*+)"
    r"|(?P<string>'(?:[^'\\]++|\\.)*+'|\"(?:[^\"\\]++|\\.)*+\")"
    r"|(?P<number>(?<!\.)\d(?:_?\d)*+(?:\.\d(?:_?\d)*+)?[eE][-+]?\d(?:_?\d)*+|(?<!\.)\d(?:_?\d)*+\.\d(?:_?\d)*+"
    r"|0[xX](?:_?[0-9a-fA-F])++|0[bB](?:_?[01])++|0[oO](?:_?[0-7])++|\d(?:_?\d)*+)"
    r"|(?P<end>[-+]?[%}]\})"
    r"|(?P<operator>\S))",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|N\{[^}]*\}|.)", re.DOTALL
)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "\n": ""} | {
    char: char for char in "\\'\""
}
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of code: for a string its value, for all others their text; `offset` is where it begins."""

    kind: Kind
    text: str
    offset: int


def tokens(template: str) -> Iterator[Token]:
    """Every piece of code in order; what follows a delimiter that is never closed is code to the end.

    `begin` is `{{` or `{%`, `end` is what closes it.
    """
    place = 0
    while True:
        begin = _BEGIN.search(template, place)
        if begin is None:
            return
        raw = _RAW.match(template, begin.start())
        if raw or begin[0] == "{#":
            end = _END_RAW.search(template, raw.end()) if raw else None
            comment = template.find("#}", begin.end()) if not raw else -1
            if end is None and comment < 0:
                return
            place = end.end() if end else comment + 2
            continue
        yield Token("begin", begin[0], begin.start())
        start = begin.end() + (template[begin.end() : begin.end() + 1] in ("-", "+"))  # of white space
        for token, after in _code(template, start, "}}" if begin[0] == "{{" else "%}"):
            yield token
            place = after
        if place <= begin.start():  # nothing after the delimiter
            return


def unescaped(text: str) -> str:
    """The value of a string from what stands between its quotes (the codec unicode-escape, as Jinja uses)."""
    return _ESCAPE.sub(_value, text) if "\\" in text else text


def _value(escape: re.Match[str]) -> str:
    kind, rest = escape[1][0], escape[1][1:]
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    try:
        if kind in "xuU":
            return chr(int(rest, 16)) if rest else escape[0]
        if kind in "01234567":
            return chr(int(escape[1], 8))
        if kind == "N" and rest:
            from unicodedata import lookup

            return lookup(rest[1:-1])
    except (ValueError, OverflowError, KeyError):  # Jinja refuses the template
        pass
    return escape[0]


def _code(template: str, place: int, closing: str) -> Iterator[tuple[Token, int]]:
    """The tokens up to the one that closes this stretch of code, each with where it ends."""
    opened: list[str] = []
    while match := _TOKEN.match(template, place):
        kind, text = match.lastgroup or "operator", match[match.lastgroup or 0]
        start, place = match.start(kind), match.end()
        if kind == "end" and (opened or text[-2:] != closing):
            kind, text, place = "operator", text[0], start + 1
        if kind == "end":
            yield Token("end", text, start), place
            return
        if text in ("(", "[", "{") and kind == "operator":
            opened.append(text)
        elif kind == "operator" and opened and _PAIRS.get(text) == opened[-1]:
            opened.pop()
        if kind == "string":
            text = unescaped(text[1:-1])
        yield Token(_KINDS[kind], text, start), place


_KINDS: dict[str, Kind] = {"name": "name", "string": "string", "number": "number", "operator": "operator"}
