"""SCH: documents that cannot be read, and places where they depart from the published schemas."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.bundle import INDEXES
from auditor.formats.conformance import TO_FILL, Kind, Violation, is_to_fill, type_list, violations
from auditor.model import Fault, Fix, Place, Span
from auditor.readers.document import Document, Unreadable
from auditor.readers.text import shown
from auditor.rules.content import head
from auditor.rules.edits import (
    meant,
    number_written,
    quoted_as_printed,
    renamed,
    without_mark,
    without_repetition,
    word_written,
)
from auditor.rules.registry import rule
from auditor.rules.vocabulary import only_near, spelling
from auditor.rules.wording import dotted, expectation, field, mend_type, met, state, type_names

if TYPE_CHECKING:
    from auditor.bundle import Bundle

# The schema of each file; documents of other names have none.
SCHEMA_OF = {
    "fmaudit.yaml": "fmaudit",
    "recipe.yaml": "recipe",
    "README.md": "card",
    "config.json": "config",
    "model.safetensors.index.json": "index",
    "croissant.json": "croissant",
    "data/croissant.json": "croissant",
    "pyproject.toml": "settings",  # the table of the checker's own, which is no document of a bundle
}

Documents = tuple[Document, ...]

_WHOLE = re.compile(r"[-+]?[0-9]+")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(_[0-9]{3})+")  # Python's and YAML 1.1's way to write thousands
# What YAML 1.1 reads as true or false (https://yaml.org/type/bool.html), but for single letters.
_WORDS = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
}


@rule("SCH001", level="error", needs="unreadable")
def unreadable_document(unreadable: tuple[tuple[str, Unreadable], ...]) -> Iterator[Fault]:
    """A file is not a document of its format, so nothing in it could be checked.

    Why: A truncated, mis-encoded or mistyped file is read differently, or not at all, by each tool that
        meets it. Every rule that needs the file is reported as not checked.
    Bad:
        # recipe.yaml, whole file
        format: 1
        model: {reference: cnn
    Good:
        # recipe.yaml
        format: 1
    Fix: Mend the file at the line and column shown, where reading stopped; the cause may stand a little
        before it. Text files are UTF-8.
    Source: https://yaml.org/spec/1.2.2/ and RFC 8259
    """
    for file, error in unreadable:
        yield Place(file, span=error.span).says(error.what, help=error.help)


@rule("SCH002", level="error", needs="documents")
def duplicate_key(documents: Documents) -> Iterator[Fault]:
    """A key stands twice in one mapping.

    Why: The formats leave open which of the two counts. Most readers keep the last without a word, some
        the first, some refuse the file: two people read two releases.
    Bad:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: letters, task_id: default}
          value: 0.975
          value: 0.957
    Good:
        # .eval_results/digits.yaml, whole file
        - dataset: {id: letters, task_id: default}
          value: 0.975
    Fix: Keep one of the two.
    Source: RFC 8259, section 4; YAML 1.2.2, section 3.2.1.3
    """
    for document in documents:
        for number, place in enumerate(document.duplicates):
            message = f"`{dotted(place.path)}` is given more than once"
            help_ = "keep one of them; most readers use the last"
            yield place.says(message, help=help_, fix=without_repetition(document, number))


@rule("SCH003", level="error", needs="documents")
def left_to_fill(documents: Documents) -> Iterator[Fault]:
    """A placeholder that `fmaudit init` wrote has not been filled in.

    Why: `fmaudit init` writes what the files of a release say and invents nothing. What they do not say
        is left as `<to fill: ...>`, and the release is not documented until a person has said it.
    Bad:
        # fmaudit.yaml
        release: "<to fill: name and version of the release>"
    Good:
        # fmaudit.yaml
        release: digits-cnn 1.0
    Fix: Write the value in place of the placeholder, or remove the field where the schema does not
        require it and it does not apply.
    """
    for document in documents:
        for path, value in document.scalars():
            if is_to_fill(value):
                wanted = value.removeprefix(TO_FILL).lstrip(": ").rstrip("> ")
                message = f"`{dotted(path)}` is still to fill" + (f": {shown(wanted, 200)}" if wanted else "")
                yield document.at(*path).says(message, help="write the value in place of the placeholder")


@rule("SCH004", level="error", needs="documents")
def unknown_field(documents: Documents) -> Iterator[Fault]:
    """A field that the format does not have.

    Why: A mistyped name is not read by anything: the value stands in the file and has no effect, and the
        default is used in its place. Files of other standards may hold fields that fmaudit does not know.
    Bad:
        # recipe.yaml
        training: {epoch: 10, epochs: null}
    Good:
        # recipe.yaml
        training: {epochs: 10}
    Fix: Use the field's name as the schema has it, or remove the field.
    Source: schemas/fmaudit.schema.json, schemas/recipe.schema.json
    """
    for document, found in _found(documents, "unknown field"):
        *table, name = found.path
        message = f"`{shown(str(name))}` is not a field of {field(document, table)}"
        if found.near_is_required:
            message += f", which lacks `{found.near}`"
            help_ = f"write `{found.near}`"
        elif found.near:
            help_ = f"there is a field with a similar name: `{found.near}`"
        else:
            help_ = "its fields are " + ", ".join(f"`{known}`" for known in found.schema["properties"])
        yield document.key(*found.path).says(message, help=help_, fix=_renamed(document, found))


@rule("SCH005", level="error", needs="documents")
def missing_field(documents: Documents) -> Iterator[Fault]:
    """A field that the format requires is not there.

    Why: Without it the document does not say what it is for: a claim without its unit cannot be compared,
        a recipe without its batch size cannot be repeated.
    Bad:
        # recipe.yaml
        optimizer: {lr: null}
    Good:
        # recipe.yaml
        optimizer: {lr: 0.001}
    Fix: Add the field; the schema says what belongs there.
    Source: schemas/*.schema.json; for model cards
        https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    for document, found in _found(documents, "missing field"):
        *table, name = found.path
        described = found.schema.get("properties", {}).get(name, {}).get("description", "")
        help_ = f"`{name}`: {described}".rstrip(".") if described else ""
        yield document.key(*table).says(f"{field(document, table)} lacks `{name}`", help=help_)


@rule("SCH006", level="error", needs="documents")
def wrong_type(documents: Documents) -> Iterator[Fault]:
    """A value is of another type than its field.

    Why: A reader that expects a number and meets text either stops or guesses, and not all guess alike.
    Bad:
        # recipe.yaml
        training: {epochs: ten}
    Good:
        # recipe.yaml
        training: {epochs: 10}
    Fix: Write a value of the type that the message names. Quotes make a number text; no quotes make text
        such as `1.10` a number.
    Source: schemas/*.schema.json
    """
    for document, found in _found(documents, "wrong type"):
        wanted = type_names(found.schema)
        message = f"{field(document, found.path)} is {met(document, found.path)}, expected {wanted}"
        help_ = mend_type(document, found)
        yield document.at(*found.path).says(message, help=help_, fix=_retyped(document, found))


@rule("SCH007", level="error", needs="documents")
def value_not_allowed(documents: Documents) -> Iterator[Fault]:
    """A value is outside what its field allows.

    Why: The field has a closed list of values, a form or a range, and what lies outside of it means
        nothing to the tools that read it.
    Bad:
        # recipe.yaml
        determinism: sometimes
    Good:
        # recipe.yaml
        determinism: strict
    Fix: Use one of the values, or a value in the form or range, that the message names.
    Source: schemas/*.schema.json
    """
    for document, found in _found(documents, "value not allowed"):
        expected, help_ = expectation(found, document.get(*found.path))
        message = f"{field(document, found.path)} {state(document, found)}, expected {expected}"
        names = _names(found)
        fix = meant(document, found.path, names) if names else None
        yield document.at(*found.path).says(message, help=help_, fix=fix)


@rule("SCH008", level="warning", needs="documents")
def number_not_in_json(documents: Documents) -> Iterator[Fault]:
    """A JSON file holds `NaN` or `Infinity`, which JSON does not have.

    Why: Python writes and reads them; browsers, databases and most other languages refuse the whole file.
    Bad:
        # config.json, whole file
        {"model_type": "other", "eps": NaN}
    Good:
        # config.json, whole file
        {"model_type": "other", "eps": null}
    Fix: Write `null`, or leave the field out; in Python `json.dumps(..., allow_nan=False)` refuses them.
    Source: RFC 8259, section 6
    """
    for document in documents:
        for place in getattr(document, "constants", ()):
            yield place.says(
                f"`{dotted(place.path)}` is `{document.printed(*place.path)}`, not a number of JSON",
                fix=word_written(document, place.path, "null", "unsafe"),
            )


@rule("SCH009", level="warning", needs=("documents", "bundle"), since="2026.2")
def mark_before_json(documents: Documents, bundle: Bundle) -> Iterator[Fault]:
    """A JSON file begins with a byte-order mark.

    Why: JSON has none. Python's reader refuses the file, and with it transformers, which then says that
        `config.json` is no valid JSON; an editor shows nothing of it.
    Bad:
        # config.json, whole file, as hex
        ef bb bf 7b 22 6d 6f 64 65 6c 5f 74 79 70 65 22 3a 20 22 78 22 7d
    Good:
        # config.json, whole file, as hex
        7b 22 6d 6f 64 65 6c 5f 74 79 70 65 22 3a 20 22 78 22 7d
    Fix: Save the file as UTF-8 without a mark (`UTF-8`, not `UTF-8 with BOM`).
    Source: RFC 8259, section 8.1
    """
    for document in documents:
        if document.file.endswith((".json", ".jsonld")) and head(bundle, document.file, 3) == BOM_UTF8:
            place = Place(document.file, span=Span(document.file, 1, 1, 1, 1))
            yield place.says("a byte-order mark, which JSON does not have", fix=without_mark(document.file))


def _renamed(document: Document, found: Violation) -> Fix | None:
    """The field is written as the one that it nearly is; surely meant where no other is as near."""
    if not found.near:
        return None
    name, given = str(found.path[-1]), document.mapping(*found.path[:-1])
    absent = [known for known in found.schema["properties"] if known not in given]
    sure = found.near in (spelling(name, absent), only_near(name, absent, 0.8))
    return renamed(document, found.path, found.near, "safe" if sure else "unsafe")


def _retyped(document: Document, found: Violation) -> Fix | None:
    """The value keeps its letters or digits, and gets or loses quotes."""
    value, wanted = document.get(*found.path), set(type_list(found.schema))
    if isinstance(value, bool | int | float) and "string" in wanted:
        return quoted_as_printed(document, found.path)
    if not isinstance(value, str):
        return None
    word = _WORDS.get(value.lower())
    if word and "boolean" in wanted:
        return word_written(document, found.path, word)
    digits = value.replace("_", "") if _GROUPED.fullmatch(value) else value
    if "number" in wanted or ("integer" in wanted and _WHOLE.fullmatch(digits)):
        return number_written(document, found.path, digits)
    return None


def _names(found: Violation) -> list[str]:
    """The names that a closed list allows; none where something else than a list is broken."""
    limit = found.schema[found.keyword] if found.keyword in ("enum", "const") else []
    return [name for name in (limit if isinstance(limit, list) else [limit]) if isinstance(name, str)]


def _found(documents: Documents, kind: Kind) -> Iterator[tuple[Document, Violation]]:
    for document in documents:
        if _schema_of(document) is not None:
            for violation in _violations(document):
                if violation.kind == kind:
                    yield document, violation


# Four rules ask about the same few documents one after another; a bundle has at most six that have a schema.
@lru_cache(maxsize=8)
def _violations(document: Document) -> tuple[Violation, ...]:
    schema = _schema_of(document)
    return violations(document.value, schema) if schema is not None else ()


def _schema_of(document: Document) -> str | None:
    """The name of a document's schema; the parts of a pipeline have indexes of their own."""
    return "index" if document.file.endswith(INDEXES) else SCHEMA_OF.get(document.file)
