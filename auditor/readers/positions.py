"""Where values stand in a text: a tree of offsets beside the values, and the span a place underlines."""

from __future__ import annotations

from auditor.model import KeyPath, Place, Span
from auditor.readers.text import Lines

Leaf = tuple[int, int, str, bool]  # start, end, text without quotes, whether it stands without quotes
Entry = tuple[int, int, "Node"]  # start and end of the key, and its value


class Branch:
    """A mapping (`items` by key) or a list of the text, from `start` to `end`.

    `inline` says that both ends are exact: `[…]`, `{…}` and aliases, not indented YAML.
    """

    __slots__ = ("end", "inline", "items", "start")

    def __init__(self, start: int, end: int, *, inline: bool, items: dict[str, Entry] | list[Node]) -> None:
        self.start = start
        self.end = end
        self.inline = inline
        self.items = items


Node = Leaf | Branch


def trace(root: Node, path: KeyPath) -> tuple[Node, tuple[int, int] | None, bool]:
    """The node at `path` or at the nearest existing parent, its key's offsets, and whether it is the node."""
    node, key = root, None
    for step in path:
        items = node.items if isinstance(node, Branch) else None
        if isinstance(items, dict) and isinstance(step, str) and step in items:
            start, end, node = items[step]
            key = (start, end)
        elif isinstance(items, list) and isinstance(step, int) and 0 <= step < len(items):
            node, key = items[step], None
        else:
            return node, key, False
    return node, key, True


def leaf(root: Node, path: KeyPath) -> Leaf | None:
    """The scalar at `path`, or nothing."""
    node, _, found = trace(root, path)
    return node if found and not isinstance(node, Branch) else None


def extent(root: Node, place: Place) -> tuple[int, int] | None:
    """Where exactly the value or key of a place stands; None for what has no exact ends or is not there."""
    node, key, found = trace(root, place.path)
    if not found or place.on == "key":
        return key if found else None
    if isinstance(node, Branch):
        return (node.start, node.end) if node.inline else None
    return node[:2]


def underline(file: str, lines: Lines, root: Node, place: Place) -> Span:
    """The span of a place.

    A key is its token. A scalar is itself. A mapping or list is itself where it stands on one line, else the
    key that holds it, else its first line. Where the path ends early, the parent is taken in the same way.
    """
    if place.span is not None:
        return place.span
    node, key, found = trace(root, place.path)
    if place.on == "key" and found and key is not None:
        return lines.span(file, *key)
    if not isinstance(node, Branch):
        start, end = node[:2]
        return lines.span(file, *key) if start == end and key is not None else lines.span(file, start, end)
    if key is not None and not (node.inline and node.end <= lines.end_of_line(node.start)):
        return lines.span(file, *key)
    return lines.span(file, node.start, node.end if node.inline else lines.end_of_line(node.start))
