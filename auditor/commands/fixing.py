"""`fmaudit check --fix` and `--diff`: the options, what is written, and what is said of it on stderr."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.bundle import Bundle
    from auditor.engine.fixes import Look, Mended
    from auditor.engine.run import CheckResult

MOST_TOLD = 10  # fixes that were taken back


def fix_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command takes `--fix`, `--unsafe-fixes` and `--diff`."""
    for option in (
        click.option("--diff", is_flag=True, help="Print what --fix would change as a patch; write nothing."),
        click.option(
            "--unsafe-fixes",
            is_flag=True,
            help="With --fix or --diff, also fixes that may change what the release says.",
        ),
        click.option("--fix", is_flag=True, help="Mend what can be mended safely, then report what is left."),
    ):
        command = option(command)
    return command


def write_fixes(bundle: Bundle, look: Look, *, unsafe: bool) -> tuple[Bundle, CheckResult]:
    """The files of the bundle are mended; the answer is the bundle as it is now, and what is left in it.

    Raises:
        CannotRun: a file cannot be written, or was changed meanwhile.
    """
    from auditor.engine.fixes import mend
    from auditor.engine.writing import replace_files

    mended = mend(bundle, look, unsafe=unsafe)
    replace_files(bundle, mended.before, mended.after)
    _tell(mended, "fixed")
    return mended.bundle, mended.result


def print_fixes(bundle: Bundle, look: Look, *, unsafe: bool) -> int:
    """What `write_fixes` would change stands on stdout as a patch; 1 if that is anything, else 0."""
    import os

    from auditor.commands.output import put
    from auditor.engine.fixes import mend
    from auditor.engine.patch import unified

    mended = mend(bundle, look, unsafe=unsafe)
    for path, raw in mended.after.items():
        patch = unified(os.fsencode(bundle.system_name(path)), mended.before[path], raw)
        if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
            put(_shown(patch))
        else:  # a patch is bytes: every line end and odd character of the file is part of it
            sys.stdout.buffer.write(patch)
            sys.stdout.buffer.flush()
    _tell(mended, "would fix")
    if not unsafe:
        _more(mended)
    return int(bool(mended.after))


def _tell(mended: Mended, verb: str) -> None:
    """How many faults of which rules are mended, and which could not be and why."""
    from auditor.report.cells import visible

    counts = Counter(finding.code for finding in mended.fixed)
    rules = ", ".join(f"{code} {count}" for code, count in sorted(counts.items()))
    where = f"{_number(counts.total(), 'fault')} in {_number(len(mended.after), 'file')}: {rules}"
    lines = [f"{verb} {where if counts else 'nothing'}"]
    for refused in mended.refused[:MOST_TOLD]:
        span = refused.finding.spans[0]
        place = f"{span.file}:{span.line}" if span.line else span.file
        lines.append(f"left {refused.finding.code} at {place} as it is: {refused.reason}")
    if len(mended.refused) > MOST_TOLD:
        lines.append(f"left {len(mended.refused) - MOST_TOLD} more as they are")
    for line in lines:
        click.echo(visible(line), err=True)


def _more(mended: Mended) -> None:
    """How many faults unsafe fixes would mend; a report says it of itself, a patch does not."""
    more = sum(
        finding.fix is not None and finding.fix.safety == "unsafe" for finding in mended.result.findings
    )
    if more:
        click.echo(f"--unsafe-fixes would fix {more} more, and may change what the release says", err=True)


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _shown(patch: bytes) -> str:
    """The patch for a terminal, which may not obey what stands in the file."""
    from auditor.report.cells import visible

    lines = patch.decode("utf-8", "backslashreplace").split("\n")
    return "\n".join(visible(line) for line in lines)
