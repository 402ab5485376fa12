"""Files, record sets and fields of the data manifest: their types, identifiers, and what they must say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.model import Fault, KeyPath
from auditor.readers.croissant import Croissant, Part, entries, plain
from auditor.readers.text import shown
from auditor.rules.croissant import called
from auditor.rules.edits import rewritten
from auditor.rules.registry import rule
from auditor.rules.wording import dotted

_TEXT, _TRUTH, _NODE, _NUMBER, _LANGUAGES = (
    "text",
    "true or false",
    "a mapping",
    "a number",
    "texts by language",
)
# What mlcroissant 1.1.1 refuses a manifest for, less what JSON-LD and the specification allow beyond it:
# references (`{"@id": ...}`) where an address is asked for, and definitions for keywords and licences.
_KINDS = {
    **dict.fromkeys(("name", "description"), (_TEXT, _LANGUAGES)),
    **dict.fromkeys(
        ("citeAs", "sha256", "md5", "contentSize", "arrayShape", "includes", "excludes"), (_TEXT,)
    ),
    **dict.fromkeys(("url", "contentUrl", "sameAs", "equivalentProperty", "encodingFormat"), (_TEXT, _NODE)),
    **dict.fromkeys(("keywords", "license", "sdLicense", "inLanguage"), (_TEXT, _NODE)),
    **dict.fromkeys(("creator", "publisher"), (_NODE,)),
    **dict.fromkeys(("isArray", "repeated", "isEnumeration"), (_TRUTH,)),
    "version": (_TEXT, _NUMBER),
    **dict.fromkeys(("source", "references"), (_NODE,)),
}
_TYPES = {"file": ("FileObject", "FileSet"), "record set": ("RecordSet",), "field": ("Field",)}


@rule("DATA006", level="error", needs="croissant", since="2026.2")
def part_of_wrong_type(croissant: Croissant) -> Iterator[Fault]:
    """A file, record set or field of the manifest has another `@type` than it must have, or none.

    Why: In JSON-LD the type says what a thing is, not the list it stands in: a `FileObject` of schema.org,
        which has none, is no file to a loader.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:Recordset", "@id": "test", "name": "test", "field": []}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": []}]}
    Fix: Write `cr:FileObject` or `cr:FileSet` in `distribution`, `cr:RecordSet` in `recordSet`, `cr:Field` in
        `field` and `subField`, with `cr` in the context as `http://mlcommons.org/croissant/`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "Resources"
    """
    listed = (("file", croissant.files), ("record set", croissant.record_sets), ("field", croissant.fields))
    for kind, parts in listed:
        wanted = _TYPES[kind]
        expected = " or ".join(f"`cr:{name}`" for name in wanted)
        for part in parts:
            given = part.value.get(part.keys.get("@type", "@type"))
            names = [text for _, text in entries((), given) if isinstance(text, str)]
            pairs = zip(part.types, names, strict=True)
            if any(name in wanted and _is_croissant(croissant, text) for name, text in pairs):
                continue
            if not names:
                yield croissant.document.at(*part.path).says(
                    f"the {kind} {called(part, dotted(part.path))} has no `@type`, expected {expected}"
                )
                continue
            same = next((name for name in wanted if name.lower() == part.types[0].lower()), "")
            yield croissant.document.at(*part.at("@type")).says(
                f"the `@type` of the {kind} {called(part, dotted(part.path))} is `{shown(names[0])}`, "
                f"expected {expected}",
                fix=rewritten(croissant.document, part.at("@type"), f"cr:{same}") if same else None,
            )


@rule("DATA007", level="error", needs="croissant", since="2026.2")
def value_of_wrong_kind(croissant: Croissant) -> Iterator[Fault]:
    """A property of the manifest has a value of another kind than it must have.

    Why: The reference loader refuses the whole manifest: a creator that is a text has no type, a size without
        quotes is no text, `"true"` in quotes is not true.
    Bad:
        # data/croissant.json
        {"creator": "Example lab"}
    Good:
        # data/croissant.json
        {"creator": {"@type": "Organization", "name": "Example lab"}}
    Fix: Write the value as the message says; a creator as `{"@type": "Person", "name": "..."}`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, the tables of properties
    """
    for part in croissant.parts() if croissant.found and not croissant.legacy else ():
        for name in part.keys:
            kinds = _KINDS.get(name)
            if kinds is None:
                continue
            for path, value in entries(part.at(name), part.value[part.keys[name]]):
                if not _is_of(plain(value), kinds):
                    expected = " or ".join(kind for kind in kinds if kind != _LANGUAGES)
                    yield croissant.document.at(*path).says(
                        f"`{name}` of {called(part)} is {_described(value)}, expected {expected}"
                    )


@rule("DATA011", level="error", needs="croissant", since="2026.2")
def file_not_described(croissant: Croissant) -> Iterator[Fault]:
    """A file of the manifest lacks its address or its format, or a set of files its pattern.

    Why: A loader knows neither where to fetch the bytes nor what to do with them, and refuses the manifest.
    Bad:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"}]}
    Good:
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"}]}
    Fix: Add `contentUrl` (not needed inside of an archive), `encodingFormat` with a media type such as
        `text/csv`, and to a FileSet `includes` with a pattern such as `images/*.png`.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, sections "FileObject", "FileSet"
    """
    for part in croissant.files:
        contained = part.get("containedIn")
        if "FileSet" in part.types:
            # A list of files in a file names them itself, as the specification's own example does.
            listed = any(isinstance(item, dict) and len(item) > 1 for _, item in entries((), contained))
            needed: tuple[str, ...] = () if listed else ("encodingFormat", "includes")
        elif "FileObject" in part.types:
            needed = ("encodingFormat",) if contained else ("contentUrl", "encodingFormat")
        else:
            continue  # DATA006 tells
        missing = [f"`{name}`" for name in needed if not part.has(name)]
        if missing:
            yield croissant.document.at(*part.path).says(
                f"{called(part, 'the file')} lacks {', '.join(missing)}"
            )


@rule("DATA012", level="error", needs="croissant", since="2026.2")
def identifier_with_blank(croissant: Croissant) -> Iterator[Fault]:
    """An `@id` of the manifest holds a blank or another character that no address can have.

    Why: Identifiers are addresses relative to the manifest; loaders refuse blanks in them, even as `%20`.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test set", "name": "test"}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test-set", "name": "test set"}]}
    Fix: Put a dash or underscore in its place, here and wherever the identifier is referred to; `name` may
        have blanks.
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html, section "ID and Reference
        Mechanism"
    """
    for part in croissant.parts():
        written = part.value.get("@id") if part.id and not part.id.isalnum() else None
        if isinstance(written, str) and len(written) > 1 and any(char.isspace() for char in written):
            yield croissant.document.at(*part.path, "@id").says(
                f"the identifier `{shown(written)}` holds a blank"
            )


@rule("DATA031", level="warning", needs="croissant", since="2026.2")
def field_name_given_twice(croissant: Croissant) -> Iterator[Fault]:
    """Two fields of a record set have the same name.

    Why: `name` tells the columns of a record apart for people, and for tools that make a table of them.
    Bad:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/a", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}},
          {"@type": "cr:Field", "@id": "test/b", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Good:
        # data/croissant.json
        {"recordSet": [{"@type": "cr:RecordSet", "@id": "test", "name": "test", "field": [
          {"@type": "cr:Field", "@id": "test/a", "name": "label", "dataType": "sc:Integer",
           "source": {"fileObject": {"@id": "digits.csv"}, "extract": {"column": "label"}}}]}]}
    Fix: Give each field a name of its own, or remove the one that stands there twice.
    """
    seen: dict[tuple[Part | None, str], KeyPath] = {}
    for field in croissant.fields:
        name = field.get("name")
        if isinstance(name, str) and name:
            first = seen.setdefault((field.inside, name), field.at("name"))
            if first != field.at("name"):
                yield croissant.document.at(*field.at("name")).says(
                    f"another field is already named `{shown(name)}`",
                    croissant.document.at(*first).labelled("the first"),
                )


def _is_croissant(croissant: Croissant, text: str) -> bool:
    """Whether a type's name lies in Croissant's namespace; what a context elsewhere says is believed."""
    return croissant.context.split(text)[0] == "cr" or croissant.context.remote


def _is_of(value: Any, kinds: tuple[str, ...]) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return _TEXT in kinds
    if isinstance(value, bool):
        return _TRUTH in kinds
    if isinstance(value, int | float):
        return _NUMBER in kinds
    return isinstance(value, dict) and (_NODE in kinds or (_LANGUAGES in kinds and "@id" not in value))


def _described(value: Any) -> str:
    if isinstance(value, str):
        return f"the text `{shown(value)}`"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{shown(str(value))}`" if isinstance(value, int | float) else "a mapping" if value else "empty"
