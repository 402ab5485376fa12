"""Values of the front matter that readers take for another type, and types that the hub refuses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from auditor.model import Fault, KeyPath
from auditor.readers.text import shown
from auditor.rules.edits import number_written, quoted_as_printed
from auditor.rules.front import MOST
from auditor.rules.published import results
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss
from auditor.rules.wording import met

if TYPE_CHECKING:
    from auditor.readers.markdown import MarkdownDocument

# Keys whose values are names; what stands in `model-index` is told by its last step.
_TEXT_KEYS = frozenset(
    {
        *("license", "license_name", "language", "library_name", "pipeline_tag", "tags", "datasets"),
        *("metrics", "base_model", "new_version", "model_name"),
    }
)
_TEXT_STEPS = frozenset({"name", "type", "config", "split", "revision"})
# What the resolver of PyYAML, which follows YAML 1.1, makes of text that YAML 1.2 leaves alone.
_READ_AS = {"int": "a number", "float": "a number", "timestamp": "a date"}
_FILLED = ("license", "language", "library_name", "pipeline_tag", "base_model", "datasets", "tags", "metrics")
# The type that the hub asks for, and what a reader of the card has to write instead.
_SHAPES: dict[str, tuple[tuple[type, ...], str]] = {
    "widget": ((list,), "a list of examples"),
    "extra_gated_fields": ((dict,), "a mapping of questions to types"),
    "inference": ((bool, dict), "true, false or a mapping with `parameters`"),
}
# https://github.com/huggingface/hub-docs/blob/main/docs/hub/models-gated.md#customize-requested-information
_GATE_TYPES = ("text", "checkbox", "date_picker", "country", "ip_location", "select")


@rule("CARD012", level="warning", needs="card", since="2026.2")
def text_read_as_other_type(card: MarkdownDocument) -> Iterator[Fault]:
    """A name in the front matter is read as a date or a number by YAML 1.1 readers.

    Why: PyYAML, which `huggingface_hub` uses, makes a date of `2024-01-01`, seconds of `1:30` and 1000 of
        `1_000`; written back, the name is another. The hub itself asks for text there.
    Bad:
        # README.md
        ---
        tags: [digits, 2024-01-01]
        ---
    Good:
        # README.md
        ---
        tags: [digits, "2024-01-01"]
        ---
    Fix: Quote the name.
    Source: https://yaml.org/type/timestamp.html and https://yaml.org/type/int.html
    """
    for key in card.mapping():
        if key in _TEXT_KEYS or key == "model-index":
            for path, value in _names(card, key):
                kind = _READ_AS.get(_type_in_yaml_1_1(value), "")
                if kind and card.plain(*path):
                    yield card.at(*path).says(
                        f"`{shown(value)}` is read as {kind} by YAML 1.1 readers, expected text",
                        help=f'quote it: "{shown(value)}"',
                        fix=quoted_as_printed(card, path),
                    )


@rule("CARD013", level="warning", needs="card", since="2026.2")
def version_loses_zero(card: MarkdownDocument) -> Iterator[Fault]:
    """A version without quotes ends in a zero, which every reader of numbers drops.

    Why: `4.40` is the number 4.4, and version 4.4 is another version.
    Bad:
        # README.md
        ---
        transformers_version: 4.40
        ---
    Good:
        # README.md
        ---
        transformers_version: "4.40"
        ---
    Fix: Quote the version.
    """
    for key, value in card.mapping().items():
        if isinstance(value, float) and key.lower().endswith("version"):
            printed = card.printed(key) or ""
            if printed.endswith("0") and printed.count(".") == 1 and not printed.endswith(".0"):
                yield card.at(key).says(
                    f"`{shown(printed)}` is read as {value}",
                    help=f'quote it: "{shown(printed)}"',
                    fix=quoted_as_printed(card, (key,)),
                )


@rule("CARD014", level="warning", needs="card", since="2026.2")
def number_read_as_text(card: MarkdownDocument) -> Iterator[Fault]:
    """A published value is read as text by YAML 1.1 readers.

    Why: PyYAML, which `huggingface_hub` uses, takes `1e-4` for text, since YAML 1.1 asks for a point before
        the exponent and a sign after it; the hub takes it for a number.
    Bad:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: mse, value: 1e-4}]
        ---
    Good:
        # README.md
        ---
        model-index:
          - name: digits-cnn
            results:
              - task: {type: image-classification}
                dataset: {type: digits, name: digits, split: test}
                metrics: [{type: mse, value: 1.0e-4}]
        ---
    Fix: Write the number with a point and a signed exponent.
    Source: https://yaml.org/type/float.html; measured with PyYAML 6.0.3
    """
    for listed in results(card).values():
        for result in listed:
            path = (*result.path, "value")
            printed = card.printed(*path) or ""
            if not isinstance(card.get(*path), int | float) or not card.plain(*path):
                continue
            if printed[:1].isascii() and "e" in printed.lower() and not _type_in_yaml_1_1(printed):
                fix = number_written(card, path, printed) if len(printed) < MOST else None
                yield card.at(*path).says(f"`{shown(printed)}` is read as text by YAML 1.1 readers", fix=fix)


@rule("CARD015", level="warning", needs="card", since="2026.2")
def key_without_value(card: MarkdownDocument) -> Iterator[Fault]:
    """A key that the hub reads stands without a value.

    Why: The hub refuses a card whose `language:` or `datasets:` holds nothing, and does not say which key it
        was.
    Bad:
        # README.md, front
        ---
        license: apache-2.0
        language:
        ---
    Good:
        # README.md
        ---
        language: en
        ---
    Fix: Give the value, or remove the key.
    Source: https://github.com/espnet/espnet_model_zoo/pull/102 and
        https://github.com/huggingface/transformers/issues/13528
    """
    values = card.mapping()
    for key in _FILLED:
        value = values.get(key, "")
        if value is None:
            yield card.key(key).says(f"`{key}` is empty", help="give its value, or remove the key")
        for index, item in enumerate(value[:MOST] if isinstance(value, list) else ()):
            if item is None:
                yield card.at(key, index).says(f"an entry of `{key}` is empty", help="remove the entry")


@rule("CARD016", level="warning", needs="card", since="2026.2")
def type_that_the_hub_refuses(card: MarkdownDocument) -> Iterator[Fault]:
    """A value of the front matter is of another type than the hub asks for.

    Why: The hub refuses the card (`"widget" must be an array`), often after hours of training and uploading.
    Bad:
        # README.md
        ---
        widget:
          text: Digits are written by hand.
        ---
    Good:
        # README.md
        ---
        widget:
          - text: Digits are written by hand.
        ---
    Fix: Write the value as the message says. Cards of before 2023 may still hold a `widget` that is
        a mapping.
    Source: https://github.com/ostris/ai-toolkit/issues/260,
        https://github.com/huggingface/api-inference-community/issues/453, model-data.ts of @huggingface/tasks
    """
    values = card.mapping()
    for key, (types, wanted) in _SHAPES.items():
        value = values.get(key)
        if value is not None and not isinstance(value, types):
            yield card.at(key).says(f"`{key}` is {met(card, (key,))}, expected {wanted}")
    for path, tag in islice(card.items("tags"), MOST):
        if isinstance(tag, bool | int | float):
            message = f"the tag {met(card, path)} is no text"
            yield card.at(*path).says(message, fix=quoted_as_printed(card, path))


@rule("CARD017", level="warning", needs="card", since="2026.2", certainty="likely")
def question_of_unknown_type(card: MarkdownDocument) -> Iterator[Fault]:
    """A question that people answer before they get a gated model has a type that the hub does not have.

    Why: The form shows no field for it, and the authors never learn the answer.
    Bad:
        # README.md
        ---
        extra_gated_fields: {Company: text, Country: countries}
        ---
    Good:
        # README.md
        ---
        extra_gated_fields: {Company: text, Country: country, Use: {type: select, options: [a, b]}}
        ---
    Fix: Use one of the types that the hub has; `select` with its `options`.
    Source: https://huggingface.co/docs/hub/models-gated#customize-requested-information
    """
    known = ", ".join(f"`{name}`" for name in _GATE_TYPES)
    for question, field in list(card.mapping("extra_gated_fields").items())[:MOST]:
        path: KeyPath = ("extra_gated_fields", question)
        kind = field.get("type") if isinstance(field, dict) else field
        place = card.at(*path, "type") if isinstance(field, dict) else card.at(*path)
        if not isinstance(kind, str) or kind not in _GATE_TYPES:
            help_ = near_miss(kind, _GATE_TYPES) if isinstance(kind, str) else ""
            what = f"`{shown(str(kind), 40)}`" if isinstance(kind, str | bool) else "none"
            message = f"the type of `{shown(question)}` is {what}"
            yield place.says(message, help=help_ or f"the hub's types are {known}")
        elif kind == "select" and not (isinstance(field, dict) and field.get("options")):
            yield place.says(f"`{shown(question)}` is a `select` without `options`")


def _names(card: MarkdownDocument, key: str) -> Iterator[tuple[KeyPath, str]]:
    """The texts under a key that are names, at most MOST of them."""
    stack: list[tuple[KeyPath, Any]] = [((key,), card.value[key])]
    left = 10 * MOST
    while stack and left:
        left -= 1
        path, value = stack.pop()
        if isinstance(value, dict) and key == "model-index":
            stack.extend(((*path, step), item) for step, item in list(value.items())[:MOST])
        elif isinstance(value, list):
            stack.extend(((*path, index), item) for index, item in enumerate(value[:MOST]))
        elif isinstance(value, str) and (key != "model-index" or path[-1] in _TEXT_STEPS):
            yield path, value


def _type_in_yaml_1_1(text: str) -> str:
    """The last word of the tag that PyYAML gives a plain scalar; empty for text."""
    if not text[:1].isdigit() and text[:1] not in ("-", "+", "."):
        return ""
    from yaml import SafeLoader

    if len(text) > MOST:
        return ""
    for tag, pattern in SafeLoader.yaml_implicit_resolvers.get(text[0], ()):
        if pattern.match(text):
            return str(tag.rpartition(":")[2])
    return ""
