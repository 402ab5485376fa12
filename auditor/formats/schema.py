"""The published JSON Schemas, written from the pydantic models: `python -m auditor.formats.schema [--check]`.

The files are made to be read: by people (a tree without `$ref`, a description on every field), by
editors, and by validators whose messages must name the true fault. Hence no `oneOf` and no `anyOf`:
alternatives of different types become one list of types, and tagged unions become `if`/`then`, so that
only the branch that is meant complains.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from auditor.formats.architecture import Config, Index
from auditor.formats.card import Card
from auditor.formats.dataset import Dataset
from auditor.formats.examples import EXAMPLES
from auditor.formats.manifest import Manifest
from auditor.formats.numbers import Claims
from auditor.formats.recipe import Recipe
from auditor.formats.report import Report
from auditor.formats.score import Score
from auditor.formats.settings import Tool
from auditor.formats.trace import Trace
from auditor.formats.verdict import Calibration, Verdict
from auditor.shipped import SCHEMA_ID, schema_path

MODELS: dict[str, type[BaseModel]] = {
    "fmaudit": Manifest,
    "recipe": Recipe,
    "card": Card,
    "config": Config,
    "index": Index,
    "croissant": Dataset,
    "report": Report,
    "claims": Claims,
    "score": Score,
    "verdict": Verdict,
    "calibration": Calibration,
    "trace": Trace,
    "settings": Tool,
}

Node = dict[str, Any]

# The order in which keywords are written; what a reader asks first comes first.
_ORDER = (
    *(
        "$schema",
        "$id",
        "title",
        "description",
        "type",
        "const",
        "enum",
        "pattern",
        "patternErrorMessage",
        "examples",
        "default",
    ),
    *("minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
    *(
        "minItems",
        "maxItems",
        "prefixItems",
        "items",
        "minProperties",
        "maxProperties",
        "required",
        "properties",
        "additionalProperties",
        "allOf",
    ),
)


def main(arguments: list[str]) -> int:
    """Every schema file is as its model says; with `--check`, 1 if one was not and nothing is written."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m auditor.formats.schema [--check]\n")
        return 2
    stale = [name for name in MODELS if not is_current(name)]
    for name in stale:
        path = schema_path(name)
        if not arguments:
            path.write_text(schema_text(name), encoding="utf-8")
        sys.stdout.write(f"{'is not current' if arguments else 'wrote'}: schemas/{path.name}\n")
    if arguments and stale:
        sys.stdout.write("run: python -m auditor.formats.schema\n")
        return 1
    return 0


def is_current(name: str) -> bool:
    """Whether the committed file is what the model says, byte for byte."""
    path = schema_path(name)
    return path.is_file() and path.read_bytes() == schema_text(name).encode()


def schema_text(name: str) -> str:
    """The schema file's text."""
    return json.dumps(json_schema(name), indent=2, ensure_ascii=False) + "\n"


def json_schema(name: str) -> Node:
    """The schema of one format, Draft 2020-12."""
    path = schema_path(name)
    root = MODELS[name].model_json_schema(mode="validation", by_alias=True)
    tree = _tidy(root, root.get("$defs", {}))
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID + path.name}
    example = {"examples": [EXAMPLES[name]]} if name in EXAMPLES else {}
    return _ordered(head | {"title": name} | tree | example)


def _tidy(node: Node, definitions: dict[str, Node]) -> Node:
    """The node with definitions put in place, alternatives merged, and pydantic's own titles removed."""
    if "$ref" in node:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return _tidy(definitions[node["$ref"].rpartition("/")[2]] | beside, definitions)
    tidy = {key: value for key, value in node.items() if key not in {"$defs", "title"}}
    for key in ("items", "additionalProperties"):
        if isinstance(tidy.get(key), dict):
            tidy[key] = _tidy(tidy[key], definitions)
    if "prefixItems" in tidy:
        tidy["prefixItems"] = [_tidy(item, definitions) for item in tidy["prefixItems"]]
    if "properties" in tidy:
        tidy["properties"] = {key: _tidy(value, definitions) for key, value in tidy["properties"].items()}
    # Defaults of whole tables repeat those of their fields; null says what leaving the field out says.
    if tidy.get("default") is None or isinstance(tidy["default"], dict):
        tidy.pop("default", None)
    if "anyOf" in tidy:
        tidy = _merged([_tidy(part, definitions) for part in tidy.pop("anyOf")]) | tidy
    if "oneOf" in tidy:
        parts = [_tidy(part, definitions) for part in tidy.pop("oneOf")]
        tidy = _tagged(tidy.pop("discriminator")["propertyName"], parts) | tidy
    return _ordered(tidy)


def _merged(parts: list[Node]) -> Node:
    """One node for alternatives of different types; the keywords of one type say nothing about another.

    Raises:
        TypeError: two alternatives share a type or a keyword, so that no list of types can tell them apart.
    """
    types: list[str] = []
    merged: Node = {}
    for part in parts:
        own = part["type"] if isinstance(part["type"], list) else [part["type"]]
        keywords = {key: value for key, value in part.items() if key not in {"type", "description"}}
        if set(own) & set(types) or set(keywords) & set(merged):
            raise TypeError(f"alternatives that cannot be told apart by their type: {parts}")
        types += own
        merged |= keywords
    if "const" in merged:
        merged["enum"] = [merged.pop("const")]
    if "enum" in merged:
        if set(types) - {"null"} != {_type_of(value) for value in merged["enum"]}:
            raise TypeError(f"an enum beside another type: {parts}")
        merged["enum"] = [*merged["enum"], *([None] if "null" in types else [])]
    if "number" in types and "integer" in types:
        types.remove("integer")
    return merged | {"type": types[0] if len(types) == 1 else types}


def _type_of(value: object) -> str:
    return {str: "string", bool: "boolean", int: "integer", float: "number"}[type(value)]


def _tagged(tag: str, parts: list[Node]) -> Node:
    """One node for tables told apart by the constant in `tag`; only the table that is meant is asked of."""
    tags = [part["properties"][tag] for part in parts]
    choice = {"description": tags[0]["description"], "type": "string", "enum": [one["const"] for one in tags]}
    default = [one["default"] for one in tags if "default" in one]  # a table may leave out this tag
    branches = []
    for part, one in zip(parts, tags, strict=True):
        meant = {"type": "object", "required": [tag], "properties": {tag: {"const": one["const"]}}}
        if "default" in one:
            choice["default"] = one["default"]
            del meant["required"]
        branches.append({"if": meant, "then": {key: value for key, value in part.items() if key != "type"}})
    required = {} if default else {"required": [tag]}
    return {"type": "object", **required, "properties": {tag: _ordered(choice)}, "allOf": branches}


def _ordered(node: Node) -> Node:
    return dict(sorted(node.items(), key=lambda item: _ORDER.index(item[0])))


def fields(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every described field of a schema with its dotted path, `[]` for list entries and `*` for free keys."""
    for name, field in node.get("properties", {}).items():
        yield f"{path}{name}", field
        yield from fields(field, f"{path}{name}.")
    if isinstance(node.get("items"), dict):
        yield from fields(node["items"], f"{path[:-1]}[].")
    if isinstance(node.get("additionalProperties"), dict):
        yield from fields(node["additionalProperties"], f"{path}*.")
    for branch in node.get("allOf", ()):
        yield from fields(branch["then"], path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
