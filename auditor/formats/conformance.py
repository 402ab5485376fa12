"""Whether a value keeps to a published schema, and each place where it does not.

Nearly every document is in order, and loading jsonschema costs more time than the rest of a check
(measured: 60 ms of CPU, against 20 ms for PyYAML). So `conforms` decides yes or no by itself, for the
few keywords that our schemas use, and jsonschema is loaded only to say what is wrong. A test holds the
two to the same answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from math import isfinite
from typing import Any, Literal

from auditor.model import KeyPath
from auditor.records import dataclass
from auditor.shipped import schema_path

Node = dict[str, Any]
Kind = Literal["unknown field", "missing field", "wrong type", "value not allowed"]

TO_FILL = "<to fill"  # beginning of the placeholders that `fmaudit init` writes
# Looked for in one document. There are four kinds, so that at least one of them then exceeds the engine's
# thousand findings of one rule and the check says that it was cut short.
MAX_VIOLATIONS = 4001

# What `conforms` knows how to judge; the annotations beside them judge nothing.
ASSERTIONS = frozenset(
    {
        *("type", "const", "enum", "pattern", "minLength", "maxLength", "allOf", "if", "then"),
        *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"),
        *("minItems", "maxItems", "prefixItems", "items"),
        *("required", "properties", "additionalProperties", "minProperties", "maxProperties"),
    }
)
ANNOTATIONS = frozenset(
    {"$schema", "$id", "title", "description", "examples", "default", "patternErrorMessage"}
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a document departs from its schema.

    Attributes:
        kind: what is wrong there.
        path: where; for a missing field, where it would stand.
        keyword: the schema keyword that is broken; `finite` for infinities and NaNs in our own formats.
        schema: the part of the schema that holds it.
        near: for an unknown field, a field of similar name that is not given.
        near_is_required: whether that field had to be given.
    """

    kind: Kind
    path: KeyPath
    keyword: str
    schema: Node
    near: str = ""
    near_is_required: bool = False


def violations(value: object, schema_name: str) -> tuple[Violation, ...]:
    """Every departure from the published schema, one for each true fault, at most `MAX_VIOLATIONS`.

    Places that are still to fill are left out, and so is a missing field that an unknown one was meant to be.
    """
    schema = published(schema_name)
    ours = schema["additionalProperties"] is False
    infinite = tuple(_infinite(value)) if ours else ()
    if not infinite and conforms(value, schema):
        return ()
    from jsonschema.validators import Draft202012Validator

    found: dict[KeyPath, Violation] = {}
    for error in Draft202012Validator(schema).iter_errors(value):
        if len(found) >= MAX_VIOLATIONS:
            break
        if is_to_fill(error.instance):
            continue
        keyword, path, part = str(error.validator), tuple(error.absolute_path), _mapping(error.schema)
        for violation in islice(_named(keyword, path, part, error.instance), MAX_VIOLATIONS):
            # A value of the wrong type often breaks further keywords; its type is the fault.
            if violation.path not in found or violation.kind == "wrong type":
                found[violation.path] = violation
    for path in infinite:
        found.setdefault(path, Violation("value not allowed", path, "finite", {"finite": True}))
    return tuple(_without_renamed(found))


@cache
def published(schema_name: str) -> Node:
    """The committed schema."""
    return _mapping(json.loads(schema_path(schema_name).read_bytes()))


def is_to_fill(value: object) -> bool:
    """Whether the value is a placeholder that `fmaudit init` wrote."""
    return isinstance(value, str) and value.startswith(TO_FILL)


