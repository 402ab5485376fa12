from auditor.statements.card_tables import table_scores
from tests.statements.conftest import told


def read(card, text):
    return list(table_scores(card(text)))


def test_a_row_is_a_group_where_columns_are_metrics(card):
    found = read(
        card, "| Split | Accuracy | F1 |\n|---|---|---|\n| dev | 0.91 | 0.90 |\n| test | 0.89 | 0.88 |\n"
    )
    assert told(found) == [("accuracy", "0.91"), ("f1", "0.90"), ("accuracy", "0.89"), ("f1", "0.88")]
    assert [one.split for one in found] == ["validation", "validation", "test", "test"]
    assert found[0].group == found[1].group != found[2].group


def test_a_column_is_a_group_where_rows_are_metrics(card):
    found = read(
        card, "| | dev | test |\n|---|---|---|\n| Accuracy (%) | 91 | 89 |\n| Macro F1 | 90 | 88 |\n"
    )
    assert [(one.metric.name, one.value.text, one.split) for one in found] == [
        ("accuracy", "91", "validation"),
        ("accuracy", "89", "test"),
        ("f1", "90", "validation"),
        ("f1", "88", "test"),
    ]
    assert found[0].group == found[2].group
    assert (found[0].unit, found[2].average) == ("percent", "macro")


def test_columns_about_the_value_have_another_role(card):
    found = read(card, "| Metric | Value | Std | n |\n|---|---|---|---|\n| Accuracy | 0.91 | 0.02 | 300 |\n")
    assert [(one.value.text, one.metric.role) for one in found] == [("0.91", "value"), ("0.02", "std")]


def test_columns_about_the_value_in_a_table_by_columns_too(card):
    found = read(card, "| | Mine | Std | n |\n|---|---|---|---|\n| Accuracy | 0.91 | 0.02 | 300 |\n")
    assert [(one.value.text, one.metric.role) for one in found] == [("0.91", "value"), ("0.02", "std")]


def test_a_classification_report_gives_labels_supports_and_averages(card):
    found = read(
        card,
        "| | precision | recall | f1-score | support |\n|---|---|---|---|---|\n| cat | 0.5 | 0.6 | 0.55 | 10 |\n"
        "| dog | 0.7 | 0.6 | 0.65 | 20 |\n| accuracy | | | 0.60 | 30 |\n| macro avg | 0.6 | 0.6 | 0.6 | 30 |\n",
    )
    assert {(one.label, one.n) for one in found if one.metric.name == "f1"} == {
        ("cat", 10),
        ("dog", 20),
        ("macro avg", 30),
    }
    assert [one.value.text for one in found if one.metric.name == "accuracy"] == ["0.60"]
    assert [one.average for one in found if one.label == "macro avg"] == ["macro"] * 3
    assert [one.own for one in found if one.metric.name == "f1"] == [False, False, True]


def test_rows_of_several_models_are_not_the_model_but_for_its_own(card):
    found = read(
        card, "# tiny\n| Model | WER |\n|---|---|\n| base | 12.1 |\n| tiny | 9.8 |\n| large | 7.2 |\n"
    )
    assert [one.own for one in found] == [False, True, False]


def test_the_log_of_a_training_is_told_apart(card):
    found = read(
        card,
        "| Training Loss | Epoch | Step | Validation Loss | Wer |\n|---|---|---|---|---|\n"
        "| No log | 1.0 | 12 | 0.62 | 0.31 |\n| 0.41 | 2.0 | 24 | 0.45 | 0.22 |\n",
    )
    assert {one.source for one in found} == {"training log"}
    assert told(found) == [
        ("loss", "0.62"),
        ("wer", "0.31"),
        ("loss", "0.41"),
        ("loss", "0.45"),
        ("wer", "0.22"),
    ]
    assert all(one.own for one in found)


def test_a_table_of_lm_evaluation_harness_names_metric_and_task_in_each_row(card):
    found = read(
        card,
        "|Tasks|Version|Filter|n-shot|Metric| |Value| |Stderr|\n|---|---|---|---|---|---|---|---|---|\n"
        "|arc_easy|1|none|0|acc|↑|0.4381|±|0.0102|\n| | |none|0|acc_norm|↑|0.4012|±|0.0101|\n",
    )
    assert [(one.label, one.metric.name, one.metric.role, one.value.text) for one in found] == [
        ("arc_easy", "accuracy", "value", "0.4381"),
        ("arc_easy", "accuracy", "stderr", "0.0102"),
        ("arc_easy", "accuracynorm", "value", "0.4012"),
        ("arc_easy", "accuracynorm", "stderr", "0.0101"),
    ]


def test_an_html_table_is_read_with_its_spans(card):
    found = read(
        card,
        "Text.\n\n<table>\n<tr><td rowspan=2>Model</td><td colspan='2'>Accuracy</td></tr>\n"
        "<tr><td>dev</td><td>test</td></tr>\n<tr><td><b>tiny</b></td><td>91.2&nbsp;%</td><td>89.0</td></tr>\n</table>\n",
    )
    assert told(found) == [("accuracy", "91.2"), ("accuracy", "89.0")]
    assert (found[0].place.span.line, found[0].label, found[0].unit) == (6, "tiny", "percent")


def test_broken_html_tables_end(card):
    for text in (
        "<table><tr><td>accuracy<tr><td>0.9",
        "<table" * 1000,
        "<table><td>1</table>",
        "</table></td>",
    ):
        assert read(card, text) in ([], read(card, text))
