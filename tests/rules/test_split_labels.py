"""Labels in files: what contradicts the model or the claims is told, and columns that are no classes are left."""

import json

import pytest

NAMES = {"0": "negative", "1": "positive"}


def table(labels, column="label"):
    return (
        "\n".join([f"text,{column}", *(f"film {i} {label},{label}" for i, label in enumerate(labels))]) + "\n"
    )


@pytest.fixture
def said(messages, good):
    """`said(code, train=..., test=..., config=...)`: what the rule says of these labels in the files of splits."""

    def say(code, column="label", config=None, **splits):
        for split, labels in splits.items():
            (good / "data" / f"{split}.csv").write_text(table(labels, column))
        if config:
            path = good / "config.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | config))
        return messages(code, "")

    return say


@pytest.mark.parametrize(
    ("labels", "config", "found"),
    [
        ("0101", {"id2label": NAMES}, False),
        ("0121", {"id2label": NAMES}, True),
        ("0121", {"num_labels": 2}, True),
        ("0121", {"num_labels": 1}, False),
        ("0121", {"id2label": NAMES, "problem_type": "regression"}, False),
        (["0.5", "1.5", "2.5"], {"num_labels": 2}, False),
        (["-1", "-1"], {"id2label": NAMES}, False),
        (["negative", "positive"], {"id2label": NAMES}, False),
        (["negative", "neutral"], {"id2label": NAMES}, True),
        (["oak", "ash"], {"id2label": NAMES}, False),  # another task
        (["oak", "ash"], {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}, False),
    ],
)
def test_a_label_beyond_the_classes_of_config_is_told(said, labels, config, found):
    assert bool(said("DATA211", train=labels, config=config)) is found


@pytest.mark.parametrize(
    ("train", "test", "found"),
    [
        ("01" * 8, "0101", False),
        ("01" * 8, "012", True),
        ("01" * 8, ["-1"] * 4, False),  # hidden
        ([str(i) for i in range(16)], ["99"], False),  # a number, no class
        ("01" * 8, ["", "NA"], False),
    ],
)
def test_a_label_that_train_has_not_is_told(said, train, test, found):
    assert bool(said("DATA212", train=train, test=test)) is found


@pytest.mark.parametrize(
    ("labels", "found"), [("1" * 10, True), ("1" * 9, False), (["-1"] * 20, False), ("1" * 19 + "0", False)]
)
def test_one_label_alone_is_told_of_ten_rows(said, labels, found):
    assert bool(said("DATA213", test=labels)) is found


def test_a_column_of_another_name_is_no_label(said):
    assert said("DATA213", column="stars", test="1" * 20) == []


@pytest.mark.parametrize(("value", "found"), [("0.5000", True), ("0.3333", True), ("0.6667", False)])
def test_an_accuracy_is_compared_with_the_share_of_the_most_frequent_label(messages, value, found):
    claim = f'# fmaudit.yaml\nclaims:\n  - {{id: a, metric: {{type: accuracy, unit: proportion}}, value: "{value}", '
    assert bool(messages("DATA214", claim + "data: {split: validation, n: 6}}\n")) is found


def test_percent_is_the_same_claim(messages):
    claim = '# fmaudit.yaml\nclaims:\n  - {id: a, metric: {type: accuracy, unit: percent}, value: "50.00", '
    (message,) = messages("DATA214", claim + "data: {split: validation, n: 6}}\n")
    assert message == "accuracy is 50.00, and label `0` alone makes up 50.00 % of `validation`"


def test_two_sets_of_data_are_not_compared_with_one_claim(said, good):
    (good / "data" / "other_validation.csv").write_text(table("0" * 9 + "1"))
    assert said("DATA214") == []
