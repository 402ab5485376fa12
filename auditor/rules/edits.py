"""Fixes for faults in YAML and JSON: exact edits that keep quotes, comments and everything around them.

A rule says what is to stand where; here it is settled how that is written there. Where that is not certain
(a text over several lines, an alias, a comment in the way) the answer is None, and the fault has no fix.
Whether the file is still read as it should be afterwards is for the engine to try.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from auditor.model import Edit, Fix, KeyPath, Place, Safety, Span
from auditor.readers.document import Document, Unreadable
from auditor.readers.positions import Branch
from auditor.readers.text import shown
from auditor.rules.vocabulary import only_near, spelling

if TYPE_CHECKING:
    from auditor.readers.json import JsonDocument
    from auditor.readers.yaml import YamlDocument

# Words that every YAML reader takes for text, alone or in a list in brackets.
_PLAIN = re.compile(r"[A-Za-z(][A-Za-z0-9_./+()-]*(?: [A-Za-z0-9(][A-Za-z0-9_./+()-]*)*")
_NO_TEXT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})  # to some readers
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")  # RFC 8259, section 6
_COLON = re.compile(r"\s*:[ \t]*")
_NEXT = re.compile(r"\s*+,?+\s*+(?=[^,#}\]])")  # from a value to the key after it, with no comment between
_LONGEST = 1_000  # characters of a key or value that is changed; a longer one is no slip of the pen


def renamed(document: Document, path: KeyPath, name: str, safety: Safety = "safe") -> Fix | None:
    """The key that ends `path` becomes `name`, where its mapping has no such key yet."""
    old = path[-1] if path else ""
    if not isinstance(old, str) or name in document.mapping(*path[:-1]):
        return None
    raw = _raw(document, document.key(*path), old)
    text = None if raw is None else _like(document, raw, name)
    if raw is None or text is None:
        return None
    return _fix(document, document.key(*path), text, f"write `{shown(name)}` for `{shown(old)}`", safety)


def rewritten(document: Document, path: KeyPath, text: str, safety: Safety = "safe") -> Fix | None:
    """The text at `path` becomes another, in the quotes that it has."""
    old = document.get(*path)
    raw = _raw(document, document.at(*path), old)
    new = None if raw is None or not isinstance(old, str) else _like(document, raw, text)
    if new is None:
        return None
    return _fix(document, document.at(*path), new, f"write `{shown(text)}` for `{shown(old)}`", safety)


def meant(document: Document, path: KeyPath, known: Iterable[str]) -> Fix | None:
    """The text at `path` becomes the known name that it nearly is.

    Safe where it is that name but for case, blanks and `-_.`; where letters differ it may have been meant
    otherwise.
    """
    names, old = [*known], document.get(*path)
    if not isinstance(old, str):
        return None
    same = spelling(old, names)
    name = same or only_near(old, names)
    return rewritten(document, path, name, "safe" if same else "unsafe") if name else None


def quoted_as_printed(document: Document, path: KeyPath) -> Fix | None:
    """The scalar at `path`, which stands without quotes, stands in quotes, letter by letter the same."""
    raw = _raw(document, document.at(*path), document.get(*path)) if document.plain(*path) else None
    if raw is None or '"' in raw or "\\" in raw:
        return None
    new = f'"{raw}"'
    return _fix(document, document.at(*path), new, f"write `{shown(new)}` for `{shown(raw)}`")


def number_written(document: Document, path: KeyPath, digits: str, safety: Safety = "safe") -> Fix | None:
    """A number stands at `path`, in these digits and without quotes.

    In JSON only where its grammar has such a number; in YAML so that versions 1.1 and 1.2 read it alike.
    """
    from auditor.forensics.printed import read
    from auditor.formats.yaml_text import number

    raw = _raw(document, document.at(*path), document.get(*path))
    if raw is None or read(digits) is None:
        return None
    new = number(digits)
    if _is_json(document):
        new = digits
        if not _JSON_NUMBER.fullmatch(digits):
            return None
    if new == raw:
        return None
    return _fix(document, document.at(*path), new, f"write `{shown(new)}` for `{shown(raw)}`", safety)


def word_written(document: Document, path: KeyPath, word: str, safety: Safety = "safe") -> Fix | None:
    """`true`, `false`, `null` or the like stands at `path`, as it is written in YAML and JSON alike."""
    raw = _raw(document, document.at(*path), document.get(*path))
    if raw is None:
        return None
    return _fix(document, document.at(*path), word, f"write `{word}` for `{shown(raw)}`", safety)


def added(document: Document, sibling: KeyPath, key: str, value: str, safety: Safety) -> Fix | None:
    """After the entry at `sibling` comes another: a key with a text.

    Only where the mapping stands in braces, and the sibling on one line of it.
    """
    inner = _structured(document)
    if inner is None or key in document.mapping(*sibling[:-1]):
        return None
    owner = inner.extent(document.at(*sibling[:-1]))
    ends, name = inner.extent(document.at(*sibling)), inner.extent(document.key(*sibling))
    if owner is None or ends is None or name is None:
        return None
    before = inner.source[owner[0] : name[0]]
    blanks = before[len(before.rstrip()) :]
    if before.rstrip()[-1:] not in ("{", ",") or "\n" in inner.source[slice(*ends)]:
        return None
    text = f",{blanks or ' '}{json.dumps(key)}: {_in_double_quotes(document, value)}"
    place = Place(document.file, sibling, span=inner.stretch(ends[1], ends[1]))
    return Fix(f"add `{key}`", (Edit(place, text),), safety)


def without_repetition(document: Document, number: int) -> Fix | None:
    """The earlier of two equal keys is gone, where both stand with the same value, letter by letter.

    Args:
        document: what it stands in.
        number: which of `document.duplicates` is the later one.
    """
    inner = _structured(document)
    repeated = inner.repeated if inner is not None else ()
    if inner is None or number >= len(repeated):
        return None
    key_start, key_end, node = repeated[number]
    last = inner.extent(Place(document.file, document.duplicates[number].path))
    if last is None or (isinstance(node, Branch) and not node.inline):
        return None
    start, end = (node.start, node.end) if isinstance(node, Branch) else node[:2]
    source = inner.source
    after = _NEXT.match(source, end)
    # The later entry follows, so the one between them begins where this one did; the line, if any, goes too.
    clean = _COLON.fullmatch(source, key_end, start) and source[start:end] == source[slice(*last)]
    if not clean or after is None or end - start > _LONGEST or start == end or "\n" in source[start:end]:
        return None
    place = Place(document.file, document.duplicates[number].path, span=inner.stretch(key_start, after.end()))
    title = f"remove the first of two equal `{shown(source[key_start:end])}`"
    return Fix(title, (Edit(place, ""),))


def without_mark(file: str) -> Fix:
    """The byte-order mark that a file begins with is gone; it stands in column 0 of line 1."""
    place = Place(file, span=Span(file, 1, 0, 1, 1))
    return Fix("remove the byte-order mark", (Edit(place, ""),))


def _fix(document: Document, place: Place, text: str, title: str, safety: Safety = "safe") -> Fix | None:
    inner = _structured(document)
    ends = inner.extent(place) if inner is not None else None
    if inner is None or ends is None:
        return None
    exact = Place(place.file, place.path, place.on, span=inner.stretch(*ends))
    return Fix(title, (Edit(exact, text),), safety)


def _raw(document: Document, place: Place, value: Any) -> str | None:
    """What stands at a place, quotes and all, where that alone is the value; no alias, no block of lines."""
    inner = _structured(document)
    ends = inner.extent(place) if inner is not None else None
    if inner is None or ends is None or not 0 < ends[1] - ends[0] <= _LONGEST:
        return None
    raw = inner.source[slice(*ends)]
    if "\n" in raw or "\r" in raw:
        return None
    alone = raw if place.on == "key" and raw[0] not in "\"'" else _alone(document, raw)
    return raw if type(alone) is type(value) and (alone == value or alone != alone) else None  # noqa: PLR0124


def _alone(document: Document, raw: str) -> Any:
    """The value that a piece of text has by itself."""
    if _is_json(document):
        try:
            return json.loads(raw)
        except ValueError:
            return None
    from auditor.readers.yaml import read_yaml

    try:
        return read_yaml(document.file, raw).value
    except Unreadable:
        return None


def _like(document: Document, raw: str, text: str) -> str | None:
    """A text in the quotes of what stands there, or without any where that has none and needs none."""
    if raw[0] == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _NO_TEXT
    return text if raw[0] != '"' and plain else _in_double_quotes(document, text)


def _in_double_quotes(document: Document, text: str) -> str:
    if _is_json(document):
        return json.dumps(text, ensure_ascii=False)
    from auditor.formats.yaml_text import quoted

    return quoted(text)


def _is_json(document: Document) -> bool:
    return document.file.endswith((".json", ".jsonld"))


def _structured(document: Document) -> YamlDocument | JsonDocument | None:
    """The document itself, or the front matter of a Markdown file; what has neither has no exact places."""
    inner: Any = getattr(document, "front", document)
    found: YamlDocument | JsonDocument | None = inner if hasattr(inner, "extent") else None
    return found
