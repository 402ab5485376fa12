"""Fields of the data manifest: whether anything says where their values come from."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import Fault
from auditor.readers.croissant import Croissant, Part, entries
from auditor.readers.text import shown
from auditor.rules.croissant import called
from auditor.rules.registry import rule


@rule("DATA018", level="error", needs="croissant", since="2026.2")
def record_set_from_nowhere(croissant: Croissant) -> Iterator[Fault]:
    """No field of a record set says where its values come from, nor does the set hold data.

    Why: There is nothing to load; the reference loader refuses the manifest.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer"}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer"}],
          "data": [{"test/label": 0}, {"test/label": 1}]}]}
    Fix: Give each field a `source` (or a `value` that is the same in all records), or the set its `data`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Field"
    """
    for record_set, fields in croissant.by_set:
        if fields and _is_empty(record_set, fields):
            count = "the field" if len(fields) == 1 else f"none of the {len(fields)} fields"
            verb = "does not say" if len(fields) == 1 else "says"
            yield croissant.document.at(*record_set.path).says(
                f"{count} of {called(record_set, 'the record set')} {verb} where its values come from"
            )


@rule("DATA019", level="warning", needs="croissant", since="2026.2")
def field_from_nowhere(croissant: Croissant) -> Iterator[Fault]:
    """A field does not say where its values come from, while other fields of the record set do.

    Why: The column stays empty, or is left out, without a word.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}},
          {"@type": "cr:Field", "@id": "test/writer", "name": "writer", "dataType": "sc:Text"}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}},
          {"@type": "cr:Field", "@id": "test/writer", "name": "writer", "dataType": "sc:Text",
           "value": "unknown"}]}]}
    Fix: Give the field a `source`, a `value`, or fields of its own.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Field"
    """
    for record_set, fields in croissant.by_set:
        if record_set.has("data") or _is_empty(record_set, fields):
            continue
        for field in fields:
            if not _has_origin(field) and not _inside_of_one(field):
                yield croissant.document.at(*field.path).says(
                    f"{called(field, 'the field')} has neither `source` nor `value`"
                )


@rule("DATA020", level="error", needs="croissant", since="2026.2")
def value_beside_source(croissant: Croissant) -> Iterator[Fault]:
    """A field has both a constant value and a source of values.

    Why: Only one of them can be meant; the reference loader refuses the manifest.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer", "value": 1,
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Remove the one that is not meant.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Field"
    """
    document = croissant.document
    for field in croissant.fields:
        if field.get("value") is not None and field.has("source"):
            yield document.key(*field.at("value")).says(
                f"{called(field, 'the field')} has `value` and `source`", document.key(*field.at("source"))
            )


@rule("DATA027", level="error", needs="croissant", since="2026.2")
def record_of_other_fields(croissant: Croissant) -> Iterator[Fault]:
    """A record that the manifest holds itself has other keys than the fields of its record set.

    Why: The keys are what ties a value to its field; a value under another key is lost, and the reference
        loader refuses the manifest.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "digit", "dataType": "sc:Integer"}],
          "data": [{"test/label": 0}, {"test/lable": 1}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "digit", "dataType": "sc:Integer"}],
          "data": [{"test/label": 0}, {"test/label": 1}]}]}
    Fix: Use the `@id` of each field as the key, in every record, with `null` for what is not known.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Embedding data"
    """
    for record_set, fields in croissant.by_set:
        if not record_set.has("data"):
            continue
        own = [field for field in fields if field.inside is record_set]
        names = {name: place for place, field in enumerate(own) for name in _names(field)}
        for path, record in entries(record_set.at("data"), record_set.get("data")):
            place = croissant.document.at(*path)
            if not isinstance(record, dict):
                yield place.says("the record is no mapping from fields to values")
                continue
            other = next((key for key in record if key not in names), None)
            if other is not None:
                yield croissant.document.key(*path, other).says(
                    f"`{shown(other)}` is no field of {called(record_set, 'the record set')}"
                )
            elif len({names[key] for key in record}) < len(own):
                given = {names[key] for key in record}
                lacking = next(field for number, field in enumerate(own) if number not in given)
                yield place.says(f"the record has no value for {called(lacking, 'a field')}")


def _has_origin(field: Part) -> bool:
    return field.get("value") is not None or field.has("source", "references", "subField", "parentField")


def _inside_of_one(field: Part) -> bool:
    """Whether a field lies in one that has a source: what is in it is taken from there."""
    above = field.inside
    while above is not None:
        if above.has("source"):
            return True
        above = above.inside
    return False


def _is_empty(record_set: Part, fields: tuple[Part, ...]) -> bool:
    if record_set.has("data"):
        return False
    origins = ("source", "references", "parentField")
    return not any(field.has(*origins) or field.get("value") is not None for field in fields)


def _names(field: Part) -> Iterator[str]:
    """What a field may be called in a record: its identifier, the end of it, or its name."""
    name = field.get("name")
    yield from {field.id, field.id.rpartition("/")[2], name if isinstance(name, str) else ""} - {""}
