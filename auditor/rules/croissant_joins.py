"""What belongs together in the data manifest: files and fields in circles, and sources that nothing joins."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries, target
from auditor.readers.text import shown
from auditor.rules.croissant import called
from auditor.rules.registry import rule

_TARGETS = ("field", "fileObject", "fileSet", "recordSet")
_JOINED = 50  # sources of one record set that are told apart: each is compared with those of all others


@rule("DATA025", level="error", needs="croissant", since="2026.2")
def circle_of_references(croissant: Croissant) -> Iterator[Fault]:
    """Files lie in one another, or fields take their values from one another, in a circle.

    Why: There is nothing to begin with: a loader ends in an endless loop, or refuses the manifest. A
        reference of keys to each other (`references`) may be a circle.
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
            if isinstance(value, str):  # mappings are among the sources
                steps.setdefault(part.id, []).append(value)
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
