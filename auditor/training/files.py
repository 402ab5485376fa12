"""Files of a run directory: written whole or not at all, one process at a time.

RUN_DIR/
  lock                       held while an audit or a process of it runs; says which
  ledger.jsonl               what happened when, see `auditor.reproduce.ledger`
  runs/ID/record.json        a finished run; ID names its recipe, data, seed, code and environment
  runs/ID/weights.safetensors
  runs/ID/checkpoint.safetensors   an unfinished one
  runs/ID/timing.json        seconds spent, kept apart because it is the only thing that varies
  report.json                the last report
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from auditor.errors import CannotRun

ORPHANS_END_S = 10.0  # a process of a killed audit notices within the step it is at
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_whole(path: Path, content: bytes) -> None:
    """Afterwards the file holds `content`; at no moment does it hold a part of it.

    Raises:
        CannotRun: the disk is full, or the folder cannot be written to.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True) if error.errno in _NO_ROOM else None
        raise cannot_write(path, error) from error


def append_at(path: Path, size_bytes: int, content: bytes) -> None:
    """Afterwards the file, which was there, holds its first `size_bytes` bytes and then `content`.

    What a power cut takes of it is for the reader to notice: nothing waits for the disk here.

    Raises:
        CannotRun: as `write_whole`.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            if (
                os.fstat(descriptor).st_size != size_bytes
            ):  # a file system may think long before it does nothing
                os.ftruncate(descriptor, size_bytes)
            while content:  # a full disk may take a part
                written = os.pwrite(descriptor, content, size_bytes)
                content, size_bytes = content[written:], size_bytes + written
        finally:
            os.close(descriptor)
    except OSError as error:
        raise cannot_write(path, error) from error


def write_json(path: Path, value: Any) -> None:
    """Afterwards the file holds `value` as JSON with sorted keys; see `write_whole`."""
    write_whole(path, (json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> Any | None:
    """The value in a JSON file that we wrote, or None where it is absent or was damaged since."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):  # the last: brackets, thousands deep
        return None


@contextmanager
def locked(run_dir: Path) -> Iterator[None]:
    """Makes the run directory ours alone while the block runs.

    Raises:
        CannotRun: another audit uses it, or it cannot be made.
    """
    try:
        if not run_dir.exists():  # in a folder of ours alone; one that was there may hold a project
            run_dir.mkdir(parents=True)
            (run_dir / ".gitignore").write_text("*\n")
        lock = (run_dir / "lock").open("a")
    except OSError as error:
        raise cannot_write(run_dir, error) from error
    with lock:
        try:
            _take(lock.fileno(), run_dir / "lock")
        except BlockingIOError as error:
            raise CannotRun(
                "another audit is using this run directory",
                where=str(run_dir),
                help="wait for it to end, or give this one its own with --run-dir",
            ) from error
        except OSError as error:
            # Without a lock two audits would write the same partial files, and neither would know.
            raise CannotRun(
                f"the run directory cannot be locked ({(error.strerror or 'unknown error').lower()})",
                where=str(run_dir),
                help="some network disks have no locks; name a folder on a local disk with --run-dir",
            ) from error
        yield


def cannot_write(path: Path, error: OSError) -> CannotRun:
    """The error that tells why a file of a run directory could not be written."""
    if error.errno in _NO_ROOM:
        return CannotRun(
            "there is no room left to write",
            where=str(path),
            help="free some space and call again: finished seeds are kept and will be reused",
        )
    return CannotRun(
        f"the run directory cannot be written to ({(error.strerror or 'unknown error').lower()})",
        where=str(path),
        help="name a folder of your own with --run-dir",
    )


def _take(lock: int, path: Path) -> None:
    """The lock is ours, and its file says whose.

    A killed audit's processes end as soon as they notice, but until then they may be writing: so they hold
    the lock as well, and we wait for them, not for an audit that is alive.

    Raises:
        BlockingIOError: another audit holds it.
    """
    until = time.monotonic() + ORPHANS_END_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if _alive(path) or time.monotonic() > until:
                raise
            time.sleep(0.02)
    with suppress(OSError):  # on a full disk the number is lacking, and the lock is a lock nevertheless
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())


def _alive(path: Path) -> bool:
    """Whether the audit that the lock's file names still runs; yes where that cannot be known."""
    try:
        os.kill(int(path.read_text(encoding="ascii", errors="replace")[:20]), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, OverflowError):
        return True
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot sync a folder; the file itself is safe by then
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
