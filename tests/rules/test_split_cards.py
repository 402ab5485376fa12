"""Cards beside the splits they speak of: names and sizes that differ are told, tables about other things are not."""

import pytest

ROWS = "text,label\na plain film,0\na fine film,1\n"
INFO = "# README.md\n---\ndataset_info:\n  features: [{name: %s, dtype: string}]\n  splits: [{name: train}]\n---\n"
TABLE = "# README.md\n| Split | {} |\n|---|---|\n| {} | {} |\n| test | 2 |\n"


@pytest.fixture
def lay(good):
    for split in ("train", "test"):
        (good / "data" / f"{split}.csv").write_text(ROWS)
    return good


@pytest.mark.parametrize(
    ("name", "found"), [("text", False), ("sentence", True), ("__index_level_0__", False)]
)
def test_a_feature_is_a_column(messages, lay, name, found):
    assert bool(messages("DATA215", INFO % name)) is found


def test_a_loading_script_may_name_columns_as_it_likes(messages, lay):
    (lay / "films.py").write_text("class Films: ...\n")
    assert messages("DATA215", INFO % "sentence") == []


@pytest.mark.parametrize(
    ("head", "split", "size", "found"),
    [
        ("Rows", "train", "2", False),
        ("Rows", "train", "3", True),
        ("Rows", "**Train**", "1,200", True),
        ("Rows", "Total", "3", False),  # one split is no table of splits
        ("Accuracy", "train", "0.75", False),
        ("Size", "train", "3 kB", False),
    ],
)
def test_a_table_of_sizes_is_compared_with_the_files(messages, lay, head, split, size, found):
    assert bool(messages("DATA216", TABLE.format(head, split, size))) is found
