"""Pieces of YAML text for the files that `fmaudit init` drafts; what other files say may stand in them."""

from __future__ import annotations

import json
import re
from math import isfinite

from auditor.formats.conformance import TO_FILL, Node, conforms, published
from auditor.formats.said import Said
from auditor.shipped import SCHEMA_ID

_ESCAPED = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"


def heading(schema_name: str) -> list[str]:
    """The first lines of a drafted file: the schema for editors, and what the placeholders are."""
    return [
        f"# yaml-language-server: $schema={SCHEMA_ID}{schema_name}.schema.json",
        "# Drafted by `fmaudit init` from the files beside it. Where they say nothing stands",
        "# `<to fill: ...>`, and `fmaudit check` lists each such place.",
    ]


def to_fill(wanted: str) -> str:
    """A placeholder that says what belongs in its place."""
    return quoted(f"{TO_FILL}: {wanted}>")


def quoted(text: str) -> str:
    """The text as a double-quoted YAML scalar on one line."""
    plain = text.encode("utf-8", "replace").decode()  # half of a surrogate pair cannot be written
    escaped = json.dumps(plain, ensure_ascii=False)
    # JSON leaves as they are what YAML 1.2.2, production 1, refuses or breaks a line at, and signs that turn
    # the direction of the text after them.
    return re.sub(_ESCAPED, lambda c: f"\\u{ord(c[0]):04x}", escaped)


def may_stand(value: object, schema_name: str, *path: str | int) -> bool:
    """Whether the published schema takes the value at `path`, where a number is the place in a list.

    In a table of several kinds, every kind that has the field must take it.
    """
    parts = [published(schema_name)]
    for step in path:
        parts = [found for part in parts for found in _at(part, step)]
    fits = bool(parts) and all(conforms(value, part) for part in parts)
    return fits and not (isinstance(value, float) and not isfinite(value))


def _at(part: Node, step: str | int) -> list[Node]:
    """The schemas of a field, or of a place in a list."""
    if isinstance(step, int):
        return [part["items"] if "items" in part else part["prefixItems"][step]]
    tables = [part, *(branch["then"] for branch in part.get("allOf", ()))]
    return [table["properties"][step] for table in tables if step in table.get("properties", {})]


def noted(value: str, fact: Said | None, *, says: bool = False) -> str:
    """The value with a comment that tells where it was read and, on request, what stands there."""
    if fact is None:
        return value
    # A comment ends with its line, so what a file says may not bring a line break into it.
    met = " ".join(re.sub(r"[^\x20-\x7e\xa0-\ud7ff]", " ", fact.text).split())[:60]
    return f"{value}  # {fact.where}" + (f", says `{met}`" if says else "")


def number(text: str) -> str:
    """The number as a plain YAML scalar that versions 1.1 and 1.2 read alike; 1.1 takes `5e-5` for text.

    Args:
        text: a number that `read` accepts.
    """
    mantissa, letter, exponent = text.lower().partition("e")
    sign = mantissa[:1] if mantissa[:1] in "+-" else ""
    whole, dot, places = mantissa.removeprefix(sign).partition(".")
    whole = whole.lstrip("0") or "0"  # 1.1 reads `010` as 8
    if dot or letter:
        whole += f".{places or '0'}"
    if letter:
        whole += f"e{exponent}" if exponent[0] in "+-" else f"e+{exponent}"
    return sign.removeprefix("+") + whole
