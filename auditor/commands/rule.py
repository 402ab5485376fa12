"""`fmaudit rule CODE`: the manual page of a rule, or a list of rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from auditor.commands.completion import rule_words
from auditor.commands.output import put

if TYPE_CHECKING:
    from auditor.model import Rule


@click.command("rule")
@click.argument("word", metavar="[CODE|NAME|FAMILY]", required=False, shell_complete=rule_words)
@click.option("--all", "everything", is_flag=True, help="List every rule, as without a word.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
def command(word: str | None, everything: bool, style: str) -> int:
    """Explain the rule of this code or name, with an example that breaks it and one that does not.

    A family such as CARD, or the beginning of a code, lists its rules; no word lists all of them.
    """
    from auditor.engine.select import find
    from auditor.errors import UsageError
    from auditor.report import manual
    from auditor.report.verdicts import RULES
    from auditor.rules import load
    from auditor.rules.naming import meant, named

    if everything and word is not None:
        raise UsageError("give the code or name of one rule, or --all", where="fmaudit rule")
    rules = {**load(), **RULES}
    codes = rules.keys() if word is None else meant(rules, word)
    if word is not None and (named(rules, word) or not codes):
        rule = find(rules, word)
        pages = {"json": _json, "markdown": manual.markdown, "text": manual.text}
        put(pages[style](rule))
        return 0
    chosen = [rule for code, rule in rules.items() if code in codes]
    lists = {"json": _json_list, "markdown": manual.index_markdown, "text": manual.index_text}
    put(lists[style](chosen))
    return 0


def _json(rule: Rule) -> str:
    from auditor.report import manual
    from auditor.report.json import dumps

    return dumps(manual.values(rule))


def _json_list(rules: Iterable[Rule]) -> str:
    from auditor.report import manual
    from auditor.report.json import dumps

    return dumps([manual.values(rule) for rule in rules])
