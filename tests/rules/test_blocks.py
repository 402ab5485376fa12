"""Scores are gathered into blocks, and read in every unit that they can have."""

from fractions import Fraction

import pytest

from auditor.forensics.printed import read
from auditor.readers.markdown import read_markdown
from auditor.rules.blocks import gathered, proportion, readings
from auditor.rules.test_sets import sizes
from auditor.statements.card import list_scores, model_index_scores
from auditor.statements.card_tables import table_scores


def blocks(text):
    card = read_markdown("README.md", text)
    return gathered((*model_index_scores(card), *list_scores(card), *table_scores(card)))


def triple(*cells):
    head = "| Model | Precision | Recall | F1 |\n|---|---|---|---|\n"
    (block,) = blocks(f"{head}| ours | {' | '.join(cells)} |\n")
    return block.together("precision", "recall", "f1")


def test_a_row_is_a_block():
    found = blocks("| Model | F1 | Recall |\n|---|---|---|\n| a | 0.5 | 0.6 |\n| b | 0.7 | 0.8 |\n")
    assert [block.label for block in found] == ["a", "b"]


def test_scores_that_are_averaged_differently_are_not_together():
    (block,) = blocks("- Macro precision: 0.5\n- Macro recall: 0.5\n- Weighted F1: 0.9\n")
    assert block.together("precision", "recall", "f1") is None


def test_a_name_with_two_values_means_neither():
    (block,) = blocks("- F1: 0.5\n- F1: 0.6\n- Recall: 0.5\n")
    assert block.one("f1") is None
    assert block.one("recall").value == read("0.5")


@pytest.mark.parametrize("cells", [("71.6%", "50.8%", "59.4%"), ("71.6", "50.8", "59.4")])
def test_percentages_have_one_reading(cells):
    (values,) = readings(*triple(*cells))
    assert values[0].value == Fraction(716, 1000)


def test_a_small_number_among_percentages_has_two_readings():
    first, second = readings(*triple("71.6", "50.8", "0.5"))
    assert (first[2].value, second[2].value) == (Fraction(5, 1000), Fraction(1, 2))


def test_numbers_up_to_one_are_proportions():
    (values,) = readings(*triple("1.0", "0.5", "0.6667"))
    assert values[0].value == 1


def test_what_is_no_proportion_in_any_unit_is_none():
    assert proportion(triple("716", "508", "5")[0]) is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (("stanfordnlp/imdb", "plain_text", "test"), {"test": 25_000}),
        (("glue", "mrpc", "validation"), {"validation": 408}),
        (("sst2", "", "validation"), {"validation": 872}),
        (("glue", "mnli", "validation"), {"validationmatched": 9_815, "validationmismatched": 9_832}),
        (("glue", "", "validation"), {}),
        (("rotten_tomatoes", "", ""), {"train": 8_530, "validation": 1_066, "test": 1_066}),
        (("films", "", "test"), {}),
    ],
)
def test_sizes_of_known_splits(data, found):
    assert sizes(*data) == found
