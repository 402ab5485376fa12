"""Markdown files: front matter as YAML, and the headings, tables, fenced code and links of the body.

Places and lines are those of the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auditor.model import Place, Span
from auditor.readers.document import Document, Unreadable
from auditor.readers.markdown_body import Body, Cell, Fence, Heading, Table, read_body
from auditor.readers.markdown_links import Link
from auditor.readers.text import Lines
from auditor.readers.yaml import YamlDocument, read_yaml

__all__ = ["Cell", "Fence", "Heading", "Link", "MarkdownDocument", "Table", "read_markdown"]

_OPENING = re.compile(r"---[ \t]*(?:\r\n|\n|\r|\Z)")
# The hub and `huggingface_hub` pass over blanks before it; without a key below it is a rule between texts.
_AFTER_BLANKS = re.compile(r"\s*[\r\n]---[ \t]*(?:\r\n|\n|\r)(?=\s*[\w\"'-]+:(?:\s|\Z))")
_CLOSING = re.compile(r"(?<=[\r\n])---[ \t]*(?:\r\n|\n|\r|\Z)")


def read_markdown(file: str, text: str) -> MarkdownDocument:
    """A Markdown file; its front matter stands between a `---` on the first line and the next such line.

    Blank lines may stand before it where a key follows the `---`.

    Raises:
        Unreadable: the front matter is not closed, broken or no mapping, or the body holds more than
            MAX_NODES headings, table cells, fences and links.
    """
    lines = Lines(text)
    opening = _OPENING.match(text) or _AFTER_BLANKS.match(text)
    if opening is None:
        return MarkdownDocument(file, text, None, read_body(file, text, lines, 0))
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        what = "the front matter that starts here has no closing `---`"
        start = opening.end() - len(opening[0].lstrip())
        raise Unreadable(what, lines.span(file, start, start + 3), "close it with a line `---`")
    first_line = lines.count_ends(0, opening.end()) + 1
    front = read_yaml(file, text[opening.end() : closing.start()], first_line)
    if not isinstance(front.value, dict | None):
        what = f"the front matter is a {'list' if isinstance(front.value, list) else 'scalar'}, not a mapping"
        raise Unreadable(what, front.locate(front.at()), "write `key: value` lines between the two `---`")
    return MarkdownDocument(file, text, front, read_body(file, text, lines, closing.end()))


class MarkdownDocument(Document):
    """A Markdown file.

    Attributes:
        value: the mapping in the front matter; empty where there is none.
        front: the front matter with its positions, or None.
        body_line, body_start: the first line after the front matter, and the offset at which it begins.
        headings, tables, fences, links: what the body holds, in order, fenced code and comments left out.
    """

    def __init__(self, file: str, source: str, front: YamlDocument | None, body: Body) -> None:
        self.file = file
        self.source = source
        self.front = front
        self.value: dict[str, Any] = (front.value or {}) if front else {}
        self.duplicates = front.duplicates if front else ()
        self.body_line: int = body.line
        self.body_start: int = body.start
        self.headings: tuple[Heading, ...] = tuple(body.headings)
        self.tables: tuple[Table, ...] = tuple(body.tables)
        self.fences: tuple[Fence, ...] = tuple(body.fences)
        self.links: tuple[Link, ...] = tuple(body.links)
        self._bounds = body.bounds

    def locate(self, place: Place) -> Span:
        """The span of a place; the opening `---` or the file's first line for what the front matter lacks."""
        if place.span is not None:
            return place.span
        if self.front is not None and place.path and place.path[0] in self.value:
            return self.front.locate(place)
        lines = Lines(self.source)
        return lines.span(self.file, 0, lines.end_of_line(0))

    def printed(self, *path: str | int) -> str | None:
        """The scalar at `path` of the front matter as it stands there, without quotes."""
        return self.front.printed(*path) if self.front else None

    def plain(self, *path: str | int) -> bool:
        """Whether the scalar at `path` of the front matter stands there without quotes."""
        return self.front is not None and self.front.plain(*path)

    def place(self, span: Span, label: str = "") -> Place:
        """The place of a stretch of the body."""
        return Place(self.file, label=label, span=span)

    def sections(self) -> Iterator[tuple[Heading, str]]:
        """Each heading with the source below it, up to the next heading of its level or a higher one."""
        ends = [len(self.source)] * len(self.headings)
        open_: list[int] = []
        for index, heading in enumerate(self.headings):
            while open_ and self.headings[open_[-1]].level >= heading.level:
                ends[open_.pop()] = self._bounds[index][0]
            open_.append(index)
        for heading, (_, start), end in zip(self.headings, self._bounds, ends, strict=True):
            yield heading, self.source[start:end]
