"""The published schemas: current, complete, and clear about the true fault."""

import json

import pytest
from jsonschema.validators import Draft202012Validator

from auditor.formats import schema
from auditor.formats.examples import EXAMPLES
from auditor.shipped import SCHEMA_ID, schema_path

NAMES = tuple(schema.MODELS)


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_file_is_what_the_model_says(name):
    assert schema_path(name).read_text(encoding="utf-8") == schema.schema_text(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema_of_draft_2020_12_with_its_own_id(name):
    published = json.loads(schema_path(name).read_bytes())
    Draft202012Validator.check_schema(published)
    assert published["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert published["$id"] == f"{SCHEMA_ID}{name}.schema.json"


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_a_description(name):
    fields = list(schema.fields(schema.json_schema(name)))
    assert len(fields) >= 3
    assert [path for path, field in fields if not field.get("description")] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_alternatives_that_could_name_the_wrong_fault(name):
    text = schema.schema_text(name)
    assert not any(f'"{word}"' in text for word in ("oneOf", "anyOf", "$ref", "$defs"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_example_is_valid_for_the_schema_and_the_model(name):
    assert list(Draft202012Validator(schema.json_schema(name)).iter_errors(EXAMPLES[name])) == []
    schema.MODELS[name].model_validate(EXAMPLES[name])


def _errors(name, document):
    errors = Draft202012Validator(schema.json_schema(name)).iter_errors(document)
    return [(error.json_path, error.message) for error in errors]


def test_a_tagged_union_complains_about_the_meant_branch_only():
    split = {"kind": "csv", "file": "d.csv", "first_row": "0", "rows": 1, "features": 1, "label_column": 1}
    recipe = EXAMPLES["recipe"] | {"data": {"splits": {"train": split}}}
    assert _errors("recipe", recipe) == [
        ("$.data.splits.train.first_row", "'0' is not of type 'integer'"),
    ]


def test_an_unknown_tag_is_the_only_complaint():
    recipe = EXAMPLES["recipe"] | {"data": {"splits": {"train": {"kind": "cvs", "rows": 3}}}}
    assert _errors("recipe", recipe) == [
        ("$.data.splits.train.kind", "'cvs' is not one of ['csv', 'idx', 'text']"),
    ]


def test_a_missing_tag_is_the_only_complaint():
    recipe = EXAMPLES["recipe"] | {"data": {"splits": {"train": {"rows": 3}}}}
    assert _errors("recipe", recipe) == [("$.data.splits.train", "'kind' is a required property")]


def test_a_tagged_union_that_is_no_table_is_one_complaint():
    recipe = EXAMPLES["recipe"] | {"data": {"splits": {"train": 3}}}
    assert _errors("recipe", recipe) == [("$.data.splits.train", "3 is not of type 'object'")]


def test_an_optional_table_names_the_fault_inside_it():
    claim = EXAMPLES["fmaudit"]["claims"][0] | {"runs": {"n": "five"}}
    manifest = EXAMPLES["fmaudit"] | {"claims": [claim]}
    assert _errors("fmaudit", manifest) == [("$.claims[0].runs.n", "'five' is not of type 'integer'")]


@pytest.mark.parametrize("value", ["0.9750", "-1", "+.5", "5.", "1e-3", 0.975, 3])
def test_a_number_field_takes_printed_text_or_a_number(value):
    claim = EXAMPLES["fmaudit"]["claims"][0] | {"value": value}
    manifest = EXAMPLES["fmaudit"] | {"claims": [claim]}
    assert _errors("fmaudit", manifest) == []
    assert schema.MODELS["fmaudit"].model_validate(manifest).claims[0].value == str(value)


@pytest.mark.parametrize("value", ["", "97.5%", "1,000", "nan", "٣", ".", "e5", True, None, [0.9]])
def test_a_number_field_takes_nothing_else(value):
    claim = EXAMPLES["fmaudit"]["claims"][0] | {"value": value}
    assert _errors("fmaudit", EXAMPLES["fmaudit"] | {"claims": [claim]}) != []


def test_null_is_allowed_where_the_model_allows_it_also_among_named_values():
    metric = {"type": "f1", "unit": "proportion", "average": None}
    claim = EXAMPLES["fmaudit"]["claims"][0] | {"metric": metric}
    assert _errors("fmaudit", EXAMPLES["fmaudit"] | {"claims": [claim]}) == []


@pytest.mark.parametrize(
    "parts",
    [
        [{"type": "string", "pattern": "a"}, {"type": "string"}],
        [{"type": "string", "enum": ["a"]}, {"type": "integer"}],
        [{"type": "array", "items": {}}, {"type": "object", "items": {}}],
    ],
)
def test_alternatives_that_share_a_type_are_refused_when_the_schema_is_written(parts):
    with pytest.raises(TypeError):
        schema._merged(parts)


def test_check_says_which_file_is_not_current_and_writes_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(schema, "schema_path", lambda name: tmp_path / f"{name}.schema.json")
    assert schema.main(["--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert "is not current: schemas/recipe.schema.json" in capsys.readouterr().out


def test_writing_makes_every_file_current(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(schema, "schema_path", lambda name: tmp_path / f"{name}.schema.json")
    assert schema.main([]) == 0
    assert schema.main(["--check"]) == 0
    assert len(list(tmp_path.iterdir())) == len(NAMES)
    assert "wrote: schemas/recipe.schema.json" in capsys.readouterr().out


def test_another_word_on_its_command_line_is_wrong_usage(capsys):
    assert schema.main(["--chek"]) == 2
    assert "usage" in capsys.readouterr().err