def conforms(value: object, schema: Node) -> bool:
    """Whether the value keeps to the schema, as Draft 2020-12 says for the keywords in `ASSERTIONS`."""
    wanted = schema.get("type")
    if wanted is not None and not any(
        _is(value, name) for name in ([wanted] if isinstance(wanted, str) else wanted)
    ):
        return False
    if "const" in schema and not _equal(value, schema["const"]):
        return False
    if "enum" in schema and not any(_equal(value, allowed) for allowed in schema["enum"]):
        return False
    if isinstance(value, str):
        fits = _text_fits(value, schema)
    elif isinstance(value, list):
        fits = _list_fits(value, schema)
    elif isinstance(value, dict):
        fits = _mapping_fits(value, schema)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        fits = _number_fits(value, schema)
    else:
        fits = True
    return fits and all(_branch_fits(value, part) for part in schema.get("allOf", ()))


def type_list(schema: Node) -> list[str]:
    """The types that the schema names."""
    wanted: str | list[str] = schema["type"]
    return [wanted] if isinstance(wanted, str) else wanted


def _branch_fits(value: object, part: Node) -> bool:
    return "if" not in part or not conforms(value, part["if"]) or conforms(value, part["then"])


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool) or value is None:
        return name == ("null" if value is None else "boolean")
    if isinstance(value, int):
        return name in {"integer", "number"}
    if isinstance(value, float):
        return name == "number" or (name == "integer" and value.is_integer())
    return isinstance(value, {"string": str, "array": list, "object": dict}.get(name, ()))


def _equal(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _text_fits(value: str, schema: Node) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    return "pattern" not in schema or re.search(schema["pattern"], value) is not None


def _number_fits(value: float, schema: Node) -> bool:
    # Written as denials because no comparison holds for a NaN, which JSON Schema lets pass.
    return not (
        ("minimum" in schema and value < schema["minimum"])
        or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"])
        or ("maximum" in schema and value > schema["maximum"])
        or ("exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"])
    )


def _list_fits(value: list[Any], schema: Node) -> bool:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return False
    first = schema.get("prefixItems", [])
    if not all(conforms(item, part) for item, part in zip(value, first, strict=False)):
        return False
    return "items" not in schema or all(conforms(item, schema["items"]) for item in value[len(first) :])


def _mapping_fits(value: Node, schema: Node) -> bool:
    if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
        return False
    if not all(name in value for name in schema.get("required", ())):
        return False
    properties, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, item in value.items():
        part = properties.get(name, other)
        if part is False or (part is not True and not conforms(item, part)):
            return False
    return True


def _infinite(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Where infinities and NaNs stand, for which JSON Schema has no word."""
    if isinstance(value, float) and not isfinite(value):
        yield path
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _infinite(item, (*path, key))


def _mapping(value: object) -> Node:
    return value if isinstance(value, dict) else {}


def _named(keyword: str, path: KeyPath, schema: Node, value: object) -> Iterator[Violation]:
    """The violations behind one error of jsonschema, each with a place of its own."""
    if keyword == "additionalProperties":
        from difflib import get_close_matches

        given, known = _mapping(value), schema.get("properties", {})
        absent = [name for name in known if name not in given]
        for name in given:
            if name not in known:
                # 0.7 joins `stdev` to `std` and `licence` to `license`, and keeps `rows` from `row_count`.
                near = "".join(get_close_matches(name[:100], absent, n=1, cutoff=0.7))
                yield Violation("unknown field", (*path, name), keyword, schema, near)
    elif keyword == "required":
        for name in schema["required"]:
            if name not in _mapping(value):
                yield Violation("missing field", (*path, name), keyword, schema)
    elif keyword == "type":
        yield Violation("wrong type", path, keyword, schema)
    else:
        yield Violation("value not allowed", path, keyword, schema)


def _without_renamed(found: dict[KeyPath, Violation]) -> Iterator[Violation]:
    """The violations, where an unknown field that resembles a missing one stands for both."""
    meant = {(*path[:-1], violation.near) for path, violation in found.items() if violation.near}
    for path, violation in found.items():
        if violation.kind == "missing field" and path in meant:
            continue
        lacking = found.get((*path[:-1], violation.near))
        yield replace(violation, near_is_required=lacking is not None and lacking.kind == "missing field")
