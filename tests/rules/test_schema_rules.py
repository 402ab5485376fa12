"""SCH: one finding for each true fault, in words and at a place that help to mend it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.formats.examples import EXAMPLES
from auditor.model import Span
from auditor.readers.document import Unreadable
from auditor.readers.json import read_json
from auditor.readers.markdown import read_markdown
from auditor.readers.yaml import read_yaml
from auditor.rules import schema

RULES = (
    schema.duplicate_key,
    schema.left_to_fill,
    schema.unknown_field,
    schema.missing_field,
    schema.wrong_type,
    schema.value_not_allowed,
)
# JSON is YAML, so that a changed example needs no writer of its own.
RECIPE = json.dumps(EXAMPLES["recipe"])


def recipe(**changes):
    return read_yaml("recipe.yaml", json.dumps(EXAMPLES["recipe"] | changes))


def manifest(**changes):
    return read_yaml("fmaudit.yaml", json.dumps(EXAMPLES["fmaudit"] | changes))


def found(*documents):
    return [(rule.__name__, fault.message, fault.help) for rule in RULES for fault in rule(documents)]


def spans(document):
    return [document.locate(fault.places[0]) for rule in RULES for fault in rule((document,))]


@pytest.mark.parametrize("file", schema.SCHEMA_OF)
def test_the_example_of_each_format_is_in_order(file):
    text = json.dumps(EXAMPLES[schema.SCHEMA_OF[file]])
    if file.endswith(".json"):
        document = read_json(file, text)
    elif file.endswith(".md"):
        document = read_markdown(file, f"---\n{text}\n---\n# Digits\n")
    else:
        document = read_yaml(file, text)
    assert found(document) == []


def test_an_unreadable_file_is_reported_where_reading_stopped():
    error = Unreadable("expected `,` or `}`", Span("recipe.yaml", 3, 1, 3, 2), "close the bracket")
    (fault,) = schema.unreadable_document((("recipe.yaml", error),))
    assert (fault.message, fault.help) == ("expected `,` or `}`", "close the bracket")
    assert fault.places[0].span == Span("recipe.yaml", 3, 1, 3, 2)


def test_a_key_given_twice_is_found_at_the_second():
    document = read_yaml("recipe.yaml", RECIPE[:-1] + ',\n"determinism": strict,\n"determinism": relaxed}')
    message = "`determinism` is given more than once"
    assert [(name, text) for name, text, _ in found(document)] == [("duplicate_key", message)]
    assert [span.line for span in spans(document)] == [3]


def test_a_key_given_twice_is_found_in_files_without_a_schema():
    document = read_json("results/test.json", '{"accuracy": 0.9,\n "accuracy": 0.8}')
    assert [name for name, *_ in found(document)] == ["duplicate_key"]


def test_a_placeholder_is_the_only_finding_at_its_place_and_says_what_belongs_there():
    document = manifest(release="<to fill: name and version>", format="<to fill: 1>")
    assert [(name, text) for name, text, _ in found(document)] == [
        ("left_to_fill", "`format` is still to fill: 1"),
        ("left_to_fill", "`release` is still to fill: name and version"),
    ]


def test_a_placeholder_in_a_list_and_in_a_document_without_a_schema_is_found():
    document = read_yaml(".eval_results/x.yaml", '- value: "<to fill>"')
    assert [text for _, text, _ in found(document)] == ["`[0].value` is still to fill"]


@pytest.mark.parametrize(
    ("document", "rule", "message", "help_"),
    [
        (
            recipe(training={"epoch": 10, "batch_size": 32}),
            "unknown_field",
            "`epoch` is not a field of `training`, which lacks `epochs`",
            "write `epochs`",
        ),
        (
            recipe(determinsm="strict"),
            "unknown_field",
            "`determinsm` is not a field of `recipe.yaml`",
            "there is a field with a similar name: `determinism`",
        ),
        (
            recipe(loss={"weight": 2}),
            "unknown_field",
            "`weight` is not a field of `loss`",
            "its fields are `kind`, `label_smoothing`",
        ),
        (
            recipe(training={"batch_size": 32}),
            "missing_field",
            "`training` lacks `epochs`",
            "`epochs`: Passes over the train split",
        ),
        (
            manifest(claims=[{}, "x"][1:]),
            "wrong_type",
            "`claims[0]` is the text `x`, expected a mapping",
            "",
        ),
        (
            recipe(training={"epochs": "10", "batch_size": 32}),
            "wrong_type",
            "`training.epochs` is the text `10`, expected a whole number",
            "remove the quotes",
        ),
        (
            recipe(training={"epochs": 1.5, "batch_size": 32}),
            "wrong_type",
            "`training.epochs` is `1.5`, expected a whole number",
            "",
        ),
        (
            recipe(environment={"torch": 2.13}),
            "wrong_type",
            "`environment.torch` is `2.13`, expected text",
            'put it in quotes: "2.13"',
        ),
        (recipe(seeds=None), "wrong_type", "`seeds` is empty, expected a mapping", ""),
        (
            recipe(model={"reference": "cnn", "parameters": {"classes": [10]}}),
            "wrong_type",
            "`model.parameters.classes` is a list, expected a number, text or `true` or `false`",
            "",
        ),
        (
            recipe(determinism="strickt"),
            "value_not_allowed",
            "`determinism` is the text `strickt`, expected `strict` or `relaxed`",
            "the nearest is `strict`",
        ),
        (recipe(format=2), "value_not_allowed", "`format` is `2`, expected `1`", ""),
        (
            recipe(optimizer={"lr": 0}),
            "value_not_allowed",
            "`optimizer.lr` is `0`, expected more than 0",
            "",
        ),
        (
            recipe(optimizer={"lr": 1, "betas": [0.9, 1]}),
            "value_not_allowed",
            "`optimizer.betas[1]` is `1`, expected less than 1",
            "",
        ),
        (
            recipe(optimizer={"lr": 1, "betas": [0.9]}),
            "value_not_allowed",
            "`optimizer.betas` has 1 entry, expected 2",
            "",
        ),
        (
            recipe(seeds={"values": []}),
            "value_not_allowed",
            "`seeds.values` is empty, expected 1 or more",
            "",
        ),
        (
            recipe(seeds={"values": [2**63]}),
            "value_not_allowed",
            "`seeds.values[0]` is `9223372036854775808`, expected 9223372036854775807 or less",
            "",
        ),
        (
            recipe(training={"epochs": 0, "batch_size": 32}),
            "value_not_allowed",
            "`training.epochs` is `0`, expected 1 or more",
            "",
        ),
        (
            recipe(data={"divide_by": "1/255", "splits": {}}),
            "value_not_allowed",
            "`data.divide_by` is the text `1/255`, expected a number in decimal digits, such as `0.9750`",
            "",
        ),
        (
            manifest(components=[{"component": "Model cart"}]),
            "value_not_allowed",
            "`components[0].component` is the text `Model cart`, expected one of 17 names",
            "the nearest is `Model card`",
        ),
        (manifest(release=""), "value_not_allowed", "`release` is empty, expected some text", ""),
        (
            read_yaml("recipe.yaml", RECIPE.replace('"lr": 0.001', '"lr": .nan')),
            "value_not_allowed",
            "`optimizer.lr` is `.nan`, expected a finite number",
            "",
        ),
        (
            read_json("config.json", "[1]"),
            "wrong_type",
            "`config.json` is a list, expected a mapping",
            "",
        ),
        (
            read_markdown("README.md", "---\nmodel-index: vision\n---\n"),
            "wrong_type",
            "`model-index` is the text `vision`, expected a list",
            "",
        ),
        (
            read_json("model.safetensors.index.json", '{"weight_map": {}}'),
            "value_not_allowed",
            "`weight_map` is empty, expected 1 or more",
            "",
        ),
    ],
)
def test_one_fault_is_one_finding_with_the_value_met_and_the_value_expected(document, rule, message, help_):
    assert found(document) == [(rule, message, help_)]


TEXT = """format: 1
release: digits-cnn 1.0
claims:
  - id: test-accuracy
    metric:
      type: accuracy
    value: "0.9750"
    data: {split: test, n: 360, size: 1}
