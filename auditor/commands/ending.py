"""How every command ends: its exit code, one clear message, no traceback.

The one place that catches `AuditError`. A command returns its exit code:

0 nothing at or above `--fail-on`, every gated claim reproduced · 1 findings, or a claim not reproduced
2 wrong usage, or our bug · 3 inconclusive · 4 could not run · 5 refused by policy · 128 + signal
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

import click

from auditor import __version__
from auditor.errors import AuditError, CannotRun

SIGINT, SIGPIPE = 2, 13  # POSIX numbers; `signal` has no SIGPIPE on Windows
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PACKAGE = f"{os.sep}auditor{os.sep}"


def end(call: Callable[[], int | None]) -> int:
    """The exit code of `call`; whatever it raised has been told on stderr."""
    try:
        code = call() or 0
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except AuditError as error:
        return _told(error)
    except click.ClickException as error:
        return _misused(error)
    except (KeyboardInterrupt, click.Abort):
        _tell("interrupted")
        return 128 + SIGINT
    except BrokenPipeError:
        _drop(sys.stdout)
        return 128 + SIGPIPE
    except OSError as error:
        if error.errno not in NO_ROOM:
            return _bug(error)
        where = str(error.filename or "standard output")
        _drop(sys.stdout)
        return _told(CannotRun("there is no room to write", where=where, help="make room and run it again"))
    except Exception as error:  # noqa: BLE001  what is left is our bug, and says so
        return _bug(error)
    return code


def verbose() -> bool:
    """Whether the user asked for tracebacks."""
    return bool(os.environ.get("FMAUDIT_TRACEBACK"))


def _told(error: AuditError) -> int:
    _tell(error.what, error.where, error.help)
    return error.exit_code


def _misused(error: click.ClickException) -> int:
    """A fault of the command line in our own three lines; `fmaudit` alone gets the help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "fmaudit"
    advice = f"{path} --help"
    message = " ".join(error.format_message().split()).removesuffix(".")
    if isinstance(error, click.NoSuchOption):
        message = f"no such option: `{error.option_name}`"
        if error.possibilities:
            advice = f"similar: {', '.join(f'`{name}`' for name in sorted(error.possibilities))}"
    _tell(message[:1].lower() + message[1:], path, advice)
    return error.exit_code


def _bug(error: Exception) -> int:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if PACKAGE in frame.filename] or frames
    where = ""
    if ours:
        where = f"{ours[-1].filename.rpartition(PACKAGE)[2]}:{ours[-1].lineno}"
    if verbose():
        traceback.print_exception(error)
        advice = "report it with the traceback above and the command that you ran"
    else:
        advice = "run it again as `fmaudit --verbose ...` and report the traceback"
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    _tell(f"this is a bug in fmaudit {__version__}, not in your release: {text}", where, advice)
    return 2


def _tell(what: str, where: str = "", help_text: str = "") -> None:
    from auditor.report.cells import visible

    lines = [f"error: {visible(what)}"]
    lines += [f" --> {visible(where)}"] if where else []
    lines += [f"  = help: {visible(help_text)}"] if help_text else []
    try:
        click.echo("\n".join(lines), err=True)
    except OSError:
        _drop(sys.stderr)


def _drop(stream: object) -> None:
    """What is left in the buffer goes nowhere, so that the interpreter does not complain at its exit."""
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    except (OSError, AttributeError, ValueError):
        pass
