"""Sizes of splits: a card that counts wrong is told, one that counts otherwise is not."""

import pytest

INFO = "# README.md\n---\ndataset_info:\n{}\n---\n"


def card(*splits, more=""):
    lines = "\n".join(
        f"    - {{name: {name}, num_bytes: {size}, num_examples: {count}}}" for name, size, count in splits
    )
    return INFO.format(f"  splits:\n{lines}{more}")


def rows(count):
    return "text,label\n" + "".join(f"film {i},{i % 2}\n" for i in range(count))


@pytest.fixture
def told(messages, good):
    """`told(code, example, {path: text})`: what the rule says with these files laid into the good bundle."""

    def say(code, example, files):
        for path, text in files.items():
            (good / path).parent.mkdir(parents=True, exist_ok=True)
            (good / path).write_text(text)
        return messages(code, example)

    return say


@pytest.mark.parametrize(
    ("files", "count", "found"),
    [
        ({"data/train.csv": rows(5)}, 5, False),
        ({"data/train.csv": rows(5)}, 6, True),
        ({"data/train.csv": "1,2\n3,4\n"}, 2, False),  # no names of columns
        ({"data/train.csv": "1,2\n3,4\n"}, 1, False),  # as pandas counts
        ({"data/train.csv": "1,2\n3,4\n"}, 3, True),
        ({"data/train-00000-of-00002.csv": rows(5), "data/train-00001-of-00002.csv": rows(3)}, 8, False),
        ({"data/train-00000-of-00002.csv": rows(5), "data/train-00001-of-00002.csv": rows(3)}, 9, True),
        ({"data/train-00000-of-00002.csv": rows(5)}, 8, False),  # a shard is missing
        ({"data/train.tsv": rows(5).replace(",", "\t")}, 6, False),  # quotes may mean nothing
        ({"data/train.jsonl": '{"a": 1}\n{"a": 2}\n'}, 2, False),
        ({"data/train.jsonl": '{"a": 1}\n\n{"a": 2}\n'}, 3, True),
        ({"data/train.csv": 'text\n"two\nlines"\n'}, 1, False),
        ({"en/train.csv": rows(5), "de/train.csv": rows(4)}, 6, False),  # of which is not said
    ],
)
def test_rows_are_counted_as_loaders_do(told, files, count, found):
    assert bool(told("DATA204", card(("train", 9, count)), files)) is found


def test_the_configuration_tells_which_folder_is_meant(told):
    info = INFO.format(
        "  - {config_name: en, splits: [{name: train, num_examples: 5}]}\n"
        "  - {config_name: de, splits: [{name: train, num_examples: 5}]}"
    )
    found = told("DATA204", info, {"en/train.csv": rows(5), "de/train.csv": rows(4)})
    assert found == ["`train` has 5 examples here, `de/train.csv` 4 rows"]


def test_parquet_files_are_counted_by_their_footers(messages, good):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1, 2, 3]}), good / "data" / "train-00000-of-00001.parquet")
    (message,) = messages("DATA204", card(("train", 9, 4)))
    assert message == "`train` has 4 examples here, `data/train-00000-of-00001.parquet` 3 rows"


@pytest.mark.parametrize(
    ("total", "found"), [("47", False), ("46", False), ("40", True), ("47.5", False), ("many", False)]
)
def test_sizes_of_splits_add_up_but_for_their_fractions(told, total, found):
    example = card(("train", "31.4", 2), ("test", "15.6", 1), more=f"\n  dataset_size: {total}")
    assert bool(told("DATA208", example, {"data/train.csv": rows(2)})) is found
