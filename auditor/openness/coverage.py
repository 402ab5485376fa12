"""Which disclosures of a published list a bundle makes, and where.

The lists lie in `data/`, each with its source and date. An item either says where a release may answer it,
or that no release can. *Found* means that something is said there, not that it is enough: that is for people
to judge.

Where an item looks, in this order; what stands first in the list is tried first:
    component   components of the Model Openness Framework
    manifest, recipe, config, data, front   fields of fmaudit.yaml, recipe.yaml, config.json, the Croissant
                manifest, and the card's front matter; a dot goes down, into every entry of a list
    section     sections of the card that say something, by a part of their heading
    file        names of files, with `*`
    text        phrases in the card's body
    table       a table in the card and one of these phrases in its body
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from posixpath import basename
from typing import TYPE_CHECKING, Any, Literal

from auditor.openness.card import CardText, card_text
from auditor.openness.components import by_name
from auditor.openness.evidence import Evidence
from auditor.openness.files import holds
from auditor.openness.licensing import DATA
from auditor.readers.document import Document
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.model import KeyPath

LISTS = ("fmti_2025", "eu_gpai", "neurips", "code_completeness")
DOCUMENTS = ("manifest", "recipe", "config", "data", "front")
LOOKS = ("component", *DOCUMENTS, "section", "file", "text", "table", "all")
MOST_ENTRIES = 1_000  # of a list that a field is looked for in

State = Literal["found", "missing", "outside"]


@dataclass(frozen=True, slots=True)
class Where:
    """A place that answers an item: a file, the line in it (0 where it has none), and what stands there."""

    file: str
    line: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list and how the bundle answers it.

    Attributes:
        group: the part of the list.
        name: its name there.
        state: found, missing, or outside: no bundle can answer it.
        where: what answers it; None unless found.
        reason: why it is outside; empty otherwise.
    """

    group: str
    name: str
    state: State
    where: Where | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A list and how a bundle answers it."""

    name: str
    title: str
    source: str
    date: str
    items: tuple[Item, ...]

    def count(self, state: State) -> int:
        """How many items are in this state."""
        return sum(item.state == state for item in self.items)


def covered(bundle: Bundle, evidence: Evidence) -> tuple[Coverage, ...]:
    """Every list, and how the bundle answers it."""
    search = _Search(bundle, evidence)
    return tuple(_covered(published(name), search) for name in LISTS)


@cache
def published(name: str) -> Mapping[str, Any]:
    """A list as it is in `data/`."""
    import yaml

    text = (DATA / f"{name}.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return loaded


def _covered(listed: Mapping[str, Any], search: _Search) -> Coverage:
    items = tuple(
        _answered(group["name"], entry, search) for group in listed["groups"] for entry in group["items"]
    )
    return Coverage(listed["name"], listed["title"], listed["source"], str(listed["date"]), items)


def _answered(group: str, entry: Mapping[str, Any], search: _Search) -> Item:
    if "outside" in entry:
        return Item(group, entry["name"], "outside", reason=entry["outside"])
    where = search.first(entry["look"])
    return Item(group, entry["name"], "found" if where else "missing", where)


class _Search:
    """A bundle that is asked for the same things by many items."""

    def __init__(self, bundle: Bundle, evidence: Evidence) -> None:
        self._evidence = evidence
        self._card: CardText | None = card_text(bundle)
        self._bundle = bundle
        self._files = [(basename(file.path).lower(), file) for file in bundle.files]
        self._documents: dict[str, Document] = {}
        for need in DOCUMENTS:
            found = bundle.get("card" if need == "front" else need)
            if isinstance(found, Document):
                self._documents[need] = found

    def first(self, look: Mapping[str, Any]) -> Where | None:
        """The first place that answers."""
        for kind, asked in look.items():
            if kind == "component":
                where = self._component(asked, every=look.get("all") is True)
            elif kind in DOCUMENTS:
                where = self._field(self._documents.get(kind), asked)
            elif kind == "file":
                where = self._file(asked)
            elif kind == "all" or self._card is None:
                where = None
            elif kind == "section":
                section = self._card.section(asked)
                where = Where(self._card.file, section.line, section.heading) if section else None
            else:
                where = self._phrase(self._card, asked, table=kind == "table")
            if where is not None:
                return where
        return None

    def _component(self, names: Sequence[str], *, every: bool) -> Where | None:
        found = [
            self._evidence[by_name()[name].id][0] for name in names if by_name()[name].id in self._evidence
        ]
        if not found or (every and len(found) < len(names)):
            return None
        return Where(found[0].file, found[0].line, found[0].note)

    def _field(self, document: Document | None, fields: Sequence[str]) -> Where | None:
        if document is None:
            return None
        for field in fields:
            for path in _paths(document, (), field.split(".")):
                return Where(document.file, document.locate(document.key(*path)).line, field)
        return None

    def _file(self, patterns: Sequence[str]) -> Where | None:
        for pattern in patterns:
            for name, file in self._files:
                if fnmatchcase(name, pattern) and holds(self._bundle, file):
                    return Where(file.path)
        return None

    def _phrase(self, card: CardText, phrases: Sequence[str], *, table: bool) -> Where | None:
        tables = card.document.tables
        if table and not tables:
            return None
        line = card.phrase(phrases)
        if not line:
            return None
        return Where(card.file, tables[0].line if table else line)


def _paths(document: Document, path: KeyPath, steps: list[str]) -> Iterator[KeyPath]:
    """The key path of each value that a field means and that is not empty."""
    value = document.get(*path)
    if isinstance(value, list) and steps:
        for number in range(min(len(value), MOST_ENTRIES)):
            yield from _paths(document, (*path, number), steps)
    elif not steps:
        if value not in (None, "", [], {}):
            yield path
    elif isinstance(value, dict) and steps[0] in value:
        yield from _paths(document, (*path, steps[0]), steps[1:])
