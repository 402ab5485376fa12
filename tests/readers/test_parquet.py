"""Footers of Parquet files: as pyarrow reads them, and damaged in every way."""

import io
import random
import struct
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers.document import Unreadable
from auditor.readers.parquet import read_parquet
from auditor.readers.window import Unfollowed

KINDS = {
    "integer": pa.array([1, 2, None], pa.int64()),
    "small": pa.array([1, 2, 3], pa.uint8()),
    "number": pa.array([0.5, 1.5, None], pa.float32()),
    "half": pa.array([0.5, 1.5, 2.5], pa.float16()),
    "truth": pa.array([True, False, None]),
    "text": pa.array(["a", "b", None]),
    "bytes": pa.array([b"a", b"b", None]),
    "time": pa.array([1, 2, 3], pa.timestamp("us")),
    "day": pa.array([1, 2, 3], pa.date32()),
    "money": pa.array(["1.25", "2.50", None]).cast(pa.decimal128(9, 2)),
    "list": pa.array([[1], [2, 3], None]),
    "parts": pa.array([{"x": 1, "y": {"z": "a"}}, None, {"x": 2, "y": {"z": "b"}}]),
    "last": pa.array(["x", "y", "z"]),
}
EXPECTED = ["integer", "integer", "float", "float", "boolean", "text", "bytes", "time", "time", "decimal"]
EXPECTED += ["nested", "nested", "text"]


def written(table, **options):
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def read(raw):
    return read_parquet("a.parquet", io.BytesIO(raw), len(raw))


RAW = written(pa.table(KINDS), row_group_size=2)


def test_columns_rows_and_groups_are_those_of_pyarrow():
    found, there = read(RAW), pq.read_metadata(io.BytesIO(RAW))
    assert [column.name for column in found.columns] == there.schema.to_arrow_schema().names
    assert [column.kind for column in found.columns] == EXPECTED
    assert found.n_rows == there.num_rows == 3
    assert (
        found.group_rows == tuple(there.row_group(i).num_rows for i in range(there.num_row_groups)) == (2, 1)
    )


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6, unique=True),
    st.sampled_from(["1.0", "2.6"]),
)
def test_any_choice_of_columns_is_read_as_pyarrow_does(names, version):
    raw = written(pa.table({name: KINDS[name] for name in names}), version=version, compression="NONE")
    assert [column.name for column in read(raw).columns] == names


def test_a_table_without_rows_has_none():
    assert read(written(pa.table({"a": pa.array([], pa.int32())}))).n_rows == 0


def test_a_hundred_columns_in_many_groups_are_walked():
    raw = written(pa.table({f"c{i}": list(range(60)) for i in range(100)}), row_group_size=2)
    assert read(raw).group_rows == (2,) * 30


@pytest.mark.parametrize(
    "raw", [b"", b"PAR1", b"PAR1PAR1", b"PAR1\xff\xff\xff\x7fPAR1", b"x" * 40, RAW[:-1], RAW[1:]]
)
def test_a_file_that_is_cut_is_unreadable(raw):
    with pytest.raises(Unreadable):
        read(raw)


def test_an_encrypted_footer_is_not_followed():
    with pytest.raises(Unfollowed, match="encrypted"):
        read(RAW[:-4] + b"PARE")


@pytest.mark.parametrize(
    "footer",
    [
        b"\x19\xfc" + b"\xff" * 9 + b"\x01",
        b"\x19\xfc\xff\xff\xff\x07",
        b"\x1c" * 500,
        b"\x29" + b"\x19" * 9999,
    ],
)
def test_a_footer_that_promises_more_than_it_holds_ends(footer):
    raw = b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"
    with pytest.raises(Unreadable):
        read(raw)


def test_damaged_footers_are_read_or_refused():
    rng = random.Random(0)
    length = struct.unpack("<I", RAW[-8:-4])[0]
    for _ in range(1_000):
        raw = bytearray(RAW)
        for _ in range(rng.randint(1, 4)):
            raw[len(raw) - 8 - rng.randrange(length)] = rng.randrange(256)
        with suppress(Unreadable):
            assert read(bytes(raw)).n_rows >= 0
