"""A rule's manual page for the terminal, for the web and for programs; the text is its docstring."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from auditor.model import Rule
from auditor.report.verdicts import RULES as VERDICTS
from auditor.rules.registry import FAMILIES, manual

WIDTH = 88  # characters of a line of prose


def text(rule: Rule) -> str:
    """The page as `fmaudit rule CODE` prints it."""
    page = manual(rule)
    printed = [f"{rule.code} {rule.name}", f"{_kind(rule)}", "", *_wrapped(page.summary), ""]
    for title, body in (("Why", page.why), ("Fix", page.fix), ("Source", page.source)):
        if title == "Fix":
            for example, code in (("Bad", page.bad), ("Good", page.good)):
                printed += [example, *(f"  | {line}".rstrip() for line in code.split("\n")), ""]
        if body:
            printed += [title, *(f"  {line}" for line in _wrapped(body)), ""]
    printed += [f"Looks at: {', '.join(rule.needs)}"] if rule.needs else []
    printed += [f"Waits for: {', '.join(rule.after)}"] if rule.after else []
    return "\n".join(printed).rstrip() + "\n"


def markdown(rule: Rule) -> str:
    """The page as Markdown, for the web and for SARIF viewers."""
    page = manual(rule)
    printed = [
        f"# {rule.code} `{rule.name}`",
        "",
        f"*{_kind(rule)}*",
        "",
        page.summary,
        "",
        help_markdown(rule),
    ]
    return "\n".join(printed)


def help_markdown(rule: Rule) -> str:
    """The page without its title and summary."""
    page = manual(rule)
    parts = [("Why", page.why), ("Bad", _fenced(page.bad)), ("Good", _fenced(page.good)), ("Fix", page.fix)]
    if page.source:
        parts.append(("Source", page.source))
    return "\n\n".join(f"## {title}\n\n{body}" for title, body in parts) + "\n"


def values(rule: Rule) -> dict[str, Any]:
    """The page as JSON values."""
    page = manual(rule)
    return {
        "code": rule.code,
        "name": rule.name,
        "family": _family(rule),
        "level": rule.level,
        "certainty": rule.certainty,
        "class": rule.klass,
        "needs": list(rule.needs),
        "after": list(rule.after),
        "summary": page.summary,
        "why": page.why,
        "bad": page.bad,
        "good": page.good,
        "fix": page.fix,
        "source": page.source,
    }


def index_text(rules: Iterable[Rule]) -> str:
    """All rules, one a line, in columns."""
    rows = [(rule.code, rule.level, rule.name, manual(rule).summary) for rule in rules]
    sizes = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(size) for cell, size in zip(row, sizes, strict=False)), row[3]])
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def index_markdown(rules: Iterable[Rule]) -> str:
    """All rules as a Markdown table."""
    lines = ["| code | name | level | what it finds |", "|---|---|---|---|"]
    for rule in rules:
        summary = manual(rule).summary.replace("|", "\\|")
        lines.append(f"| {rule.code} | `{rule.name}` | {rule.level} | {summary} |")
    return "\n".join(lines) + "\n"


def _kind(rule: Rule) -> str:
    words = [rule.level, rule.certainty, *([rule.klass] if rule.klass else []), _family(rule)]
    return " · ".join(words)


def _family(rule: Rule) -> str:
    return "verdicts of `reproduce`" if rule.code in VERDICTS else FAMILIES[rule.family]


def _wrapped(prose: str) -> list[str]:
    return textwrap.wrap(prose, WIDTH, break_long_words=False, break_on_hyphens=False)


def _fenced(code: str) -> str:
    fence = "````" if "```" in code else "```"
    return f"{fence}\n{code}\n{fence}"
