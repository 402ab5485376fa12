"""The fields of a data manifest that come from a column of a file beside it, and what they say it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.model import Place
from auditor.readers.croissant import Croissant, entries, plain, target
from auditor.records import dataclass
from auditor.rules import croissant  # noqa: F401  what provides `croissant`
from auditor.rules.registry import needed

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.croissant import Part as Entry
    from auditor.rules.table_files import TableFile

# What a data type of schema.org asks of a value.
_ASKED = {"Integer": "integer", "Float": "number", "Number": "number", "Text": "text", "Boolean": "boolean"}
_ASKED |= {"Date": "time", "DateTime": "time", "Int8": "integer", "Int16": "integer", "Int32": "integer"}
_ASKED |= {
    "Int64": "integer",
    "UInt8": "integer",
    "UInt16": "integer",
    "UInt32": "integer",
    "UInt64": "integer",
}
_ASKED |= {"Float16": "number", "Float32": "number", "Float64": "number"}
READ = ("integer", "number")  # what a scan tries on each value
_MEMBER = r"\$(?:\[\*\]|\.\.)?\.?([A-Za-z_][\w-]*)"  # `$.name`, `$[*].name`, `$..name`


@dataclass(frozen=True, slots=True)
class Field:
    """A field that takes its values from a column; `kind` is what it says of them, empty if nothing told."""

    place: Place
    file: str
    column: str
    kind: str
    declared: str  # the data type as the manifest writes it


def fields_of_files(bundle: Bundle, files: dict[str, TableFile]) -> list[Field]:
    """The fields whose file is one of these; values that are changed on the way have no kind.

    Sets of files and files in archives are not followed.
    """
    manifest = needed(bundle, "croissant")
    if not isinstance(manifest, Croissant):
        return []
    by_name = {file.identifier: path for path, file in files.items() if file.identifier}
    found = []
    for role, source in manifest.sources:
        owner = source.inside
        path = by_name.get(target(source.get("fileObject")))
        if role != "source" or owner is None or path is None or "Field" not in (owner.types or ("Field",)):
            continue
        extract = source.get("extract")
        column, key = _column(extract if isinstance(extract, dict) else {}, manifest)
        if column:
            kind, declared = _kind(owner, source)
            place = manifest.document.at(*source.at("extract"), key)
            found.append(Field(place, path, column, kind, declared))
    return found


def declared_types(bundle: Bundle, files: dict[str, TableFile]) -> dict[str, dict[str, str]]:
    """By file and column: integer or number, where every field that takes its values from there says so."""
    kinds: dict[tuple[str, str], set[str]] = {}
    for field in fields_of_files(bundle, files):
        kinds.setdefault((field.file, field.column), set()).add(field.kind)
    found: dict[str, dict[str, str]] = {}
    for (file, column), said in kinds.items():
        kind = next(iter(said))
        if len(said) == 1 and kind in READ:
            found.setdefault(file, {})[column] = kind
    return found


def _column(extract: dict[str, object], manifest: Croissant) -> tuple[str, str]:
    """The column that is extracted, and the key that says so; both empty where it is none."""
    for key, value in extract.items():
        name, said = manifest.context.name(key), plain(value)
        if name == "column" and isinstance(said, str):
            return said, key
        if name == "jsonPath" and isinstance(said, str):
            match = re.fullmatch(_MEMBER, said)
            return (match[1], key) if match else ("", "")
    return "", ""


def _kind(field: Entry, source: Entry) -> tuple[str, str]:
    """What the field says of its values, and in which words; nothing where they are changed or are lists."""
    changed = source.has("transform", "format") or field.has("transform", "format")
    many = field.get("repeated") in (True, "true") or field.get("isArray") in (True, "true")
    if changed or many or field.has("subField"):
        return "", ""
    for _, item in entries((), field.get("dataType")):
        word = target(item) or (item if isinstance(item, str) else "")
        kind = _ASKED.get(re.split(r"[:/#]", word)[-1])
        if kind is not None:
            return kind, word
    return "", ""
