"""The model card as lists of disclosures ask for it: sections that say something, phrases, front matter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from auditor.readers.markdown import Heading, MarkdownDocument
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.bundle import Bundle

MAX_CHARACTERS = 2 * 2**20  # of a card that are searched: each phrase of each list is looked for in them
MOST_TRIES = 100  # places of one phrase that are looked at: each may be a part of another word
SHORT = 5  # letters of a phrase that must be a whole word: `irb`, `kwh`; longer ones may go on, as `annotat`
LEAST_WORDS = 4  # of a section that says something
_PLACEHOLDER = re.compile(
    r"\[?more information needed\]?|\{\{[^{}\n]{0,200}\}\}|\b(?:todo|tbd|n/a)\b"
    # What the hub's template and the Trainer of transformers write of their own accord.
    r"|carbon emissions can be estimated using the \[machine learning impact calculator\][^\n]{0,200}"
    r"|users \(both direct and downstream\) should be made aware of the risks, biases and limit[^\n]{0,99}"
    r"|this is the model card of a [^\n]{0,80}pushed on the hub[^\n]{0,99}",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t].*$", re.MULTILINE)
MAX_LABEL = 500  # characters to either side of it
LABEL = 6  # words of a line beside a placeholder that are the label of what is not said
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Section:
    """A section that says something: its heading in lower case, its line, its text without placeholders."""

    heading: str
    line: int
    text: str


class CardText:
    """The card, made ready to be asked many questions.

    Attributes:
        file: its path.
        front: its front matter.
        said: how many characters the body has without headings, placeholders, comments and blanks.
        first_line: the first line of the body.
    """

    def __init__(self, document: MarkdownDocument) -> None:
        self.document = document
        self.file = document.file
        self.front = document.value
        self.first_line = document.body_line
        start = _offset(document.source, document.body_line)
        body = document.source[start : start + MAX_CHARACTERS]
        self._body = _HEADING.sub(_blank, _without_placeholders(body)).lower()
        self.said = len("".join(self._body.split()))
        self._sections = [
            Section(heading.text.lower(), heading.line, text)
            for heading, text in _own_text(document)
            if _says_something(text)
        ]

    def section(self, names: Iterable[str]) -> Section | None:
        """The first section that says something and has one of the names, as whole words, in its heading."""
        for name in names:
            pattern = re.compile(rf"(?<!\w){re.escape(name)}s?(?!\w)")
            for section in self._sections:
                if name in section.heading and pattern.search(section.heading):
                    return section
        return None

    def phrase(self, phrases: Iterable[str]) -> int:
        """The line of the first of the phrases that the body has, 0 where it has none."""
        for phrase in phrases:
            at = -1
            for _ in range(MOST_TRIES):
                at = self._body.find(phrase, at + 1)
                if at < 0:
                    break
                if self._is_whole(at, phrase):
                    return self._line(at)
        return 0

    def linked(self, address: re.Pattern[str], words: tuple[str, ...]) -> int:
        """The first line with an address of this form and one of the words, 0 where there is none."""
        for match in address.finditer(self._body):
            start = self._body.rfind("\n", 0, match.start()) + 1
            end = self._body.find("\n", match.end())
            line = self._body[start : end if end >= 0 else len(self._body)][:2000]
            if any(word in line for word in words):
                return self._line(match.start())
        return 0

    @property
    def has_results(self) -> bool:
        """Whether `model-index` holds a value."""
        return any(
            self.document.items(*path, "results") for path, _ in self.document.items("model-index")
        ) and any(
            isinstance(entry, dict) and entry.get("metrics")
            for path, _ in self.document.items("model-index")
            for _, entry in self.document.items(*path, "results")
        )

    @property
    def results_line(self) -> int:
        """The line of `model-index`."""
        return self.document.locate(self.document.key("model-index")).line

    @property
    def snippet_line(self) -> int:
        """The line of the first Python code in the card that imports something, 0 where there is none."""
        fences = self.document.fences
        return next(
            (f.line for f in fences if f.language.lower() in ("python", "py") and "import " in f.text), 0
        )

    @property
    def paper_tag(self) -> int:
        """The line of a tag `arxiv:...`, 0 where there is none."""
        tags = self.document.items("tags")
        found = [path for path, tag in tags if isinstance(tag, str) and tag.startswith("arxiv:")]
        return self.document.locate(self.document.at(*found[0])).line if found else 0

    def _is_whole(self, at: int, phrase: str) -> bool:
        """Whether a word begins where the phrase does and, for short ones, ends where it does."""
        end = at + len(phrase)
        if phrase[0].isalnum() and at and self._body[at - 1].isalnum():
            return False
        return len(phrase) > SHORT or not self._body[end : end + 1].isalnum()

    def _line(self, offset: int) -> int:
        return self.first_line + self._body.count("\n", 0, offset)


def card_text(bundle: Bundle) -> CardText | None:
    """The bundle's card, made once; None where there is none that can be read."""
    if "openness card" not in bundle.memo:
        card = bundle.get("card")
        bundle.memo["openness card"] = CardText(card) if isinstance(card, MarkdownDocument) else None
    found = bundle.memo["openness card"]
    return found if isinstance(found, CardText) else None


def _own_text(document: MarkdownDocument) -> Iterable[tuple[Heading, str]]:
    """Each heading with the text below it; that of its subsections belongs to it as well."""
    budget = MAX_CHARACTERS
    for heading, text in document.sections():
        piece = text[: min(budget, 20_000)]
        budget -= len(piece)
        yield heading, _without_placeholders(piece)
        if budget <= 0:
            return


def _says_something(text: str) -> bool:
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    words = 0
    for line in lines:
        words += len(_WORD.findall(line[:2000]))
        if words >= LEAST_WORDS:
            return True
    return False


def _without_placeholders(text: str) -> str:
    """The text with blanks for placeholders and comments, so that offsets and lines stay."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces += [text[at:start], _blanks(text[start : end + 3])]
        at = end + 3
    pieces.append(text[at:])
    whole = "".join(pieces)
    pieces, at = [], 0
    for match in _PLACEHOLDER.finditer(whole):
        start, end = match.span()
        if start < at:  # its line has been blanked for the one before
            continue
        line_start = whole.rfind("\n", max(at, start - MAX_LABEL), start) + 1 or at
        line_end = whole.find("\n", end, end + MAX_LABEL)
        beside = whole[line_start:start] + whole[end:line_end]
        if start - line_start < MAX_LABEL and line_end >= 0 and len(_WORD.findall(beside)) <= LABEL:
            start, end = line_start, line_end
        pieces += [whole[at:start], _blanks(whole[start:end])]
        at = end
    return "".join([*pieces, whole[at:]])


def _blank(match: re.Match[str]) -> str:
    return _blanks(match[0])


def _blanks(text: str) -> str:
    """Blanks of the same length, with the line ends where they were."""
    return re.sub(r"[^\n]", " ", text)


def _offset(text: str, line: int) -> int:
    """Where a line begins."""
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
        if not offset:
            return len(text)
    return offset
