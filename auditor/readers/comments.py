"""Comments in YAML and Markdown that speak to fmaudit: `# fmaudit: ...` and `<!-- fmaudit: ... -->`.

Which lines each speaks of is settled here; what it says is read elsewhere. A `#` inside a YAML scalar is
text, and so is a comment inside Markdown code: fenced, between back ticks, or alone and indented by four.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Any

from auditor.model import Span
from auditor.readers.document import Document
from auditor.readers.markdown import Fence, MarkdownDocument
from auditor.readers.text import Lines, split_lines
from auditor.readers.yaml import YamlDocument
from auditor.records import dataclass

MAX_COMMENTS = 1_000  # read of one file; a hostile file could hold millions
MAX_LENGTH = 2_000  # characters of one comment
MAX_LOOKED_AT = 20_000  # of what may be a comment in one Markdown file; each costs a look along its line

_HASH = re.compile(r"#[ \t]*+fmaudit:")
_HTML = re.compile(r"<!--\s*+fmaudit:")
_TICKS = re.compile(r"`+")
# The anchor and tag before a scalar, and the comments that may stand between them and the scalar.
_PROPERTIES = re.compile(r"(?:[&!]\S*+(?:\s++|#[^\r\n]*+)*+)*+")
# Whole lines that hold nothing but a comment, and the blanks at the beginning of the line after them.
_YAML_NOTHING = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\n|\r))*+[ \t]*+")
_BODY_NOTHING = re.compile(
    r"(?:[ \t]*+(?:<!--[ \t]*+fmaudit:(?:(?!-->)[^\r\n])*+-->[ \t]*+)?(?:\r\n|\n|\r))*+[ \t]*+"
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment for fmaudit.

    Attributes:
        text: what follows `fmaudit:`, with single blanks for blanks and line ends.
        span: where the comment stands.
        lines: the lines it speaks of: its own where anything else stands on it, else the next that holds
            anything; before the first key of front matter also the line `---`.
        fault: why it cannot be read, or empty.
    """

    text: str
    span: Span
    lines: tuple[int, ...]
    fault: str = ""


def find_comments(document: Document) -> tuple[Comment, ...]:
    """The comments for fmaudit in a document, by line; after MAX_COMMENTS one that says so ends them."""
    comments: Iterator[Comment] = iter(())
    if isinstance(document, YamlDocument):
        comments = _in_yaml(document, first_line=1)
    elif isinstance(document, MarkdownDocument):
        comments = _in_markdown(document)
    found = [*islice(comments, MAX_COMMENTS + 1)]
    if len(found) > MAX_COMMENTS:
        fault = f"the file holds more than {MAX_COMMENTS:,} comments for fmaudit; the rest is not read"
        found[-1] = Comment("", found[-1].span, (), fault)
    return tuple(found)


def _in_markdown(document: MarkdownDocument) -> Iterator[Comment]:
    if document.front is not None:
        yield from _in_yaml(document.front, first_line=2)
    yield from _in_body(document)


def _in_yaml(document: YamlDocument, *, first_line: int) -> Iterator[Comment]:
    text, lines = document.source, Lines(document.source, first_line)
    following = _Following(text, lines, _YAML_NOTHING, "#")
    top = following.after(0)
    for start in _outside_scalars(text):
        line, column = lines.position(start)
        if column > 1 and text[start - 1] not in " \t":
            continue
        end = lines.end_of_line(start)
        spoken_of: tuple[int, ...] = (line,)
        if not _before(text, start, column).strip(" \t-"):
            spoken_of = (following.after(end) or line,)
            if first_line > 1 and line < top:
                spoken_of = (first_line - 1, *spoken_of)
        span = lines.span(document.file, start, end)
        if end - start > MAX_LENGTH:
            yield Comment("", span, (), f"the comment has more than {MAX_LENGTH:,} characters")
        else:
            yield Comment(" ".join(text[start:end].partition(":")[2].split()), span, spoken_of)


