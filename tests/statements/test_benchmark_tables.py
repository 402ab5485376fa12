import pytest

from auditor.statements.benchmark_tables import benchmark_scores


def read(card, text):
    return list(benchmark_scores(card(text)))


def test_columns_are_benchmarks_and_rows_models_with_their_sizes(card):
    found = read(
        card,
        "|Model|Size|Code|Math|MMLU|BBH|AGI Eval|\n|---|---|---|---|---|---|---|\n"
        "|Llama 1|7B|14.1|6.95|35.1|30.3|23.9|\n|Llama 2|70B|**37.5**|**35.2**|**68.9**|**51.2**|**54.2**|\n",
    )
    assert [(one.label, one.dataset, one.value.text) for one in found[4:]] == [
        ("Llama 2 70B", "math", "35.2"),
        ("Llama 2 70B", "mmlu", "68.9"),
        ("Llama 2 70B", "bbh", "51.2"),
        ("Llama 2 70B", "agieval", "54.2"),
    ]
    assert {(one.metric.name, one.metric.known, one.own, one.unit) for one in found} == {
        ("", False, False, "")
    }


def test_rows_are_benchmarks_with_category_shots_and_metric(card):
    found = read(
        card,
        "# Tiny 8B\n| Category | Benchmark | # Shots | Metric | Llama 3 8B | Tiny 8B |\n|---|---|---|---|---|---|\n"
        "| General | MMLU | 5 | macro_avg/acc_char | 66.7 | 66.8 |\n| | SQuAD | 1 | em | 76.4 | 77.0 |\n"
        "| | AGIEval English | 3-5 | average/acc | 47.1 | - |\n| Code | HumanEval | 0 | pass@1 | 60.4 | 72.6 |\n",
    )
    assert [(one.dataset, one.metric.name, one.shots, one.label, one.own) for one in found] == [
        ("mmlu", "", 5, "Llama 3 8B", False),
        ("mmlu", "", 5, "Tiny 8B", True),
        ("squad", "exactmatch", 1, "Llama 3 8B", False),
        ("squad", "exactmatch", 1, "Tiny 8B", True),
        ("agieval", "accuracy", None, "Llama 3 8B", False),
        ("humaneval", "passrate@1", 0, "Llama 3 8B", False),
        ("humaneval", "passrate@1", 0, "Tiny 8B", True),
    ]


def test_an_html_table_with_a_part_of_the_data_in_each_row(card):
    found = read(
        card,
        "<table><tr><td>Category</td><td>Benchmark</td><td>Language</td><td>8B</td></tr>\n"
        "<tr><td rowspan=2>General</td><td rowspan=2><b>MMLU (5-shot, macro_avg/acc)</b></td><td>Thai</td><td>50.3</td></tr>\n"
        "<tr><td>Hindi</td><td>50.9</td></tr></table>\n",
    )
    assert [(one.dataset, one.config, one.average, one.value.text) for one in found] == [
        ("mmlu", "Thai", "macro", "50.3"),
        ("mmlu", "Hindi", "macro", "50.9"),
    ]


def test_the_section_of_the_open_llm_leaderboard(card):
    found = read(
        card,
        "# [Open LLM Leaderboard Evaluation Results](https://example.org)\n| Metric |Value|\n|---|----:|\n"
        "|Avg. |63.10|\n|[AI2 Reasoning Challenge](https://example.org) (25-Shot)|60.00|\n|HellaSwag (10-Shot)|83.1|\n"
        "|Winogrande (5-shot)|77.1|\n|GSM8k (5-shot)|41.5|\n",
    )
    assert [(one.dataset, one.metric.name, one.shots, one.own) for one in found] == [
        ("arc_challenge", "", 25, True),
        ("hellaswag", "", 10, True),
        ("winogrande", "accuracy", 5, True),
        ("gsm8k", "", 5, True),
    ]


def test_a_row_above_that_sums_up_columns_is_passed_over(card):
    found = read(
        card,
        "<table><tr><th></th><th colspan=2>Reasoning</th></tr><tr><th>Model</th><th>PIQA</th><th>SIQA</th></tr>"
        "<tr><td>Gem 2B</td><td>77.3</td><td>49.7</td></tr></table>",
    )
    assert [(one.dataset, one.label, one.text) for one in found] == [
        ("piqa", "Gem 2B", "PIQA"),
        ("siqa", "Gem 2B", "SIQA"),
    ]


def test_a_heading_says_metric_and_shots_where_the_table_does_not(card):
    table = "| Model | HellaSwag | PIQA |\n|---|---|---|\n| ours | 51.2 | 70.1 |\n"
    named = read(card, f"## Zero-shot accuracy\n{table}")
    assert {(one.metric.name, one.shots, one.own) for one in named} == {("accuracy", 0, True)}
    # a precision of numbers, and a place without a word of it
    for heading in ("Precision", "Evaluation"):
        assert {one.metric.known for one in read(card, f"## {heading}\n{table}")} == {False}


@pytest.mark.parametrize(
    "table",
    [
        "| Epoch | Step | MMLU |\n|---|---|---|\n| 1 | 10 | 0.3 |\n",  # a log
        "| Layer | Drop | Math |\n|---|---|---|\n| 1 | 0.1 | 3 |\n",  # ordinary words alone
        "| Benchmark | Accuracy |\n|---|---|\n| MMLU | 61.2 |\n",  # `table_scores` reads that
        "| Metric | MMLU |\n|---|---|\n| Accuracy | 61.2 |\n",
        "|Tasks|Version|n-shot|Metric|Value|Stderr|\n|---|---|---|---|---|---|\n|arc_easy|1|0|acc|0.43|0.01|\n",
        "| MMLU |\n|---|\n| 61.2 |\n",
        "| Model | MMLU |\n|---|---|\n| ours | high |\n",
    ],
)
def test_other_tables_hold_no_scores_of_benchmarks(card, table):
    assert read(card, table) == []


def test_columns_about_the_value_and_settings_are_no_models(card):
    found = read(
        card,
        "| Task | Version | Ours | Stderr | n |\n|---|---|---|---|---|\n| PIQA | 2 | 70.1 | 0.4 | 1838 |\n",
    )
    assert [one.value.text for one in found] == ["70.1"]


def test_a_table_of_data_is_passed_over(card):
    rows = "| MMLU | 1 |\n" * 10_001
    assert read(card, f"| Benchmark | Ours |\n|---|---|\n{rows}") == []
