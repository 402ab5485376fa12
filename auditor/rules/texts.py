"""Text files of a bundle, line by line, for rules that look for a pattern anywhere."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from posixpath import basename
from typing import TYPE_CHECKING

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File

MAX_TEXT_BYTES = 4 * 2**20  # a longer text is data, not something a person wrote
_SUFFIXES = (
    *(".md", ".txt", ".rst", ".yaml", ".yml", ".json", ".jsonl", ".toml", ".ini", ".cfg", ".conf", ".env"),
    *(".py", ".ipynb", ".sh", ".bash", ".js", ".ts", ".c", ".h", ".cpp", ".cu", ".log", ".csv", ".tsv"),
    *(".xml", ".html", ".bib", ".cff", ".jinja", ".lock", ".pem", ".key", ".properties", ".ps1", ".bat"),
)
# Tables of word pieces: megabytes of fragments in which any pattern turns up by chance.
_VOCABULARIES = frozenset({"tokenizer.json", "vocab.json", "vocab.txt", "merges.txt", "added_tokens.json"})


_LINE_END = re.compile(rb"\r\n|\n|\r")  # as in readers/text.py


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern met in a text file."""

    place: Place
    text: str


def is_text(file: File) -> bool:
    """Whether a file is worth reading as text: by name and size, vocabularies left out."""
    name = basename(file.path).lower()
    known = name.endswith(_SUFFIXES) or "." not in name.strip(".") or name.startswith(".env.")
    return known and file.is_regular and file.size_bytes <= MAX_TEXT_BYTES and name not in _VOCABULARIES


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text file, as bytes, and where it stands."""

    file: str
    number: int
    raw: bytes

    def match(self, begin: int, end: int) -> Match:
        """The stretch of the line between two offsets."""
        text = self.raw[begin:end].decode("utf-8", "replace")
        column = 1 + len(self.raw[:begin].decode("utf-8", "replace"))
        span = Span(self.file, self.number, column, self.number, column + len(text))
        return Match(Place(self.file, span=span), text)


def lines(
    bundle: Bundle, *, hint: tuple[bytes, ...], where: Callable[[File], bool] = is_text
) -> Iterator[Line]:
    """Each line of each text file that holds one of the words of `hint`.

    Raises:
        Unreadable: after all others, if a file cannot be read.
    """
    error: Unreadable | None = None
    for file in bundle.files:
        if not where(file):
            continue
        try:
            raw = bundle.read_bytes(file.path, MAX_TEXT_BYTES)
        except Unreadable as unreadable:
            error = error or unreadable
            continue
        if not any(word in raw for word in hint) or b"\0" in raw:
            continue
        for number, line in enumerate(_LINE_END.split(raw.removeprefix(BOM_UTF8)), start=1):
            if any(word in line for word in hint):
                yield Line(file.path, number, line)
    if error is not None:
        raise error


def matches(
    bundle: Bundle,
    pattern: bytes,
    *,
    hint: tuple[bytes, ...],
    where: Callable[[File], bool] = is_text,
) -> Iterator[Match]:
    """The first match of `pattern` in each line of each text file; lines without any `hint` are skipped.

    The pattern is compiled when the first such line is met, which in most bundles is never.

    Raises:
        Unreadable: after all others, if a file cannot be read.
    """
    for line in lines(bundle, hint=hint, where=where):
        match = re.search(pattern, line.raw)
        if match:
            yield line.match(match.start(), match.end())
