"""The ledger of a run directory: one line for each thing that happened, only ever added to.

It is a history for people and for `fmaudit runs`. No result is read from it, so an edited ledger changes no
verdict, and nothing of it enters a report.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.errors import AuditError
from auditor.training.files import cannot_write

FILE = "ledger.jsonl"
LONGEST_LINE = 1 << 16  # bytes; a line of ours is far below


class Ledger:
    """Adds lines to the ledger of a run directory; the audit that holds its lock is the only writer."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / FILE

    def add(self, event: str, **values: Any) -> None:
        """One more line stands in the file, whole and on the disk.

        Raises:
            CannotRun: the disk is full, or the file cannot be written to.
        """
        told = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event} | values
        line = json.dumps(told, sort_keys=False, allow_nan=False).encode() + b"\n"
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, flags, 0o666)
            try:
                if _torn(descriptor):
                    line = b"\n" + line  # the torn line keeps to itself
                if os.write(descriptor, line) < len(line):
                    os.write(descriptor, b"\n")  # says why there is no room for the rest
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise cannot_write(self._path, error) from error


@contextmanager
def noted(run_dir: Path, **values: Any) -> Iterator[Callable[..., None]]:
    """Notes that an audit starts, and how it ends: by a call of what it yields, or by the error it raises."""
    ledger = Ledger(run_dir)
    ledger.add("audit started", **values)
    try:
        yield lambda **ending: ledger.add("audit finished", **ending)
    except AuditError as error:
        with suppress(AuditError):  # the first error is the one to tell
            ledger.add("audit stopped", why=error.what, where=error.where)
        raise


def events(run_dir: Path) -> Iterator[dict[str, Any]]:
    """What the ledger tells, oldest first; lines that are torn, edited or no events are passed over."""
    try:
        with (run_dir / FILE).open("rb") as stream:
            while line := stream.readline(LONGEST_LINE):
                event = _event(line)
                if event is not None:
                    yield event
    except OSError:
        return


def unreadable(run_dir: Path) -> int:
    """How many lines of the ledger are no events."""
    try:
        lines = (run_dir / FILE).read_bytes().splitlines()
    except OSError:
        return 0
    return sum(_event(line) is None for line in lines if line.strip())


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    known = isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("at", "event"))
    return value if known else None


def _torn(descriptor: int) -> bool:
    """Whether the last line was cut off by a kill or a full disk."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
