"""Classification reports are read from tables and from scikit-learn's text, whatever else stands there."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.markdown import read_markdown
from auditor.statements.reports import MAX_ROWS, reports

TABLE = """| Class | Precision | Recall | F1-score | Support |
|---|---|---|---|---|
| zero | 0.75 | 1.00 | 0.86 | 3 |
| one | 1.00 | 0.67 | 0.80 | 1,003 |
| accuracy | | | 0.83 | 1,006 |
"""
TEXT = """```
              precision    recall  f1-score   support

  class zero       0.75      1.00      0.86         3
         one       1.00      0.67      0.80      1003

    accuracy                           0.83      1006
```
"""


def read(text):
    return reports(read_markdown("README.md", text))


@pytest.mark.parametrize("text", [TABLE, TEXT])
def test_rows_and_sums_are_told_apart(text):
    (report,) = read(text)
    assert [row.label.rpartition(" ")[2] for row in report.classes] == ["zero", "one"]
    assert set(report.sums) == {"accuracy"}
    assert [row.support for row in report.classes] == [3, 1003]
    assert report.sums["accuracy"].scores[2].value == Fraction(83, 100)
    assert report.complete


def test_a_row_of_text_has_its_place():
    (report,) = read("# Report\n\n" + TEXT)
    span = report.classes[0].place.span
    assert (span.line, span.column) == (6, 3)


def test_percentages_become_proportions():
    (report,) = read(TABLE.replace("0.75", "75.0").replace("1.00", "100").replace("0.86", "85.7"))
    assert report.classes[0].scores[0].value == Fraction(3, 4)
    assert report.classes[0].whole().support == 3


def test_a_table_without_sums_is_no_report():
    assert read(TABLE.replace("| accuracy | | | 0.83 | 1,006 |\n", "")) == ()


@pytest.mark.parametrize("cell", ["nan", "-", ""])
def test_a_score_that_is_no_number_leaves_the_report_incomplete(cell):
    (report,) = read(TABLE.replace("0.75", cell))
    assert not report.complete
    assert report.classes[0].whole() is None


def test_dots_leave_the_report_incomplete():
    (report,) = read(TEXT.replace("         one", "...\n         one"))
    assert not report.complete


def test_a_support_that_is_no_count_is_none():
    (report,) = read(TABLE.replace("| 3 |", "| 3.5 |"))
    assert report.classes[0].support is None


def test_the_words_in_prose_are_no_report():
    assert read("precision recall f1-score support\n\nRecall matters.\n") == ()


def test_a_table_of_too_many_rows_is_data():
    rows = "| c | 0.5 | 0.5 | 0.5 | 3 |\n" * (MAX_ROWS + 1)
    assert read(TABLE + rows) == ()


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=" |-.\n0123456789abcprecisonlfut%,`\t", max_size=200))
def test_any_text_is_read(text):
    read(TEXT + text)
    read(TABLE + text)
    read("```\nprecision recall f1-score support\n" + text + "\nrecall\n```\n")
