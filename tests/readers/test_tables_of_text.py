"""Tables of text: CSV as pandas and Python read it, JSON Lines and lists, packed or cut, and damaged."""

import bz2
import csv
import gzip
import io
import json
import lzma
import random
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.csv_table import csv_records, separator_of
from auditor.readers.document import Unreadable
from auditor.readers.json_records import json_records
from auditor.readers.table_stream import MAX_LINE, TableStream
from auditor.readers.window import Unfollowed

CELL = st.text(st.sampled_from('ab,;\t"\n é0-'), max_size=6)


@pytest.fixture
def opened(tmp_path):
    """`opened(raw)`: the bytes as the stream of a table."""
    streams = []

    def make(raw, budget=2**30):
        path = tmp_path / "a"
        path.write_bytes(raw)
        streams.append(path.open("rb"))
        return TableStream("a", streams[-1], budget)

    yield make
    for stream in streams:
        stream.close()


def rows(stream, **options):
    return [cells for _, cells in csv_records(stream, **options)]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=8), st.booleans())
def test_what_python_writes_is_read_back(tmp_path_factory, table, windows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n" if windows else "\n", quoting=csv.QUOTE_ALL).writerows(table)
    path = tmp_path_factory.mktemp("csv") / "a"
    path.write_bytes(text.getvalue().encode())
    with path.open("rb") as stream:
        found = rows(TableStream("a", stream, 2**30))
    assert len(found) == len(table)
    if separator_of(text.getvalue().splitlines()[0]) == ",":
        assert found == table


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("a,b", ","),
        ("a;b;c", ";"),
        ("a\tb", "\t"),
        ("a|b|c", "|"),
        ('"a;b;c;d",e', ","),
        ("alone", ","),
        ("", ","),
    ],
)
def test_the_separator_is_the_most_frequent_one_outside_of_quotes(line, separator):
    assert separator_of(line) == separator


def test_lines_are_counted_through_quoted_line_ends(opened):
    found = list(csv_records(opened(b'a,b\n"x\ny",1\n\nz,2\n')))
    assert found == [(1, ["a", "b"]), (2, ["x\ny", "1"]), (5, ["z", "2"])]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_any_end_of_line_ends_one(opened, end):
    assert rows(opened(b"\xef\xbb\xbfa,b" + end + b"1,2" + end)) == [["a", "b"], ["1", "2"]]


def test_quotes_that_do_not_close_are_letters_in_a_table_of_tabs(opened):
    assert rows(opened(b'a\tb\n"x\t1\ny"\t2\n'), tabs=True) == [["a", "b"], ['"x', "1"], ['y"', "2"]]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_tables_are_unpacked(opened, pack):
    assert rows(opened(pack(b"a,b\n1,2\n"))) == [["a", "b"], ["1", "2"]]


def test_a_packed_table_that_is_cut_off_is_unreadable(opened):
    with pytest.raises(Unreadable, match="cut off") as caught:
        rows(opened(gzip.compress(b"a,b\n" + bytes(range(48, 58)) * 9999)[:-12]))
    assert not isinstance(caught.value, Unfollowed)


@pytest.mark.parametrize(
    "raw",
    [
        "a,b\né,1".encode("latin-1"),
        "a,b\n".encode("utf-16"),
        b"a,b\n1,\0\n",
        b"a,b\n" + b"x" * 200_000 + b",1\n",
        b'a,"' + b"\n" * 200_000,
        b"," * (MAX_LINE + 1),
        b'"\n",' * (MAX_LINE // 2),
    ],
    ids=["latin-1", "utf-16", "zero", "long cell", "open quote", "long line", "long record"],
)
def test_what_other_readers_may_well_read_is_not_followed(opened, raw):
    start = time.process_time()
    with pytest.raises(Unfollowed):
        rows(opened(raw))
    assert time.process_time() - start < 5


def test_a_hundred_thousand_columns_are_read(opened):
    raw = b",".join(b"column" for _ in range(100_000)) + b"\n"
    assert [len(row) for row in rows(opened(raw * 2))] == [100_000] * 2


def test_no_more_than_the_budget_is_read(opened):
    stream = opened(b"a,b\n" + b"1,2\n" * 999_999, budget=1_000)
    assert len(rows(stream)) <= 250
    assert stream.was_cut


def test_a_bomb_ends_at_the_budget(opened):
    stream = opened(gzip.compress(b"1,2\n" * 10_000_000), budget=100_000)
    assert len(rows(stream)) <= 25_000
    assert stream.was_cut


def test_records_come_one_a_line_or_in_a_list(opened):
    records = [{"a": 1}, {"a": 2}]
    lines = "\n".join(map(json.dumps, records)).encode()
    assert list(json_records(opened(b"\xef\xbb\xbf" + lines))) == [(1, {"a": 1}), (2, {"a": 2})]
    assert list(json_records(opened(json.dumps(records, indent=1).encode()))) == [
        (0, {"a": 1}),
        (0, {"a": 2}),
    ]


@pytest.mark.parametrize(
    "raw", [b'{"a": 1}\n{"a": \n', b'{"a": 1}\n<html>', b"[1, 2", b'{"a": 1}\n{"a": 01}']
)
def test_a_line_that_is_no_json_is_unreadable(opened, raw):
    with pytest.raises(Unreadable) as caught:
        list(json_records(opened(raw)))
    assert not isinstance(caught.value, Unfollowed)
    assert caught.value.span.line


@pytest.mark.parametrize(
    "raw", [b'{\n "a": 1\n}', b'{"a": ' + b"[" * 10**5, b'{"a": ' + b"9" * 10**5 + b"}", b"\xe9"]
)
def test_what_json_allows_and_is_not_read_here_is_not_followed(opened, raw):
    with pytest.raises(Unfollowed):
        list(json_records(opened(raw)))


def test_damaged_tables_are_read_or_refused(opened):
    rng = random.Random(0)
    table = b'text,label\n"a, b",1\n' + "é\n".encode() * 5 + b"x,2\r\n" * 40
    lines = b'{"text": "a", "label": [1, {"b": null}]}\n' * 20
    for read, raw in ((csv_records, table), (json_records, lines)):
        for _ in range(150):
            damaged = bytearray(raw)
            for _ in range(rng.randint(1, 5)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            with suppress(Unreadable):
                list(read(opened(bytes(damaged[: rng.randrange(len(damaged))]))))
