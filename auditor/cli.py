"""The command line: a table of commands, each loaded only when it is called. Imports click alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from auditor import __version__
from auditor.commands import ending

COMMANDS = {
    "check": ("auditor.commands.check", "Look for faults in a model release; runs nothing of it."),
    "claims": (
        "auditor.commands.claims",
        "List every number of a release, and what supports or contradicts it.",
    ),
    "score": ("auditor.commands.score", "Say how open a release is, and what of known lists it discloses."),
    "reproduce": ("auditor.commands.reproduce", "Train it again and see whether its numbers hold."),
    "verdict": ("auditor.commands.verdict", "Hold a published number against training runs of any origin."),
    "trace": ("auditor.commands.trace", "Replay parts of the training that a release says it had."),
    "runs": ("auditor.commands.runs", "List, show, compare and clean up kept training runs."),
    "rule": ("auditor.commands.rule", "Explain a rule, or list all of them."),
    "baseline": ("auditor.commands.baseline", "Keep the list of findings that are known and do not count."),
    "init": ("auditor.commands.init", "Write a first fmaudit.yaml and recipe.yaml for a release."),
    "sign": ("auditor.commands.sign", "Sign the files of a release with a key."),
    "completion": ("auditor.commands.completion", "Print what a shell needs to complete commands and rules."),
}


class Commands(click.Group):
    """A group that knows its commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """The names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command names those with a similar name."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from auditor.errors import UsageError
            from auditor.rules.naming import near

            close = near(args[0], COMMANDS)
            names = f"similar: {close}" if close else f"the commands are {', '.join(COMMANDS)}"
            raise UsageError(f"`{args[0]}` is no command", where="fmaudit", help=names)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The table, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 nothing found, 1 findings or a claim not reproduced, 2 wrong usage, "
    "3 inconclusive, 4 could not run, 5 refused by policy.",
)
@click.option("--verbose", is_flag=True, help="Show the traceback of a bug in fmaudit.")
@click.version_option(__version__, prog_name="fmaudit", message="%(prog)s %(version)s")
def group(verbose: bool) -> None:
    """Can this model release be believed?"""
    if verbose:
        os.environ["FMAUDIT_TRACEBACK"] = "1"


def run(arguments: Sequence[str]) -> int:
    """The exit code of one call of `fmaudit` with these arguments; all messages have been printed."""
    return ending.end(lambda: _call(list(arguments)))


def main() -> NoReturn:
    """The `fmaudit` program."""
    for name in ("stdout", "stderr"):  # None where the caller has closed it
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  for the whole process
    if "_FMAUDIT_COMPLETE" in os.environ:  # the shell asks for completions
        group.main(prog_name="fmaudit")
    code = run(sys.argv[1:])
    if "torch" not in sys.modules:
        # Nothing is left to put away: without the teardown of the interpreter a call is a sixth shorter
        # (measured: user + system time of `fmaudit --help`, 60 ms and 50 ms).
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _call(arguments: list[str]) -> Any:
    with group.make_context("fmaudit", arguments, terminal_width=_columns()) as context:
        return group.invoke(context)


def _columns() -> int:
    """The width for help texts: the terminal's, but 60 to 100; click would import shutil to learn it."""
    try:
        width = int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError, AttributeError):
        width = 80
    return min(max(width, 60), 100)
