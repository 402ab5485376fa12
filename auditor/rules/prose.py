"""The running text of a model card, line by line."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from auditor.model import Place, Span
from auditor.readers.text import Lines, split_lines

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

MAX_LINE = 10_000  # characters of one line that are searched; what is longer is data


def prose(card: MarkdownDocument) -> Iterator[tuple[int, str]]:
    """Each line of the body outside fenced code, with its number in the file."""
    fenced: set[int] = set()
    for fence in card.fences:
        fenced.update(range(fence.line, fence.line + len(split_lines(fence.text)) + 1))
    for number, line in enumerate(split_lines(card.source), start=1):
        if number >= card.body_line and number not in fenced:
            yield number, line[:MAX_LINE]


def matches(card: MarkdownDocument, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Place]]:
    """Every match of a pattern in the running text, with its place."""
    for number, line in prose(card):
        for match in pattern.finditer(line):
            span = Span(card.file, number, match.start() + 1, number, match.end() + 1)
            yield match, card.place(span)


def found(card: MarkdownDocument, pattern: re.Pattern[str]) -> Iterator[tuple[str, Place]]:
    """Every match of a pattern in the body outside fenced code, with its place.

    The text is searched in one go, so `^` and `$` need MULTILINE, and no match may span two lines.
    """
    stretches = (match.span() for match in pattern.finditer(card.source, card.body_start))
    for start, end, place in outside_fences(card, stretches):
        yield card.source[start:end].strip(), place


def outside_fences(
    card: MarkdownDocument, stretches: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int, Place]]:
    """Those stretches of the card's source that do not begin in fenced code, with their places."""
    for start, end, place in places(card, stretches):
        if place.span is not None and not in_fence(card, place.span.line):
            yield start, end, place


def places(card: MarkdownDocument, stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, Place]]:
    """Stretches of the card's source with their places, cut at the end of their first lines."""
    lines: Lines | None = None
    for start, end in stretches:
        lines = lines or Lines(card.source)
        yield start, end, card.place(lines.span(card.file, start, end))


def in_fence(card: MarkdownDocument, line: int) -> bool:
    """Whether a line of the file lies in fenced code or is its opening fence."""
    index = bisect_right(card.fences, line, key=lambda fence: fence.line) - 1
    if index < 0:
        return False
    fence = card.fences[index]
    return line <= fence.line + len(split_lines(fence.text)) - 1
