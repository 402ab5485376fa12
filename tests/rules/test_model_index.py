"""CARD: what the rules on `model-index` find beyond their manual pages, and what they leave alone."""

import json
from base64 import urlsafe_b64encode

import pytest

from auditor.readers.markdown import read_markdown
from auditor.rules import model_index, model_values
from auditor.rules.card import metric_value_is_text
from auditor.rules.front import is_hub_id, is_web_token

TOKEN = ".".join(
    urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in ({"alg": "EdDSA", "typ": "JWT"}, {"value": 1}, "signature")
)


def card(*results, name="x"):
    front = json.dumps({"model-index": [{"name": name, "results": list(results)}]})  # JSON is YAML
    return read_markdown("README.md", f"---\n{front}\n---\n# Digits\n")


def result(*values, kind="accuracy", task="image-classification", metric=None, **dataset):
    metrics = [{"type": kind, "value": value} | (metric or {}) for value in values]
    return {"task": {"type": task}, "dataset": {"type": "d", "name": "d"} | dataset, "metrics": metrics}


def said(rule, *results):
    return [fault.message for fault in rule(card(*results))]


@pytest.mark.parametrize(
    "name", ["glue", "cais/mmlu", "LunarLander-v2", "seals/Walker2d-v0", "common_voice_8_0", "a.b", "BBH"]
)
def test_names_of_data_that_the_hub_takes(name):
    assert is_hub_id(name)
    assert said(model_index.data_type_without_id, result(1, type=name)) == []


@pytest.mark.parametrize(
    "name", ["CQADupstack is a combined dataset", " ", "a/b/c", "größe", "https://x.org/d", ""]
)
def test_names_of_data_that_the_hub_refuses(name):
    assert len(said(model_index.data_type_without_id, result(1, type=name))) == 1


def test_environments_of_reinforcement_learning_have_no_split():
    assert said(model_index.result_without_split, result("250 +/- 3", task="reinforcement-learning")) == []


def test_a_card_of_many_results_without_split_is_told_once():
    assert said(model_index.result_without_split, *[result(1)] * 50) == [
        "50 results do not name the `split` that was measured"
    ]


@pytest.mark.parametrize("revision", ["main", "v1.0", "e8379541", "None"])
def test_a_revision_that_moves_or_is_cut_is_told(revision):
    assert len(said(model_index.revision_moves, result(1, revision=revision))) == 1


def test_a_commit_is_no_moving_revision():
    assert (
        said(model_index.revision_moves, result(1, revision="e8379541af4e31359cca9fbcf4b00f2671dba205")) == []
    )


def test_a_result_without_metrics_or_of_another_type_needs_no_data():
    assert said(model_index.result_without_data, {"metrics": []}, "x", None, {"task": {}}) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [({"name": "a"}, 1), ({"name": "a", "url": "b"}, 0), ({"url": "b"}, 0), ({}, 0), ("text", 0), (None, 0)],
)
def test_a_source_needs_a_url_only_where_it_has_a_name(source, found):
    assert len(said(model_values.source_without_url, result(1) | {"source": source})) == found


@pytest.mark.parametrize(
    ("metric", "found"),
    [
        ({"verified": True}, 1),
        ({"verified": True, "verifyToken": TOKEN}, 0),
        ({"verified": True, "verifyToken": "abc"}, 1),
        ({"verified": False}, 0),
        ({"verifyToken": "a.b.c"}, 1),
    ],
)
def test_only_a_token_verifies(metric, found):
    assert len(said(model_values.verified_by_hand, result(1, metric=metric))) == found


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "eyJ.b.c", "W10.b.c", "e30.b.c", "é.b.c", "a.b.c.d", "[" * 5000 + ".b.c"]
)
def test_what_is_no_web_token(text):
    assert not is_web_token(text)


def test_the_form_of_a_web_token_is_known():
    assert is_web_token(TOKEN)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (result(0.91, split="test"), result(90.4, split="validation")),
        (result(91), result(0.9)),
        (result(0.5, kind="f1"), result(52.5, kind="F1")),
        (result(1), result(100)),
    ],
)
def test_a_share_beside_a_percentage_of_the_same_data_is_doubtful(first, second):
    assert len(said(model_values.percent_beside_share, first, second)) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (result(0.76, type="gsm8k"), result(65.0, type="mmlu")),  # Open LLM Leaderboard: 0.76 per cent
        (result(0.9), result(1.7)),
        (result(0.9, kind="loss"), result(90.0, kind="loss")),
        (result(0.9, metric={"name": "macro"}), result(90.0, metric={"name": "micro"})),
        (result(0.9, config="a"), result(90.0, config="b")),
        (result(0), result(50.0)),
        (result(0.9), result(0.8)),
        (result(True), result(90.0)),
        (result("0.9"), result([90.0])),
    ],
)
def test_values_that_may_well_stand_side_by_side(first, second):
    assert said(model_values.percent_beside_share, first, second) == []


@pytest.mark.parametrize("value", ["NA", "n/a", "nan", "-", [], {}, float("nan"), float("inf")])
def test_a_value_that_says_there_is_none_is_no_error(value):
    front = f"model-index: [{{name: x, results: [{{metrics: [{{type: wer, value: {shown(value)}}}]}}]}}]"
    document = read_markdown("README.md", f"---\n{front}\n---\n")
    assert len(list(model_values.value_not_finite(document))) == 1
    assert list(metric_value_is_text(document)) == []


def shown(value):
    return (
        {"nan": ".nan", "inf": ".inf"}.get(str(value), json.dumps(value))
        if isinstance(value, float)
        else json.dumps(value)
    )


@pytest.mark.parametrize("value", ["200.5 +/- 10.3", "33", 33, 0, -1.5, [0.1, 0.2]])
def test_numbers_as_cards_write_them_are_values(value):
    assert said(model_values.value_not_finite, result(value)) == []


@pytest.mark.parametrize(
    "task", ["Retrieval", "STS", "image-regression", "Clustering", "other", "natural-language-inference"]
)
def test_tasks_of_other_names_are_left_alone(task):
    assert said(model_index.task_misspelled, result(1, task=task)) == []


def test_one_misspelled_task_is_told_wherever_it_stands():
    assert len(said(model_index.task_misspelled, *[result(1, task="text_generation")] * 3)) == 3


def test_one_model_with_many_results_is_one_model():
    assert said(model_index.several_models, *[result(1)] * 5) == []
