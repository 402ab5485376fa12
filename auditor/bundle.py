"""A release folder: what lies in it, and its documents, read when first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from auditor.errors import CannotRun, UsageError
from auditor.model import Span
from auditor.readers.document import MAX_BYTES, Document, Unreadable
from auditor.readers.folder import MAX_FILES, File, Listing, opened, reason, walk
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.readers.safetensors import TensorFile
    from auditor.signing.keys import Trusted

__all__ = ["KNOWN", "MAX_FILES", "Absent", "Bundle", "File", "Unread"]

KNOWN = {
    "card": ("README.md",),
    "manifest": ("fmaudit.yaml",),
    "recipe": ("recipe.yaml",),
    "config": ("config.json",),
    "data": ("data/croissant.json", "croissant.json"),
    "index": ("model.safetensors.index.json",),
}
KNOWN_FOLDERS = {".eval_results/": (".yaml", ".yml"), "results/": (".json",)}
_RECIPE_KEYS = {"model", "data", "training", "evaluation", "seeds"}
_LEAST_RECIPE_KEYS = 3  # a recipe that only lost its `format` is still one; beside a manifest one will do
INDEXES = (".safetensors.index.json", ".bin.index.json")  # ends of names that say which shard holds what
ENDINGS = (".md", ".yaml", ".yml", ".json", ".jsonld")  # of names that are read as documents


@dataclass(frozen=True, slots=True)
class Absent:
    """What was asked for is not part of this bundle."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unread:
    """What was asked for is there but could not be read."""

    reason: str