def _outside_scalars(text: str) -> Iterator[int]:
    """Where `# fmaudit:` stands in a YAML text, scalars left out."""
    import yaml

    from auditor.readers.yaml_tree import LOADER

    candidates = (found.start() for found in _HASH.finditer(text))
    candidate = next(candidates, None)
    for event in iter(LOADER(text).get_event, None):
        if candidate is None:
            return
        if type(event) is not yaml.ScalarEvent:
            continue
        marks: Any = event  # the stubs of PyYAML allow events without marks
        start, end = marks.start_mark.index, marks.end_mark.index
        properties = _PROPERTIES.match(text, start, end)
        start = properties.end() if properties else start
        if event.style in ("|", ">"):  # a comment may stand behind the sign that opens it
            start = Lines(text[start : start + MAX_LENGTH]).end_of_line(0) + start
        while candidate is not None and candidate < start:
            yield candidate
            candidate = next(candidates, None)
        while candidate is not None and candidate < end:
            candidate = next(candidates, None)
    while candidate is not None:
        yield candidate
        candidate = next(candidates, None)


def _in_body(document: MarkdownDocument) -> Iterator[Comment]:
    text, lines = document.source, Lines(document.source)
    following = _Following(text, lines, _BODY_NOTHING, "")
    fenced = _Fenced(document.fences)
    behind = 0
    for number, found in enumerate(_HTML.finditer(text), 1):
        start = found.start()
        line, column = lines.position(start)
        if number > MAX_LOOKED_AT:
            fault = f"`fmaudit:` stands here more than {MAX_LOOKED_AT:,} times; the rest is not read"
            yield Comment("", lines.span(document.file, start, found.end()), (), fault)
            return
        if start < behind or line < document.body_line or fenced.holds(line):
            continue
        before = _before(text, start, column)
        if _is_indented(before) or _in_ticks(before, text[start : start + MAX_LENGTH]):
            continue
        end = text.find("-->", found.end(), start + MAX_LENGTH)
        if end < 0:
            fault = f"the comment is not closed within {MAX_LENGTH:,} characters"
            yield Comment("", lines.span(document.file, start, found.end()), (), fault)
            continue
        behind = end + 3
        spoken_of = tuple(range(line, lines.position(end)[0] + 1))
        if not before.strip(" \t>*+-") and not text[behind : lines.end_of_line(behind)].strip():
            next_line = following.after(behind)
            spoken_of = (next_line,) if next_line else spoken_of
        said = " ".join(text[found.end() : end].split())
        yield Comment(said, lines.span(document.file, start, behind), spoken_of)


class _Following:
    """The next line that holds anything; asked for rising offsets, it looks at no line twice."""

    def __init__(self, text: str, lines: Lines, nothing: re.Pattern[str], mark: str) -> None:
        self.text = text
        self.lines = lines
        self.nothing = nothing
        self.mark = mark  # what begins a comment that ends with the text instead of with its line
        self.until = -1

    def after(self, offset: int) -> int:
        """Its number; 0 where only comments and blank lines follow."""
        if offset >= self.until:
            found = self.nothing.match(self.text, offset)
            self.until = found.end() if found else offset
        at = self.until
        if at >= len(self.text) or (self.mark and self.text.startswith(self.mark, at)):
            return 0
        return self.lines.position(at)[0]


class _Fenced:
    """Which lines of a body belong to fenced code."""

    def __init__(self, fences: tuple[Fence, ...]) -> None:
        self.first = [fence.line for fence in fences]
        self.last = [fence.line + len(split_lines(fence.text)) for fence in fences]

    def holds(self, line: int) -> bool:
        index = bisect_right(self.first, line) - 1
        return index >= 0 and line <= self.last[index]


def _before(text: str, start: int, column: int) -> str:
    """What stands on the line before an offset, as far as it matters."""
    return text[start - min(column - 1, MAX_LENGTH) : start]


def _is_indented(before: str) -> bool:
    """Whether a comment after these characters of its line begins indented code."""
    return not before.strip(" \t") and len(before.expandtabs(4)) >= 4


def _in_ticks(before: str, rest: str) -> bool:
    """Whether what follows `before` stands in code that back ticks open before it and close behind it."""
    opened = ""
    for found in _TICKS.finditer(before):
        opened = "" if found[0] == opened else opened or found[0]
    return bool(opened) and any(found[0] == opened for found in _TICKS.finditer(rest))
