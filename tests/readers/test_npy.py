import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from auditor.readers.document import Unreadable
from auditor.readers.npy import MAX_HEADER_BYTES, read_npy
from auditor.readers.window import Window
from tests.mutations import damages


def read(raw):
    return read_npy(Window("a.npy", io.BytesIO(raw), len(raw)))


def saved(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def with_header(text, version=1, data=b""):
    raw = text.encode("utf-8")
    return (
        b"\x93NUMPY"
        + bytes([version, 0])
        + len(raw).to_bytes(2 if version == 1 else 4, "little")
        + raw
        + data
    )


TYPES = [
    *(
        "f4",
        ">f8",
        "?",
        "i1",
        "u2",
        "u8",
        "c8",
        "c16",
        "U10",
        "U0",
        "S5",
        "M8[ns]",
        "m8",
        "V7",
        "f2",
        "g",
        "G",
    ),
    [("a", "f4"), ("b", "i8", (2, 3))],
    [("x", [("y", "f4"), ("z", "U3")])],
    np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 8]}),
]


@pytest.mark.parametrize("dtype", TYPES, ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 1, 0)])
def test_what_numpy_saves_has_the_length_that_its_header_needs(dtype, order, shape):
    array = np.zeros(shape, dtype, order)
    raw = saved(array)
    found = read(raw)
    assert (found.needed_bytes, found.shape, found.has_objects) == (len(raw), shape, False)
    assert found.is_fortran == (order == "F" and len(shape) > 1 and not array.flags.c_contiguous)


@pytest.mark.parametrize("dtype", ["O", [("a", "O"), ("b", "f4")], [("a", [("b", "O")])]], ids=str)
def test_objects_are_told_however_deep(dtype):
    found = read(saved(np.zeros(2, dtype)))
    assert (found.has_objects, found.needed_bytes) == (True, None)


def test_an_escape_does_not_hide_objects():
    header = "{'d\\x65scr': '|\\x4f', 'fortran_order': False, 'shape': (1,), }"
    assert read(with_header(header)).has_objects


@pytest.mark.filterwarnings("ignore:Stored array in format")
@given(hnp.arrays(hnp.scalar_dtypes() | hnp.array_dtypes(), hnp.array_shapes(min_dims=0, max_side=3)))
@settings(max_examples=200)
def test_any_array_of_numbers_is_read_back(array):
    raw = saved(array)
    found = read(raw)
    assert (found.shape, found.needed_bytes) == (array.shape, len(raw))


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_and_the_headers_of_python_2_are_read(version):
    found = read(
        with_header("{'shape': (2L, 3), 'descr': \"<f4\", 'fortran_order': False}", version, bytes(24))
    )
    assert found.needed_bytes == found.size_bytes


GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "this is no NumPy array"),
        (b"\x93NUMP", "this is no NumPy array"),
        (b"\x93NUMPY\x01", "the file ends inside the version"),
        (b"\x93NUMPY\x01\x00\x05", "the file ends inside the length of the header"),
        (with_header(GOOD, 4), "the version of the array is 4, and 1, 2 and 3 are known at byte 6"),
        (with_header(GOOD)[:-3], "the file ends inside the header, 3 of its"),
        (with_header("x" * (MAX_HEADER_BYTES + 1)), "the header would have 10,001 bytes"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}", "the header would have 4,294,967,295 bytes"),
        (with_header("{'descr': '<f4'}"), "no mapping of `descr`, `fortran_order` and `shape`"),
        (with_header(GOOD.replace("(2,)", "(2)")), "`shape` in the header is no tuple"),
        (with_header(GOOD.replace("(2,)", "[2]")), "`shape` in the header is no tuple"),
        (with_header(GOOD.replace("(2,)", "(True,)")), "`shape` in the header is no tuple"),
        (with_header(GOOD.replace("(2,)", "(-1,)")), "it is not written as Python writes it"),
        (with_header(GOOD.replace("(2,)", f"({'1,' * 65})")), "no tuple of at most 64 whole numbers"),
        (with_header(GOOD.replace("False", "1")), "`fortran_order` in the header is neither True nor False"),
        (with_header(GOOD.replace("False", "__import__('os')")), "it is not written as Python writes it"),
        (with_header(GOOD + "0"), "something follows"),
        (with_header("{'descr': '<f4', 'descr': '<f4'}"), "a key is no text, or stands twice"),
        (with_header("{'descr' '<f4'}"), "`:` is missing"),
        (with_header("{'descr': '<f4' 'shape': ()}"), "`,` is missing"),
        (with_header("{" + "'descr': " + "[" * 5_000), "it nests more than 20 deep"),
        (with_header("}"), "`}` stands where a value should"),
        (with_header("'\\x4'"), "an escape is cut off"),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_a_fault_is_one_message_with_its_byte(raw, what):
    with pytest.raises(Unreadable) as caught:
        read(raw)
    assert what in caught.value.what
    assert "at byte" in caught.value.what


def test_a_shape_beyond_any_disk_needs_no_number():
    found = read(with_header(GOOD.replace("(2,)", "(" + "9" * 25 + ",) ").replace("(9", "(9", 1)))
    assert found.needed_bytes is None


@pytest.mark.parametrize(
    "descr", ["'nonsense'", "'<f999999999999'", "None", "('<f4', (2, 'x'))", "[('a',)]", "[1]"]
)
def test_a_type_that_is_not_understood_has_no_size(descr):
    found = read(with_header(GOOD.replace("'<f4'", descr)))
    assert found.has_objects is False
    assert found.needed_bytes is None or descr.startswith("'<f9")


@settings(max_examples=400)
@given(damages(saved(np.zeros((2, 3), [("a", "f4"), ("b", "i8", (2,))]))))
def test_damaged_files_are_read_or_refused(raw):
    try:
        found = read(raw)
    except Unreadable as error:
        error.what.encode()
        return
    assert found.needed_bytes is None or found.needed_bytes >= found.data_start


@given(st.text("{}[]()',:0123456789 TrueFalsndcptohO<f|L\n", max_size=60))
def test_any_header_is_read_or_refused(text):
    try:
        read(with_header(text))
    except Unreadable as error:
        error.what.encode()
