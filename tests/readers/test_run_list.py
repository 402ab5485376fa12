"""Numbers of runs from tables and JSON: what is read, and where what cannot be read stands."""

import json
import math
import os
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.readers.run_list import MAX_BYTES, half_unit, load, number, read_groups, read_runs


def refused(call, *arguments):
    with pytest.raises(Unreadable) as told:
        call(*arguments)
    return told.value.what, told.value.span.line


@pytest.mark.parametrize(
    ("file", "text", "column"),
    [
        ("runs.csv", "0.971\n0.974\n0.9690\n", ""),
        ("runs.csv", "accuracy\n0.971\n0.974\n0.9690\n", ""),
        ("runs.csv", "seed,accuracy\r\n0,0.971\r\n\r\n1,0.974\r\n2, 0.9690\r\n", "accuracy"),
        ("runs.tsv", "seed\taccuracy\n0\t0.971\n1\t0.974\n2\t0.9690", "accuracy"),
        ("runs.csv", "accuracy;seed\n0.971;0\n0.974;1\n0.9690;2\n", "accuracy"),
        ("runs.json", "[0.971, 0.974, 0.9690]", ""),
        ("runs.json", '["0.971", "0.974", "0.9690"]', ""),
        ("runs.json", '{"test": {"a/b": [0.971, 0.974, 0.9690]}}', "/test/a~1b"),
        ("runs.json", '[{"acc": 0.971}, {"acc": 0.974}, {"acc": 0.9690}]', "acc"),
        ("-", "[0.971, 0.974, 0.9690]", ""),
    ],
)
def test_the_digits_of_each_run_are_read(file, text, column):
    assert read_runs(file, text, column) == ("0.971", "0.974", "0.9690")


@pytest.mark.parametrize(
    ("text", "column", "what", "line"),
    [
        ("", "", "there are no runs in the file", 0),
        ("accuracy\n", "", "there are no runs in the file", 0),
        ("nan\n0.97\n", "", "`nan` is not a number", 1),
        ("0.97\n\ninf\n", "", "`inf` is not a number", 3),
        ("0.97\n1e400\n", "", "`1e400` is not between 1e-100 and 1e100 in size", 2),
        ("0.97\n1e99999999\n", "", "`1e99999999` is not a number", 2),
        ("0.97\n97%\n", "", "`97%` is not a number", 2),
        ("seed,accuracy\n0,0.97\n1,\n", "accuracy", "a number is missing", 3),
        ("seed,accuracy\n0,0.97\n1\n", "accuracy", "the row has 1 cells, the column is number 2", 3),
        ("seed,accuracy\n0,0.97\n", "", "the table has several columns", 1),
        ("seed,accuracy\n0,0.97\n", "f1", "no column is called `f1`", 1),
        ("f1,f1\n0,0.97\n", "f1", "more than one column is called `f1`", 1),
    ],
)
def test_a_table_is_refused_at_the_line_where_it_is_wrong(text, column, what, line):
    assert refused(read_runs, "runs.csv", text, column) == (what, line)


@pytest.mark.parametrize(
    ("text", "column", "what", "line"),
    [
        ("[]", "", "there are no runs in the file", 0),
        ("[0.97,\n NaN]", "", "this is no number of JSON", 2),
        ("[0.97,\n 1e400]", "", "`1e400` is not between 1e-100 and 1e100 in size", 2),
        ("[0.97,\n true]", "", "a number is missing here", 2),
        ("[0.97,\n [1]]", "", "a number is missing here", 2),
        ('{"a": [1],\n "a": [2]}', "/a", "the key stands here a second time", 2),
        ('{"a": [1]}', "", "this is no list of runs", 1),
        ('{"a": [1]}', "/b", "there is no `b` here", 1),
        ('[{"acc": 1},\n {"f1": 2}]', "acc", "a number is missing here", 2),
    ],
)
def test_a_document_is_refused_at_the_line_where_it_is_wrong(text, column, what, line):
    assert refused(read_runs, "runs.json", text, column) == (what, line)


def test_groups_are_lists_or_objects_with_values():
    plain = read_groups("runs.json", "[[1, 2.50], [3]]")
    assert [group.values for group in plain] == [("1", "2.50"), ("3",)]
    named = {"groups": [{"record": "track/a/b", "code_sha": "f0", "values": [1], "lower_is_better": True}]}
    (group,) = read_groups("runs.json", json.dumps(named))
    assert (group.record, group.name, group.lower_is_better) == ("track/a", "track/a/b/f0", True)


@pytest.mark.parametrize("text", ["[]", "{}", "3", '{"groups": [{"runs": [1]}]}', "[[]]", "[[1, null]]"])
def test_what_is_no_list_of_groups_is_refused(text):
    refused(read_groups, "runs.json", text)


@pytest.mark.parametrize(
    ("text", "half"), [("0.9750", 0.00005), ("97", 0.5), ("1e-5", 5e-6), ("9.75e2", 0.5)]
)
def test_half_a_unit_is_of_the_last_printed_place(text, half):
    assert half_unit(text) == pytest.approx(half)


@pytest.mark.parametrize("text", ["0e-400", "0e4000"])
def test_a_last_place_beyond_all_measure_is_refused(text):
    with pytest.raises(ValueError, match="last place"):
        half_unit(text)


@given(st.text(max_size=12))
@settings(max_examples=50)
def test_a_number_is_finite_or_an_error(text):
    with suppress(ValueError):
        assert math.isfinite(number(text))


@given(st.text(max_size=60), st.sampled_from(["runs.csv", "runs.json"]), st.sampled_from(["", "a", "/a"]))
@settings(max_examples=50)
def test_any_text_gives_numbers_or_is_refused(text, file, column):
    with suppress(Unreadable):
        assert all(math.isfinite(number(value)) for value in read_runs(file, text, column))


def test_a_cell_of_a_megabyte_is_refused():
    refused(read_runs, "runs.csv", "a\n" + "1" * 2**20, "a")


def test_a_file_that_is_absent_or_no_file_is_refused(tmp_path):
    assert refused(load, str(tmp_path / "nowhere.csv"))[0] == "there is no such file"
    assert refused(load, str(tmp_path))[0] == "there is no such file"
    os.mkfifo(tmp_path / "pipe")
    refused(load, str(tmp_path / "pipe"))


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "huge.csv").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert refused(load, str(tmp_path / "huge.csv"))[0] == f"the file has more than {MAX_BYTES:,} bytes"


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "runs.csv").write_bytes(b"0.97\n\xff\n")
    assert refused(load, str(tmp_path / "runs.csv"))[1] == 2
