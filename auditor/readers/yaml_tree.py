"""Parser events to values and their offsets, in one pass; nothing is composed or constructed by PyYAML.

Depth and the number of values behind aliases are known before anything is built: the C composer of PyYAML
overflows its stack on 200,000 open brackets. Merge keys (`<<`) are applied; every tag outside the core schema
is refused. Handling of one event costs as much as its parsing, so the path of a plain scalar is kept short.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, NoReturn

import yaml

from auditor.model import KeyPath, Place
from auditor.readers.document import MAX_DEPTH, MAX_DUPLICATES, MAX_NODES, Unreadable
from auditor.readers.positions import Branch, Entry, Node
from auditor.readers.text import Lines, shown
from auditor.readers.yaml_scalars import CORE, TEXT_TAGS, TYPES, core

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # some builds of PyYAML lack the C loader

_PURE = LOADER is yaml.SafeLoader

_TAG = re.compile(r"(?:&\S+\s+)?(!\S*)")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")  # the anchor and tag before a scalar


class Anchored(NamedTuple):
    """A finished node that an alias or `<<` may stand for."""

    value: Any
    node: Node
    size: int  # values in it, aliases expanded
    height: int  # levels in it; 0 for a scalar


class Frame:
    """A mapping or list that is being read."""

    __slots__ = (
        "anchor",
        "before",
        "branch",
        "height",
        "items",
        "key",
        "key_at",
        "mapping",
        "merged",
        "value",
    )

    def __init__(self, branch: Branch, anchor: str | None, before: int) -> None:
        self.branch = branch
        self.items: Any = branch.items
        self.mapping = isinstance(branch.items, dict)
        self.value: Any = {} if self.mapping else []
        self.anchor = anchor
        self.before = before  # values counted when it opened
        self.height = 1
        self.key: str | None = None  # of the entry whose value comes next; None where a key comes next
        self.key_at: tuple[int, int] | None = None  # None where that key is `<<`
        self.merged: list[Anchored] = []  # what its `<<` name, furthest first


class Tree:
    """The value of a YAML text, its node and its repeated keys, built event by event.

    `repeated` is the entry before each of `duplicates`.
    """

    def __init__(self, file: str, text: str, lines: Lines) -> None:
        self.file = file
        self.text = text
        self.lines = lines
        self.duplicates: list[Place] = []
        self.repeated: list[Entry] = []
        self.root = Anchored(None, (0, 0, "", True), 0, 0)
        self._documents = 0
        self._count = 0  # values so far, aliases expanded
        self._top = Frame(Branch(0, 0, inline=False, items=[]), None, 0)  # holds the root
        self._stack: list[Frame] = []  # the frames around the top
        self._anchors: dict[str, Anchored | None] = {}  # None while its mapping or list is open

    def build(self) -> None:
        """`root` and `duplicates` are those of the text.

        Raises:
            Unreadable: the text is YAML but not plain, bounded data.
            yaml.YAMLError: the text is not YAML.
        """
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        for event in iter(LOADER(self.text).get_event, None):
            handle = handlers.get(type(event))
            if handle is not None:
                handle(event)

    def _scalar(self, event: Any) -> None:
        start, end, text = event.start_mark.index, event.end_mark.index, event.value
        plain = not event.style
        top = self._top
        if _PURE and not plain:
            self._refuse_surrogates(text, start, end)
        if event.tag is not None or event.anchor is not None:
            self._decorated_scalar(event, start, end)
        elif top.key is None and top.mapping:
            self._take_key(text, start, end, merge=plain and text == "<<")
        else:
            value = self._typed(text, start, end) if plain else text
            self._attach(value, (start, end, text, plain), start, end)

    def _decorated_scalar(self, event: Any, start: int, end: int) -> None:
        properties = _PROPERTIES.match(self.text, start, end)
        start = start if properties is None else properties.end()
        text, tag, plain = event.value, event.tag, not event.style
        if tag in TEXT_TAGS or (tag is None and not plain):
            value = text
        elif tag is None or tag in TYPES:
            value = self._typed(text, start, end)
            if tag is not None and type(value) not in TYPES[tag]:
                self._fail(f"`{shown(text)}` is not a `!!{tag.removeprefix(CORE)}`", start, end)
        else:
            self._refuse_tag(event)
        node = (start, end, text, plain)
        if event.anchor is not None:
            self._anchors[event.anchor] = Anchored(value, node, 1, 0)
        if self._top.key is None and self._top.mapping:
            self._take_key(text, start, end)
        else:
            self._attach(value, node, start, end)

    def _typed(self, text: str, start: int, end: int) -> Any:
        try:
            return core(text)
        except OverflowError as error:
            self._fail(str(error), start, end, "quote it if it is a name")

    def _open(self, event: Any) -> None:
        start, mapping = event.start_mark.index, type(event) is yaml.MappingStartEvent
        if self._top.key is None and self._top.mapping:
            self._fail("a key is a mapping or list, and must be text", start, start + 1)
        if event.tag not in (None, "!", CORE + ("map" if mapping else "seq")):
            self._refuse_tag(event)
        if len(self._stack) == MAX_DEPTH:
            self._fail(f"mappings and lists nest more than {MAX_DEPTH} deep", start, start + 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        branch = Branch(start, start, inline=bool(event.flow_style), items={} if mapping else [])
        self._stack.append(self._top)
        self._top = Frame(branch, event.anchor, self._count)

    def _close(self, event: Any) -> None:
        done = self._top
        self._top = self._stack.pop()
        done.branch.end = event.end_mark.index
        if done.merged:
            _apply_merges(done)
        self._attach(done.value, done.branch, done.branch.start, done.branch.end, done.height)
        if done.anchor is not None:
            size = self._count - done.before
            self._anchors[done.anchor] = Anchored(done.value, done.branch, size, done.height)

    def _alias(self, event: Any) -> None:
        start, end, name = event.start_mark.index, event.end_mark.index, event.anchor
        target = self._anchors.get(name)
        if target is None and name in self._anchors:
            self._fail(f"`*{shown(name)}` stands inside its own anchor", start, end)
        if target is None:
            remedy = "set the anchor before its alias, or quote the text"
            self._fail(f"the anchor `&{shown(name)}` is not set", start, end, remedy)
        value, node, size, height = target
        if len(self._stack) + height > MAX_DEPTH:
            self._fail(f"aliases nest more than {MAX_DEPTH} deep", start, end)
        if self._top.key is None and self._top.mapping:
            if isinstance(node, Branch):
                self._fail("a key is a mapping or list, and must be text", start, end)
            self._take_key(node[2], start, end)
            return
        self._count += size - 1
        if isinstance(node, Branch):
            node = Branch(start, end, inline=True, items=node.items)
        else:
            node = (start, end, *node[2:])
        self._attach(value, node, start, end, height)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            start = event.start_mark.index
            self._fail("a second document starts here", start, start + 3, "keep one document in a file")

    def _take_key(self, key: str, start: int, end: int, *, merge: bool = False) -> None:
        top = self._top
        top.key = key
        top.key_at = None if merge else (start, end)
        if key in top.items and not merge and len(self.duplicates) < MAX_DUPLICATES:
            line, _ = self.lines.position(top.items[key][0])
            span = self.lines.span(self.file, start, end)
            self.duplicates.append(Place(self.file, self._path(), "key", f"first set on line {line}", span))
            self.repeated.append(top.items[key])

    def _attach(self, value: Any, node: Node, start: int, end: int, height: int = 0) -> None:
        """The value takes its place in the mapping or list around it."""
        self._count += 1
        if self._count > MAX_NODES:
            self._fail(f"the document holds more than {MAX_NODES:,} values", start, end)
        top = self._top
        if height >= top.height:
            top.height = height + 1
        if top.mapping:
            if top.key_at is None:
                self._merge(Anchored(value, node, 0, height), start, end)
            else:
                top.items[top.key] = (*top.key_at, node)
                top.value[top.key] = value
            top.key = None
        elif self._stack:
            top.items.append(node)
            top.value.append(value)
        else:
            self.root = Anchored(value, node, self._count, height)

    def _merge(self, source: Anchored, start: int, end: int) -> None:
        """The mapping, or the list of mappings, is what `<<` names (https://yaml.org/type/merge.html)."""
        sources = [source]
        items = source.node.items if isinstance(source.node, Branch) else None
        if isinstance(items, list):
            sources = [Anchored(v, n, 0, 0) for v, n in zip(source.value, items, strict=True)]
        if not all(isinstance(each.value, dict) for each in sources):
            self._fail("`<<` must name a mapping or a list of mappings", start, end)
        self._top.merged.extend(reversed(sources))

    def _path(self) -> KeyPath:
        """The path of the entry that is being read."""
        frames = [*self._stack[1:], self._top]
        return tuple(len(each.items) if each.key is None else each.key for each in frames)

    def _refuse_surrogates(self, text: str, start: int, end: int) -> None:
        """No half of a character is in the text; the pure loader lets such escapes through."""
        if any("\ud800" <= char <= "\udfff" for char in text):
            self._fail("this text holds half of a character", start, end, "write the character itself")

    def _refuse_tag(self, event: Any) -> NoReturn:
        tag = event.tag
        name = "!!" + tag.removeprefix(CORE) if tag.startswith(CORE) else tag
        written = _TAG.match(self.text, event.start_mark.index)
        start, end = written.span(1) if written else (event.start_mark.index, event.end_mark.index)
        remedy = "remove the tag: only plain data is read, because tags can name code to run"
        self._fail(f"the tag `{shown(name)}` is refused", start, end, remedy)

    def _fail(self, what: str, start: int, end: int, remedy: str = "") -> NoReturn:
        raise Unreadable(what, self.lines.span(self.file, start, end), remedy)


def _apply_merges(frame: Frame) -> None:
    """Entries that `<<` names come first and give way to the mapping's own."""
    items: dict[str, Any] = {}
    value: dict[str, Any] = {}
    for source in frame.merged:
        if isinstance(source.node, Branch) and isinstance(source.node.items, dict):
            items.update(source.node.items)
            value.update(source.value)
    items.update(frame.items)
    value.update(frame.value)
    frame.branch.items, frame.value = items, value
