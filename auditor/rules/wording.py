"""How a departure from a schema is said: the value met, the value expected, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.formats.conformance import Node, Violation, type_list
from auditor.readers.document import Document
from auditor.readers.text import shown

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
}


def dotted(path: Sequence[str | int]) -> str:
    """The key path in one word: `claims[0].data.n`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{shown(step)}" if text else shown(step)
    return text


def field(document: Document, path: Sequence[str | int]) -> str:
    """The place in back quotes; the file's name stands for the document itself."""
    return f"`{dotted(path) or document.file}`"


def met(document: Document, path: Sequence[str | int]) -> str:
    """What stands at a place, as it is printed there."""
    value = document.get(*path)
    if isinstance(value, dict | list) and value:
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or value in ("", [], {}):
        return "empty"
    printed = document.printed(*path)
    text = f"`{shown(str(value) if printed is None else printed)}`"
    return f"the text {text}" if isinstance(value, str) else text


def state(document: Document, broken: Violation) -> str:
    """What is the case at the place, as far as the broken keyword looks at it."""
    value = document.get(*broken.path)
    if broken.keyword.endswith(("Items", "Properties")) and value:
        return f"has {len(value)} {'entry' if len(value) == 1 else 'entries'}"
    return f"is {met(document, broken.path)}"


def type_names(schema: Node) -> str:
    """The types that a field may have, in words; that it may be empty goes without saying."""
    return _either([_TYPES[name] for name in type_list(schema) if name != "null"])


def mend_type(document: Document, broken: Violation) -> str:
    """What to do where only quotes, or their absence, make the type wrong; else nothing."""
    value, printed = document.get(*broken.path), document.printed(*broken.path)
    wanted = set(type_list(broken.schema))
    if isinstance(value, str) and wanted & {"number", "integer"} and _is_number(value):
        return "" if document.plain(*broken.path) else "remove the quotes"
    if isinstance(value, bool | int | float) and "string" in wanted and printed is not None:
        return f'put it in quotes: "{shown(printed)}"'
    return ""


def expectation(broken: Violation, value: Any) -> tuple[str, str]:
    """What the broken keyword asks for, and a help where there is more to say."""
    limit = broken.schema[broken.keyword]
    if broken.keyword in {"enum", "const"}:
        return _choice(limit if isinstance(limit, list) else [limit], value)
    if broken.keyword == "pattern":
        words = broken.schema.get("patternErrorMessage", "")
        return words.removeprefix("expected ") or f"a match of `{limit}`", ""
    if broken.schema.get("minItems") == broken.schema.get("maxItems") == limit:
        return str(limit), ""
    whole = type_list(broken.schema) == ["integer"] if "type" in broken.schema else False
    return {
        "finite": "a finite number",
        "minimum": f"{limit} or more",
        "maximum": f"{limit} or less",
        "exclusiveMinimum": f"{limit + 1} or more" if whole else f"more than {limit}",
        "exclusiveMaximum": f"{limit - 1} or less" if whole else f"less than {limit}",
        "minLength": "some text" if limit == 1 else f"{limit} characters or more",
        "maxLength": f"{limit} characters or fewer",
        "minItems": f"{limit} or more",
        "maxItems": f"{limit} or fewer",
        "minProperties": f"{limit} or more",
        "maxProperties": f"{limit} or fewer",
    }[broken.keyword], ""


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _choice(allowed: list[Any], value: Any) -> tuple[str, str]:
    from difflib import get_close_matches

    names = [str(item) for item in allowed if item is not None]
    near = get_close_matches(str(value)[:100], names, n=1, cutoff=0.6)
    help_ = f"the nearest is `{near[0]}`" if near else ""
    quoted = [f"`{name}`" for name in names]
    # Eight names fill a line; a longer list stands below it, if it must be shown at all.
    if len(names) > 8:
        return f"one of {len(names)} names", help_ or f"the names are {', '.join(quoted)}"
    return _either(quoted), help_
