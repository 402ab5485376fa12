"""Forgeries that rules of the family DATA are meant to find in the files of data."""

from pathlib import Path

from tests.forgeries.forging import Forgery

_HONEST = Path(__file__).parent / "honest"
_TEXTS = (_HONEST / "trainer" / "data" / "train.csv").read_text(encoding="utf-8").splitlines()
_LEAVES = (_HONEST / "croissant" / "data" / "train.csv").read_text(encoding="utf-8").splitlines()
_NO_RECIPE = "# recipe.yaml, absent\n"


def _file(path, lines):
    """The file at this path is exactly these lines."""
    return "\n".join([f"# {path}, whole file", *lines, ""])


def _card(front):
    """These lines are added to the front matter of the card."""
    return f"# README.md\n---\n{front}\n---\n"


FORGERIES = [
    Forgery(
        "DATA001",
        "a field takes its values from a file under its old name",
        "croissant",
        swaps=(
            (
                "data/croissant.json",
                '"@id": "test.csv"\n            }',
                '"@id": "holdout.csv"\n            }',
            ),
        ),
    ),
    Forgery(
        "DATA002",
        "the record set of test was copied from train with its identifier",
        "trainer",
        swaps=(("data/croissant.json", '"@id": "test",', '"@id": "train",'),),
    ),
    Forgery("DATA101", "the test split was not shipped", "croissant", parts="# data/test.csv, absent\n"),
    Forgery(
        "DATA102",
        "the data was copied without git lfs pull",
        "croissant",
        parts=_file(
            "data/train.csv",
            ["version https://git-lfs.github.com/spec/v1", f"oid sha256:{'4d7a2146' * 8}", "size 2250"],
        ),
    ),
    Forgery(
        "DATA103",
        "rows were cut off after the manifest was written",
        "croissant",
        parts=_file("data/train.csv", _LEAVES[:60]),
    ),
    Forgery(
        "DATA104",
        "a row was changed after the manifest was written",
        "croissant",
        swaps=(("data/test.csv", "leaf-0108,", "leaf-0109,"),),
    ),
    Forgery(
        "DATA105",
        "the digest of a file was taken out of the manifest",
        "croissant",
        swaps=(
            (
                "data/croissant.json",
                '"contentSize": "770 B",\n      "encodingFormat": "text/csv",\n      "sha256"',
                '"contentSize": "770 B",\n      "encodingFormat": "text/csv",\n      "description"',
            ),
        ),
    ),
    Forgery(
        "DATA106",
        "a column was renamed in the file and not in the manifest",
        "trainer",
        swaps=(("data/train.csv", "text,label", "text,sentiment"),),
    ),
    Forgery(
        "DATA107",
        "labels were exported as words under a manifest that says whole numbers",
        "trainer",
        parts=_file(
            "data/train.csv",
            [_TEXTS[0], *(f"{row[:-1]}{['no', 'yes'][int(row[-1])]}" for row in _TEXTS[1:])],
        ),
    ),
    Forgery(
        "DATA108",
        "the manifest says numbers where the Parquet file has text",
        "trainer",
        swaps=(("data/croissant.json", "train.csv", "train.parquet"),),
        parts="# data/train.parquet, as bytes\n"
        r'b"PAR1\x15\x02\x19\x2c\x48\x06schema\x15\x02\x00\x15\x0c\x25\x00\x18\x05label\x25\x00\x00\x16\x02\x19\x0c\x00"'
        "\n"
        r'b"\x22\x00\x00\x00PAR1"'
        "\n",
    ),
    Forgery(
        "DATA109",
        "a page to sign in was saved as the train split",
        "trainer",
        parts=_file("data/train.csv", ["<!DOCTYPE html>", "<html><title>Sign in</title></html>"]),
    ),
    Forgery(
        "DATA110", "the test split lost all its bytes", "croissant", parts="# data/test.csv, whole file\n"
    ),
    Forgery(
        "DATA111",
        "the download of the test split broke off inside a record",
        "trainer",
        parts=_file("data/test.jsonl", ['{"text": "a plain film", "label": 0}', '{"text": "a fine fi']),
    ),
    Forgery(
        "DATA112",
        "sentences with commas were written without quotes",
        "trainer",
        parts=_file("data/train.csv", [_TEXTS[0], *(row.replace(" and ", ", and ") for row in _TEXTS[1:])]),
    ),
    Forgery(
        "DATA113",
        "the md5 is that of an earlier file",
        "croissant",
        swaps=(("data/croissant.json", '"contentSize": "770 B",', f'"md5": "{"0f" * 16}",'),),
    ),
    Forgery(
        "DATA114",
        "the card says that another set of data was used",
        "croissant",
        parts=_card("datasets: [example/flowers]"),
    ),
    Forgery(
        "DATA115",
        "the recipe that said how pixels are scaled was taken out",
        "good",
        parts=_NO_RECIPE,
    ),
    Forgery(
        "DATA201",
        "a claim on six rows says six hundred",
        "good",
        swaps=(("fmaudit.yaml", "split: test, n: 6", "split: test, n: 600"),),
    ),
    Forgery(
        "DATA202",
        "the test split was moved beyond the end of the file",
        "good",
        swaps=(("recipe.yaml", "first_row: 18", "first_row: 24"),),
    ),
    Forgery(
        "DATA203",
        "the test split was moved into the train split",
        "good",
        swaps=(("recipe.yaml", "first_row: 18", "first_row: 3"),),
    ),
    Forgery(
        "DATA204",
        "the card counts more sentences than are shipped",
        "trainer",
        parts=_card(
            "dataset_info: {splits: [{name: train, num_examples: 1920}, {name: test, num_examples: 60}]}"
        ),
    ),
    Forgery(
        "DATA205",
        "a few rows of train were copied into test",
        "croissant",
        parts=_file(
            "data/test.csv", [_LEAVES[0], *_LEAVES[1:3], *(f"x-{i},{i}.5,2.25,oak" for i in range(40))]
        ),
    ),
    Forgery(
        "DATA206",
        "the test split was filled with rows of train under other numbers",
        "croissant",
        parts=_file(
            "data/test.csv",
            [_LEAVES[0], *(f"x-{i},{row.split(',', 1)[1]}" for i, row in enumerate(_LEAVES[1:31]))],
        ),
    ),
    Forgery(
        "DATA206",
        "the test split is the train split in another format",
        "trainer",
        parts=_file("data/test.csv", [_TEXTS[0], *_TEXTS[1:61]]) + "# data/test.jsonl, absent\n",
    ),
    Forgery(
        "DATA207",
        "sentences of train were copied into test with one word changed",
        "trainer",
        parts=_file(
            "data/train.csv",
            [
                _TEXTS[0],
                *(
                    f"{row[:-2]} and nobody left the room before the lights went on,{row[-1]}"
                    for row in _TEXTS[1:]
                ),
            ],
        )
        + _file(
            "data/test.csv",
            [
                _TEXTS[0],
                *(
                    f"{row[:-2]} and nobody left the room before the lights went off,{row[-1]}"
                    for row in _TEXTS[1:61]
                ),
            ],
        )
        + "# data/test.jsonl, absent\n",
    ),
    Forgery(
        "DATA208",
        "a split was dropped from the card and its size was left in the sum",
        "trainer",
        parts=_card("dataset_info: {splits: [{name: train, num_bytes: 12000}], dataset_size: 16000}"),
    ),
    Forgery(
        "DATA209",
        "a claim speaks of more examples than the shipped test split has",
        "trainer",
        parts='# fmaudit.yaml\nclaims:\n  - {id: a, metric: {type: accuracy, unit: proportion}, value: "0.9167", '
        "data: {split: test, n: 600}}\n",
    ),
    Forgery(
        "DATA210",
        "a third digit is in the file of a model of two classes",
        "good",
        swaps=(
            (
                "data/digits.csv",
                "0,11,12,0,0,9,14,0,0,16,13,0,0,16,15,0,1",
                "0,11,12,0,0,9,14,0,0,16,13,0,0,16,15,0,2",
            ),
        ),
    ),
    Forgery(
        "DATA211",
        "a third class is in the data of a model of two",
        "trainer",
        parts=_file("data/train.csv", [*_TEXTS, "The music is neither good nor bad to row 900,2"]),
    ),
    Forgery(
        "DATA212",
        "a class was taken out of train and left in test",
        "trainer",
        parts=_file("data/train.csv", [row for row in _TEXTS if not row.endswith(",1")]),
    ),
    Forgery(
        "DATA213",
        "train was sorted by label before it was cut",
        "trainer",
        parts=_file("data/train.csv", [row for row in _TEXTS if not row.endswith(",1")]),
    ),
    Forgery(
        "DATA214",
        "the published accuracy is the share of the more frequent label",
        "trainer",
        swaps=(("README.md", "0.9166666666666666", "0.45"),),
    ),
    Forgery(
        "DATA215",
        "the card names a column by its old name",
        "trainer",
        parts=_card("dataset_info: {features: [{name: sentence, dtype: string}], splits: [{name: train}]}"),
    ),
    Forgery(
        "DATA216",
        "the card's table gives the test split ten times its rows",
        "croissant",
        swaps=(("README.md", "| test | 30 |", "| test | 300 |"),),
    ),
]
