"""The name of a finding that survives edits elsewhere: no line number is part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from auditor.model import Finding, Span
from auditor.readers.text import split_lines


def identities(findings: Sequence[Finding], sources: Mapping[str, str]) -> list[str]:
    """One identity per finding, in order: 16 hex digits, and an ordinal among equals.

    It is made of code, file, key path and the text of the value, so that lines inserted above do not
    change it and a corrected value does. The ordinal keeps findings apart that agree in all four.
    """
    lines = {file: split_lines(text) for file, text in sources.items()}
    seen: dict[str, int] = {}
    names: list[str] = []
    for finding in findings:
        place, span = finding.places[0], finding.spans[0]
        path = "\x1f".join(map(str, place.path))
        parts = (finding.code, span.file, path, _text(span, lines.get(span.file, [])))
        digest = sha256("\x1e".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[digest] = seen.get(digest, 0) + 1
        names.append(f"{digest}:{seen[digest]}")
    return names


def _text(span: Span, lines: Sequence[str]) -> str:
    """The text under the span; empty where there is none."""
    if not 0 < span.line <= len(lines):
        return ""
    last = min(max(span.end_line, span.line), len(lines))
    stretch = [*lines[span.line - 1 : last]]
    if span.end_line == last:
        stretch[-1] = stretch[-1][: max(span.end_column - 1, 0)]
    stretch[0] = stretch[0][max(span.column - 1, 0) :]
    return "\n".join(stretch)
