"""The block of metadata itself: where it stands, how its lines end, and which of it other readers lose."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.model import Edit, Fault, Fix, Place, Span
from auditor.readers.text import Lines, shown
from auditor.rules.content import head
from auditor.rules.edits import without_mark
from auditor.rules.registry import rule
from auditor.rules.wording import dotted

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument

_SEARCHED = 5_000  # characters in which a block that is not first is looked for; below that it is prose
_WALKED = 20_000  # values of front matter whose keys are looked at; real ones hold some hundreds
_SHOWN = 20  # places of one fault that are worth printing


@lru_cache(maxsize=1)  # so that importing the rules compiles nothing that most cards never need
def _misplaced_block() -> re.Pattern[str]:
    """A line `---`, a line with a key of the hub, more lines, and a line `---`."""
    key = r"(?:licen[sc]e|language|tags|datasets|metrics|pipeline_tag|library_name|base_model|thumbnail):"
    lines = r"(?:[^\r\n]*\r?\n)"
    return re.compile(rf"^---[ \t]*\r?\n{key}{lines}{{1,200}}?---[ \t]*$", re.MULTILINE)


def misplaced(card: MarkdownDocument) -> re.Match[str] | None:
    """A block of metadata that would be read if it came first."""
    if card.front is not None or "---" not in card.source[:_SEARCHED]:
        return None
    return _misplaced_block().search(card.source, 0, 2 * _SEARCHED)


@rule("CARD005", level="warning", needs=("card", "bundle"), since="2026.2")
def mark_before_front_matter(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    r"""A byte-order mark stands before the first `---`.

    Why: `huggingface_hub` finds no metadata behind a mark, and says so only in a log line: licence, language
        and results are lost, and are gone for good when it writes the card back.
    Bad:
        # README.md, front, as bytes
        b"\xef\xbb\xbf---\nlicense: apache-2.0\n---\n"
    Good:
        # README.md
        ---
        license: apache-2.0
        ---
    Fix: Save the file as UTF-8 without a mark (`UTF-8`, not `UTF-8 with BOM`).
    Source: REGEX_YAML_BLOCK in huggingface_hub/repocard.py; measured with huggingface_hub 2.4.0
    """
    file = bundle.file(card.file)
    if file is None or file.size_bytes == len(card.source.encode("utf-8", "surrogatepass")):
        return  # nothing stands before what was read
    if card.front is not None and head(bundle, card.file, len(BOM_UTF8)) == BOM_UTF8:
        place = Place(card.file, span=Span(card.file, 1, 1, 1, 4))
        yield place.says(
            "a byte-order mark stands before the front matter",
            help="save the file as UTF-8 without a mark",
            fix=without_mark(card.file),
        )


@rule("CARD006", level="warning", needs="card", since="2026.2", certainty="likely")
def front_matter_not_first(card: MarkdownDocument) -> Iterator[Fault]:
    """Text stands before the block of metadata, so that nothing reads the block.

    Why: Metadata is what stands between `---` on the first line and the next `---`. Below a title or a
        comment the same lines are a heading between two rules, and the model has no licence.
    Bad:
        # README.md, front
        <!-- written by hand -->
        ---
        license: apache-2.0
        ---
        What this release holds is told below.

    Good:
        # README.md
        ---
        license: apache-2.0
        ---
        <!-- written by hand -->
    Fix: Move the block to the top of the file.
    Source: REGEX_YAML_BLOCK in huggingface_hub/repocard.py
    """
    found = misplaced(card)
    if found is not None:
        span = Lines(card.source).span(card.file, found.start(), found.start() + 3)
        place = card.place(span)
        yield place.says("this block of metadata does not stand first", help="move it to the top of the file")


@rule("CARD007", level="note", needs="card", since="2026.2")
def blank_before_front_matter(card: MarkdownDocument) -> Iterator[Fault]:
    """Blank lines stand before the block of metadata.

    Why: The hub passes over them; GitHub, Jekyll and most Markdown tools then see a rule and a paragraph.
    Bad:
        # README.md, front

        ---
        license: apache-2.0
        ---
    Good:
        # README.md
        ---
        license: apache-2.0
        ---
    Fix: Begin the file with `---`.
    Source: REGEX_YAML_BLOCK in huggingface_hub/repocard.py
    """
    blanks = _opening(card) if card.front is not None else 0
    if blanks:
        lines = Lines(card.source)
        place = card.place(lines.span(card.file, blanks, blanks + 3))
        gone = Place(card.file, span=lines.stretch(card.file, 0, blanks))
        fix = Fix("remove the blanks before the front matter", (Edit(gone, ""),))
        yield place.says("blanks stand before the front matter", fix=fix)


@rule("CARD008", level="warning", needs="card", since="2026.2")
def blank_after_opening(card: MarkdownDocument) -> Iterator[Fault]:
    r"""Blanks follow the first `---` on its line.

    Why: `huggingface_hub` then finds no metadata, and says so only in a log line. After the closing `---`
        blanks do no harm.
    Bad:
        # README.md, front, as bytes
        b"--- \nlicense: apache-2.0\n---\n"
    Good:
        # README.md
        ---
        license: apache-2.0
        ---
    Fix: Remove the blanks.
    Source: REGEX_YAML_BLOCK in huggingface_hub/repocard.py; measured with huggingface_hub 2.4.0
    """
    if card.front is None:
        return
    begin = _opening(card) + 3  # after the `---`
    blanks = begin
    while card.source[blanks : blanks + 1] in (" ", "\t"):
        blanks += 1
    if blanks > begin:
        lines = Lines(card.source)
        gone = Place(card.file, span=lines.stretch(card.file, begin, blanks))
        fix = Fix("remove the blanks after `---`", (Edit(gone, ""),))
        place = card.place(lines.span(card.file, begin - 3, blanks))
        yield place.says("blanks follow the opening `---`, which hides the front matter", fix=fix)


@rule("CARD009", level="note", needs="card", since="2026.2")
def mixed_line_ends(card: MarkdownDocument) -> Iterator[Fault]:
    r"""Some lines of the front matter end in CRLF, others in LF.

    Why: A tool that cuts lines at one of the two leaves the other in the values: `mit\r` is no licence.
    Bad:
        # README.md, front, as bytes
        b"---\nlicense: apache-2.0\r\nlanguage: en\n---\n"
    Good:
        # README.md
        ---
        license: apache-2.0
        language: en
        ---
    Fix: Let one kind of line end stand in the file; `git add --renormalize README.md` writes LF.
    """
    if card.front is None or "\r\n" not in card.front.source:
        return
    both = card.front.source.count("\r\n")
    alone = card.front.source.count("\n") - both
    if alone:
        ends = f"{both} end in CRLF, {alone} in LF"
        yield card.at().says(f"the lines of the front matter end in two ways: {ends}")


@rule("CARD010", level="warning", needs="card", since="2026.2", certainty="likely")
def key_with_dot_or_dollar(card: MarkdownDocument) -> Iterator[Fault]:
    """A key of the front matter holds a dot or a dollar sign.

    Why: The hub refuses the whole card: `You can't have a key with a "." or "$" character in your YAML
        metadata`.
    Bad:
        # README.md
        ---
        transformers.version: "4.57"
        ---
    Good:
        # README.md
        ---
        transformers_version: "4.57"
        ---
    Fix: Write the key with `_` or `-`.
    Source: https://github.com/huggingface/huggingface_hub/issues/1114
    """
    # Most cards have neither; one look at the text is cheaper than a walk over all values.
    source = card.front.source if card.front is not None else ""
    if "." not in source and "$" not in source:
        return
    told: set[tuple[str | int, ...]] = set()
    for path in _paths(card):
        for depth, step in enumerate(path, start=1):
            if isinstance(step, str) and ("." in step or "$" in step) and path[:depth] not in told:
                told.add(path[:depth])
                message = f"the key `{shown(dotted(path[:depth]))}` holds a `.` or `$`, which the hub refuses"
                yield card.key(*path[:depth]).says(message)


@rule("CARD011", level="note", needs="card", since="2026.2", certainty="likely")
def alias_in_front_matter(card: MarkdownDocument) -> Iterator[Fault]:
    """The front matter repeats a value by an alias (`*id001`).

    Why: PyYAML writes such aliases by itself for values that are one object in memory. Readers that are not
        full YAML show `*id001` as the text, and a change of the one value changes the other.
    Bad:
        # README.md, front
        ---
        license: apache-2.0
        metrics: &id001
          - accuracy
        my_metrics: *id001
        ---
    Good:
        # README.md
        ---
        metrics: [accuracy]
        my_metrics: [accuracy]
        ---
    Fix: Write the value out; in Python `yaml.Dumper.ignore_aliases = lambda *_: True`.
    Source: https://yaml.org/spec/1.2.2/#71-alias-nodes
    """
    source = card.front.source if card.front is not None else ""
    if card.front is None or "*" not in source or "&" not in source:
        return
    found = list(_aliases(source))
    if found:
        names = sorted({shown(name) for _, name in found})
        places = [card.place(card.front.stretch(at, at + len(name) + 1)) for at, name in found[:_SHOWN]]
        listed = ", ".join(f"`*{name}`" for name in names[:3])
        yield places[0].says(f"the front matter repeats values by {listed}", *places[1:])


def _opening(card: MarkdownDocument) -> int:
    """Where the first `---` of a card stands whose front matter was read."""
    return 0 if card.source.startswith("---") else len(card.source) - len(card.source.lstrip())


def _paths(card: MarkdownDocument) -> Iterator[tuple[str | int, ...]]:
    for count, (path, _) in enumerate(card.scalars()):
        if count == _WALKED:
            return
        yield path


def _aliases(source: str) -> Iterator[tuple[int, str]]:
    """Offset and name of what looks like an alias whose anchor is set before it."""
    anchors = set(re.findall(r"[:\-][ \t]+&([\w-]+)", source))
    for match in re.finditer(r"(?:[:\-]|^[ \t]*<<:)[ \t]+(\*([\w-]+))[ \t]*$", source, re.MULTILINE):
        if match[2] in anchors:
            yield match.start(1), match[2]
