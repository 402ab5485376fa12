"""References in the data manifest: to fields, files and keys that are not there, in circles, without a join."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries, target
from auditor.readers.text import shown
from auditor.rules.croissant import called
from auditor.rules.croissant_types import expanded_types
from auditor.rules.edits import meant
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

_TARGETS = ("field", "fileObject", "fileSet", "recordSet")
_JOINED = 50  # sources of one record set that are told apart: each is compared with those of all others
_SPLITS = "cr:Split"


@rule("DATA013", level="error", needs="croissant", since="2026.2")
def dangling_reference(croissant: Croissant) -> Iterator[Fault]:
    """A source or reference names a field, record set or file that the manifest does not have.

    Why: Loaders follow references to find the values; a dangling one ends in an exception. Plain references of
        fields to files are told as DATA001.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}},
           "references": {"field": {"@id": "names/label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [
          {"@type": "cr:RecordSet", "@id": "names", "name": "names", "field": [
            {"@type": "cr:Field", "@id": "names/label", "name": "label", "dataType": "sc:Integer"}],
           "data": [{"names/label": 0}, {"names/label": 1}]},
          {"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
            {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
             "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}},
             "references": {"field": {"@id": "names/label"}}}]}]}
    Fix: Use the whole `@id` of the field, with its record set before the slash, or add the field.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "ID and Reference Mechanism"
    """
    known = _identified(croissant)
    as_file = "distribution" in croissant.document.mapping()
    dangling = [
        (path, identifier)
        for path, name, identifier in _references(croissant)
        if identifier not in known and not (as_file and _told_as_file(path, name))
    ]
    known |= _defined(croissant) if dangling else set()  # annotations and the like may be referred to
    for path, identifier in dangling:
        if identifier in known:
            continue
        yield croissant.document.at(*path).says(
            f"`{shown(identifier)}` is not in the manifest",
            help=near_miss(identifier, known),
            fix=meant(croissant.document, path, known),
        )


@rule("DATA014", level="warning", needs="croissant", since="2026.2")
def dangling_key(croissant: Croissant) -> Iterator[Fault]:
    """The key of a record set names none of its fields.

    Why: The key tells records apart, and joins are made by it; one that is no field identifies nothing.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "key": {"@id": "test/id"},
          "field": [{"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "key": {"@id": "test/label"},
          "field": [{"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Use the `@id` of the field, or of each field where several make the key.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "RecordSet"
    """
    for record_set, fields in croissant.by_set:
        if "key" not in record_set.keys or not fields:
            continue
        known = {name for field in fields for name in (field.id, field.id.rpartition("/")[2], field.get("name"))}
        for path, value in entries(record_set.at("key"), record_set.value[record_set.keys["key"]]):
            identifier = target(value)
            if identifier and identifier not in known:
                yield croissant.document.at(*path).says(
                    f"the key `{shown(identifier)}` is no field of {called(record_set, 'the record set')}",
                    help=near_miss(identifier, [field.id for field in fields]),
                )


@rule("DATA025", level="error", needs="croissant", since="2026.2")
def circle_of_references(croissant: Croissant) -> Iterator[Fault]:
    """Files lie in one another, or fields take their values from one another, in a circle.

    Why: There is nothing to begin with: a loader ends in an endless loop, or refuses the manifest. A reference
        of keys to each other (`references`) may be a circle.
    Bad:
        # data/croissant.json
        {"distribution": [
          {"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv", "contentUrl": "digits.csv",
           "encodingFormat": "text/csv", "containedIn": {"@id": "digits.zip"}},
          {"@type": "cr:FileObject", "@id": "digits.zip", "name": "digits.zip", "contentUrl": "digits.zip",
           "encodingFormat": "application/zip", "containedIn": {"@id": "digits.csv"}}]}
    Good:
        # data/croissant.json
        {"distribution": [
          {"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv", "contentUrl": "digits.csv",
           "encodingFormat": "text/csv", "containedIn": {"@id": "digits.zip"}},
          {"@type": "cr:FileObject", "@id": "digits.zip", "name": "digits.zip",
           "contentUrl": "https://example.org/digits.zip", "encodingFormat": "application/zip",
           "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"}]}
    Fix: Say of the outermost file where it is to be had, and of the first field in which file its values are.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "FileObject"
    """
    parts = {part.id: part for part in (*croissant.fields, *croissant.files) if part.id}
    steps: dict[str, list[str]] = {}
    for part in croissant.files:
        for _, value in entries((), part.get("containedIn")):
            steps.setdefault(part.id, []).append(target(value))
    for name, source in croissant.sources:
        owner = source.inside.id if source.inside is not None else ""
        wanted = {"source": "field", "containedIn": "fileObject"}.get(name, "")
        if wanted:
            steps.setdefault(owner, []).extend((source.id, target(source.get(wanted))))
    for identifier in _on_circles(steps):
        if identifier in parts:
            part = parts[identifier]
            place = croissant.document.at(*part.at("containedIn" if part.has("containedIn") else "source"))
            yield place.says(f"`{shown(identifier)}` leads back to itself")


@rule("DATA032", level="error", needs="croissant", since="2026.2")
def join_without_references(croissant: Croissant) -> Iterator[Fault]:
    """A record set takes fields from several sources, and nothing says which records belong together.

    Why: Rows of two tables make one record only by a key that both have; without it a loader must guess, and
        the reference loader refuses the manifest.
    Bad:
        # data/croissant.json
        {"distribution": [
          {"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv", "contentUrl": "digits.csv",
           "contentSize": "1065 B", "encodingFormat": "text/csv",
           "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"},
          {"@type": "cr:FileObject", "@id": "writers.csv", "name": "writers.csv",
           "contentUrl": "https://example.org/writers.csv", "encodingFormat": "text/csv",
           "sha256": "7ab77bcf3d0b7d34c4b3ab4e51a3b0e6a0c6e8d8e4d5e77e3c0d4b5d3c1f8a90"}],
         "recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}},
          {"@type": "cr:Field", "@id": "test/age", "name": "age", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "writers.csv"}, "extract": {"column": "age"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Add `references` to the field that holds the key, naming the field of the other source that has the
        same values; or make two record sets.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Joins"
    """
    home = _homes(croissant)
    reached = {
        record_set.id: [*islice(dict.fromkeys(filter(None, map(_origin, fields))), _JOINED)]
        for record_set, fields in croissant.by_set
    }
    for record_set, fields in croissant.by_set:
        sources: dict[str, KeyPath] = {}
        group: dict[str, str] = {}
        for field in fields:
            origin = _origin(field)
            if origin and field.inside is record_set:
                sources.setdefault(home.get(origin, origin), field.at("source"))
            for other in _origins_of(field, "references"):
                for inner in (other, *reached.get(home.get(other, other), ())):
                    _unite(group, home.get(origin, origin), home.get(inner, inner))
        groups = {_leader(group, source) for source in sources}
        if len(groups) > 1:
            listed = ", ".join(f"`{shown(source)}`" for source in islice(sources, _JOINED))
            first, second, *_ = sources.values()
            yield croissant.document.at(*second).says(
                f"{called(record_set, 'the record set')} takes fields from {listed} without `references` "
                "between them",
                croissant.document.at(*first),
            )


@rule("DATA030", level="warning", needs="croissant", certainty="likely", since="2026.2")
def split_not_referred_to(croissant: Croissant) -> Iterator[Fault]:
    """The manifest lists splits, and no field says which split a record belongs to.

    Why: A record set of the type `cr:Split` only names the splits. Without a field that refers to it nobody can
        tell the records to train on from those to test on.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "splits", "name": "splits", "dataType": "cr:Split",
          "key": {"@id": "splits/name"}, "field": [
          {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}],
          "data": [{"splits/name": "train"}, {"splits/name": "test"}]},
         {"@type": "cr:RecordSet", "@id": "test", "name": "test"}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "splits", "name": "splits", "dataType": "cr:Split",
          "key": {"@id": "splits/name"}, "field": [
          {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}],
          "data": [{"splits/name": "train"}, {"splits/name": "test"}]},
         {"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/split", "name": "split", "dataType": "sc:Text",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "split"}},
           "references": {"field": {"@id": "splits/name"}}}]}]}
    Fix: Add to the record set a field with `references` to the key of the splits, taken from a column or, with
        `transform`, from the names of the files.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Splits"
    """
    used = {identifier for _, _, identifier in _references(croissant)} if croissant.record_sets else set()
    for record_set, fields in croissant.by_set:
        types = {f"{space}:{name}" for _, _, space, name in expanded_types(croissant, record_set)}
        if _SPLITS in types and not used.intersection((record_set.id, *(field.id for field in fields))):
            yield croissant.document.at(*record_set.at("dataType")).says(
                f"no field refers to the splits in {called(record_set, 'the record set')}"
            )


def _references(croissant: Croissant) -> Iterator[tuple[KeyPath, str, str]]:
    """Every reference of sources: its place, the name it stands under, and the identifier."""
    for name, source in croissant.sources:
        if source.id and len(source.value) == 1:
            yield (*source.path, "@id"), name, source.id
            continue
        for kind in _TARGETS:
            if kind in source.keys:
                for place, item in entries(source.at(kind), source.value[source.keys[kind]]):
                    if target(item):
                        yield ((*place, "@id") if isinstance(item, dict) else place), kind, target(item)


def _told_as_file(path: KeyPath, name: str) -> bool:
    """Whether DATA001 looks at this reference: of a file to its archive, of a field to its file."""
    if name == "containedIn":
        return path[0] == "distribution"
    field = len(path) > 5 and path[0] == "recordSet" and path[2] == "field" and path[4] == "source"  # noqa: PLR2004  recordSet, 0, field, 0, source
    return name in ("fileObject", "fileSet") and field and path[5] == name


def _identified(croissant: Croissant) -> set[str]:
    parts = (*croissant.files, *croissant.record_sets, *croissant.fields)
    return {part.id for part in parts if part.id}


def _defined(croissant: Croissant) -> set[str]:
    """Every identifier of a mapping that says more than it, anywhere in the document."""
    found: set[str] = set()
    waiting = [croissant.document.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            identifier = value.get("@id")
            if isinstance(identifier, str) and len(value) > 1:
                found.add(identifier.removeprefix(croissant.context.base))
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return found


def _on_circles(steps: dict[str, list[str]]) -> Iterator[str]:
    """One identifier of each circle, each step looked at once."""
    done: set[str] = set()
    for start in steps:
        way: dict[str, Iterator[str]] = {}
        waiting = [start] if start not in done else []
        while waiting:
            here = waiting[-1]
            if here not in way:
                way[here] = iter(steps.get(here, ()))
            there = next(way[here], None)
            if there is None:
                done.add(here)
                del way[here]
                waiting.pop()
            elif there in way:
                yield there
            elif there and there not in done:
                waiting.append(there)


def _homes(croissant: Croissant) -> dict[str, str]:
    """The record set of each field, by their identifiers."""
    return {
        field.id: record_set.id for record_set, fields in croissant.by_set for field in fields if field.id
    }


def _origin(field: Part) -> str:
    """What a field's source names: a file, a set of files, or a field."""
    return next(_origins_of(field, "source"), "")


def _origins_of(field: Part, name: str) -> Iterator[str]:
    key = field.keys.get(name)
    for _, value in entries((), field.value[key]) if key is not None else ():
        if isinstance(value, dict):
            inner = (target(value.get(kind)) for kind in _TARGETS)
            found = target(value) or next((one for one in inner if one), "")
            if found:
                yield found


def _leader(group: dict[str, str], source: str) -> str:
    while group.get(source, source) != source:
        group[source] = group.get(group[source], group[source])
        source = group[source]
    return source


def _unite(group: dict[str, str], one: str, other: str) -> None:
    group[_leader(group, one)] = _leader(group, other)
