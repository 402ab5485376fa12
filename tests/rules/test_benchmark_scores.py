"""Tables of benchmarks against result files and `model-index`: compared only where nothing is left open."""

import json

import pytest

from auditor.bundle import Bundle
from auditor.engine.numbers import numbers
from auditor.engine.run import check
from auditor.engine.settings import Settings


@pytest.fixture
def release(tmp_path):
    """`release(card, results)`: a bundle with this card and these files of lm-evaluation-harness."""

    def lay(card, *results):
        (tmp_path / "README.md").write_text(card, encoding="utf-8")
        for index, found in enumerate(results):
            (tmp_path / f"results_{index}.json").write_text(json.dumps(found), encoding="utf-8")
        return Bundle.open(tmp_path)

    return lay


def harness(task, shots, **scores):
    return {
        "results": {task: {f"{name},none": value for name, value in scores.items()}},
        "n-shot": {task: shots},
    }


def table(name, value, label="Ours"):
    return f"# tiny\n| Benchmark | {label} |\n|---|---|\n| {name} | {value} |\n"


def codes(bundle):
    settings = Settings(select=("CLM", "MET"), profile="audit")
    return {finding.code for finding in check(bundle, settings, isolate=False).findings}


def test_another_value_of_the_same_metric_shots_and_data_is_found(release):
    bundle = release(table("MMLU (5-shot, acc)", "65.12"), harness("mmlu", 5, acc=0.6912))
    assert codes(bundle) == {"CLM007"}


def test_the_metric_may_be_that_of_the_benchmark_by_definition(release):
    assert codes(release(table("Winogrande (5-shot)", "65.1"), harness("winogrande", 5, acc=0.712))) == {
        "CLM007"
    }


@pytest.mark.parametrize(
    ("name", "value", "label", "results"),
    [
        ("MMLU (5-shot, acc)", "69.1", "Ours", harness("mmlu", 5, acc=0.6912)),  # the same
        ("MMLU (5-shot, acc)", "65.1", "Ours", harness("mmlu", 0, acc=0.6912)),  # other shots
        ("MMLU (acc)", "0.6512", "Ours", harness("mmlu", 5, acc=0.6912)),  # shots not said
        ("MMLU (5-shot)", "65.1", "Ours", harness("mmlu", 5, acc=0.6912)),  # metric not said
        ("MMLU", "0.6512", "Ours", harness("mmlu", 0, acc=0.6912)),
        ("MMLU (5-shot, CoT, acc)", "65.1", "Ours", harness("mmlu", 5, acc=0.6912)),  # another prompt
        ("MMLU (5-shot, macro avg acc)", "65.1", "Ours", harness("mmlu", 5, acc=0.6912)),  # over subjects
        ("MMLU-Pro (5-shot, acc)", "65.1", "Ours", harness("mmlu", 5, acc=0.6912)),
        ("MMLU (5-shot, acc)", "65.1", "Other 7B", harness("mmlu", 5, acc=0.6912)),  # another model
        ("MMLU (5-shot, acc)", "+2.3", "Ours", harness("mmlu", 5, acc=0.6912)),  # a difference
        ("HellaSwag (10-shot, acc)", "65.1", "Ours", harness("hellaswag", 10, acc=0.5, acc_norm=0.651)),
        ("GSM8K (5-shot, EM)", "65.1", "Ours", {"results": {"gsm8k": {"exact_match,strict-match": 0.4}}}),
    ],
)
def test_what_is_left_open_is_not_compared(release, name, value, label, results):
    assert codes(release(table(name, value, label), results)) == set()


def test_the_front_matter_is_compared_alike(release):
    def card(shots):
        return (
            "---\nmodel-index:\n- name: tiny\n  results:\n  - task: {type: text-generation}\n"
            f"    dataset: {{type: boolq, name: BoolQ, args: {{num_few_shot: {shots}}}}}\n"
            "    metrics: [{type: accuracy, value: 71.2}]\n---\n" + table("BoolQ (0-shot)", "75.7")
        )

    assert "CLM003" in codes(release(card(0)))
    assert "CLM003" not in codes(release(card(5)))


