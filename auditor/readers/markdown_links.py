"""Links and images in a stretch of Markdown, code spans and comments left out.

Inline links, reference definitions, `<https://…>` and the `href` and `src` of HTML tags. No pattern looks
further than the next bracket of its kind, so the time is linear in the text.
"""

from __future__ import annotations

import re

from auditor.model import Span
from auditor.readers.text import Lines
from auditor.records import dataclass

_INLINE = re.compile(
    r"(?<!\\)!?\[(?P<text>(?:[^\[\]\\]++|\\.|\[[^\[\]]*+\])*+)\]"
    r"\(\s*+(?:<(?P<bracketed>[^<>\r\n]*+)>|(?P<bare>[^\s()<>]*+(?:\([^\s()]*+\)[^\s()<>]*+)*+))(?=[\s)])"
)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)(?P<text>(?:[^\[\]\\\r\n]|\\.)++)\]:[ \t]*+<?(?P<bare>[^\s<>]++)", re.MULTILINE
)
_AUTOLINK = re.compile(r"<(?P<bare>(?:https?|ftp|mailto):[^\s<>]++)>")
_ATTRIBUTE = re.compile(
    r"<[a-zA-Z][^<>]*?\s(?:href|src)\s*+=\s*+(?:\"(?P<bare>[^\"<>]*+)\"|'(?P<bracketed>[^'<>]*+)')",
    re.IGNORECASE,
)
_BACKTICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image; `span` is that of its target, `text` the source between its brackets."""

    target: str
    text: str
    span: Span


def find_links(file: str, text: str, lines: Lines, start: int, end: int) -> list[Link]:
    """The links between two offsets, in order of their targets."""
    source = text[start:end]
    if "[" not in source and "<" not in source:
        return []
    searched = _without_comments(_without_code(source))
    found = [
        match for pattern in (_DEFINITION, _AUTOLINK, _ATTRIBUTE) for match in pattern.finditer(searched)
    ]
    for match in _INLINE.finditer(searched):
        found.append(match)
        found.extend(_INLINE.finditer(searched, *match.span("text")))  # an image that is a link's text
    links = []
    for match in found:
        group = "bare" if match["bare"] is not None else "bracketed"
        first, last = match.span(group)
        words = source[slice(*match.span("text"))] if "text" in match.re.groupindex else ""
        links.append((first, Link(source[first:last], words, lines.span(file, start + first, start + last))))
    return [link for _, link in sorted(links, key=lambda each: each[0])]


def _without_code(source: str) -> str:
    """The source with blanks for its code spans (CommonMark 0.31, chapter 6.1)."""
    marks = [match.span() for match in _BACKTICKS.finditer(source)]
    if not marks:
        return source
    by_length: dict[int, list[int]] = {}
    for index in reversed(range(len(marks))):
        by_length.setdefault(marks[index][1] - marks[index][0], []).append(index)
    pieces, done, index = [], 0, 0
    while index < len(marks):
        start, end = marks[index]
        closers = by_length[end - start]
        while closers and closers[-1] <= index:
            closers.pop()
        index += 1
        if closers and source[start - 1 : start] != "\\":
            index = closers[-1] + 1
            end = marks[index - 1][1]
            pieces += [source[done:start], " " * (end - start)]
            done = end
    return "".join([*pieces, source[done:]])


def _without_comments(source: str) -> str:
    pieces, done = [], 0
    while (start := source.find("<!--", done)) >= 0 and (end := source.find("-->", start)) >= 0:
        pieces += [source[done:start], " " * (end + 3 - start)]
        done = end + 3
    return "".join([*pieces, source[done:]])
