"""A file that a command puts beside others: whole or not at all, and never through a link."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.errors import CannotRun, UsageError


def write_new(path: Path, text: str) -> None:
    """Afterwards the file holds the text; at no moment does it hold a part of it.

    Raises:
        CannotRun: it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        # Exclusive, so that a link waiting under this name is not written through.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with open(descriptor, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123  a descriptor
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise CannotRun(
            f"the file cannot be written ({reason})",
            where=str(path),
            help="the folder must be there, be writable, and have room",
        ) from error


def refuse_what_is_no_file(path: Path, where: str) -> None:
    """Nothing lies at the path, or a plain file does.

    Raises:
        UsageError: a link, a folder or a device lies there.
    """
    if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
        raise UsageError("not a plain file, and nothing is written through it", where=where)
