"""Croissant data manifests: the part of JSON-LD they are written in, read into parts with places.

A property is known here by its name without namespace, however it is written: `recordSet`, `cr:recordSet` and
`http://mlcommons.org/croissant/recordSet` are one. What the document's own context makes of a name is kept
beside, for a rule to judge. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.model import KeyPath
from auditor.readers.document import Document
from auditor.readers.json_ld import Context
from auditor.records import dataclass

MAX_PARTS = 100_000  # files, record sets, fields and their sources that are told apart
LEGACY = "http://mlcommons.org/schema/"  # the namespace before Croissant 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A mapping of the manifest: the data set, a file, a record set, a field, or where values come from.

    Attributes:
        path: where it stands.
        value: the mapping itself.
        keys: its keys as they are written, by their names.
        types: names of its `@type`, of Croissant and schema.org without a prefix.
        id: its `@id`, relative to the base; empty where it has none.
        inside: for a field its record set; for a field in a field, that one; for a source its field.
    """

    path: KeyPath
    value: dict[str, Any]
    keys: dict[str, str]
    types: tuple[str, ...]
    id: str
    inside: Part | None = None

    def get(self, name: str) -> Any:
        """The value of a property; None where it is not given."""
        key = self.keys.get(name)
        return None if key is None else plain(self.value[key])

    def at(self, name: str) -> KeyPath:
        """The key path of a property, or of the part where it has none of that name."""
        key = self.keys.get(name)
        return self.path if key is None else (*self.path, key)

    def has(self, *names: str) -> bool:
        """Whether one of these properties has a value that says something."""
        return any(self.get(name) not in (None, "", [], {}) for name in names)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True, slots=True, eq=False)
class Croissant:
    """A data manifest in parts.

    Attributes:
        document: the file.
        context: what its names mean.
        dataset: the data set; a part without values where the document holds none.
        found: whether the document holds a data set at all.
        legacy: whether it is of a version before 1.0, whose parts go by name and are not taken apart.
        files: entries of `distribution`.
        record_sets: entries of `recordSet`.
        fields: their fields, each followed by the fields in it.
        by_set: each record set with its fields, and the fields in them.
        sources: what stands under `source`, `references`, `parentField` or `containedIn`, with that name.
    """

    document: Document
    context: Context
    dataset: Part
    found: bool
    legacy: bool
    files: tuple[Part, ...]
    record_sets: tuple[Part, ...]
    fields: tuple[Part, ...]
    by_set: tuple[tuple[Part, tuple[Part, ...]], ...]
    sources: tuple[tuple[str, Part], ...]

    def parts(self) -> Iterator[Part]:
        """The data set, its files, record sets, fields and sources."""
        yield self.dataset
        yield from self.files
        yield from self.record_sets
        yield from self.fields
        for _, source in self.sources:
            yield source


def plain(value: Any) -> Any:
    """The value in `{"@value": ...}`, or the value."""
    return value["@value"] if type(value) is dict and "@value" in value else value


def entries(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, Any]]:
    """Each value of a property with its place; one value, a list, `@list` and `@set` are alike."""
    if isinstance(value, dict):
        for key in ("@list", "@set"):
            if key in value:
                path, value = (*path, key), value[key]
                break
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index), item
    elif value is not None:
        yield path, value


def target(value: Any) -> str:
    """The identifier that a reference names; empty where it names none."""
    if isinstance(value, dict):
        value = value.get("@id")
    return value if isinstance(value, str) else ""


def read_croissant(document: Document) -> Croissant:
    """The parts of a data manifest; of a document that holds no data set, none."""
    root = document.value if isinstance(document.value, dict) else {}
    builder = _Builder(Context(root.get("@context")))
    nodes = builder.nodes(root)
    dataset = next((part for part in nodes if "Dataset" in part.types), None)
    legacy = _is_legacy(builder.context, dataset)
    files: tuple[Part, ...] = ()
    if dataset is not None and not legacy:
        builder.known = {part.id: part for part in nodes if part.id and part is not dataset}
        files = tuple(builder.files(dataset))
        builder.record_sets(dataset)
    return Croissant(
        document,
        builder.context,
        dataset or nodes[0],
        dataset is not None,
        legacy,
        files,
        tuple(builder.sets),
        tuple(builder.fields),
        tuple(zip(builder.sets, builder.owned, strict=True)),
        tuple(builder.sources),
    )


def _is_legacy(context: Context, dataset: Part | None) -> bool:
    stated = dataset.get("conformsTo") if dataset is not None else None
    if stated is not None:
        return any(str(target(one) or one).endswith("/croissant/0.8") for _, one in entries((), stated))
    return LEGACY in context.terms.values()


class _Builder:
    """Collects the parts of one manifest, at most MAX_PARTS."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.known: dict[str, Part] = {}  # of an `@graph`, by identifier
        self.sets: list[Part] = []
        self.fields: list[Part] = []
        self.owned: list[tuple[Part, ...]] = []
        self.sources: list[tuple[str, Part]] = []
        self._left = MAX_PARTS

    def nodes(self, root: dict[str, Any]) -> list[Part]:
        """The document's own mapping, and those of its `@graph`."""
        graph = [
            self.part((*path,), item)
            for path, item in entries(("@graph",), root.get("@graph"))
            if isinstance(item, dict)
        ]
        return [self.part((), root), *graph]

    def part(self, path: KeyPath, value: dict[str, Any], inside: Part | None = None) -> Part:
        self._left -= 1
        name = self.context.name
        keys = {name(key): key for key in reversed(value)}
        kinds = value.get(keys.get("@type", "@type"))
        types = tuple(name(one) for _, one in entries((), kinds) if isinstance(one, str))
        identifier = value.get("@id")
        text = identifier if isinstance(identifier, str) else ""
        return Part(path, value, keys, types, text.removeprefix(self.context.base), inside)

    def files(self, dataset: Part) -> Iterator[Part]:
        for part in self._inner(dataset, "distribution"):
            yield part
            self._source(part, "containedIn")

    def record_sets(self, dataset: Part) -> None:
        for record_set in self._inner(dataset, "recordSet"):
            self.sets.append(record_set)
            before = len(self.fields)
            self._fields(record_set)
            self.owned.append(tuple(self.fields[before:]))

    def _fields(self, record_set: Part) -> None:
        waiting = [*self._inner(record_set, "field")][::-1]
        seen = set()  # an `@graph` may say that a field is in itself
        while waiting and self._left > 0:
            field = waiting.pop()
            if field.path in seen:
                continue
            seen.add(field.path)
            self.fields.append(field)
            for name in ("source", "references", "parentField"):
                self._source(field, name)
            waiting.extend([*self._inner(field, "subField")][::-1])

    def _source(self, owner: Part, name: str) -> None:
        if name not in owner.keys:
            return
        for path, item in entries(owner.at(name), owner.value[owner.keys[name]]):
            if isinstance(item, dict) and self._left > 0:
                self.sources.append((name, self.part(path, item, owner)))

    def _inner(self, owner: Part, name: str) -> Iterator[Part]:
        if name not in owner.keys:
            return
        for path, item in entries(owner.at(name), owner.value[owner.keys[name]]):
            if self._left <= 0:
                return
            if isinstance(item, dict):
                there = self.known.get(target(item)) if len(item) == 1 and "@id" in item else None
                where, what = (there.path, there.value) if there is not None else (path, item)
                yield self.part(where, what, owner)
