"""Numbers that are not finite are found in every format, in every block, by both ways of looking."""

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.bundle import Bundle
from auditor.rules import content, finite
from tests.layers import safetensors

# Bit patterns of one number that is not finite, and of the largest that is.
PATTERNS = {
    "F64": (struct.pack("<d", math.nan), struct.pack("<d", 1.7e308)),
    "F32": (struct.pack("<f", -math.inf), struct.pack("<f", 3.4e38)),
    "F16": (struct.pack("<e", math.inf), struct.pack("<e", 65504.0)),
    "BF16": (b"\x80\x7f", b"\x7f\x7f"),
    "F8_E5M2": (b"\xfc", b"\x7b"),
    "F8_E4M3": (b"\xff", b"\x7e"),
}


def found(folder, dtype, data, name="x"):
    size = len(PATTERNS[dtype][0]) if dtype in PATTERNS else 8
    header = {name: {"dtype": dtype, "shape": [len(data) // size], "data_offsets": [0, len(data)]}}
    (folder / "model.safetensors").write_bytes(safetensors(json.dumps(header), data))
    bundle = Bundle.open(folder)
    return [fault.message for fault in finite.weight_not_finite(bundle.get("weights"), bundle)]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("dtype", PATTERNS)
def test_one_bad_number_is_counted_and_placed(tmp_path, monkeypatch, dtype, large):
    monkeypatch.setattr(finite, "NUMPY_FROM_BYTES", 0 if large else 2**40)
    bad, most = PATTERNS[dtype]
    data = most * 5 + bad + most * 3
    assert found(tmp_path, dtype, data) == ["`x` holds 1 value not finite, the first at index 5"]


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("dtype", PATTERNS)
def test_the_largest_finite_number_is_finite(tmp_path, monkeypatch, dtype, large):
    monkeypatch.setattr(finite, "NUMPY_FROM_BYTES", 0 if large else 2**40)
    assert found(tmp_path, dtype, PATTERNS[dtype][1] * 9) == []


def test_blocks_need_not_end_where_numbers_do(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "BLOCK_BYTES", 7)
    bad, most = PATTERNS["F32"]
    assert found(tmp_path, "F32", most * 4 + bad + most + bad) == [
        "`x` holds 2 values not finite, the first at index 4"
    ]


def test_infinite_values_of_masks_are_meant(tmp_path):
    assert found(tmp_path, "F32", PATTERNS["F32"][0] * 4, name="attn.causal_mask") == []


def test_integers_are_always_finite(tmp_path):
    assert found(tmp_path, "I64", b"\xff" * 64) == []


@given(st.lists(st.floats(width=32), max_size=40))
def test_the_plain_scan_agrees_with_isfinite(values):
    data = struct.pack(f"<{len(values)}f", *values)
    expected = [index for index, value in enumerate(values) if not math.isfinite(value)]
    assert list(finite._floats("f", data)) == list(finite._wide(data, 4)) == expected
