"""Where scores that look different are not: the scope of the rules that compare published scores."""

import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings
from auditor.forensics.printed import read
from auditor.model import Place
from auditor.rules import load
from auditor.rules.agreement import agrees
from auditor.statements.metrics import metric
from auditor.statements.score import Score

CODES = tuple(code for code in load() if code.startswith(("CLM00", "CLM01", "CLM105", "CLM106", "CLM107")))


@pytest.fixture
def codes(tmp_path):
    """`codes({path: text})`: the rules on published scores that speak of a bundle of these files."""

    def find(files):
        for path, text in files.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        settings = Settings(select=CODES, profile="audit")
        return {finding.code for finding in check(Bundle.open(tmp_path), settings, isolate=False).findings}

    return find


def front(*entries):
    """A front matter with entries of `model-index`: type of data, split, metric, value, and more of it."""
    lines = ["---", "model-index:", "- name: tiny", "  results:"]
    for data, split, name, value, more in entries:
        lines += [
            "  - task: {type: text-classification}",
            f"    dataset: {{type: {data}, name: {data}, split: {split}}}",
            f"    metrics: [{{type: {name}, value: {value}{more}}}]",
        ]
    return "\n".join([*lines, "---", ""])


def score(name, value, unit=""):
    return Score(Place("README.md"), "card list", name, metric(name), read(value), "", unit)


@pytest.mark.parametrize(
    ("name", "one", "other", "same"),
    [
        ("accuracy", "0.9167", "0.9166666666666666", True),
        ("accuracy", "91.67", "0.9167", True),
        ("accuracy", "0.9166", "0.9166666666666666", True),  # cut off, not rounded
        ("accuracy", "0.92", "0.9166666666666666", True),
        ("accuracy", "0.9167", "0.9166", False),
        ("accuracy", "0.91", "0.9237", False),
        ("wer", "21.43", "0.2143", True),
        ("loss", "33.81", "0.3381", False),
        ("perplexity", "26.88", "26.875", True),
    ],
)
def test_prints_of_one_number_agree(name, one, other, same):
    assert agrees(score(name, one), score(name, other)) is same
    assert agrees(score(name, other), score(name, one)) is same


def test_two_units_that_are_said_are_believed():
    assert not agrees(score("accuracy", "0.9", "percent"), score("accuracy", "90", "percent"))


@pytest.mark.parametrize(
    "body",
    [
        "- Accuracy: 0.93\n",  # that of the second entry
        "- Validation Accuracy: 0.88\n",  # of another split
        "- Accuracy (matched): 0.88\n",  # of another part of the data
        "| Model | Accuracy |\n|---|---|\n| base | 0.90 |\n| large | 0.95 |\n",  # of other models
        "| | Accuracy |\n|---|---|\n| cat | 0.90 |\n| dog | 0.95 |\n",  # of classes
        "| Training Loss | Epoch | Step | Accuracy |\n|---|---|---|---|\n| 0.4 | 1.0 | 12 | 0.88 |\n",
        "It achieves over 95% accuracy.\n",
    ],
)
def test_what_may_be_of_other_data_or_models_is_no_contradiction(codes, body):
    card = front(("imdb", "test", "accuracy", "0.91", ""), ("yelp", "test", "accuracy", "0.93", ""))
    assert codes({"README.md": card + body}) == set()


def test_a_verified_entry_is_compared_with_the_own_one_alone(codes):
    card = front(("imdb", "test", "accuracy", "0.88", ", verified: true"))
    assert codes({"README.md": card + "- Accuracy: 0.91\n"}) == set()


@pytest.mark.parametrize(
    "name", ["Test WER", "WER LM", "Test WER With LM", "WER (+LM)", "WER with language model"]
)
def test_an_entry_named_for_a_split_or_a_language_model_is_another_score(codes, name):
    card = front(("voices", "null", "wer", "7.4", f", name: {name}"))
    assert codes({"README.md": card + "On the evaluation set:\n- Wer: 0.1527\n"}) == set()


def test_a_list_that_no_entry_holds_is_told(codes):
    card = front(("imdb", "test", "accuracy", "0.91", ""))
    assert codes({"README.md": card + "- Accuracy: 0.93\n"}) == {"CLM004"}


def test_results_of_another_split_are_passed_over(codes):
    card = front(("imdb", "test", "accuracy", "0.91", ""))
    assert codes({"README.md": card, "train_results.json": '{"train_accuracy": 0.99}'}) == set()
    assert codes({"results/validation.json": '{"accuracy": 0.93}'}) == set()


def test_any_metric_of_a_task_of_lm_evaluation_harness_may_be_meant(codes):
    results = {"results": {"arc_easy": {"acc,none": 0.44, "acc_stderr,none": 0.01, "acc_norm,none": 0.41}}}
    card = front(("arc_easy", "test", "accuracy", "41.0", ""))
    assert codes({"README.md": card, "results/results_1.json": json.dumps(results)}) == set()


