"""What every reader returns: values, the text they were printed as, and where they stand.

A reader raises `Unreadable` for bytes it cannot make sense of and never anything else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from auditor.model import KeyPath, Place, Span

MAX_DEPTH = 200  # nesting; PyYAML's C composer overflows its stack near 20,000 (measured with "[" * n)
MAX_NODES = 2_000_000  # values after aliases are expanded; bounds "billion laughs" documents
MAX_DUPLICATES = 2_000  # repeated keys of one document that are told apart; a rule lists a thousand
MAX_BYTES = 64 * 2**20  # a text document beyond this is not read


class Unreadable(Exception):  # noqa: N818  reads as a sentence where it is raised
    """The bytes are not a document of their format; `span` is where reading stopped."""

    def __init__(self, what: str, span: Span, help: str = "") -> None:  # noqa: A002  the word users read
        super().__init__(what)
        self.what = what
        self.span = span
        self.help = help


class Document(ABC):
    """One parsed file with positions.

    Attributes:
        file: path relative to the bundle, with forward slashes.
        source: the text as read (after the byte-order mark), for snippets.
        value: typed values (dict, list, str, int, float, bool, None); keys are text.
        duplicates: the second and later of equal keys in one mapping, at most MAX_DUPLICATES of them.
    """

    file: str
    source: str
    value: Any
    duplicates: tuple[Place, ...]

    @abstractmethod
    def locate(self, place: Place) -> Span:
        """The span of a place; the nearest existing parent's where the path does not exist."""

    @abstractmethod
    def printed(self, *path: str | int) -> str | None:
        """The scalar at `path` exactly as its digits or letters stand in the file, without quotes."""

    @abstractmethod
    def plain(self, *path: str | int) -> bool:
        """Whether the scalar at `path` stands there without quotes."""

    def get(self, *path: str | int, default: Any = None) -> Any:
        """The typed value at `path`, or `default` where there is none."""
        value = self.value
        for step in path:
            in_mapping = isinstance(value, dict) and step in value
            if in_mapping or (isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value)):
                value = value[step]
            else:
                return default
        return value

    def mapping(self, *path: str | int) -> dict[str, Any]:
        """The mapping at `path`, or an empty one where something else or nothing stands there."""
        value = self.get(*path)
        return value if isinstance(value, dict) else {}

    def items(self, *path: str | int) -> Iterator[tuple[KeyPath, Any]]:
        """Each entry of the list at `path` with its own key path; nothing where it is no list."""
        value = self.get(*path)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield (*path, index), item

    def at(self, *path: str | int) -> Place:
        """The place of the value at `path`."""
        return Place(self.file, path)

    def key(self, *path: str | int) -> Place:
        """The place of the key that ends `path`."""
        return Place(self.file, path, on="key")

    def scalars(self) -> Iterator[tuple[KeyPath, Any]]:
        """Every scalar with its key path, in document order."""
        stack: list[tuple[KeyPath, Any]] = [((), self.value)]
        while stack:
            path, value = stack.pop()
            if isinstance(value, dict):
                stack.extend(((*path, k), v) for k, v in reversed(value.items()))
            elif isinstance(value, list):
                stack.extend(((*path, i), v) for i, v in reversed(list(enumerate(value))))
            else:
                yield path, value