"""


def test_a_missing_field_underlines_the_key_of_its_table():
    (fault,) = schema.missing_field((read_yaml("fmaudit.yaml", TEXT),))
    span = read_yaml("fmaudit.yaml", TEXT).locate(fault.places[0])
    assert (span.line, span.column, span.end_column) == (5, 5, 11)


def test_an_unknown_field_underlines_its_own_key():
    (fault,) = schema.unknown_field((read_yaml("fmaudit.yaml", TEXT),))
    span = read_yaml("fmaudit.yaml", TEXT).locate(fault.places[0])
    assert (span.line, span.column, span.end_column) == (8, 33, 37)


def test_a_fault_in_front_matter_is_placed_in_the_lines_of_the_card():
    (span,) = spans(read_markdown("README.md", "---\nlicense: mit\ntags: {vision: 1}\n---\n"))
    assert (span.file, span.line, span.column, span.end_column) == ("README.md", 3, 7, 18)


def test_a_card_without_front_matter_and_a_document_of_another_name_have_no_schema_to_break():
    assert found(read_markdown("README.md", "# Digits\n"), read_yaml("mof.yml", "a: [1]\n")) == []


def test_long_and_strange_values_are_cut_and_made_visible():
    (message,) = [text for _, text, _ in found(recipe(determinism="x" * 5000))]
    assert len(message) < 200
    (message,) = [text for _, text, _ in found(recipe(determinism="a\x1b[31m\nb"))]
    assert message.isprintable()


short_text = st.text(st.characters(max_codepoint=0xD7FF), max_size=5)


@given(st.recursive(st.none() | st.booleans() | st.integers() | short_text, st.lists, max_leaves=5))
def test_any_value_at_any_field_is_told_without_a_crash(value):
    for field in ("format", "model", "data", "training", "seeds", "determinism"):
        for _, message, help_ in found(recipe(**{field: value})):
            assert message
            assert "\n" not in message + help_
