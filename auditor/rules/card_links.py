"""Where the links of a model card lead: to files, to sections of the card, to definitions of references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from auditor.model import Edit, Fault, Fix, Place
from auditor.readers.text import shown
from auditor.rules.paths import escapes, is_url, other_case, resolved, sizes
from auditor.rules.prose import outside_fences
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import Link, MarkdownDocument

# `[text][label]` after a blank, a bracket or the beginning of a line, which `array[i][j]` is not. Bounded, so
# that the search stays linear.
_REFERENCE = (
    r"(?m)(?:^|(?<=[\s(*>]))!?\[(?P<text>[^\[\]\n]{1,200})\]\[(?P<label>[^\[\]\n^]{0,200})\](?![\[(:])"
)
_DEFINED = r"(?m)^[ \t>]{0,8}\[([^\[\]\n^]{1,200})\]:"
_TARGETS = r"(?i)\b(?:id|name)\s{0,4}=\s{0,4}[\"']?([^\s\"'<>]{1,200})"
_HTML_HEADING = r"(?i)<h[1-6]\b[^<>\n]{0,200}>([^\n]{1,300}?)</h[1-6]>"
_NEAR = 300  # characters before and after brackets in which marks of code or of a formula are looked for
_SHOWN = 19  # further links to one missing section that are worth printing
_MOST = 1_000  # faults of one rule that are worth telling, as in the engine


@rule("CARD104", level="warning", needs=("card", "bundle"))
def link_to_missing_file(card: MarkdownDocument, bundle: Bundle) -> Iterator[Fault]:
    """A link or image of the card names a file that the bundle does not have.

    Why: The page shows a broken image, or the evidence it points to cannot be read.
    Bad:
        # README.md
        The [training log](logs/train.txt) tells more.
    Good:
        # README.md
        The [licence](LICENSE) and [the hub](https://huggingface.co) tell more.
    Fix: Add the file, or correct the path.
    """
    known = sizes(bundle)
    for link in card.links:
        path = _local(link.target)
        if path and not escapes(path, card.file) and resolved(path, card.file) not in known:
            yield card.place(link.span).says(
                f"`{shown(path)}` is not in the bundle", fix=_in_other_case(card, bundle, link, path)
            )


@rule("CARD113", level="warning", needs="card", certainty="likely", since="2026.2")
def link_to_missing_section(card: MarkdownDocument) -> Iterator[Fault]:
    """A link leads to a section that the card does not have.

    Why: The reader clicks and nothing happens; mostly a heading was renamed, or copied from another card.
    Bad:
        # README.md
        More on this [below](#how-it-was-measured).
    Good:
        # README.md
        More on this [above](#training-data), and <a id="there"></a>[there](#there).
    Fix: Write the heading's words in lower case with `-` for blanks. Compared are letters and digits only,
        so how a site makes its anchors does not matter.
    Source: https://docs.github.com/en/get-started/writing-on-github, section links.
    """
    asked = [link for link in card.links if link.target.startswith("#") and len(link.target) > 1]
    if not asked:
        return
    known = {_letters(heading.text) for heading in card.headings}
    known |= {_letters(_plain(heading.text)) for heading in card.headings}
    known |= {_letters(match[1]) for match in re.finditer(_TARGETS, card.source)}
    known |= {_letters(re.sub("<[^<>]*>", "", match[1])) for match in re.finditer(_HTML_HEADING, card.source)}
    missing: dict[str, list[Place]] = {}
    for link in asked:
        meant = _letters(_unquoted(link.target[1:].removeprefix("user-content-")))
        if meant and meant != "top" and meant not in known and meant.rstrip("0123456789") not in known:
            missing.setdefault(link.target, []).append(card.place(link.span))
    for target, (place, *others) in islice(missing.items(), _MOST):
        yield place.says(f"the card has no section `{shown(target)}`", *others[:_SHOWN])


@rule("CARD114", level="note", needs="card", certainty="likely", since="2026.2")
def undefined_reference(card: MarkdownDocument) -> Iterator[Fault]:
    """A link by reference has no definition, so the page shows its brackets.

    Why: The address that the author meant is lost.
    Bad:
        # README.md
        The digits are described in [the manifest][manifest].
    Good:
        # README.md
        The digits are described in [the manifest][manifest], as `data[row][column]`.

        [manifest]: data/croissant.json
    Fix: Add `[label]: address` on a line of its own. Not looked at: `[label]` alone, which is mostly just a
        word in brackets, and special tokens such as `[CLS][SEP]`.
    Source: CommonMark 0.31.2, section 6.3.
    """
    if "][" not in card.source:
        return
    defined = (
        {_label(match[1]) for match in re.finditer(_DEFINED, card.source)} if "]:" in card.source else set()
    )
    matches = (match for match in re.finditer(_REFERENCE, card.source[card.body_start :]) if _is_link(match))
    unknown = (match for match in matches if _label(match["label"] or match["text"]) not in defined)
    stretches = ((match.start() + card.body_start, match.end() + card.body_start) for match in unknown)
    for start, end, place in islice(outside_fences(card, stretches), _MOST):
        if not _in_code(card.source, start, end):
            yield place.says(f"`{shown(card.source[start:end])}` has no definition")


def _in_other_case(card: MarkdownDocument, bundle: Bundle, link: Link, path: str) -> Fix | None:
    """The link leads to the one file whose path differs in case only; one with escapes is left alone."""
    there = other_case(path, bundle, card.file) if link.target.startswith(path) else ""
    if not there:
        return None
    edit = Edit(card.place(link.span), there + link.target.removeprefix(path))
    return Fix(f"write `{shown(there)}` for `{shown(path)}`", (edit,))


def _is_link(match: re.Match[str]) -> bool:
    """Whether two pairs of brackets look like a text and its label, not like tokens, indices or citations."""
    text, label = match["text"], match["label"] or match["text"]
    words = any(char.islower() for char in text) or not text.isascii()
    return words and any(char.isalpha() for char in label) and not text.startswith(("x", " ", "@", "/"))


def _in_code(source: str, start: int, end: int) -> bool:
    """Whether a stretch stands between two backticks or dollar signs of its line."""
    line_start, line_end = source.rfind("\n", 0, start) + 1, source.find("\n", end)
    before = source[max(line_start, start - _NEAR) : start]
    after = source[end : min(line_end if line_end >= 0 else len(source), end + _NEAR)]
    return any(before.count(mark) % 2 and mark in after for mark in "`$")


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def _letters(text: str) -> str:
    """The letters and digits of a text, which is all of it that every site keeps in its anchors."""
    return "".join(char for char in text.casefold() if char.isalnum())


def _plain(heading: str) -> str:
    """A heading as it is shown: without the addresses of its links, and without tags."""
    return re.sub(r"<[^<>]*>", "", re.sub(r"\]\([^()]*\)", "]", heading))


def _unquoted(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _local(target: str) -> str:
    """The path a link means, without fragment and query; empty where it leads elsewhere."""
    if is_url(target) or target.startswith(("#", "/", "{", "<")):
        return ""
    path = target.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0].strip()
    path = _unquoted(path)
    return "" if "\0" in path else path
