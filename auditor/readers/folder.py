"""A folder on disk: everything in it, and its files opened without ever leaving it.

Every folder on the way is opened by its parent and without following links. Device files, pipes and sockets
are listed and never opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import BinaryIO

from auditor.errors import CannotRun
from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.records import dataclass

MAX_FILES = 100_000  # files and folders
MAX_FOLDER_DEPTH = 100
SKIPPED = frozenset({".git"})

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE_FLAGS = (
    os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
)  # a pipe put there since must not block


@dataclass(frozen=True, slots=True)
class File:
    """One entry of a folder that is not a folder itself.

    Attributes:
        path: relative to the folder, with forward slashes; bytes that are not UTF-8 in hexadecimal.
        size_bytes: its size; of a link, the length of its text.
        is_link: whether it is a symbolic link, which is never followed.
        target: the text of the link, or empty.
        mode: type and permissions, as `os.stat` gives them.
    """

    path: str
    size_bytes: int
    is_link: bool
    target: str
    mode: int

    @property
    def is_regular(self) -> bool:
        """Whether it is a plain file: no link, device, pipe or socket."""
        return stat.S_ISREG(self.mode)

    @property
    def leads_out(self) -> bool:
        """Whether it is a link whose text leads out of the folder."""
        target = normpath(join(dirname(self.path), self.target))
        return self.is_link and (target.startswith(("/", "../")) or target == "..")


@dataclass(slots=True)
class Listing:
    """What lies in a folder: files, folders that cannot be listed, and names that are not UTF-8."""

    files: list[File] = field(default_factory=list)
    faults: dict[str, Unreadable] = field(default_factory=dict)
    names: dict[str, str] = field(
        default_factory=dict
    )  # what the system calls a file, where that is not its path


def walk(root: Path) -> Listing:
    """Everything in a folder but SKIPPED; a folder inside that cannot be listed is among the faults.

    Raises:
        OSError: the folder itself cannot be listed.
        CannotRun: it holds more than MAX_FILES entries or MAX_FOLDER_DEPTH levels.
    """
    listing = Listing()
    pending: list[list[str]] = [[]]
    count = 0
    while pending:
        folders = pending.pop()
        try:
            with folder_inside(root, folders) as descriptor, os.scandir(descriptor) as entries:
                for entry in entries:
                    count += 1
                    if count > MAX_FILES or len(folders) > MAX_FOLDER_DEPTH:
                        raise _too_large(root, count)
                    if _list(listing, descriptor, entry, folders):
                        pending.append([*folders, entry.name])
        except OSError as error:
            if not folders:
                raise
            path = readable("/".join(folders)) + "/"
            what = f"the folder cannot be listed ({reason(error)})"
            listing.faults[path] = Unreadable(what, Span(path), "make it readable for you")
    return listing


@contextmanager
def opened(root: Path, path: str, name: str) -> Iterator[BinaryIO]:
    """The regular file that the system calls `name` inside the folder, open for reading.

    Raises:
        Unreadable: it is a link or no regular file, or opening or reading fails.
    """
    *folders, last = name.split("/")
    try:
        with folder_inside(root, folders) as folder:
            descriptor = os.open(last, _FILE_FLAGS, dir_fd=folder)
    except OSError as error:
        what = f"the file cannot be opened ({reason(error)})"
        raise Unreadable(what, Span(path), "make it readable for you") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # it was when the folder was listed
        os.close(descriptor)  # `fdopen` takes no folder, and would leave it open
        raise Unreadable("it is not a regular file", Span(path))
    with os.fdopen(descriptor, "rb") as stream:
        try:
            yield stream
        except OSError as error:
            raise Unreadable(f"reading failed ({reason(error)})", Span(path)) from error


def readable(name: str) -> str:
    """A name from the system as text that can be written: bytes that are not UTF-8 are in hexadecimal."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def reason(error: OSError) -> str:
    """Why the system refused, in its words."""
    return (error.strerror or "input or output error").lower()


def _list(listing: Listing, folder: int, entry: os.DirEntry[str], folders: list[str]) -> bool:
    """The entry is listed, unless it is a folder; the answer is whether it is one to look into."""
    if entry.name in SKIPPED:
        return False
    try:
        status = entry.stat(follow_symlinks=False)
        is_link = stat.S_ISLNK(status.st_mode)
        target = os.readlink(entry.name, dir_fd=folder) if is_link else ""
    except FileNotFoundError:  # removed since the folder was listed
        return False
    if stat.S_ISDIR(status.st_mode):
        return True
    name = "/".join([*folders, entry.name])
    path = readable(name)
    if path != name:
        listing.names[path] = name
    listing.files.append(File(path, status.st_size, is_link, readable(target), status.st_mode))
    return False


@contextmanager
def folder_inside(root: Path, folders: list[str]) -> Iterator[int]:
    """A descriptor of a folder inside the root, reached without following a link."""
    descriptor = os.open(root, _FOLDER_FLAGS)
    try:
        for name in folders:
            inner = os.open(name, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _too_large(root: Path, count: int) -> CannotRun:
    if count > MAX_FILES:
        what = f"the folder holds more than {MAX_FILES:,} files"
    else:
        what = f"the folder nests more than {MAX_FOLDER_DEPTH} deep"
    return CannotRun(what, where=str(root), help="name the folder of one release")
