import io
import struct
import time

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model import Place, Span
from auditor.readers.document import Unreadable
from auditor.readers.gguf import GGML_TYPES, MAX_KEPT, Array, read_gguf
from auditor.readers.window import Window
from tests import made
from tests.mutations import damages


def read(raw):
    return read_gguf(Window("model.gguf", io.BytesIO(raw), len(raw)))


def refused(raw):
    with pytest.raises(Unreadable) as caught:
        read(raw)
    assert caught.value.span == Span("model.gguf")
    return caught.value.what


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A file as the library writes it, with every kind of value."""
    path = tmp_path_factory.mktemp("gguf") / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_context_length(128)
    writer.add_rope_freq_base(10_000.0)
    writer.add_bool("made.bool", val=True)
    writer.add_int8("made.int8", -3)
    writer.add_float64("made.float64", 0.5)
    writer.add_uint64("made.uint64", 2**63)
    writer.add_array("made.list", [1, 2, 3])
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list([f"tökén{n}" for n in range(MAX_KEPT + 5)])
    writer.add_token_scores([0.5] * (MAX_KEPT + 5))
    writer.add_tensor("token_embd.weight", np.zeros((5, 64), np.float32))
    writer.add_tensor("odd", np.zeros((3, 5), np.float16))
    quantised = gguf.quants.quantize(np.ones((4, 64), np.float32), gguf.GGMLQuantizationType.Q4_0)
    writer.add_tensor("packed", quantised, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_what_the_library_writes_is_read_as_the_library_reads_it(written):
    file, theirs = read(written.read_bytes()), gguf.GGUFReader(written)
    assert file.data_start == theirs.data_offset
    assert [
        (t.name, list(t.shape), t.kind, t.size_bytes, file.data_start + t.offset) for t in file.tensors
    ] == [(t.name, t.shape.tolist(), t.tensor_type, t.n_bytes, t.data_offset) for t in theirs.tensors]
    for key, value in file.metadata.items():
        theirs_value = theirs.fields[key].contents()
        if isinstance(value, Array) and value.values is None:
            assert value.count == len(theirs_value)
        else:
            assert (list(value.values) if isinstance(value, Array) else value) == theirs_value
    assert file.size_bytes == file.data_start + max(
        -(-(t.offset + t.size_bytes) // 32) * 32 for t in file.tensors
    )


def test_the_types_are_those_of_the_library():
    assert {kind.value: (kind.name, *sizes) for kind, sizes in gguf.GGML_QUANT_SIZES.items()} == GGML_TYPES


def test_the_builder_of_the_examples_writes_what_the_library_reads(tmp_path):
    header = {
        "metadata": {"general.architecture": "llama", "llama.block_count": 3},
        "tensors": [{"name": "x", "shape": [8, 2]}, {"name": "y", "shape": [32], "type": 2, "offset": 64}],
    }
    (tmp_path / "a.gguf").write_bytes(made.gguf(header))
    theirs = gguf.GGUFReader(tmp_path / "a.gguf")
    assert [(t.name, t.n_bytes) for t in theirs.tensors] == [("x", 64), ("y", 18)]
    assert theirs.fields["llama.block_count"].contents() == 3


def test_big_endian_files_are_read():
    raw = b"GGUF" + struct.pack(">IQQ", 3, 0, 1) + struct.pack(">Q", 1) + b"k" + struct.pack(">II", 4, 7)
    assert read(raw).metadata == {"k": 7}


def test_a_vocabulary_is_counted_and_not_kept(written):
    tokens = read(written.read_bytes()).metadata["tokenizer.ggml.tokens"]
    assert tokens == Array(8, MAX_KEPT + 5, None)


def test_a_key_that_stands_twice_keeps_its_first_value():
    file = read(made.gguf({"metadata": {"k": 1}, "more metadata": {"k": 2}}))
    assert (file.metadata, file.doubled) == ({"k": 1}, ("k",))


def test_a_tensor_has_a_place_without_lines():
    assert read(made.gguf({})).at("w") == Place("model.gguf", ("w",), span=Span("model.gguf"))


def header(n_tensors=0, n_pairs=0, version=3):
    return b"GGUF" + struct.pack("<IQQ", version, n_tensors, n_pairs)


def text(raw):
    return struct.pack("<Q", len(raw)) + raw


HUGE = 2**40
# The twelve headers of research/weights.md 3.6, and what else readers have stumbled on.
CRAFTED = {
    "a list of 2^40 values in 113 bytes": (
        (header(0, 1) + text(b"tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, HUGE)).ljust(113, b"\0"),
        "`tokenizer.ggml.tokens` would hold 1,099,511,627,776 values, more than the file has room for",
    ),
    "a list of 2^40 numbers": (
        header(0, 1) + text(b"k") + struct.pack("<IIQ", 9, 0, HUGE),
        "`k` would take 1,099,511,627,776 bytes",
    ),
    "2^60 tensors": (header(2**60), "promises 1,152,921,504,606,846,976 tensors, and at most 0 are possible"),
    "2^60 keys": (header(0, 2**60), "promises 1,152,921,504,606,846,976 keys"),
    "a key of 2^63 bytes": (header(0, 1) + struct.pack("<Q", 2**63) + b"abcdef", "would have 9,223,372,036,854,775,808"),
    "a text of 2^40 bytes": (header(0, 1) + text(b"k") + struct.pack("<IQ", 8, HUGE), "`k` would take 1,099,511,627,776"),
    "lists in lists": (
        header(0, 1) + text(b"k") + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 5_000,
        "`k` nests lists more than 4 deep",
    ),
    "lists of nothing": (header(0, 1) + text(b"k") + struct.pack("<IIQ", 9, 9, HUGE), "would hold 1,099,511,627,776 values"),
    "a type that is none": (header(0, 1) + text(b"k") + struct.pack("<II", 13, 0), "`k` has type 13, which GGUF does not"),
    "a list of a type that is none": (header(0, 1) + text(b"k") + struct.pack("<IIQ", 9, 77, 1), "is a list of type 77"),
    "2^31 dimensions": (header(1) + text(b"x") + struct.pack("<I", 2**31) + bytes(40), "has 2,147,483,648 dimensions"),
    "an alignment of 0": (made.gguf({"metadata": {"general.alignment": [4, 0]}} | {"tensors": []}), "no power of two"),
    "an alignment of 3": (made.gguf({"metadata": {"general.alignment": 3}}), "no power of two"),
    "an alignment that is a text": (made.gguf({"metadata": {"general.alignment": [0, 8]}}), "no power of two"),
    "a cut header": (made.gguf({"metadata": {"k": "value"}})[:-1], "`k` would take 5 bytes, and the file has 4 more"),
    "a cut entry": (header(1) + text(b"x") + struct.pack("<IQ", 1, 8) + b"\0" * 4, "would take 20 bytes"),
    "nothing": (b"GGUF", "the file ends inside the version, 4 of its 4 bytes missing, at byte 4"),
    "version 1": (header(version=1), "the version is 1, and 2 and 3 are known at byte 4"),
    "version 99": (header(version=99), "the version is 99, and 2 and 3 are known at byte 4"),
    "another format": (b"GGML" + bytes(60), "this is no GGUF file: `GGUF` is missing at byte 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", CRAFTED)
def test_a_crafted_header_is_refused_at_once_and_by_name(case):
    raw, what = CRAFTED[case]
    begin = time.process_time()
    message = refused(raw)
    assert time.process_time() - begin < 0.5
    assert what in message
    assert "at byte" in message


def test_a_tensor_of_2_to_the_250_values_is_read_and_left_to_rules():
    tensor = read(
        made.gguf({"tensors": []})[:8]
        + struct.pack("<QQ", 1, 0)
        + text(b"x")
        + struct.pack("<I4QIQ", 4, *[2**62] * 4, 0, 2**63)
    ).tensors[0]
    assert tensor.size_bytes == 4 * 2**248


def test_a_million_short_texts_take_no_memory_and_little_time():
    n = 1_000_000
    raw = header(0, 1) + text(b"k") + struct.pack("<IIQ", 9, 8, n) + text(b"") * n
    begin = time.process_time()
    assert read(raw).metadata["k"] == Array(8, n, None)
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    "inner", [struct.pack("<IQ", 9, 0), struct.pack("<IQ", 8, 0), struct.pack("<IQQ", 8, 1, 0)]
)
def test_very_many_lists_in_a_list_end_soon(inner):
    n = 200_000
    begin = time.process_time()
    what = refused(header(0, 1) + text(b"k") + struct.pack("<IIQ", 9, 9, n) + inner * n)
    assert "there are more than 100,000 lists, with `k`" in what
    assert time.process_time() - begin < 5


def test_lists_beyond_what_is_kept_are_counted():
    pair = struct.pack("<IIQ", 9, 0, MAX_KEPT) + bytes(MAX_KEPT)
    raw = header(0, 300) + b"".join(text(b"%d" % n) + pair for n in range(300))
    kept = [value.values is not None for value in read(raw).metadata.values()]
    assert kept == [n < 195 for n in range(300)]  # 200,000 // 1,024


def test_texts_across_the_borders_of_blocks_are_passed_whole():
    texts = [b"x" * (n * 37 % 9_000) for n in range(MAX_KEPT + 1)]
    raw = header(0, 2) + text(b"k") + struct.pack("<IIQ", 9, 8, len(texts)) + b"".join(map(text, texts))
    assert read(raw + text(b"end") + struct.pack("<II", 4, 9)).metadata["end"] == 9


def test_a_file_that_shrinks_while_it_is_read_is_refused(written):
    raw = written.read_bytes()
    with pytest.raises(Unreadable, match="the file was cut while it was read"):
        read_gguf(Window("a", io.BytesIO(raw[:200]), len(raw)))


SMALL = made.gguf(
    {
        "metadata": {
            "general.architecture": "llama",
            "llama.block_count": 2,
            "made.flag": [7, True],
            "t": "template",
        },
        "tensors": [{"name": "x", "shape": [8, 2]}, {"name": "y", "shape": [32], "type": 2, "offset": 64}],
    }
)


@settings(max_examples=400)
@given(damages(SMALL))
def test_damaged_files_are_read_or_refused(raw):
    try:
        file = read(raw)
    except Unreadable as error:
        error.what.encode()
        return
    for tensor in file.tensors:
        assert tensor.size_bytes is None or tensor.size_bytes >= 0


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw):
    for each in (raw, header(1, 1) + raw):
        try:
            read(each)
        except Unreadable as error:
            error.what.encode()