class Bundle:
    """An opened release folder.

    Attributes:
        root: the folder as it was named.
        name: the folder's own name.
        files: everything in it that is no folder, sorted by path.
        memo: what rules have made of it once for all, by name.
        trusted_keys: whose signatures the caller believes; none of these keys comes from the folder.
        content: whether files may be read from end to end, however large they are.
        second_opinion: name of the other scanner of pickles that was asked for, or empty.
        swept: what was measured of whole files, by path; it outlives changes of other files.
    """

    def __init__(self, root: Path, listing: Listing) -> None:
        self.root = root
        self.name = root.resolve().name or "bundle"
        self.files = tuple(sorted(listing.files, key=lambda file: file.path))
        self.memo: dict[str, object] = {}
        self.trusted_keys: tuple[Trusted, ...] = ()
        self.content = True
        self.second_opinion = ""
        self.swept: dict[str, Any] = {}
        self._by_path = {file.path: file for file in self.files}
        self._names = listing.names
        self._folders = listing.faults
        self._documents: dict[str, Document | Unreadable] = {}
        self._weights: dict[str, TensorFile | Unreadable] = {}
        self._told: dict[str, Unreadable] = {}
        self._instead: dict[str, bytes] = {}  # of files that are read as other than they are

    @classmethod
    def open(cls, path: str | Path, *, content: bool = True) -> Bundle:
        """The bundle in a folder, its files listed; without `content` nothing is read from end to end.

        Raises:
            CannotRun: there is no such folder, it cannot be read, is empty, or holds more than MAX_FILES
                entries or MAX_FOLDER_DEPTH levels.
            UsageError: no folder is named.
        """
        root = Path(path)
        remedy = "name the folder that holds the release"
        if not str(path):  # an unset variable; Path would take it for the current folder
            raise UsageError("no folder is named", where="BUNDLE", help=remedy)
        try:
            if not root.is_dir():
                what = "this is a file, not a folder" if os.path.lexists(root) else "there is no such folder"
                raise CannotRun(what, where=str(root), help=remedy)
            listing = walk(root)
        except OSError as error:
            what = f"the folder cannot be read ({reason(error)})"
            raise CannotRun(what, where=str(root), help="make it readable for you") from error
        if not listing.files and not listing.faults:
            raise CannotRun("the folder is empty", where=str(root), help=remedy)
        bundle = cls(root, listing)
        bundle.content = content
        return bundle

    @property
    def faults(self) -> tuple[tuple[str, Unreadable], ...]:
        """What could not be read so far, by file; links out of the bundle are not among them."""
        read = {**self._folders, **self._documents, **self._weights, **self._told}
        return tuple((path, one) for path, one in sorted(read.items()) if isinstance(one, Unreadable))

    def tell(self, error: Unreadable) -> None:
        """The file that a reader outside of the bundle could not read is among the faults."""
        self._told.setdefault(error.span.file, error)

    def has(self, path: str) -> bool:
        """Whether a regular file lies at `path` inside the bundle."""
        file = self._by_path.get(path)
        return file is not None and file.is_regular

    def file(self, path: str) -> File | None:
        """The entry at `path`."""
        return self._by_path.get(path)

    @contextmanager
    def opened(self, path: str) -> Iterator[BinaryIO]:
        """The regular file at `path`, open for reading.

        Raises:
            Unreadable: there is no such file, it is a link or no regular file, or opening or reading fails.
        """
        file = self._by_path.get(path)
        if file is None:
            raise Unreadable("there is no such file", Span(path))
        if file.is_link:
            raise Unreadable("it is a link, and links are not followed", Span(path), "ship the file itself")
        if not file.is_regular:
            raise Unreadable("it is not a regular file", Span(path), "ship a file, or remove it")
        if path in self._instead:
            with _unnamed(self._instead[path]) as stream:
                yield stream
            return
        with opened(self.root, path, self._names.get(path, path)) as stream:
            yield stream

    def with_contents(self, contents: Mapping[str, bytes]) -> Bundle:
        """The bundle as it would be with these bytes in some of its regular files; nothing of it is written.

        What was read of the other files is taken over, what rules have made of it is not.
        """
        sizes = {path: len(raw) for path, raw in contents.items()}
        files = [replace(file, size_bytes=sizes.get(file.path, file.size_bytes)) for file in self.files]
        other = copy(self)
        vars(other).update(
            files=tuple(files),
            memo={},
            swept={path: known for path, known in self.swept.items() if path not in contents},
            _by_path={file.path: file for file in files},
            _documents={path: read for path, read in self._documents.items() if path not in contents},
            _weights=dict(self._weights),
            _told={},
            _instead={**self._instead, **contents},
        )
        return other

    def system_name(self, path: str) -> str:
        """What the system calls the file at `path`, relative to the bundle."""
        return self._names.get(path, path)

    def read_bytes(self, path: str, limit: int = MAX_BYTES) -> bytes:
        """The bytes of the regular file at `path`.

        Raises:
            Unreadable: as `opened`, or the file has more than `limit` bytes.
        """
        with self.opened(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            raw = stream.read(min(size, limit) + 1)
        if len(raw) > limit:
            raise Unreadable(f"the file has more than {limit:,} bytes", Span(path))
        return raw

    def document(self, path: str) -> Document | Absent | Unread:
        """The document at `path`, parsed by the ending of its name; read once."""
        if path not in self._documents:
            file = self._by_path.get(path)
            if file is None:
                return Absent(f"the bundle has no {path}")
            if not path.endswith(ENDINGS):
                return Unread(f"{path} is no document that is read here")
            if file.leads_out:
                return Unread(f"{path} is a link out of the bundle, which is not followed")
            try:
                self._documents[path] = self._parse(path)
            except Unreadable as error:
                self._documents[path] = error
        found = self._documents[path]
        if isinstance(found, Unreadable):
            return Unread(f"{path} could not be read (SCH001)")
        least = 1 if "fmaudit.yaml" in self._by_path else _LEAST_RECIPE_KEYS
        if path == "recipe.yaml" and _is_of_another_tool(found, least):
            return Absent(
                "recipe.yaml is of another tool: it has no `format`, and other fields than a recipe"
            )
        return found

    def get(self, need: str) -> object:
        """What a rule needs, by name; `Absent` or `Unread` with the reason where it is not to be had.

        Names: those of KNOWN; `bundle`, this; `weights`, the headers of all safetensors files; `documents`,
        all known documents that could be read; `unreadable`, what could not be, by file.
        """
        if need == "bundle":
            return self
        if need == "weights":
            return self._read_weights()
        if need == "documents":
            return tuple(document for document in self._known() if isinstance(document, Document))
        if need == "unreadable":
            self.read_all()
            return self.faults
        paths = KNOWN[need]
        return self.document(next((path for path in paths if path in self._by_path), paths[0]))

    def read_all(self) -> None:
        """Every known document and every header of weights has been read, or is among the faults."""
        for _ in self._known():
            pass
        self._read_weights()

    def _known(self) -> Iterator[Document | Absent | Unread]:
        named = [path for paths in KNOWN.values() for path in paths if path in self._by_path]
        for folder, endings in KNOWN_FOLDERS.items():
            named += [f.path for f in self.files if f.path.startswith(folder) and f.path.endswith(endings)]
        named += [f.path for f in self.files if f.path.endswith(INDEXES) and f.path not in KNOWN["index"]]
        for path in named:
            yield self.document(path)

    def _read_weights(self) -> tuple[TensorFile, ...] | Absent | Unread:
        files = [file for file in self.files if file.path.endswith(".safetensors")]
        if not files:
            return Absent("the bundle has no safetensors weights")
        from auditor.readers.safetensors import TensorFile, read_safetensors

        for file in files:
            if file.path not in self._weights and not file.leads_out:
                try:
                    with self.opened(file.path) as stream:
                        size = os.fstat(stream.fileno()).st_size
                        self._weights[file.path] = read_safetensors(file.path, stream, size)
                except Unreadable as error:
                    self._weights[file.path] = error
        read = tuple(one for one in self._weights.values() if isinstance(one, TensorFile))
        if not read and files[0].leads_out:
            return Unread(f"{files[0].path} is a link out of the bundle, which is not followed")
        return read or Unread(f"{files[0].path} could not be read (SCH001)")

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


def _is_of_another_tool(recipe: Document, least: int) -> bool:
    """Whether a recipe.yaml is none of ours: llm-compressor and conda write files of that name."""
    keys = recipe.mapping()
    return bool(keys) and "format" not in keys and len(_RECIPE_KEYS & keys.keys()) < least


@contextmanager
def _unnamed(raw: bytes) -> Iterator[BinaryIO]:
    """A file that holds these bytes and lies nowhere: readers ask an open file for its number and size."""
    from tempfile import TemporaryFile

    with TemporaryFile() as stream:
        stream.write(raw)
        stream.seek(0)
        yield stream
