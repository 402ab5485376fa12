import pytest

from auditor.statements.sentences import sentence_scores
from tests.statements.conftest import told


@pytest.mark.parametrize(
    ("text", "name", "value", "unit", "split"),
    [
        ("It achieves 92.4% accuracy on the test set.", "accuracy", "92.4", "percent", "test"),
        (
            "This model reaches an accuracy of 0.913 on the validation set.",
            "accuracy",
            "0.913",
            "",
            "validation",
        ),
        ("The model obtained an F1 score of 88.1.", "f1", "88.1", "", ""),
        ("The final model achieved a word error rate of 5.3 %.", "wer", "5.3", "percent", ""),
    ],
)
def test_a_sentence_about_the_model_is_read(card, text, name, value, unit, split):
    found = list(sentence_scores(card(f"# Tiny\n\n{text}\n")))
    assert told(found) == [(name, value)]
    assert (found[0].unit, found[0].split, found[0].place.span.line) == (unit, split, 3)


@pytest.mark.parametrize(
    "text",
    [
        "It achieves 92.4% accuracy, compared to 90.1% of the baseline.",
        "It achieves over 90% accuracy.",
        "It achieves 92.4% accuracy and 91.0% recall.",
        "BERT achieves 92.4% accuracy.",
        "It achieves the following results on the evaluation set:",
        "It achieves state-of-the-art accuracy in 3 tasks.",
        "```\nIt achieves 92.4% accuracy.\n```",
        "It achieves 92.4% of the accuracy of its teacher.",
    ],
)
def test_sentences_that_compare_or_say_more_than_one_thing_are_passed_over(card, text):
    assert list(sentence_scores(card(f"{text}\n"))) == []