def test_no_rule_on_scores_speaks_of_benchmarks(release):
    card = (
        "# tiny\n| Model | MT-Bench | BoolQ (acc) | HumanEval pass@1 | HumanEval pass@10 | Codeforces | CoLA |\n"
        "|---|---|---|---|---|---|---|\n| ours | 8.1 | 187.0 | 0.6 | 0.5 | 1250 | -3 |\n| tiny | 9 | 1 | 2 | 1 | 2 | 3 |\n"
    )
    assert codes(release(card)) == set()


def test_a_sentence_and_a_claim_of_other_data_are_not_compared(release):
    card = table("BoolQ (0-shot)", "75.7") + "\nThe model achieves an accuracy of 91.2% on our own data.\n"
    assert codes(release(card)) == set()


def test_the_numbers_of_a_table_and_a_file_support_one_another(release):
    bundle = release(table("MMLU", "65.1"), harness("mmlu", 5, acc=0.6512))
    found = {one.source: one for one in numbers(bundle, isolate=False)}
    assert [span.file for span in found["benchmark table"].supported] == ["results_0.json"]
    assert [span.file for span in found["results"].supported] == ["README.md"]
    assert (found["benchmark table"].dataset, found["benchmark table"].name) == ("mmlu", "")


def test_hundreds_of_benchmarks_leave_the_support_of_other_numbers(release):
    rows = "".join(f"| model {index} | {index % 90} | 12 |\n" for index in range(150))
    card = f"- Accuracy: 0.91\n\n| | Accuracy |\n|---|---|\n| ours | 91 |\n\n| Model | BoolQ | SST-2 |\n|---|---|---|\n{rows}"
    found = [one for one in numbers(release(card), isolate=False) if one.source == "card list"]
    assert [len(one.supported) for one in found] == [1]


def test_costs_of_several_models_are_no_amounts_of_the_release(release):
    card = (
        "# tiny\n\nPretraining utilized 7.7M GPU hours.\n\n| | Time (GPU hours) | Carbon emitted (tCO2eq) |\n|---|---|---|\n"
        "| 8B | 1.3M | 390 |\n| 70B | 6.4M | 1900 |\n| Total | 7.7M | 2290 |\n"
    )
    bundle = release(card)
    assert codes(bundle) == set()
    said = {one.label: one for one in numbers(bundle, isolate=False) if one.name == "chip_hours"}
    assert not said["8B"].own
    assert said["Total"].supported == said["8B"].supported == ()


@pytest.mark.parametrize("html", [False, True])
def test_the_totals_of_the_llama_2_card_are_found(release, html):
    """MODEL_CARD.md of github.com/meta-llama/llama at 689c7f2: hours and carbon, a fourth model was left out."""
    heads = ("", "Time (GPU hours)", "Power Consumption (W)", "Carbon Emitted(tCO<sub>2</sub>eq)")
    rows = (
        ("7B", "184320", "400", "31.22"),
        ("13B", "368640", "400", "62.44"),
        ("70B", "1720320", "400", "291.42"),
        ("Total", "3311616", "", "539.00"),
    )
    if html:
        lines = ["".join(f"<td>{cell}\n   </td>" for cell in row) for row in (heads, *rows)]
        card = f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>\n"
    else:
        lines = ["|".join(("", *row, "")) for row in (heads, ("---",) * 4, *rows)]
        card = "\n".join(lines) + "\n"
    settings = Settings(select=("MET207",), profile="audit")
    found = check(release(f"# Llama 2\n\n{card}"), settings, isolate=False).findings
    assert [("3311616" in one.message, "539.00" in one.message) for one in found] == [
        (True, False),
        (False, True),
    ]
