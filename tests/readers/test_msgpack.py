import io

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.readers import msgpack as ours
from auditor.readers.document import Unreadable
from auditor.readers.msgpack import MAX_DEPTH, needed_bytes, read_msgpack
from auditor.readers.window import Window
from tests.mutations import damages


def read(raw):
    return read_msgpack(Window("flax_model.msgpack", io.BytesIO(raw), len(raw)))


def refused(raw):
    with pytest.raises(Unreadable) as caught:
        read(raw)
    return caught.value.what


def packed(value):
    """As flax.serialization.msgpack_serialize packs it."""

    def extension(one):
        if isinstance(one, np.ndarray):
            return msgpack.ExtType(
                1, msgpack.packb((one.shape, one.dtype.name, one.tobytes("C")), use_bin_type=True)
            )
        if isinstance(one, np.generic):
            return msgpack.ExtType(3, extension(np.asarray(one)).data)
        if isinstance(one, complex):
            return msgpack.ExtType(2, msgpack.packb((one.real, one.imag)))
        raise TypeError(one)

    return msgpack.packb(value, default=extension, strict_types=True)


TREE = {
    "params": {"dense": {"kernel": np.zeros((3, 4), np.float32), "bias": np.zeros(4, np.float16)}},
    "step": np.int64(7),
    "odd": [
        1,
        -5,
        2**40,
        -(2**40),
        1.5,
        None,
        True,
        "x" * 300,
        b"y" * 70_000,
        1 + 2j,
        {str(n): n for n in range(20)},
    ],
    "long": list(range(70_000)),
}


def test_what_flax_writes_is_walked_to_its_end():
    raw = packed(TREE)
    file = read(raw)
    assert (file.n_objects, file.ends, file.broken) == (1, [len(raw)], [])
    assert [(one.shape, one.dtype, one.size_bytes) for one in file.arrays] == [
        ((3, 4), "float32", 48),
        ((4,), "float16", 8),
        ((), "int64", 8),
    ]
    assert all(needed_bytes(one) == one.size_bytes for one in file.arrays)
    assert file.extensions == {1: 2, 2: 1, 3: 1}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=40)
    | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=5), inner, max_size=20),
    max_leaves=60,
)


@given(JSON)
def test_what_the_library_packs_is_walked_to_its_end(value):
    raw = msgpack.packb(value)
    assert read(raw).ends == [len(raw)]


@pytest.mark.parametrize(
    "kind", sorted(set(ours.WIDTHS) - {"bfloat16", "int4", "uint4", "float8_e4m3fn", "float8_e5m2"})
)
def test_the_widths_are_those_of_numpy(kind):
    assert np.dtype(kind).itemsize == ours.WIDTHS[kind]


def test_objects_in_a_row_are_counted():
    assert read(msgpack.packb(1) + msgpack.packb({"a": 2}) + msgpack.packb("end")).n_objects == 3


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x90",
        b"\x93\x91\x03\xa7float32",
        b"\x93\x01\xa1x\xc4\x00",
        b"\x93\x91\xff\xa1x\xc4\x00",
        b"\xc1" * 9,
        b"\x93\x91\x01\xa1x\xc4\x00\x00",
    ],
)
def test_an_extension_that_is_no_array_is_noted(payload):
    raw = b"\xc7" + bytes([len(payload), 1]) + payload
    file = read(raw)
    assert (file.arrays, file.broken, file.ends) == ([], [3], [len(raw)])


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"\xc1", "byte 0xc1 begins no value of MessagePack, at byte 0"),
        (b"\x81\xa1w", "the file ends inside a value, missing, at byte 3"),
        (b"\x92\x01", "a list would hold 2 values, more than there are bytes, at byte 0"),
        (
            b"\xc6\xff\xff\xff\xff",
            "the file ends inside a value, 4,294,967,295 of its 4,294,967,295 bytes missing, at byte 0",
        ),
        (b"\xdd\xff\xff\xff\xff", "a list would hold 4,294,967,295 values"),
        (b"\xdf\xff\xff\xff\xff", "a map would hold 8,589,934,590 values"),
        (b"\xcb\x00", "the file ends inside a value, 7 of its 8 bytes missing, at byte 0"),
        (b"\xda\x00", "the file ends inside a length, 1 of its 2 bytes missing, at byte 1"),
        (b"\x91" * (MAX_DEPTH + 1) + b"\x01", "lists and maps nest more than 100 deep at byte 100"),
        (b"\xd4\x01", "the file ends inside a value, 1 of its 2 bytes missing, at byte 0"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_fault_is_one_message_with_its_byte(raw, what):
    assert what in refused(raw)


def test_more_values_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(ours, "MAX_VALUES", 10)
    assert "the file holds more than 10 values at byte" in refused(msgpack.packb(list(range(20))))


SMALL = packed({"params": {"w": np.ones((2, 3), np.float32)}, "odd": [1.5, "text", b"bytes", {"a": None}]})


@settings(max_examples=400)
@given(damages(SMALL))
def test_damaged_files_are_read_or_refused(raw):
    try:
        for array in read(raw).arrays:
            needed_bytes(array)
    except Unreadable as error:
        error.what.encode()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_as_the_library_does(raw):
    try:
        read(raw)
    except Unreadable:
        with pytest.raises(Exception):  # noqa: B017  the library has a dozen kinds
            for _ in msgpack_objects(raw):
                pass


def msgpack_objects(raw):
    unpacker = msgpack.Unpacker(io.BytesIO(raw), strict_map_key=False, unicode_errors="replace", timestamp=0)
    at = 0
    while at < len(raw):
        yield unpacker.skip()
        at = unpacker.tell()
