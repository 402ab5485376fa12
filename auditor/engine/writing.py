"""Puts new bytes in the place of files of a bundle: all of a file or nothing of it, and never through a link.

Every folder on the way is opened by its parent and without following links, as for reading. All new files
are written beside the old ones before the first old one is replaced, so that a full disk changes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from auditor.bundle import Bundle
from auditor.errors import CannotRun
from auditor.readers.folder import folder_inside, reason
from auditor.records import dataclass

_OLD_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class _Ready:
    """New bytes that wait beside the file they are for; `old` is how that file was known."""

    path: str
    folders: list[str]
    name: str
    waiting: str
    old: tuple[int, ...]


class _Changed(Exception):  # noqa: N818  reads as a sentence where it is raised
    """A file is no longer the one that was checked."""


def replace_files(bundle: Bundle, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    """Each file holds its new bytes, with the owner and permissions that it had.

    Args:
        bundle: where the files lie.
        before: what each of them must still hold.
        after: what each of them is to hold.

    Raises:
        CannotRun: a file was changed since it was read, is no regular file any more, or cannot be written.
            Where others were replaced before it, they are whole and the error names them.
    """
    ready: list[_Ready] = []
    done: list[str] = []
    path = ""
    try:
        for number, path in enumerate(after):
            ready.append(_prepared(bundle, path, before[path], after[path], number))
        for each in ready:
            path = each.path
            _swap(bundle.root, each)
            done.append(path)
    except _Changed as error:
        what = "the file was changed while it was checked, and is left as it is"
        raise CannotRun(what, where=_where(bundle, path), help=_told(done, "run it again")) from error
    except OSError as error:
        what = f"the file cannot be written ({reason(error)})"
        advice = "make room, or make its folder writable; `--diff` shows the changes and writes nothing"
        raise CannotRun(what, where=_where(bundle, path), help=_told(done, advice)) from error
    finally:
        for each in ready[len(done) :]:
            with suppress(OSError), folder_inside(bundle.root, each.folders) as folder:
                os.unlink(each.waiting, dir_fd=folder)


def _prepared(bundle: Bundle, path: str, before: bytes, after: bytes, number: int) -> _Ready:
    """The new bytes are on the disk, beside the file that still holds the old ones."""
    *folders, name = bundle.system_name(path).split("/")
    waiting = f".fmaudit.{os.getpid()}.{number}.partial"
    with folder_inside(bundle.root, folders) as folder:
        descriptor = os.open(name, _OLD_FLAGS, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as stream:
            old = os.fstat(descriptor)
            if not stat.S_ISREG(old.st_mode) or stream.read(len(before) + 1) != before:
                raise _Changed
        descriptor = os.open(waiting, _NEW_FLAGS, 0o600, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(after)
                stream.flush()
                with suppress(PermissionError):  # only root may give files away
                    os.fchown(descriptor, old.st_uid, old.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
                os.fsync(descriptor)
        except BaseException:
            os.unlink(waiting, dir_fd=folder)
            raise
    return _Ready(path, folders, name, waiting, _identity(old))


def _swap(root: Path, ready: _Ready) -> None:
    """The file is the new one, and will be after a loss of power."""
    with folder_inside(root, ready.folders) as folder:
        if _identity(os.stat(ready.name, dir_fd=folder, follow_symlinks=False)) != ready.old:
            raise _Changed
        os.replace(ready.waiting, ready.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def _identity(found: os.stat_result) -> tuple[int, ...]:
    """What tells this very file with this very content from any other, as far as the system does."""
    return found.st_dev, found.st_ino, found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _where(bundle: Bundle, path: str) -> str:
    return f"{bundle.root}/{path}"


def _told(done: list[str], advice: str) -> str:
    """The advice, after the files that are done."""
    if not done:
        return advice
    return f"{', '.join(f'`{path}`' for path in done)} {'is' if len(done) == 1 else 'are'} mended; {advice}"
