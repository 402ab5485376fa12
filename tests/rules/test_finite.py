"""Numbers that are not finite are found in every format, by both ways of looking."""

import json
import math
import struct

import pytest

from auditor.bundle import Bundle
from auditor.rules import finite, sweeps
from auditor.rules.registry import needed
from tests.layers import safetensors

# Bit patterns of one number that is not finite, and of the largest that is.
PATTERNS = {
    "F64": (struct.pack("<d", math.nan), struct.pack("<d", 1.7e308)),
    "F32": (struct.pack("<f", -math.inf), struct.pack("<f", 3.4e38)),
    "F16": (struct.pack("<e", math.inf), struct.pack("<e", 65504.0)),
    "BF16": (b"\x80\x7f", b"\x7f\x7f"),
    "F8_E5M2": (b"\xfc", b"\x7b"),
    "F8_E4M3": (b"\xff", b"\x7e"),
    "F8_E4M3FNUZ": (b"\x80", b"\xff"),
    "F8_E8M0": (b"\xff", b"\xfe"),
}


@pytest.fixture(params=[2**40, 0], ids=["plain", "numpy"])
def either_way(request, monkeypatch):
    monkeypatch.setattr(sweeps, "VECTOR_FROM_BYTES", request.param)


def found(folder, dtype, data, name="x"):
    size = len(PATTERNS[dtype][0]) if dtype in PATTERNS else 8
    header = {name: {"dtype": dtype, "shape": [len(data) // size], "data_offsets": [0, len(data)]}}
    (folder / "model.safetensors").write_bytes(safetensors(json.dumps(header), data))
    bundle = Bundle.open(folder)
    faults = finite.weight_not_finite(bundle.get("weights"), needed(bundle, "contents"))
    return [fault.message for fault in faults]


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("dtype", PATTERNS)
def test_one_bad_number_is_counted_and_placed(tmp_path, dtype):
    bad, most = PATTERNS[dtype]
    data = most * 5 + bad + most * 3
    assert found(tmp_path, dtype, data) == ["`x` holds 1 value not finite, the first at index 5"]


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("dtype", PATTERNS)
def test_the_largest_finite_number_is_finite(tmp_path, dtype):
    assert found(tmp_path, dtype, PATTERNS[dtype][1] * 9) == []


@pytest.mark.parametrize("name", ["attn.causal_mask", "layers.0.ffw.input_max", "quant.bounds"])
def test_infinite_values_of_masks_and_bounds_are_meant(tmp_path, name):
    assert found(tmp_path, "F32", PATTERNS["F32"][0] * 4, name=name) == []


@pytest.mark.parametrize("name", ["maximum.weight", "admin", "mlp.limiter.weight"])
def test_other_names_are_no_bounds(tmp_path, name):
    assert found(tmp_path, "F32", PATTERNS["F32"][0] * 4, name=name)


def test_integers_are_always_finite(tmp_path):
    assert found(tmp_path, "I64", b"\xff" * 64) == []
