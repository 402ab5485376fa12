"""Shipped predictions read from hostile files: either one class an example, or a clear reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.formats.predictions import read_predictions
from auditor.readers.document import Unreadable

GOOD = [{"index": 0, "predicted": 2}, {"index": 2, "predicted": 0}, {"index": 1, "predicted": 1}]


def laid(folder, text, name="p.jsonl"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return Bundle.open(folder)


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_json_lines_in_any_order(tmp_path):
    assert read_predictions(laid(tmp_path, lines(GOOD)), "p.jsonl", 3, 3) == [2, 1, 0]


def test_a_table_with_other_columns_beside(tmp_path):
    text = "index,score,predicted\r\n0,0.9,2\r\n1,0.8,1\r\n2,0.1,0\r\n"
    assert read_predictions(laid(tmp_path, text, "p.csv"), "p.csv", 3, 3) == [2, 1, 0]


BROKEN = {
    "nothing": ("", "3 of 3 examples have no prediction (first: 0)"),
    "one is missing": (lines(GOOD[:2]), "1 of 3 examples have no prediction (first: 1)"),
    "too many lines": (lines([*GOOD, {"index": 3, "predicted": 0}]), "not one of the examples 0 to 2"),
    "an example twice": (lines([*GOOD, GOOD[0]]), "example 0 has two predictions"),
    "a class beyond": (lines([{"index": 0, "predicted": 3}]), "not one of the classes 0 to 2"),
    "no number": ('{"index": 0, "predicted": NaN}\n', "not one of the classes 0 to 2"),
    "true": ('{"index": true, "predicted": 1}\n', "not one of the examples"),
    "a list a line": ("[0, 1]\n", "not one of the examples"),
    "a huge number": ('{"index": 0, "predicted": ' + "9" * 5000 + "}\n", "too long a number"),
    "no JSON": ("predicted 1\n", "is no JSON"),
    "no UTF-8": (b'{"index": 0, "predicted": "\xff"}\n', "UTF-8"),
    "far too large": (lines(GOOD) + "\n" * 2**21, "the file has more than 1,048,576 bytes"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_list_of_predictions_says_why(text, told, tmp_path):
    with pytest.raises(Unreadable) as caught:
        read_predictions(laid(tmp_path, text), "p.jsonl", 3, 3)
    assert told in caught.value.what


@pytest.mark.parametrize("text", ["", "a,b\n0,1\n", "index,predicted\n0\n", "index,predicted\n0,-1\n"])
def test_a_table_that_is_none_says_why(text, tmp_path):
    with pytest.raises(Unreadable):
        read_predictions(laid(tmp_path, text, "p.csv"), "p.csv", 1, 3)


def test_a_file_that_is_not_there_or_a_link_is_not_read(tmp_path):
    (tmp_path / "real").write_text(lines(GOOD))
    (tmp_path / "p.jsonl").symlink_to("/etc/hostname")
    bundle = Bundle.open(tmp_path)
    for path in ("p.jsonl", "absent.jsonl", "../p.jsonl"):
        with pytest.raises(Unreadable):
            read_predictions(bundle, path, 3, 3)


@settings(max_examples=40)
@given(st.binary(max_size=200), st.sampled_from(["p.jsonl", "p.csv"]))
def test_whatever_the_bytes_it_reads_or_says_why(tmp_path_factory, raw, name):
    bundle = laid(tmp_path_factory.mktemp("any"), raw, name)
    with suppress(Unreadable):
        assert len(read_predictions(bundle, name, 2, 2)) == 2
