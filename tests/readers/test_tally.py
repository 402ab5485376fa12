"""Accounts of tensors against numpy: every format, every way of looking, blocks that end anywhere."""

import math
import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.readers.bits import Plain, Vector
from auditor.readers.safetensors import DTYPE_BITS
from auditor.readers.tally import HEAD_BYTES, KINDS, Tally, magnitude

FLOATS = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "C64": np.float32}
INTEGERS = {"I64": "<u8", "U64": "<u8", "I32": "<u4", "U32": "<u4", "I16": "<u2", "U16": "<u2"}
INTEGERS |= dict.fromkeys(("I8", "U8", "BOOL"), "u1")
LOOKS = [pytest.param(Plain(), id="plain"), pytest.param(Vector(), id="numpy")]
# Bit patterns in which something is special: zeros, subnormals, the largest, infinities, payloads of NaN.
EDGES = {
    2: (0x0000, 0x8000, 0x0001, 0x8001, 0x7BFF, 0x7C00, 0xFC00, 0x7C01, 0x7F7F, 0x7F80, 0xFF80, 0x7FC1, 0xFFFF),
    4: (0, 0x80000000, 1, 0x807FFFFF, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x7F800001, 0xFFC12345),
    8: (0, 1 << 63, 1, 0x7FEFFFFFFFFFFFFF, 0xFFEFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000001),
}  # fmt: skip


def tallied(dtype, raw, cuts=(), look=None):
    tally = Tally(dtype)
    places = [0, *sorted(min(cut, len(raw)) for cut in cuts), len(raw)]
    for begin, end in pairwise(places):
        tally.add(memoryview(raw)[begin:end], look or Plain())
    return tally


def told(tally):
    return (tally.n_bad, tally.first_bad, tally.largest, tally.is_constant, tally.is_zero, tally.head)


def value(dtype, bits):
    """What one byte means: OCP 8-bit Floating Point Specification 1.0, table 1; and the FNUZ formats."""
    mantissa, bias = {"F8_E5M2": (2, 15), "F8_E4M3": (3, 7), "F8_E5M2FNUZ": (2, 16), "F8_E4M3FNUZ": (3, 8)}[
        dtype
    ]
    sign, exponent, fraction = bits >> 7, (bits & 0x7F) >> mantissa, bits & ((1 << mantissa) - 1)
    if dtype.endswith("FNUZ"):
        if bits == 0x80:
            return math.nan
    elif dtype == "F8_E4M3":
        if bits & 0x7F == 0x7F:
            return math.nan
    elif exponent == 31:
        return math.nan if fraction else math.inf
    scale = fraction / (1 << mantissa) + (1 if exponent else 0)
    return (-1) ** sign * scale * 2.0 ** (max(exponent, 1) - bias)


def numbers(dtype, raw):
    if dtype in FLOATS:
        return np.frombuffer(raw, FLOATS[dtype]).astype(np.float64)
    if dtype == "BF16":
        wide = np.frombuffer(raw, "<u2").astype("<u4") << 16
        return wide.view("<f4").astype(np.float64)
    if dtype in INTEGERS:
        return np.frombuffer(raw, INTEGERS[dtype]).astype(object)
    return np.array([value(dtype, byte) for byte in raw])


def bits_of(width):
    return st.integers(0, 2 ** (8 * width) - 1) | st.sampled_from(
        EDGES.get(width, (0, 0x80, 0x7F, 0xFF, 0x7C, 1))
    )


CASES = st.sampled_from([*FLOATS, "BF16", *INTEGERS, "F8_E5M2", "F8_E4M3", "F8_E5M2FNUZ", "F8_E4M3FNUZ"])


@pytest.mark.parametrize("look", LOOKS)
@given(data=st.data(), dtype=CASES)
def test_an_account_is_what_numpy_finds(look, data, dtype):
    width = 1 if dtype.startswith("F8") else np.dtype(FLOATS.get(dtype, INTEGERS.get(dtype, "<u2"))).itemsize
    some = data.draw(st.lists(bits_of(width), min_size=1, max_size=12))
    raw = b"".join(bits.to_bytes(width, "little") for bits in some) * data.draw(st.sampled_from([1, 1, 300]))
    tally = tallied(dtype, raw, data.draw(st.lists(st.integers(0, len(raw)), max_size=4)), look)
    with np.errstate(invalid="ignore"):  # a NaN that signals, made into a wider one
        values = numbers(dtype, raw)
    if dtype in INTEGERS:
        bad = np.zeros(len(values), bool)
        assert tally.largest == max(values)
    else:
        bad = ~np.isfinite(values.astype(np.float64))
        finite = np.abs(values[~bad])
        assert tally.magnitude == (finite.max() if len(finite) else 0)
        assert tally.is_zero == (not bad.any() and not finite.any())
    assert tally.n_bad == bad.sum()
    assert tally.first_bad == (bad.argmax() if bad.any() else -1)
    assert tally.is_constant == (raw == raw[:width] * (len(raw) // width))
    assert tally.head == raw[:HEAD_BYTES]


@given(st.sampled_from(sorted(KINDS)), st.binary(min_size=16, max_size=5000), st.data())
def test_both_ways_of_looking_and_all_cuts_tell_the_same(dtype, raw, data):
    raw = raw[: len(raw) // 8 * 8]
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=5))
    assert told(tallied(dtype, raw)) == told(tallied(dtype, raw, cuts, Vector()))


@given(
    st.sampled_from(sorted(DTYPE_BITS)), st.binary(max_size=24), st.integers(0, 600), st.binary(max_size=24)
)
def test_zeros_that_nobody_reads_count_like_zeros(dtype, before, n_zeros, after):
    raw = before + bytes(n_zeros) + after
    skipped = Tally(dtype)
    skipped.add(memoryview(before), Plain())
    skipped.add_zeros(n_zeros)
    skipped.add(memoryview(after), Plain())
    assert told(skipped) == told(tallied(dtype, raw))


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=64))
def test_the_root_mean_square_of_a_short_tensor_is_exact(values):
    raw = struct.pack(f"<{len(values)}f", *values)
    expected = float(np.sqrt(np.mean(np.square(values))))
    assert tallied("F32", raw).rms == pytest.approx(expected, rel=1e-6)


def test_a_bf16_is_sampled_as_the_upper_half_of_an_f32():
    assert tallied("BF16", b"\x80\x3f\x00\x40").rms == pytest.approx(math.sqrt(2.5))  # 1 and 2


def test_a_tensor_with_numbers_that_are_none_has_no_root_mean_square():
    assert tallied("F32", struct.pack("<2f", 1.0, math.nan)).rms is None


@pytest.mark.parametrize("dtype", ["F8_E5M2", "F8_E4M3", "F8_E5M2FNUZ", "F8_E4M3FNUZ"])
def test_every_magnitude_of_a_byte_is_right(dtype):
    for bits in range(128):
        expected = value(dtype, bits)
        if math.isfinite(expected):
            assert magnitude(dtype, bits) == expected


def test_a_scale_of_eight_bits_is_a_power_of_two():
    assert [magnitude("F8_E8M0", bits) for bits in (0, 127, 254)] == [2.0**-127, 1.0, 2.0**127]
    assert tallied("F8_E8M0", b"\x7f\xff").n_bad == 1
