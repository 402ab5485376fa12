"""Fields of the data manifest: the type of their values, and the shape of those that are arrays."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries, target
from auditor.readers.text import shown
from auditor.rules.croissant import called
from auditor.rules.edits import rewritten
from auditor.rules.registry import rule
from auditor.rules.vocabulary import only_near, spelling, words

# Types that say how a value is stored (mlcroissant 1.1.1, core/data_types.py): one of them a field must have.
_ATOMIC_SC = frozenset(
    (
        *("Boolean", "Date", "DateTime", "Float", "Integer", "Text", "Time", "URL"),
        *("AudioObject", "ImageObject", "VideoObject"),
    )
)
_ATOMIC_CR = frozenset(
    ("BoundingBox", *(f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64)))
) | {"Float16", "Float32", "Float64"}
# Further types of Croissant's own, which say what a value means.
_MEANING_CR = frozenset(
    ("Split", "TrainingSplit", "ValidationSplit", "TestSplit", "Label", "SegmentationMask")
)
# What programmers call them, to the name that Croissant has for it.
_CALLED = {
    **dict.fromkeys(("string", "str", "object", "category"), "sc:Text"),
    **dict.fromkeys(("int", "long", "int64", "number"), "sc:Integer"),
    **dict.fromkeys(("double", "float32", "float64", "real", "decimal"), "sc:Float"),
    **dict.fromkeys(("bool",), "sc:Boolean"),
    **dict.fromkeys(("datetime64", "timestamp"), "sc:DateTime"),
    **dict.fromkeys(("image",), "sc:ImageObject"),
    **dict.fromkeys(("audio",), "sc:AudioObject"),
    **dict.fromkeys(("video",), "sc:VideoObject"),
}
_LIKE = 0.8  # how like a known type an unknown one is that was meant to be it: `Interger`, `Bolean`
_LONGEST = 16  # letters: nothing longer is so like the longest type, of 11
_DIMENSIONS = 64  # numpy 2 has no array of more


@rule("DATA015", level="error", needs="croissant", since="2026.2")
def field_without_data_type(croissant: Croissant) -> Iterator[Fault]:
    """A field does not say of which type its values are.

    Why: A loader cannot tell the number 1 from the text `1`, and refuses the manifest.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Add `dataType`, for example `sc:Text`, `sc:Integer`, `sc:Float` or `cr:UInt8`. A field with fields in
        it needs none, nor one whose source is another field.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Data Types"
    """
    for field in _leaves(croissant):
        if not field.has("dataType"):
            yield croissant.document.at(*field.path).says(f"{called(field, 'the field')} has no `dataType`")


@rule("DATA016", level="error", needs="croissant", since="2026.2")
def unknown_data_type(croissant: Croissant) -> Iterator[Fault]:
    """A field has a data type that is none, and was meant to be one of schema.org or Croissant.

    Why: Types are names in a vocabulary: `sc:String` is none of schema.org's, whose texts are `sc:Text`, and
        the reference loader refuses what it does not know.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:Interger",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "cr:UInt8",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Use the type that the message names; types of other vocabularies may stand beside it in a list.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "DataType"
    """
    for field in _leaves(croissant):
        types = expanded_types(croissant, field)
        if any(_is_atomic(space, name) for _, _, space, name in types):
            continue
        for path, text, space, name in types:
            meant = _meant(space, name)
            if meant:
                yield croissant.document.at(*path).says(
                    f"`{shown(text)}` is no data type",
                    help=f"did you mean `{meant}`?",
                    fix=rewritten(croissant.document, path, meant, "unsafe"),
                )
                break


@rule("DATA017", level="warning", needs="croissant", since="2026.2")
def data_type_not_atomic(croissant: Croissant) -> Iterator[Fault]:
    """None of a field's data types says how its values are stored.

    Why: A type such as `sc:GeoCoordinates` or `wd:Q3985153` says what a value means. The reference loader
        wants one beside it that says what it is: a text, a number, an image.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": "sc:GeoCoordinates",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/label", "name": "label", "dataType": ["sc:Text", "cr:Label"],
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Make `dataType` a list with a type such as `sc:Text`, `sc:Integer` or `sc:Float` in it.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "DataType"
    """
    for field in _leaves(croissant):
        types = expanded_types(croissant, field)
        if not types or any(_is_atomic(space, name) or _meant(space, name) for _, _, space, name in types):
            continue
        yield croissant.document.at(*field.at("dataType")).says(
            f"`{shown(types[0][1])}` does not say how values of {called(field, 'the field')} are stored"
        )


@rule("DATA026", level="error", needs="croissant", since="2026.2")
def array_shape_unusable(croissant: Croissant) -> Iterator[Fault]:
    """The shape of a field's arrays cannot be read, or the field is not said to hold arrays.

    Why: A shape is whole numbers with commas between, -1 where the size is not known, and counts only beside
        `"isArray": true`; the reference loader refuses all else.
    Bad:
        # data/croissant.json
        {"@context": {"isArray": "cr:isArray", "arrayShape": "cr:arrayShape"}, "recordSet": [
          {"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/pixels", "name": "pixels", "dataType": "sc:Integer",
           "arrayShape": "4x4", "isArray": true,
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"@context": {"isArray": "cr:isArray", "arrayShape": "cr:arrayShape"}, "recordSet": [
          {"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/pixels", "name": "pixels", "dataType": "sc:Integer",
           "arrayShape": "4,4", "isArray": true,
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Write `"isArray": true, "arrayShape": "4,4"`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, section "Field"
    """
    for field in croissant.fields:
        shape = field.get("arrayShape")
        if not isinstance(shape, str) or not shape:
            continue  # DATA007 tells of what is no text
        place = croissant.document.at(*field.at("arrayShape"))
        if not _is_shape(shape):
            yield place.says(f"`arrayShape` is `{shown(shape)}`, expected whole numbers such as `3,224,224`")
        elif field.get("isArray") is not True:
            yield place.says(f"{called(field, 'the field')} has `arrayShape`, but `isArray` is not `true`")


def expanded_types(croissant: Croissant, part: Part) -> list[tuple[KeyPath, str, str, str]]:
    """Each `dataType` of a part: its place, its text, and the short name of its namespace with the rest."""
    found: list[tuple[KeyPath, str, str, str]] = []
    for path, item in entries(part.at("dataType"), part.get("dataType")):
        text = item.get("@id") if isinstance(item, dict) else item
        if isinstance(text, str):
            found.append((path, text, *croissant.context.split(text)))
    return found


def _leaves(croissant: Croissant) -> Iterator[Part]:
    """The fields that have values of their own, whose type is not that of another field."""
    known = {field.id for field in croissant.fields if field.id}
    for field in croissant.fields:
        if field.has("subField"):
            continue
        source = field.get("source")
        if isinstance(source, dict) and not field.has("dataType"):
            keys = {croissant.context.name(key): key for key in source}
            if target(source) in known or target(source.get(keys.get("field", ""))) in known:
                continue
        yield field


def _is_atomic(space: str, name: str) -> bool:
    return name in _ATOMIC_SC if space == "sc" else space == "cr" and name in _ATOMIC_CR


@lru_cache(maxsize=1_024)  # columns of one file share few types
def _meant(space: str, name: str) -> str:
    """The data type that a name which is none was meant to be; empty where it is one, or like none."""
    if (
        len(name) > _LONGEST
        or space not in ("sc", "cr", "")
        or (space == "" and (":" in name or "/" in name))
    ):
        return ""
    if name in _MEANING_CR or name in words("schema_org.txt"):
        return ""
    if name in _ATOMIC_CR:
        return f"cr:{name}"
    if name in _ATOMIC_SC:
        return f"sc:{name}"
    called = _CALLED.get(name.lower())
    if called:
        return called
    atomic = [*_ATOMIC_SC, *_ATOMIC_CR]
    near = spelling(name, atomic) or only_near(name, atomic, _LIKE)
    return f"{'sc' if near in _ATOMIC_SC else 'cr'}:{near}" if near else ""


def _is_shape(shape: str) -> bool:
    """Whether a text is whole numbers with commas between; round brackets around them are let pass."""
    text = shape.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].rstrip().removesuffix(",")
    sizes = [size.strip() for size in text.split(",", _DIMENSIONS)]
    return all(size == "-1" or (size.isdecimal() and size.isascii()) for size in sizes)
