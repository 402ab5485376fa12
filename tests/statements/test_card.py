import pytest

from auditor.statements.card import examples, list_scores, model_index_scores, number, plain_scores
from tests.statements.conftest import told

ENTRY = """---
model-index:
- name: tiny
  results:
  - task: {type: text-classification}
    dataset: {name: GLUE, type: glue, config: sst2, split: dev}
    metrics:
    - {name: Macro F1, type: f1, value: 0.9310}
    - {name: Accuracy, type: accuracy, value: 93.1%}
    - {name: Accuracy, type: accuracy, value: 0.92, verified: true}
    - {name: Broken, type: accuracy, value: [1]}
    source: {url: ""}
---
"""


@pytest.mark.parametrize(
    ("text", "value", "percent"),
    [
        ("0.9137", "0.9137", False),
        ("**91.37%**", "91.37", True),
        ("91.4 %", "91.4", True),
        ("0.91 ± 0.02", "0.91", False),
        ("0.91 (n = 300)", "0.91", False),
        ("88.2<sup>1</sup>", "88.2", False),
        ("88.2 ↑", "88.2", False),
        ("1,234.5", "1234.5", False),
        ("-0.3", "-0.3", False),
        ("5e-05", "5e-05", False),
    ],
)
def test_a_short_text_is_a_number(text, value, percent):
    found = number(text)
    assert (found[0].text, found[1]) == (value, percent)


@pytest.mark.parametrize(
    "text", ["", "91.2 / 88.1", "No log", "1.2.3", "92,4", "nan", "5-shot", "v2", "9" * 1000]
)
def test_other_texts_are_none(text):
    assert number(text) is None


def test_a_number_of_examples_is_read_where_it_is_said():
    assert examples("0.91 (n = 1,797)") == 1797
    assert examples("0.91") is None


def test_an_entry_of_model_index_is_one_group_with_its_data(card):
    found = list(model_index_scores(card(ENTRY)))
    assert told(found) == [("f1", "0.9310"), ("accuracy", "93.1"), ("accuracy", "0.92")]
    assert {one.group for one in found} == {found[0].group}
    first = found[0]
    assert (first.dataset, first.config, first.split, first.average) == (
        "glue",
        "sst2",
        "validation",
        "macro",
    )
    assert [one.unit for one in found] == ["", "percent", ""]
    assert [one.verified for one in found] == [False, False, True]


def test_an_entry_with_a_source_was_measured_elsewhere(card):
    text = ENTRY.replace('url: ""', "url: https://example.org")
    assert all(one.verified for one in model_index_scores(card(text)))


def test_a_list_of_the_trainer_is_one_group(card):
    text = "It achieves:\n- Loss: 0.3381\n- Accuracy: 0.9167\n\nOther:\n- Learning rate: 5e-05\n- F1: 0.9\n"
    found = list(list_scores(card(text)))
    assert told(found) == [("loss", "0.3381"), ("accuracy", "0.9167"), ("f1", "0.9")]
    assert found[0].group == found[1].group != found[2].group
    assert (found[1].place.span.line, found[1].place.span.column) == (3, 13)


def test_lists_in_code_are_no_statements(card):
    assert list(list_scores(card("```\n- Accuracy: 0.9\n```\n"))) == []


def test_lines_of_autotrain_without_bullets_are_one_group(card):
    text = "# Tagger\n\n## Validation Metrics\nloss: 0.0421\n\nf1_macro: 0.9312\n\nauc: 0.98\n\n## Usage\nf1: 0.5\n"
    found = list(plain_scores(card(text)))
    assert told(found) == [("loss", "0.0421"), ("f1", "0.9312"), ("rocauc", "0.98")]
    assert (found[1].average, found[1].place.span.line, found[1].place.span.column) == ("macro", 6, 11)
    assert len({one.group for one in found}) == 1
