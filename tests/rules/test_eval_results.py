"""CARD: `.eval_results/*.yaml` in the forms that hub-docs shows, and in others."""

import pytest

from auditor.readers.yaml import read_yaml
from auditor.rules import eval_results, eval_values

# https://huggingface.co/docs/hub/eval-results, 2026
DOCUMENTED = """
- dataset:
    id: cais/hle
    task_id: default
    revision: 5503434ddd753f426f4b38109466949a1217c2bb
  value: 20.90
  date: "2025-01-15"
  source:
    url: https://huggingface.co/spaces/example/traces
    name: Eval traces
    user: example
  evaluation_framework: hle
  notes: "no-tools"
- dataset:
    id: Idavidrein/gpqa
    task_id: gpqa_diamond
  value: 0.412
"""
RULES = (
    eval_results.eval_result_without_shape,
    eval_results.eval_result_without_task,
    eval_values.eval_value_is_text,
    eval_values.eval_date_unreadable,
    eval_values.eval_source_without_url,
    eval_values.eval_token_malformed,
    eval_results.eval_key_misspelled,
    eval_values.eval_result_twice,
)


def said(*texts):
    files = tuple(read_yaml(f".eval_results/{number}.yaml", text) for number, text in enumerate(texts))
    return [(rule.__name__, fault.message) for rule in RULES for fault in rule(files)]


def entry(**fields):
    lines = {"dataset": "{id: a/b, task_id: c}", "value": "1"} | fields
    return "- " + "\n  ".join(f"{key}: {value}" for key, value in lines.items() if value is not None) + "\n"


def test_the_documented_examples_are_in_order():
    assert said(DOCUMENTED) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dataset: {id: a}\nvalue: 1", "this is a mapping, expected a list of results"),
        ("just text", "this is no list, expected a list of results"),
        ("", "this is no list, expected a list of results"),
        ("- 3", "`3` is no result, expected a mapping"),
        (entry(dataset=None), "this result lacks `dataset`"),
        (entry(dataset="{task_id: c}"), "`dataset` lacks `id`, expected the name of a benchmark on the hub"),
        (
            entry(dataset="{id: my bench, task_id: c}"),
            "`dataset` has the `id` `my bench`, expected the name of a benchmark on the hub",
        ),
        (entry(value=None), "this result lacks `value`"),
    ],
)
def test_what_the_hub_requires(text, message):
    assert ("eval_result_without_shape", message) in said(text)


@pytest.mark.parametrize("value", ["0.412", "20.90", "'41.2'", "1e-3", "'41.2 ± 0.3'", "-5", "'.5'"])
def test_numbers_are_values(value):
    assert said(entry(value=value)) == []


@pytest.mark.parametrize("value", ["ninety", "true", "[1]", "{a: 1}", "'see paper'"])
def test_words_are_no_values(value):
    assert [name for name, _ in said(entry(value=value))] == ["eval_value_is_text"]


@pytest.mark.parametrize(
    "date",
    [
        "2025-01-15",
        '"2025-01-15"',
        "2025-01-15T10:30:00Z",
        '"2025-01-15T10:30:00+02:00"',
        '"2025-01-15 10:30"',
    ],
)
def test_dates_of_iso_8601(date):
    assert said(entry(date=date)) == []


@pytest.mark.parametrize("date", ["01/15/2025", "2025-02-30", "2025", "January 2025", "20250115", "x" * 5000])
def test_dates_that_are_none(date):
    assert [name for name, _ in said(entry(date=date))] == ["eval_date_unreadable"]


@pytest.mark.parametrize("source", ["{name: x}", "https://x.org", "{url: }", "[]"])
def test_a_source_needs_a_url(source):
    assert [name for name, _ in said(entry(source=source))] == ["eval_source_without_url"]


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("verify_token", "verifyToken"),
        ("Value2", ""),
        ("note", "notes"),
        ("sources", "source"),
        ("my_field", ""),
    ],
)
def test_keys_that_are_nearly_known(key, near):
    found = [message for name, message in said(entry(**{key: "{url: a}"})) if name == "eval_key_misspelled"]
    assert found == ([f"`{key}` is not a key that the hub reads"] if near else [])


def test_the_same_task_in_two_files_with_two_values_is_told_with_both_places():
    files = tuple(read_yaml(f".eval_results/{n}.yaml", entry(value=n)) for n in (1, 2))
    (fault,) = eval_values.eval_result_twice(files)
    assert [place.file for place in fault.places] == [".eval_results/2.yaml", ".eval_results/1.yaml"]


@pytest.mark.parametrize(
    "other",
    [{"notes": "tools"}, {"value": "1"}, {"dataset": "{id: a/b, task_id: d}"}, {"date": "2025-01-15"}],
)
def test_results_of_other_conditions_or_equal_values_do_not_contradict(other):
    assert said(entry() + entry(**({"value": "2"} | other))) == []


def test_files_that_the_hub_does_not_look_for_are_told(messages):
    parts = "".join(
        f"# .eval_results/{name}, whole file\n- dataset: {{id: a/b, task_id: c}}\n  value: 1\n"
        for name in ("a.yaml", "b.yml", "c/d.yaml")
    )
    assert len(messages("CARD234", parts)) == 2
