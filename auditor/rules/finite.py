"""The contents of weights: every number must be finite. Read in blocks; numpy only for large files."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterator
from math import isfinite
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.content import blocks
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.safetensors import Tensor, TensorFile

# Importing numpy costs about 0.1 s; the plain scan reads some 30 MB of F32 in that time (python -m timeit).
NUMPY_FROM_BYTES = 32 * 2**20
Indexes = Iterator[int]


@rule("WGT201", level="error", needs=("weights", "bundle"), after=("WGT002", "WGT005"))
def weight_not_finite(weights: tuple[TensorFile, ...], bundle: Bundle) -> Iterator[Fault]:
    """A tensor holds values that are not numbers, or infinite.

    Why: One of them turns every output into NaN; training that ended this way had diverged.
    Bad:
        # extra.safetensors, header, filled with 255
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship an earlier checkpoint, and look at the loss of the steps before. Infinite values in tensors
        named as masks are taken for what they are.
    Source: https://github.com/huggingface/safetensors#benefits (values are not checked by the format)
    """
    for file in weights:
        large = sum(tensor.end - tensor.begin for tensor in file.tensors) > NUMPY_FROM_BYTES
        for tensor in file.tensors:
            find = _finder(tensor.dtype, large=large)
            if find is None or "mask" in tensor.name.lower():
                continue
            count, first = _scan(file, tensor, bundle, *find)
            if count:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` holds {count} {'value' if count == 1 else 'values'} "
                    f"not finite, the first at index {first}"
                )


def _scan(
    file: TensorFile, tensor: Tensor, bundle: Bundle, width: int, find: Callable[[bytes], Indexes]
) -> tuple[int, int]:
    """How many numbers of a tensor are not finite, and the index of the first."""
    count, first, done, rest = 0, -1, 0, b""
    begin = file.data_start + tensor.begin
    for block in blocks(bundle, file.file, begin, file.data_start + tensor.end):
        data = rest + block if rest else block
        whole = len(data) - len(data) % width
        rest = data[whole:]
        for index in find(data[:whole] if rest else data):
            first = done + index if first < 0 else first
            count += 1
        done += whole // width
    return count, first


def _finder(dtype: str, *, large: bool) -> tuple[int, Callable[[bytes], Indexes]] | None:
    """Bytes a number takes, and what yields the indexes of those in a block that are not finite."""
    if dtype in ("F32", "F64", "C64"):
        kind, width = ("d", 8) if dtype == "F64" else ("f", 4)
        return width, lambda data: _wide(data, width) if large else _floats(kind, data)
    # Sign, exponent, mantissa bits of one number: its exponent is all ones where it is not finite.
    if dtype == "BF16":
        return 2, lambda data: _halves(data, b"\x7f\xff", 0x80)
    if dtype == "F16":
        return 2, lambda data: _halves(data, b"\x7c\x7d\x7e\x7f\xfc\xfd\xfe\xff", 0)
    if dtype == "F8_E5M2":
        return 1, lambda data: _bytes(data, b"\x7c\x7d\x7e\x7f\xfc\xfd\xfe\xff")
    if dtype == "F8_E4M3":
        return 1, lambda data: _bytes(data, b"\x7f\xff")
    return None


def _floats(kind: str, data: bytes) -> Indexes:
    numbers = array(kind, data)
    if sys.byteorder == "big":
        numbers.byteswap()
    # The sum of finite float32 cannot overflow a double; that of float64 can, and then each is looked at.
    if not isfinite(sum(numbers)):
        yield from (index for index, number in enumerate(numbers) if not isfinite(number))


def _halves(data: bytes, suspects: bytes, low_bit: int) -> Indexes:
    high = data[1::2]
    for index in _bytes(high, suspects):
        if not low_bit or data[2 * index] & low_bit:
            yield index


def _bytes(data: bytes, suspects: bytes) -> Indexes:
    if len(data.translate(None, suspects)) != len(data):
        yield from (index for index, byte in enumerate(data) if byte in suspects)


def _wide(data: bytes, width: int) -> Indexes:
    import numpy as np

    exponent = {4: 0x7F800000, 8: 0x7FF0000000000000}[width]  # all ones where the number is not finite
    bits = np.frombuffer(data, f"<u{width}")
    return iter(np.flatnonzero((bits & exponent) == exponent).tolist())
