"""Which subjects a model card has sections on, told from its headings once for all rules that ask.

No rules live here; those about sections are in `card_sections`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.records import dataclass
from auditor.rules.registry import provides
from auditor.rules.vocabulary import phrases

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument

# Headings, and lines in bold letters, that are looked at: what has more of them is data, and looking at a
# million would take seconds (measured: 2 us a heading).
MAX_HEADINGS = 5_000
# What stands for a heading without being one: `**Limitations:** ...`, `<h3>Limitations</h3>`. Bounded, so
# that a line is searched once however many marks it has.
_BOLD = (
    r"(?m)^[ \t]{0,8}(?:[-*+>][ \t]{1,4}){0,2}"
    r"(?:\*\*|__|<(?:h[1-6]|b|strong|summary)\b[^<>\n]{0,80}>(?:<(?:b|strong)>)?)([^\n<>*]{2,80})"
)
_FIRST_OF_NO_BLANKS = "\u3000"  # from here on scripts write words without blanks between them (Hangul too)


@dataclass(frozen=True, slots=True)
class Sections:
    """What the headings of a card say, as words in lower case, each after one blank."""

    card: MarkdownDocument
    said: str

    def has(self, subject: str) -> bool:
        """Whether a heading, or a line in bold letters, begins a part on this subject."""
        return names(self.said, subject) or names(_bold_lines(self.card), subject)


@provides("sections")
def sections(bundle: Bundle) -> Sections | Absent | Unread:
    """The sections of the bundle's card."""
    from auditor.readers.markdown import MarkdownDocument

    card = bundle.get("card")
    if not isinstance(card, MarkdownDocument):
        return card if isinstance(card, Absent | Unread) else Absent("the bundle has no README.md")
    said = " | ".join(heading.text for heading in islice(card.headings, MAX_HEADINGS))
    return Sections(card, padded(said))


def names(text: str, subject: str) -> bool:
    """Whether a text made by `padded` has a wording of the subject."""
    return any(wording in text for wording in _wordings(subject))


def padded(text: str) -> str:
    """The words of a text in lower case, each after one blank."""
    return " " + " ".join(re.findall(r"[^\W_]+", text.lower()))


@cache
def _wordings(subject: str) -> tuple[str, ...]:
    """How headings name the subject; where the script has blanks, after one, since a word begins there."""
    words = sorted(phrases("sections.txt")[subject])
    return tuple(word if word[0] >= _FIRST_OF_NO_BLANKS else f" {word}" for word in words)


@lru_cache(maxsize=1)  # asked for each subject that no heading names
def _bold_lines(card: MarkdownDocument) -> str:
    """The words that lines of the card begin with in bold letters, as `padded` has them."""
    source = card.source
    if "**" not in source and "__" not in source and "<" not in source:
        return ""
    return padded(" | ".join(match[1] for match in islice(re.finditer(_BOLD, source), MAX_HEADINGS)))
