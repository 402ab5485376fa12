"""Whether a document keeps to its schema: our quick answer, jsonschema's, and one violation for each fault."""

import copy
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import Draft202012Validator

from auditor.formats import conformance
from auditor.formats.conformance import ANNOTATIONS, ASSERTIONS, conforms, published, violations
from auditor.formats.examples import EXAMPLES

NAMES = tuple(EXAMPLES)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.floats(-2, 3)
    | st.sampled_from([float("nan"), float("inf"), 2**63, 1e300])
    | st.sampled_from(["", "a", "0.5", "kind", "csv", "idx", "adam", "mean", "/x", "strict", "1\n"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["n", "kind", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def _paths(value, path=()):
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(item, (*path, key))


@st.composite
def changed(draw):
    """An example with one to three places changed, removed or added."""
    name = draw(st.sampled_from(NAMES))
    value = copy.deepcopy(EXAMPLES[name])
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([path for path in _paths(value) if path]))
        parent = value
        for step in path[:-1]:
            parent = parent[step]
        if isinstance(parent, dict) and draw(st.booleans()):
            key = draw(st.sampled_from(sorted(_field_names(published(name)))))
            parent[key] = draw(values)
        elif draw(st.booleans()):
            parent[path[-1]] = draw(values)
        else:
            del parent[path[-1]]
        if not value:
            break
    return name, value


def _field_names(node):
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for item in node.values():
            yield from _field_names(item)
    elif isinstance(node, list):
        for item in node:
            yield from _field_names(item)


@given(changed())
def test_our_answer_is_that_of_jsonschema(case):
    name, value = case
    assert conforms(value, published(name)) == Draft202012Validator(published(name)).is_valid(value)


@given(st.sampled_from(NAMES), values)
def test_our_answer_is_that_of_jsonschema_for_any_value(name, value):
    assert conforms(value, published(name)) == Draft202012Validator(published(name)).is_valid(value)


# Keywords that the published schemas do not use at every place, so that the examples alone would not try them.
@pytest.mark.parametrize(
    "schema",
    [
        {"minLength": 1, "maxLength": 2},
        {"minimum": 0, "maximum": 1},
        {"exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"minItems": 1, "maxItems": 2, "items": {"type": "integer"}},
        {"prefixItems": [{"type": "string"}], "items": {"type": "boolean"}},
        {"minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": "null"}},
        {"properties": {"n": {"const": 1}}, "additionalProperties": False},
        {"enum": [0, True, None, "a"]},
        {"const": 1},
        {"const": False},
        {"type": ["integer", "null"]},
        {"type": "number", "pattern": "^a$"},
        {"pattern": "a"},
        {"allOf": [{"if": {"type": "string"}, "then": {"minLength": 1}}]},
    ],
)
@given(value=values)
def test_each_keyword_is_judged_as_by_jsonschema(schema, value):
    assert conforms(value, schema) == Draft202012Validator(schema).is_valid(value)


def _keywords(node):
    for keyword, value in node.items():
        yield keyword
        if keyword == "properties":
            for part in value.values():
                yield from _keywords(part)
        elif keyword in {"items", "additionalProperties", "if", "then"} and isinstance(value, dict):
            yield from _keywords(value)
        elif keyword in {"prefixItems", "allOf"}:
            for part in value:
                yield from _keywords(part)


@pytest.mark.parametrize("name", [*NAMES, "report"])
def test_the_schemas_use_only_keywords_that_we_judge(name):
    assert set(_keywords(published(name))) <= ASSERTIONS | ANNOTATIONS


@given(changed())
def test_a_document_with_violations_does_not_conform_and_the_other_way_round(case):
    name, value = case
    found = violations(value, name)
    infinite = any(violation.keyword == "finite" for violation in found)
    assert bool(found) == (infinite or not conforms(value, published(name)))
    assert len({violation.path for violation in found}) == len(found)


def _found(name, **changes):
    return [(v.kind, v.path, v.near) for v in violations(EXAMPLES[name] | changes, name)]


def test_a_document_in_order_has_no_violations_and_does_not_load_jsonschema():
    code = (
        "import sys; from auditor.formats.conformance import violations; from auditor.formats.examples import EXAMPLES;"
        "assert not violations(EXAMPLES['recipe'], 'recipe'); assert 'jsonschema' not in sys.modules;"
        "assert violations({}, 'recipe'); assert 'jsonschema' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_each_missing_field_is_one_violation():
    found = violations({"format": 1}, "recipe")
    assert {v.kind for v in found} == {"missing field"}
    assert [v.path for v in found] == [
        (name,) for name in ("model", "data", "optimizer", "training", "seeds")
    ]


def test_a_mistyped_field_stands_for_the_missing_one():
    found = violations(EXAMPLES["recipe"] | {"training": {"epoch": 10, "batch_size": 32}}, "recipe")
    assert [(v.kind, v.path, v.near, v.near_is_required) for v in found] == [
        ("unknown field", ("training", "epoch"), "epochs", True)
    ]


def test_a_mistyped_optional_field_names_the_one_it_resembles():
    training = {"epochs": 1, "batch_size": 1, "shufle": False}
    assert _found("recipe", training=training) == [("unknown field", ("training", "shufle"), "shuffle")]


def test_a_field_that_resembles_one_that_is_given_names_none():
    training = {"epochs": 1, "epoch": 1, "batch_size": 1}
    assert _found("recipe", training=training) == [("unknown field", ("training", "epoch"), "")]


def test_a_mistyped_field_beside_an_unrelated_missing_one_gives_two():
    training = {"epochs": 1, "shufle": False}
    assert sorted(_found("recipe", training=training)) == [
        ("missing field", ("training", "batch_size"), ""),
        ("unknown field", ("training", "shufle"), "shuffle"),
    ]


@pytest.mark.parametrize("value", ["1", [1], True, None, {"a": 1}])
def test_a_value_of_the_wrong_type_is_one_violation_though_it_breaks_more(value):
    assert _found("recipe", format=value) == [("wrong type", ("format",), "")]


def test_an_empty_text_breaks_length_and_pattern_and_is_one_violation():
    assert _found("recipe", data={"manifest": "", "splits": {}}) == [
        ("value not allowed", ("data", "manifest"), "")
    ]


def test_a_placeholder_is_left_to_its_own_rule():
    optimizer = {"lr": "<to fill: learning rate>", "betas": "<to fill: both>"}
    assert _found("recipe", optimizer=optimizer, format="<to fill: 1>") == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_one_violation_in_our_formats(value):
    assert _found("recipe", optimizer={"lr": value}) == [("value not allowed", ("optimizer", "lr"), "")]


def test_a_number_that_is_not_finite_is_left_alone_in_formats_of_others():
    assert _found("config", rope_theta=float("inf")) == []


@pytest.mark.parametrize("value", [None, [], "text", 3, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_document_that_is_no_mapping_is_one_violation(name, value):
    found = violations(value, name)
    assert [(v.kind, v.path) for v in found] == [("wrong type", ())]


def test_fields_of_other_standards_are_kept():
    assert _found("config", hidden_size=768, quantization_config={"bits": 4}) == []
    assert _found("card", widget=[{"text": "x"}], co2_eq_emissions=1) == []


def test_a_million_faults_end_soon_and_leave_enough_for_the_engine_to_notice():
    found = violations({"weight_map": dict.fromkeys(map(str, range(100_000)), 3)}, "index")
    assert len(found) == conformance.MAX_VIOLATIONS
    found = violations(EXAMPLES["recipe"] | dict.fromkeys(map(str, range(100_000)), 3), "recipe")
    assert len(found) == conformance.MAX_VIOLATIONS


def test_a_document_two_hundred_deep_is_judged():
    value = json.loads('{"a":' * 199 + "1" + "}" * 199)
    assert _found("config", deep=value) == []
    assert [v.path for v in violations(value, "index")] == [("weight_map",)]
