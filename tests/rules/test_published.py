"""Published numbers as they are found in claims and model-index."""

import pytest

from auditor.forensics.printed import read
from auditor.readers.markdown import read_markdown
from auditor.readers.yaml import read_yaml
from auditor.rules.published import claims, metric_name, results, same_in_some_unit, split_name


@pytest.mark.parametrize("text", ["Exact Match", "exact_match", "EM", "exact-match"])
def test_spellings_of_one_metric_are_one(text):
    assert metric_name(text) == "exactmatch"


@pytest.mark.parametrize("text", ["val", "Valid", "dev", "validation"])
def test_spellings_of_one_split_are_one(text):
    assert split_name(text) == "validation"


def test_a_claim_keeps_the_digits_it_is_printed_with():
    document = read_yaml("fmaudit.yaml", "claims: [{value: 0.9750}, {value: '0.80'}]")
    assert [claim.value.text for claim in claims(document)] == ["0.9750", "0.80"]


def test_a_claim_without_a_number_is_left_to_the_schema():
    assert claims(read_yaml("fmaudit.yaml", "claims: [{value: high}, {value: true}, 3, null]")) == ()


def test_values_of_runs_count_only_if_all_are_numbers():
    text = "claims: [{value: 1, runs: {values: [1, x]}}, {value: 1, runs: {values: [1, 2]}}]"
    assert [claim.values and len(claim.values) for claim in claims(read_yaml("fmaudit.yaml", text))] == [
        None,
        2,
    ]


def test_results_are_found_by_metric():
    card = (
        "---\nmodel-index: [{results: [{dataset: {split: test}, metrics: [{type: F1, value: 0.8}]}]}]\n---\n"
    )
    (result,) = results(read_markdown("README.md", card))["f1"]
    assert (result.split, result.value.text) == ("test", "0.8")


@pytest.mark.parametrize(
    ("one", "other", "agree"), [("0.975", "97.5", True), ("97.50", "0.975", True), ("0.975", "9.75", False)]
)
def test_a_percentage_is_the_same_number_as_its_proportion(one, other, agree):
    assert same_in_some_unit(read(one), read(other)) is agree


def test_check_and_reproduce_agree_on_the_direction_of_every_metric():
    from auditor.reproduce import claims
    from auditor.rules.metrics import LOWER_IS_BETTER

    own = claims.LOWER_IS_BETTER
    assert {name: LOWER_IS_BETTER[metric_name(name)] for name in own} == own


@pytest.mark.parametrize(
    "table",
    [
        "| Training Loss | Epoch | Accuracy |\n|---|---|---|\n| 0.3 | 1 | 0.9075 |\n| 0.2 | 2 | 0.9265 |\n",
        "| class | precision | accuracy | support |\n|---|---|---|---|\n| 0 | 0.9 | 0.93 | 3 |\n| 1 | 0.8 | 0.92 | 3 |\n",
        "| model | Accuracy |\n|---|---|\n| LeNet | 0.981 |\n| SVM | 0.970 |\n",
    ],
)
def test_rows_of_several_models_or_epochs_say_nothing_of_one_claim(messages, table):
    assert messages("CLM002", f"# README.md\n{table}") == []
