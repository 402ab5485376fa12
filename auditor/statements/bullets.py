"""The items `- Name: text` of a card's lists, as the Trainer, AutoTrain and people write them."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.model import Span
from auditor.readers.text import Lines, split_lines
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

MAX_BULLETS = 20_000  # of one card; a list beyond this is data

# Name without colon, pipe and line end, at most 80 characters: each line is looked at once.
_ITEM = re.compile(
    r"^(?:[ \t]|>[ \t]?){0,12}[-*+][ \t]+[*_`]{0,3}([^\s:|*`][^:|*`\r\n]{0,79}?)[*_`]{0,3}"
    r"[ \t]*:[ \t]*[*_`]{0,3}[ \t]*(\S[^\r\n]*)$",
    re.MULTILINE,
)
MAX_TEXT = 400  # characters of an item's text that are kept


@dataclass(frozen=True, slots=True)
class Bullet:
    """One item of a list.

    Attributes:
        name: what stands before the colon.
        text: what follows it, without outer blanks and emphasis.
        span: of `text` in the file.
        block: number of the list in the card; items on adjacent lines are one list.
        heading: text of the heading above, empty where there is none.
    """

    name: str
    text: str
    span: Span
    block: int
    heading: str


@lru_cache(maxsize=2)
def bullets(card: MarkdownDocument) -> tuple[Bullet, ...]:
    """Every item with a name and a text outside fenced code, in order."""
    lines = Lines(card.source)
    fences = [(fence.line, fence.line + len(split_lines(fence.text))) for fence in card.fences]
    starts = [heading.line for heading in card.headings]
    found: list[Bullet] = []
    block, before = 0, -1
    for match in _ITEM.finditer(card.source):
        text = match[2].rstrip("*_` \t")[:MAX_TEXT]
        line, column = lines.position(match.start(2))
        fence = bisect_right(fences, (line, 1 << 60)) - 1
        if line < card.body_line or (fence >= 0 and line <= fences[fence][1]) or not text:
            continue
        block += line != before + 1
        before = line
        above = bisect_right(starts, line) - 1
        heading = card.headings[above].text if above >= 0 else ""
        span = Span(card.file, line, column, line, column + len(text))
        found.append(Bullet(match[1].strip(), text, span, block, heading))
        if len(found) == MAX_BULLETS:
            break
    return tuple(found)
