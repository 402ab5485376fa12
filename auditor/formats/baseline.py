"""The baseline file: findings that are known, one a line, by an identity that survives moved lines.

    {
      "version": 1,
      "findings": [
        {"id": "0123456789abcdef:1", "code": "CARD101", "file": "README.md", "message": "..."}
      ]
    }

The identity decides; code, file and message are for people who read a difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from auditor.model import KeyPath
from auditor.readers.document import Unreadable
from auditor.readers.json import JsonDocument, read_json
from auditor.readers.text import shown
from auditor.records import dataclass

VERSION = 1
REMEDY = "take the file away, then `fmaudit baseline BUNDLE FILE --write` makes a new one"
_ID = re.compile(r"[0-9a-f]{16}:[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that is known; `line` is where it stands in the baseline file."""

    id: str
    code: str
    file: str
    message: str
    line: int = 0


def read_baseline(file: str, text: str) -> tuple[Known, ...]:
    """The findings that a baseline file lists.

    Raises:
        Unreadable: it is no JSON, of another version, or an entry lacks what it must have.
    """
    document = read_json(file, text)
    version = document.get("version")
    if not isinstance(document.value, dict) or "findings" not in document.value:
        raise _fault(document, (), "this is no baseline of fmaudit")
    if version is not VERSION:
        raise _fault(document, ("version",), f"`version` is {shown(json.dumps(version))}, expected {VERSION}")
    if not isinstance(document.value["findings"], list):
        raise _fault(document, ("findings",), "`findings` is not a list")
    return tuple(_known(document, path) for path, _ in document.items("findings"))


def baseline_text(known: Iterable[Known]) -> str:
    """The text of the baseline file with these findings: sorted, one a line, in printable ASCII."""
    rows = sorted({(one.file, one.code, one.id, one.message) for one in known})
    lines = [
        json.dumps({"id": identity, "code": code, "file": file, "message": message}).replace(
            "\x7f", "\\u007f"
        )
        for file, code, identity, message in rows
    ]
    listed = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def _known(document: JsonDocument, path: KeyPath) -> Known:
    entry = document.mapping(*path)
    words = {}
    for name in ("id", "code", "file", "message"):
        value = entry.get(name)
        if not isinstance(value, str):
            raise _fault(document, (*path, name) if name in entry else path, f"`{name}` must be text")
        words[name] = value
    if _ID.fullmatch(words["id"]) is None:
        raise _fault(document, (*path, "id"), f"`{shown(words['id'])}` is no identity of a finding")
    return Known(**words, line=document.locate(document.at(*path)).line)


def _fault(document: JsonDocument, path: KeyPath, what: str) -> Unreadable:
    return Unreadable(what, document.locate(document.at(*path)), REMEDY)