def test_a_list_about_other_data_than_the_log_is_passed_over(codes):
    log = (
        "| Training Loss | Epoch | Step | Validation Loss | F1 |\n|---|---|---|---|---|\n"
        "| 0.4 | 1.0 | 12 | 0.3812 | 0.88 |\n"
    )
    assert codes({"README.md": f"- Loss: 0.4127\n- F1: 0.86\n\n{log}"}) == set()
    assert codes({"README.md": f"- Loss: 0.4127\n- F1: 0.88\n\n{log}"}) == set()  # F1 alike by accident
    assert codes({"README.md": f"- Loss: 0.3812\n- F1: 0.96\n\n{log}"}) == {"CLM011"}


def test_a_log_with_early_stopping_whose_last_row_is_published_is_silent(codes):
    log = (
        "| Training Loss | Epoch | Step | Validation Loss | F1 |\n|---|---|---|---|---|\n"
        "| 0.4 | 1.0 | 12 | 0.38 | 0.90 |\n| 0.3 | 2.0 | 24 | 0.41 | 0.88 |\n"
    )
    assert codes({"README.md": f"- Loss: 0.41\n- F1: 0.88\n\n{log}"}) == set()


def test_a_state_without_best_metric_is_silent(codes):
    state = {"best_metric": None, "log_history": [{"eval_f1": 0.5}]}
    assert codes({"README.md": "x\n", "trainer_state.json": json.dumps(state)}) == set()


def test_tables_of_thousands_of_numbers_are_data(codes):
    rows = "".join(f"| {number} | 0.{number:04} |\n" for number in range(1000))
    card = front(("imdb", "test", "accuracy", "0.91", ""))
    assert codes({"README.md": f"{card}| | Accuracy |\n|---|---|\n{rows}"}) == set()


def test_the_mean_of_several_runs_stands_in_none_of_their_files(codes):
    runs = {
        f"results/seed{seed}.json": f'{{"accuracy": {value}}}' for seed, value in ((1, 0.9012), (2, 0.9412))
    }
    assert codes(runs | {"README.md": "| | Accuracy |\n|---|---|\n| ours | 0.92 |\n"}) == set()
    assert codes({"README.md": "| | Accuracy |\n|---|---|\n| ours | 0.96 |\n"}) == {"CLM007"}


def test_a_sentence_about_other_data_is_passed_over(codes):
    card = front(("imdb", "test", "accuracy", "0.91", ""))
    assert codes({"README.md": card + "The model achieves 95.1% accuracy on the SST-2 dataset.\n"}) == set()
    assert codes({"README.md": card + "The model achieves 95.1% accuracy on the IMDB test set.\n"}) == {
        "CLM005"
    }


def test_several_results_for_the_hub_on_one_benchmark_are_compared_together(codes):
    card = front(("hle", "test", "accuracy", "20.9", ""))
    both = "- dataset: {id: cais/hle, task_id: default}\n  value: {}\n- dataset: {id: cais/hle, task_id: default}\n  value: {}\n"
    files = {
        "README.md": card,
        ".eval_results/hle.yaml": both.replace("{}", "41.2", 1).replace("{}", "20.90", 1),
    }
    assert codes(files) == set()
    assert codes({".eval_results/hle.yaml": both.replace("{}", "41.2")}) == {"CLM010"}


def test_a_score_that_names_no_task_is_not_compared_with_tasks(codes):
    results = {"results": {"arc_easy": {"acc,none": 0.44, "acc_stderr,none": 0.01}}}
    files = {"results/results_1.json": json.dumps(results)}
    assert codes(files | {"README.md": "- Accuracy: 0.93\n"}) == set()
    assert codes({"README.md": "| | Accuracy |\n|---|---|\n| ARC-Easy | 0.93 |\n"}) == {"CLM007"}


def test_one_row_that_list_and_front_matter_publish_is_told_once(tmp_path):
    log = "| Training Loss | Epoch | Step | Validation Loss | Accuracy | F1 |\n|---|---|---|---|---|---|\n"
    rows = "| 0.4 | 1.0 | 12 | 0.3381 | 0.9167 | 0.9 |\n| 0.3 | 2.0 | 24 | 0.3977 | 0.8833 | 0.87 |\n"
    entry = "- name: tiny\n  results:\n  - dataset: {type: imdb, name: imdb}\n    metrics:\n"
    values = "    - {type: accuracy, value: 0.9167}\n    - {type: f1, value: 0.9}\n"
    lists = "- Loss: 0.3381\n- Accuracy: 0.9167\n- F1: 0.9\n\n"
    card = f"---\nmodel-index:\n{entry}{values}---\n{lists}{log}{rows}"
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    found = check(
        Bundle.open(tmp_path), Settings(select=("CLM105",), profile="audit"), isolate=False
    ).findings
    assert [finding.code for finding in found] == ["CLM105"]
