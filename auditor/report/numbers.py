"""The reader's table: every number of a release, for people as text or Markdown, for programs as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from auditor import __version__
from auditor.engine.numbers import Number
from auditor.model import Finding, Span
from auditor.report.cells import inert, visible
from auditor.report.json import dumps
from auditor.report.markup import cell, code, prose
from auditor.report.summary import count
from auditor.report.table import aligned
from auditor.report.text import STYLES

STYLES_OF_REPORT = ("text", "markdown", "json")
VERSION = 1
MAX_NAMED = 2  # places and rules named in a row; the rest are counted
HEADS = ("number", "read as", "where", "supported by", "contradicted by")


def render(style: str, numbers: Sequence[Number], *, bundle: str, color: bool = False) -> str:
    """The table in one of STYLES_OF_REPORT, ending in a newline.

    Args:
        style: the format.
        numbers: sorted by place.
        bundle: name of the release.
        color: whether text is coloured.
    """
    if style == "json":
        return dumps(values(numbers, bundle))
    if style == "markdown":
        return _markdown(numbers, bundle)
    return _text(numbers, bundle, color=color)


def values(numbers: Sequence[Number], bundle: str) -> dict[str, Any]:
    """The table as JSON values; keys as in `auditor.formats.numbers.Claims`."""
    return {
        "version": VERSION,
        "tool": {"name": "fmaudit", "version": __version__},
        "bundle": bundle,
        "numbers": [_value(number) for number in numbers],
    }


def read_as(number: Number) -> str:
    """What the number was taken for, in a few words."""
    name = number.name or "unnamed value"
    words = [name if number.role == "value" else f"{number.role} of {name}"]
    if number.average and number.average not in name:
        words.append(number.average)
    data = "/".join(part for part in (number.dataset, number.config, number.split) if part)
    words += [data] if data else []
    words += [f"n = {number.n:,}"] if number.n is not None else []
    words += [number.unit] if number.unit else []
    words += [f"of {number.label}"] if number.label and not number.own else []
    return ", ".join(words)


def _text(numbers: Sequence[Number], bundle: str, *, color: bool) -> str:
    def paint(style: str, text: str) -> str:
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if color else text

    rows = [HEADS, *(tuple(map(_short, row)) for row in map(_row, numbers))]
    printed = aligned(rows, paint, right=1) if numbers else []
    printed += [""] if numbers else []
    printed.append(paint("strong", f"{visible(bundle)}: {_total(numbers)}"))
    return "\n".join(map(inert, printed)) + "\n"


def _markdown(numbers: Sequence[Number], bundle: str) -> str:
    lines = [f"### fmaudit: {code(bundle)}: {_total(numbers)}", ""]
    if numbers:
        lines += [f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|"]
    for number in numbers:
        value, meant, where, supported, contradicted = _row(number)
        shown = (
            code(value),
            prose(meant),
            code(where),
            _or_dash(supported, code),
            _or_dash(contradicted, prose),
        )
        lines.append(f"| {' | '.join(map(cell, shown))} |")
    return "\n".join(lines) + "\n"


def _or_dash(text: str, mark: Callable[[str], str]) -> str:
    return "-" if text == "-" else mark(text)


def _row(number: Number) -> tuple[str, ...]:
    supported = [_position(span, number.span.file) for span in number.supported]
    contradicted = [f"{one.code} {one.name}" for one in number.contradicted]
    return (
        number.value.text,
        read_as(number),
        _position(number.span, ""),
        _named(supported),
        _named(list(dict.fromkeys(contradicted))),
    )


def _named(found: Sequence[str]) -> str:
    more = len(found) - MAX_NAMED
    return ", ".join(found[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "") if found else "-"


def _position(span: Span, own: str) -> str:
    """File and line; the line alone within the file `own`."""
    if not span.line:
        return span.file
    return f"line {span.line}" if span.file == own else f"{span.file}:{span.line}"


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _total(numbers: Sequence[Number]) -> str:
    files = len({number.span.file for number in numbers})
    kinds = Counter(number.kind for number in numbers)
    supported = sum(bool(number.supported) for number in numbers)
    contradicted = sum(bool(number.contradicted) for number in numbers)
    return (
        f"{count(len(numbers), 'number')} in {count(files, 'file')} ({count(kinds['score'], 'score')}), "
        f"{supported} also stated elsewhere, {contradicted} contradicted"
    )


def _value(number: Number) -> dict[str, Any]:
    return {
        "kind": number.kind,
        "value": number.value.text,
        "name": number.name,
        "role": number.role,
        "text": number.text,
        "source": number.source,
        "average": number.average,
        "dataset": number.dataset,
        "config": number.config,
        "split": number.split,
        "label": number.label,
        "unit": number.unit,
        "n": number.n,
        "own": number.own,
        "where": _where(number.span),
        "supported": [_where(span) for span in number.supported],
        "contradicted": [_finding(finding) for finding in number.contradicted],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "level": finding.level,
        "class": finding.klass,
        "message": finding.message,
    }


def _where(span: Span) -> dict[str, Any]:
    return {"file": span.file, "line": span.line or None, "column": span.column or None}
