"""`fmaudit completion SHELL`: what a shell needs to complete commands, options and the codes of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VARIABLE = "_FMAUDIT_COMPLETE"  # by which the script asks; `auditor.cli` answers


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the script with which SHELL completes commands, options and rules.

    \b
    In ~/.bashrc:                   eval "$(fmaudit completion bash)"
    In ~/.zshrc:                    eval "$(fmaudit completion zsh)"
    In ~/.config/fish/config.fish:  fmaudit completion fish | source
    """  # noqa: D301  click keeps the lines below this sign as they are
    from click.shell_completion import get_completion_class

    from auditor.commands.output import put

    script = get_completion_class(shell)
    assert script is not None
    put(script(click.get_current_context().find_root().command, {}, "fmaudit", VARIABLE).source())
    return 0


def rule_words(_: click.Context, option: click.Parameter, typed: str) -> list[CompletionItem]:
    """Codes, or names where lower case was typed, that begin so; options also take families, after commas."""
    from click.shell_completion import CompletionItem

    from auditor.report.verdicts import RULES
    from auditor.rules import load
    from auditor.rules.registry import FAMILIES, manual

    before, comma, word = typed.rpartition(",")
    rules = load()
    if isinstance(option, click.Argument):
        before, comma, word = "", "", typed
        words = {}
        rules |= RULES
    else:
        words = {"ALL": "every rule", **FAMILIES}
    if word.islower():
        words = {rule.name: f"{rule.code}: {manual(rule).summary}" for rule in rules.values()}
    elif word or not words:
        words |= {rule.code: f"{rule.name}: {manual(rule).summary}" for rule in rules.values()}
    return [
        CompletionItem(f"{before}{comma}{name}", help=text)
        for name, text in words.items()
        if name.startswith(word)
    ]
