"""YAML documents: values by the core schema of YAML 1.2, with the place and the printed text of each."""

from __future__ import annotations

import re
from typing import Any

from auditor.model import Place, Span
from auditor.readers.document import Document, Unreadable
from auditor.readers.positions import Entry, Node, extent, leaf, underline
from auditor.readers.text import Lines

MAX_DIRECTIVES = 64  # libyaml compares each %TAG with all before it: millions of them would never end

_DIRECTIVE = re.compile(r"^%(?:TAG|YAML)\b", re.MULTILINE)


def read_yaml(file: str, text: str, first_line: int = 1) -> YamlDocument:
    """The one document in a YAML text, whose first line is line `first_line` of its file.

    Raises:
        Unreadable: broken syntax, more than one document, a tag that is not plain data, an alias without or
            inside its own anchor, a key that is no scalar, or more than MAX_DEPTH levels or MAX_NODES values.
    """
    import yaml

    from auditor.readers.yaml_tree import Tree

    lines = Lines(text, first_line)
    if len(_DIRECTIVE.findall(text)) > MAX_DIRECTIVES:
        raise Unreadable(f"more than {MAX_DIRECTIVES} directives (`%TAG`)", lines.span(file, 0, 1))
    tree = Tree(file, text, lines)
    try:
        tree.build()
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the pure loader leaks the last two
        from auditor.readers.yaml_syntax import explain

        what, start, end, remedy = explain(error, text, lines)
        raise Unreadable(what, lines.span(file, start, end), remedy) from error
    document = YamlDocument(file, text, tree.root.value, tuple(tree.duplicates), tree.root.node, lines)
    document.repeated = tuple(tree.repeated)
    return document


class YamlDocument(Document):
    """A YAML file, or the front matter of a Markdown file.

    Attributes:
        repeated: the entry before each of `duplicates`, of the same key; offsets in `source`.
    """

    def __init__(
        self, file: str, source: str, value: Any, duplicates: tuple[Place, ...], root: Node, lines: Lines
    ) -> None:
        self.file = file
        self.source = source
        self.value = value
        self.duplicates = duplicates
        self.repeated: tuple[Entry, ...] = ()
        self._root = root
        self._lines = lines

    def locate(self, place: Place) -> Span:
        """The span of a place; the nearest existing parent's where the path does not exist."""
        return underline(self.file, self._lines, self._root, place)

    def extent(self, place: Place) -> tuple[int, int] | None:
        """From which offset to which the value or key of a place stands; None where that is not exact."""
        return extent(self._root, place)

    def stretch(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        return self._lines.stretch(self.file, start, end)

    def printed(self, *path: str | int) -> str | None:
        """The scalar at `path` as it stands in the file, without quotes and with escapes resolved."""
        found = leaf(self._root, path)
        return None if found is None else found[2]

    def plain(self, *path: str | int) -> bool:
        """Whether the scalar at `path` stands there without quotes."""
        found = leaf(self._root, path)
        return found is not None and found[3]
