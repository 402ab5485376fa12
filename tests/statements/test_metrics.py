import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.statements.metrics import metric, nature


@pytest.mark.parametrize(
    ("text", "name", "average", "split", "role", "unit"),
    [
        ("Accuracy", "accuracy", "", "", "value", ""),
        ("Accuracy (%)", "accuracy", "", "", "value", "percent"),
        ("loss (nats)", "loss", "", "", "value", "nats"),
        ("Validation Loss", "loss", "", "validation", "value", ""),
        ("eval_f1", "f1", "", "", "value", ""),
        ("Macro F1", "f1", "macro", "", "value", ""),
        ("F1 (weighted)", "f1", "weighted", "", "value", ""),
        ("Top-1 Acc", "accuracy", "", "", "value", ""),
        ("Top-5 (%)", "topkaccuracy@5", "", "", "value", "percent"),
        ("Recall@10", "recall@10", "", "", "value", ""),
        ("mAP50", "map50", "", "", "value", ""),
        ("mAP50-95", "map50to95", "", "", "value", ""),
        ("mAP@[.5:.95]", "map50to95", "", "", "value", ""),
        ("MAP@10", "map@10", "", "", "value", ""),
        ("ROUGE-L", "rougel", "", "", "value", ""),
        ("Rougelsum", "rougelsum", "", "", "value", ""),
        ("acc_norm,none", "accuracynorm", "", "", "value", ""),
        ("acc_stderr,none", "accuracy", "", "", "stderr", ""),
        ("Accuracy std", "accuracy", "", "", "std", ""),
        ("Test WER", "wer", "", "test", "value", ""),
    ],
)
def test_a_name_is_taken_apart(text, name, average, split, role, unit):
    found = metric(text)
    assert (found.name, found.average, found.split, found.role, found.unit) == (
        name,
        average,
        split,
        role,
        unit,
    )
    assert found.known


@pytest.mark.parametrize(
    ("text", "role"), [("Std", "std"), ("±", "std"), ("n", "count"), ("support", "count")]
)
def test_a_column_about_another_is_no_metric_but_has_a_role(text, role):
    assert (metric(text).known, metric(text).role) == (False, role)


def test_what_stands_in_brackets_and_is_no_unit_makes_it_another_metric():
    assert metric("Accuracy (matched)").name != metric("Accuracy").name


@pytest.mark.parametrize("text", ["", "MMLU (5-shot)", "Score", "weighted avg", "Epoch", "Best F1"])
def test_other_names_are_no_metrics(text):
    assert not metric(text).known


def test_every_known_metric_has_its_range():
    assert nature("accuracy").high == 1
    assert nature("wer").high is None
    assert nature("no such metric") is None


@settings(max_examples=50)
@given(st.text(max_size=120))
def test_any_text_is_taken_apart(text):
    assert metric(text).role in ("value", "std", "stderr", "ci", "count", "other")
