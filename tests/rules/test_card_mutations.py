"""No rule on front matter crashes on damaged front matter of real cards, and each ends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.readers.markdown import read_markdown
from auditor.readers.text import decode
from auditor.readers.yaml import read_yaml
from auditor.rules import load
from tests.mutations import damages
from tests.rules.test_eval_results import DOCUMENTED

OWN = {"front_block", "front_types", "front_vocabulary", "front_emissions", "front_files", "front_base"}
OWN |= {"model_index", "model_values", "card"}
RULES = [
    rule
    for rule in load().values()
    if rule.needs == ("card",) and rule.run.__module__.removeprefix("auditor.rules.") in OWN
]
FRONT = """---
license: other
license_name: example-1.0
language: [en, zh-CN, no, deu]
library_name: Sentence_Transformers
pipeline_tag: text-generation
tags: [a, b, a, 2024-01-01, false, 1.10]
datasets: [imdb, /var/x, "https://huggingface.co/datasets/a/b"]
metrics: &id001 [accuracy, F1]
my_metrics: *id001
base_model: [a/b, /home/me/x]
base_model_relation: quantised
new_version: a/b
transformers_version: 4.40
widget: {text: x}
inference: {parameters: {top.k: 1}}
co2_eq_emissions: {emissions: 1.2 kg}
extra_gated_fields: {Name: text, Use: {type: select}}
model-index:
  - name: a/b
    results:
      - task: {type: Text Generation}
        dataset: {type: a b, name: c, revision: main}
        metrics: [{type: accuracy, value: 0.9, verified: true}, {type: f1, value: 1e-4}]
        source: {name: x}
      - dataset: {type: d, name: d, split: test}
        metrics: [{type: accuracy, value: .nan}, {type: wer, value: NA, verifyToken: a.b.c}]
  - name: c
    results: []
---
# Card
"""


def faults(text):
    try:
        card = read_markdown("README.md", text)
    except Unreadable:
        return []
    return [(rule.code, card.locate(fault.places[0])) for rule in RULES for fault in rule.run(card)]


def test_the_card_breaks_most_of_the_rules():
    assert len({code for code, _ in faults(FRONT)}) >= 20


@settings(max_examples=50, deadline=None)
@given(damages(FRONT.encode(), times=8))
def test_any_damage_gives_findings_with_places_and_no_crash(raw):
    try:
        text = decode("README.md", raw)
    except Unreadable:
        return
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= span.line <= lines for _, span in faults(text))


@settings(max_examples=50, deadline=None)
@given(damages(DOCUMENTED.encode(), times=6))
def test_damaged_results_of_the_hub_crash_nothing(raw):
    rules = [rule for rule in load().values() if rule.needs == ("eval results",)]
    try:
        document = read_yaml(".eval_results/a.yaml", decode(".eval_results/a.yaml", raw))
    except Unreadable:
        return
    for rule in rules:
        for fault in rule.run((document,)):
            document.locate(fault.places[0])


KEYS = (
    "license",
    "language",
    "tags",
    "datasets",
    "metrics",
    "base_model",
    "widget",
    "co2_eq_emissions",
    "model-index",
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*KEYS, "name", "type", "results", "dataset", "value", "task", "source", "verifyToken"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "pipeline_tag", "new_version", "extra_gated_fields", "x.y"]), ODD, max_size=6
    )
)
def test_any_value_may_stand_under_any_key(front):
    import json

    faults(f"---\n{json.dumps(front)}\n---\n# Card\n")


@pytest.mark.parametrize(
    "front",
    [
        "tags: [" + "a, " * 200_000 + "a]",
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *a]\n" for n in range(12)),
        "version: " + "1" * 300 + "." + "0" * 100_000,
        "language: '" + "x" * 1_000_000 + "'",
        "model-index: [{name: x, results: ["
        + "{task: {type: a_b}, metrics: [{type: f1, value: 1}]}, " * 5_000
        + "]}]",
    ],
    ids=["tags", "aliases", "digits", "long", "results"],
)
def test_a_hostile_card_ends(front):
    faults(f"---\n{front}\n---\n# Card\n")
