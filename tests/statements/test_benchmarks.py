import pytest

from auditor.statements.benchmarks import benchmark, shots_of


@pytest.mark.parametrize(
    ("text", "name", "metric", "shots", "variant"),
    [
        ("MMLU", "mmlu", "", None, ""),
        ("**MMLU** (5-shot)", "mmlu", "", 5, ""),
        ("5-shot MMLU", "mmlu", "", 5, ""),
        ("[MMLU](https://example.org/mmlu) (zero-shot)", "mmlu", "", 0, ""),
        ("AGIEval English (3-5 shot)", "agieval", "", None, "some shots"),
        ("TriviaQA (few-shot, EM)", "triviaqa", "exactmatch", None, "some shots"),
        ("BIG-Bench Hard (3-shot, CoT)", "bbh", "", 3, "cot"),
        ("QuAC (1-shot, F1)", "quac", "f1", 1, ""),
        ("HumanEval pass@1", "humaneval", "passrate@1", None, ""),
        ("GSM8K (maj@8)", "gsm8k", "", None, "maj@8"),
        ("ARC-c", "arc_challenge", "", None, ""),
        ("ARC (challenge)", "arc_challenge", "", None, ""),
        ("MBPP ++ base version", "mbpp", "", None, "++ base version"),
        ("MBPP+", "mbpp+", "", None, ""),
        ("MMLU STEM", "mmlu", "", None, "stem"),
        ("BoolQ", "boolq", "accuracy", None, ""),
        ("CoLA", "cola", "mcc", None, ""),
        ("LibriSpeech test-clean", "librispeech_clean", "", None, ""),
    ],
)
def test_a_name_is_taken_apart(text, name, metric, shots, variant):
    found = benchmark(text)
    assert (found.name, found.metric.name, found.shots, found.variant) == (name, metric, shots, variant)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Accuracy",
        "MMLU-ProX",
        "Multilingual MMLU",
        "66.6",
        "5-shot",
        "Model",
        "a sentence on MMLU",
        "M" * 10**6,
    ],
)
def test_other_texts_name_no_benchmark(text):
    assert benchmark(text).name == ""


def test_an_ordinary_word_is_told_apart_from_a_name():
    assert benchmark("Math").word
    assert not benchmark("MATH-500").word


def test_a_unit_and_a_split_behind_a_name_are_kept():
    assert benchmark("MMLU (%)").metric.unit == "percent"
    assert benchmark("SST-2 (dev)").metric.split == "validation"
    assert benchmark("SST-2 (dev)").metric.name == "accuracy"


def test_a_heading_says_shots_only_where_it_says_one_number():
    assert [shots_of(text) for text in ("Zero-shot results", "5-shot", "0-shot and 5-shot", "Results")] == [
        0,
        5,
        None,
        None,
    ]
