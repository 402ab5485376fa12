"""A release folder: what lies in it, and its documents, read when first asked for.

Nothing outside the folder is ever opened: every folder on the way is opened without following links.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from auditor.errors import CannotRun
from auditor.model import Span
from auditor.readers.document import MAX_BYTES, Document, Unreadable
from auditor.readers.safetensors import TensorFile, read_safetensors

MAX_FILES = 100_000
SKIPPED = frozenset({".git"})
KNOWN = {
    "card": ("README.md",),
    "manifest": ("fmaudit.yaml",),
    "recipe": ("recipe.yaml",),
    "config": ("config.json",),
    "data": ("data/croissant.json", "croissant.json"),
    "index": ("model.safetensors.index.json",),
}


@dataclass(frozen=True, slots=True)
class File:
    """One entry of the bundle that is not a folder; `target` is a link's text."""

    path: str
    size_bytes: int
    is_link: bool
    target: str
    mode: int


@dataclass(frozen=True, slots=True)
class Absent:
    """What was asked for is not part of this bundle."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unread:
    """What was asked for is there but could not be read."""

    reason: str


class Bundle:
    """An opened release folder."""

    def __init__(self, root: Path, files: tuple[File, ...]) -> None:
        self.root = root
        self.name = root.resolve().name or "bundle"
        self.files = files
        self._by_path = {file.path: file for file in files}
        self._documents: dict[str, Document | Unreadable] = {}
        self._weights: dict[str, TensorFile | Unreadable] = {}

    @classmethod
    def open(cls, path: str | Path) -> Bundle:
        """The bundle in a folder, its files listed.

        Raises:
            CannotRun: there is no such folder, it cannot be read, or it is empty.
        """
        root = Path(path)
        try:
            if not root.is_dir():
                raise CannotRun(
                    "this is a file, not a folder" if root.exists() else "there is no such folder",
                    where=str(root),
                    help="name the folder that holds the release",
                )
            files = tuple(sorted(_walk(root), key=lambda file: file.path))
        except OSError as error:
            raise CannotRun(
                f"the folder cannot be read ({(error.strerror or 'unknown error').lower()})",
                where=str(error.filename or root),
                help="make it readable for you",
            ) from error
        if not files:
            raise CannotRun("the folder is empty", where=str(root), help="name the folder that holds the release")
        return cls(root, files)

    def has(self, path: str) -> bool:
        """Whether a regular file lies at `path` inside the bundle."""
        file = self._by_path.get(path)
        return file is not None and stat.S_ISREG(file.mode)

    def file(self, path: str) -> File | None:
        """The entry at `path`."""
        return self._by_path.get(path)

    def read_bytes(self, path: str, limit: int = MAX_BYTES) -> bytes:
        """The bytes of a regular file inside the bundle.

        Raises:
            Unreadable: it is no regular file, too large, or not permitted.
        """
        with self._opened(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            raw = stream.read(min(size, limit) + 1)
        if len(raw) > limit:
            raise Unreadable(f"the file is larger than {limit:,} bytes", Span(path))
        return raw

    def document(self, path: str) -> Document | Absent | Unread:
        """The document at `path`, parsed by its name; read once."""
        if path not in self._documents:
            if self.file(path) is None:
                return Absent(f"the bundle has no {path}")
            try:
                self._documents[path] = self._parse(path)
            except Unreadable as error:
                self._documents[path] = error
        found = self._documents[path]
        return Unread(f"{path} could not be read (SCH001)") if isinstance(found, Unreadable) else found

    def get(self, need: str) -> object:
        """What a rule needs, by name; `Absent` or `Unread` with the reason where it is not to be had."""
        if need == "bundle":
            return self
        if need == "weights":
            return self._get_weights()
        if need == "documents":
            return tuple(document for document in self._all() if isinstance(document, Document))
        if need == "unreadable":
            for _ in self._all():
                pass
            self._get_weights()
            both = self._documents | self._weights
            return tuple((path, one) for path, one in sorted(both.items()) if isinstance(one, Unreadable))
        paths = KNOWN[need]
        return self.document(next((path for path in paths if self.file(path)), paths[0]))

    def _all(self) -> Iterator[Document | Absent | Unread]:
        results = [file.path for file in self.files if file.path.startswith(".eval_results/")]
        for path in [path for paths in KNOWN.values() for path in paths] + results:
            if self.file(path) is not None:
                yield self.document(path)

    def _get_weights(self) -> tuple[TensorFile, ...] | Absent | Unread:
        paths = [file.path for file in self.files if file.path.endswith(".safetensors")]
        if not paths:
            return Absent("the bundle has no safetensors weights")
        for path in paths:
            if path not in self._weights:
                try:
                    with self._opened(path) as stream:
                        size = os.fstat(stream.fileno()).st_size
                        self._weights[path] = read_safetensors(path, stream, size)
                except Unreadable as error:
                    self._weights[path] = error
        read = tuple(one for one in self._weights.values() if isinstance(one, TensorFile))
        return read or Unread(f"{paths[0]} could not be read (SCH001)")

    def _parse(self, path: str) -> Document:
        from auditor.readers.text import decode

        text = decode(path, self.read_bytes(path))
        if path.endswith(".md"):
            from auditor.readers.markdown import read_markdown

            return read_markdown(path, text)
        if path.endswith((".yaml", ".yml")):
            from auditor.readers.yaml import read_yaml

            return read_yaml(path, text)
        from auditor.readers.json import read_json

        return read_json(path, text)

    @contextmanager
    def _opened(self, path: str) -> Iterator[BinaryIO]:
        *folders, name = path.split("/")
        if not self.has(path):
            raise Unreadable("it is not a regular file", Span(path), "ship the file itself, not a link")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        held: list[int] = []
        try:
            at = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            held.append(at)
            for folder in folders:
                at = os.open(folder, flags | os.O_DIRECTORY, dir_fd=at)
                held.append(at)
            stream = os.fdopen(os.open(name, flags, dir_fd=at), "rb")
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            raise Unreadable(f"the file cannot be opened ({reason})", Span(path), "make it readable") from error
        finally:
            for descriptor in held:
                os.close(descriptor)
        with stream:
            try:
                yield stream
            except OSError as error:
                raise Unreadable(f"the file cannot be read ({error.strerror})", Span(path)) from error


def _walk(root: Path) -> Iterator[File]:
    pending, count = [""], 0
    while pending:
        folder = pending.pop()
        with os.scandir(root / folder) as entries:
            for entry in entries:
                path = f"{folder}{entry.name}"
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    if entry.name not in SKIPPED:
                        pending.append(f"{path}/")
                    continue
                count += 1
                if count > MAX_FILES:
                    raise CannotRun(
                        f"the folder holds more than {MAX_FILES:,} files",
                        where=str(root),
                        help="name the folder of one release",
                    )
                link = entry.is_symlink()
                yield File(path, status.st_size, link, os.readlink(entry.path) if link else "", status.st_mode)
