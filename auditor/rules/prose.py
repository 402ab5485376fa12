"""The running text of a model card, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Place, Span
from auditor.readers.text import split_lines

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
