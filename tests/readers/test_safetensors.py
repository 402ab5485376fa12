import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.safetensors import DTYPE_BITS, MAX_HEADER_BYTES, Oddities, Tensor, read_safetensors

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name != "__metadata__"
)
DTYPES = {"float32": "F32", "float64": "F64", "float16": "F16", "int64": "I64", "uint8": "U8", "bool": "BOOL"}
ARRAYS = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=0, min_side=0, max_side=4),
        elements={"allow_nan": False} if dtype.startswith("float") else None,
    )
)


def read(raw):
    return read_safetensors("model.safetensors", io.BytesIO(raw), len(raw))


def packed(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def refused(raw):
    with pytest.raises(Unreadable) as caught:
        read(raw)
    assert caught.value.span == Span("model.safetensors")
    return caught.value.what


def entry(dtype="F32", shape=(1,), offsets=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@given(st.dictionaries(NAMES, ARRAYS, max_size=4), st.dictionaries(NAMES, NAMES, max_size=2))
def test_what_the_library_writes_is_read_back(arrays, metadata):
    raw = save(arrays, metadata or None)
    file = read(raw)
    found = {tensor.name: tensor for tensor in file.tensors}
    assert {name: (t.dtype, t.shape) for name, t in found.items()} == {
        name: (DTYPES[str(array.dtype)], array.shape) for name, array in arrays.items()
    }
    for name, tensor in found.items():
        held = raw[file.data_start + tensor.begin : file.data_start + tensor.end]
        assert held == arrays[name].tobytes()
        assert (tensor.end - tensor.begin) * 8 == math.prod(tensor.shape) * DTYPE_BITS[tensor.dtype]
    assert file.metadata == metadata
    assert file.size_bytes == len(raw)


def test_tensors_stand_in_the_order_of_the_header():
    names = [tensor.name for tensor in read(packed({"b": entry(), "a": entry()})).tensors]
    assert names == ["b", "a"]


def test_a_name_that_stands_twice_is_read_twice_and_reported():
    raw = packed(b'{"a": %(e)s, "b": %(e)s, "a": %(e)s}' % {b"e": json.dumps(entry()).encode()})
    file = read(raw)
    assert [tensor.name for tensor in file.tensors] == ["a", "b", "a"]
    assert file.duplicates == ("a",)


def test_what_a_header_says_is_not_judged():
    tensor = read(packed({"a": entry("F31", (2, 0), (9, 3))})).tensors[0]
    assert tensor == Tensor("a", "F31", (2, 0), 9, 3)


def test_what_the_format_does_not_allow_and_can_be_read_is_told(tmp_path):
    odd = b' {"__metadata__": {"a": "1", "a": "2", "b": 3}, "w": {"dtype": "F32", "more": 1, "shape": [1],'
    odd += b' "data_offsets": [0, 4]}}\n '
    file = read(packed(odd))
    assert file.oddities == Oddities(b" ", b"\n", "", ("b",), ("a",), (("w", "more"),))
    assert file.metadata == {"a": "2"}
    assert [tensor.name for tensor in file.tensors] == ["w"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("null", "null"), ("[]", "a list"), ("1", "a number"), ("true", "a truth value"), ('"x"', "a text")],
)
def test_metadata_of_another_kind_is_told(value, kind):
    file = read(packed(b'{"__metadata__": %b}' % value.encode()))
    assert (file.metadata, file.oddities.metadata) == ({}, kind)


def test_minus_zero_in_a_text_is_text():
    assert read(packed({"__metadata__": {"config": '{"a": [-0]}'}})).metadata == {"config": '{"a": [-0]}'}


def test_blanks_after_the_header_belong_to_it():
    file = read(packed(b"{}   "))
    assert (file.header_bytes, file.data_start, file.tensors) == (5, 13, ())


def test_a_header_of_640_bytes_is_not_taken_for_a_pickle():
    assert read(packed(b"{}".ljust(640))).header_bytes == 640


def test_a_tensor_has_a_place_without_lines():
    file = read(packed({}))
    assert file.at("w") == Place("model.safetensors", ("w",), span=Span("model.safetensors"))
    assert file.at().path == ()


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "the file is empty"),
        (b"abc", "the file has 3 bytes, and the length of the header alone takes 8"),
        (packed({})[:9], "the header has 2 bytes, of which 1 are missing"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "this is a Git LFS pointer, not safetensors"),
        (b"PK\x03\x04\x00\x00\x08\x08", "this is a zip archive, as torch.save writes, not safetensors"),
        (b"\x80\x02}q\x00(X\x01\x00", "this is a pickle, not safetensors"),
        (b"<!DOCTYPE html>", "this is an HTML page, not safetensors"),
        (packed(b"\xff\xff"), "byte 8 of the file is not UTF-8"),
        (packed(b'{"a": }'), "the header is not JSON at byte 14 of the file"),
        (packed(b""), "the header is not JSON at byte 8 of the file"),
        (packed([]), "the header is not a JSON object"),
        (packed(b"[" * 100_000), "the header is not JSON that can be read"),
        (packed(b'{"a": NaN}'), "the header is not JSON that can be read"),
        (packed(b'{"a": ' + b"9" * 5000 + b"}"), "the header is not JSON that can be read"),
        (packed(b"[" + b"0," * 2_000_001 + b"0]"), "the header holds more than 2,000,000 values"),
        (packed(b'{"__metadata__": {"a": "\\ud800"}}'), "`__metadata__` holds half of a character"),
        (
            packed({"w": entry(offsets=(0, 1.0))}),
            "tensor `w` has no `data_offsets` that are two whole numbers",
        ),
        (
            packed(b'{"w": {"dtype": "F32", "shape": [0], "data_offsets": [-0, 0]}}'),
            "tensor `w` has no `data_offsets` that are two whole numbers",
        ),
        (b"Entry not found", "this is a server's refusal, not safetensors"),
        (b"/annex/objects/SHA256E-s9--0", "this is a git-annex pointer, not safetensors"),
        (packed({"w": 1}), "the entry of tensor `w` is not an object"),
        (packed({"w": {}}), "tensor `w` has no `dtype` that is text"),
        (packed({"w": entry(dtype=7)}), "tensor `w` has no `dtype` that is text"),
        (packed({"w": entry(shape=(1.0,))}), "tensor `w` has no `shape` that is a list of whole numbers"),
        (packed({"w": entry(shape=(-1,))}), "tensor `w` has no `shape` that is a list of whole numbers"),
        (packed({"w": entry(shape=(2**64,))}), "tensor `w` has no `shape` that is a list of whole numbers"),
        (packed({"w": entry(shape=(True,))}), "tensor `w` has no `shape` that is a list of whole numbers"),
        (packed({"w": entry(offsets=(0,))}), "tensor `w` has no `data_offsets` that are two whole numbers"),
        (
            packed({"w": entry(offsets=("0", 4))}),
            "tensor `w` has no `data_offsets` that are two whole numbers",
        ),
        (packed(b'{"w": {"dtype": "F32", "dtype": "F16"}}'), "tensor `w` has a field twice"),
        (packed(b'{"\\ud800": {}}'), "the name '\\ud800' holds half of a character"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_fault_is_one_message(raw, what):
    assert refused(raw) == what


def test_an_absurd_length_is_refused_before_it_is_read():
    raw = (MAX_HEADER_BYTES + 1).to_bytes(8, "little") + b"{}"
    assert refused(raw) == "the header would have 100,000,001 bytes, and at most 100,000,000 are allowed"


def test_a_file_that_shrinks_while_it_is_read_is_refused():
    raw = packed({"w": entry()})
    with pytest.raises(Unreadable, match="the file ended 10 bytes before its header did"):
        read_safetensors("a", io.BytesIO(raw[:-10]), len(raw))


def test_a_disk_that_fails_is_refused():
    class Failing(io.BytesIO):
        def read(self, size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(Unreadable, match=r"reading failed \(input/output error\)"):
        read_safetensors("a", Failing(), 100)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    for file in (raw, packed(raw)):
        try:
            read(file)
        except Unreadable as error:
            error.what.encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(["dtype", "shape", "data_offsets"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        NAMES | st.just("__metadata__"),
        JSON | st.builds(lambda a, b, c: {"dtype": a, "shape": b, "data_offsets": c}, JSON, JSON, JSON),
        max_size=3,
    )
)
def test_any_header_is_read_or_refused(header):
    try:
        file = read(packed(header))
    except Unreadable as error:
        error.what.encode()
        return
    assert all(
        isinstance(each, int) for tensor in file.tensors for each in (*tensor.shape, tensor.begin, tensor.end)
    )


def test_ten_megabytes_of_header_are_read():
    header = {f"layers.{n}.weight": entry(shape=(4, 4), offsets=(n * 64, n * 64 + 64)) for n in range(70_000)}
    header["__metadata__"] = {"note": "x" * 5_000_000}
    raw = packed(header)
    assert len(raw) > 10_000_000
    assert len(read(raw).tensors) == 70_000


def test_the_widths_are_those_of_numpy():
    widths = {name: np.dtype(dtype).itemsize * 8 for dtype, name in DTYPES.items()}
    assert {name: DTYPE_BITS[name] for name in widths} == widths
