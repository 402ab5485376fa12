"""References in the data manifest to fields, files, keys and splits, and what of it leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries, target
from auditor.readers.text import shown
from auditor.rules.croissant import called
from auditor.rules.croissant_types import expanded_types
from auditor.rules.edits import meant
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

_TARGETS = ("field", "fileObject", "fileSet", "recordSet")
_SPLITS = "cr:Split"


@rule("DATA013", level="error", needs="croissant", since="2026.2")
def dangling_reference(croissant: Croissant) -> Iterator[Fault]:
    """A source or reference names a field, record set or file that the manifest does not have.

    Why: Loaders follow references to find the values; a dangling one ends in an exception. Plain references
        of fields to files are told as DATA001.
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
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "ID and Reference
        Mechanism"
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
        known = {field.id for field in fields} | {field.id.rpartition("/")[2] for field in fields}
        known |= {name for field in fields if isinstance(name := field.get("name"), str)}
        for path, value in entries(record_set.at("key"), record_set.value[record_set.keys["key"]]):
            identifier = target(value)
            if identifier and identifier not in known:
                yield croissant.document.at(*path).says(
                    f"the key `{shown(identifier)}` is no field of {called(record_set, 'the record set')}",
                    help=near_miss(identifier, (field.id for field in fields)),
                )


@rule("DATA030", level="warning", needs="croissant", certainty="likely", since="2026.2")
def split_not_referred_to(croissant: Croissant) -> Iterator[Fault]:
    """The manifest lists splits, and nothing says which split a record belongs to.

    Why: A record set of the type `cr:Split` only names the splits. Without a field that refers to it nobody
        can tell the records to train on from those to test on. A record set or file that is named as a split
        is taken for its records.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "splits", "name": "splits", "dataType": "cr:Split",
          "key": {"@id": "splits/name"}, "field": [
          {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}],
          "data": [{"splits/name": "training"}, {"splits/name": "testing"}]},
         {"@type": "cr:RecordSet", "@id": "test", "name": "test"}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "splits", "name": "splits", "dataType": "cr:Split",
          "key": {"@id": "splits/name"}, "field": [
          {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": "sc:Text"}],
          "data": [{"splits/name": "training"}, {"splits/name": "testing"}]},
         {"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/split", "name": "split", "dataType": "sc:Text",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}},
           "references": {"field": {"@id": "splits/name"}}}]}]}
    Fix: Add to the record set a field with `references` to the key of the splits, taken from a column or,
        with `transform`, from the names of the files.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Splits"
    """
    used = {identifier for _, _, identifier in _references(croissant)} if croissant.record_sets else set()
    named = {
        text
        for part in (*croissant.record_sets, *croissant.files)
        for text in (part.id, part.get("name"))
        if isinstance(text, str)
    }
    for record_set, fields in croissant.by_set:
        types = {f"{space}:{name}" for _, _, space, name in expanded_types(croissant, record_set)}
        if _SPLITS not in types or used.intersection((record_set.id, *(field.id for field in fields))):
            continue
        if not _named_in(record_set, named):
            yield croissant.document.at(*record_set.at("dataType")).says(
                f"no field refers to the splits in {called(record_set, 'the record set')}"
            )


def _named_in(record_set: Part, named: set[str]) -> bool:
    """Whether one of the records that a set holds itself has a value that is a name."""
    for _, record in entries((), record_set.get("data")):
        if isinstance(record, dict) and any(
            isinstance(value, str) and value in named for value in record.values()
        ):
            return True
    return False


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
    plain = tuple(step for step in path if isinstance(step, str))
    return name in ("fileObject", "fileSet") and plain[:4] == ("recordSet", "field", "source", name)


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
