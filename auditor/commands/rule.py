"""`fmaudit rule CODE`: the manual page of a rule, or the list of all rules."""

from __future__ import annotations

import click

from auditor.commands.output import put


@click.command("rule")
@click.argument("word", metavar="[CODE|NAME]", required=False)
@click.option("--all", "everything", is_flag=True, help="List every rule.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
def command(word: str | None, everything: bool, style: str) -> int:
    """Explain the rule of this code or name, with an example that breaks it and one that does not."""
    from auditor.engine.select import find
    from auditor.errors import UsageError
    from auditor.report import manual
    from auditor.report.verdicts import RULES
    from auditor.rules import load

    if everything == (word is not None):
        raise UsageError("give the code or name of one rule, or --all", where="fmaudit rule")
    rules = {**load(), **RULES}
    chosen = list(rules.values()) if word is None else [find(rules, word)]
    if style == "json":
        from auditor.report.json import dumps

        values = [manual.values(rule) for rule in chosen]
        put(dumps(values if everything else values[0]))
    elif style == "markdown":
        put(manual.index_markdown(chosen) if everything else manual.markdown(chosen[0]))
    else:
        put(manual.index_text(chosen) if everything else manual.text(chosen[0]))
    return 0
