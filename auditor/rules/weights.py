"""One safetensors file against its format: sizes, order and names of its tensors."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import Fault
from auditor.readers.numel import numel
from auditor.readers.safetensors import DTYPE_BITS, Tensor, TensorFile
from auditor.readers.text import shown
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

Weights = tuple[TensorFile, ...]


@rule("WGT001", level="error", needs="weights")
def unknown_dtype(weights: Weights) -> Iterator[Fault]:
    """A tensor has a number format that safetensors does not have.

    Why: Readers refuse the whole file.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "FLOAT32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the file with the safetensors library.
    Source: https://github.com/huggingface/safetensors#format
    """
    for file in weights:
        for tensor in file.tensors:
            if tensor.dtype not in DTYPE_BITS:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` has the number format `{shown(tensor.dtype)}`, "
                    "which safetensors does not know",
                    help=near_miss(tensor.dtype, DTYPE_BITS),
                )


@rule("WGT002", level="error", needs="weights", klass="impossible")
def tensor_size_differs(weights: Weights) -> Iterator[Fault]:
    """A tensor's bytes are not as many as its shape and number format need.

    Why: The tensor cannot be read; a reader that does not check reads its neighbour's bytes.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the file anew; the header was edited, or the file was put together by hand.
    Source: https://github.com/huggingface/safetensors#format
    """
    for file in weights:
        for tensor in file.tensors:
            bits, count = DTYPE_BITS.get(tensor.dtype), numel(tensor.shape)
            if bits is not None and (count is None or count * bits != 8 * (tensor.end - tensor.begin)):
                needed = "more bytes than any disk has" if count is None else f"{count * bits // 8} bytes"
                shape = shown("x".join(map(str, tensor.shape[:8])) or "a single number")
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` ({shape}, {tensor.dtype}) needs {needed}, "
                    f"`data_offsets` give it {tensor.end - tensor.begin}"
                )


@rule("WGT003", level="error", needs="weights", after=("WGT002",))
def tensors_overlap(weights: Weights) -> Iterator[Fault]:
    """Two tensors share bytes.

    Why: The format forbids it; changing one tensor in memory changes the other.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Fix: Write the file with the safetensors library; tied weights are stored once.
    Source: https://github.com/huggingface/safetensors#format
    """
    for file in weights:
        for before, tensor in _neighbours(file):
            if before is not None and tensor.begin < before.end:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` begins at byte {tensor.begin}, "
                    f"`{shown(before.name)}` ends at {before.end}"
                )


@rule("WGT004", level="error", needs="weights", after=("WGT002",))
def hole_between_tensors(weights: Weights) -> Iterator[Fault]:
    """Bytes between two tensors belong to none.

    Why: The format forbids holes, because anything can be hidden in them.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Fix: Write the file with the safetensors library.
    Source: https://github.com/huggingface/safetensors#format
    """
    for file in weights:
        for before, tensor in _neighbours(file):
            end = before.end if before else 0
            if tensor.begin > end:
                yield file.at(tensor.name).says(
                    f"{tensor.begin - end} bytes before `{shown(tensor.name)}` belong to no tensor"
                )


@rule("WGT005", level="error", needs="weights", after=("WGT002",))
def weights_truncated(weights: Weights) -> Iterator[Fault]:
    """The file ends before its last tensor does.

    Why: The download or copy broke off; the missing weights are lost, or read as whatever memory holds.
    Bad:
        # extra.safetensors, header, 3 bytes short
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Copy the file again and compare digests.
    """
    for file in weights:
        missing = _data_end(file) - file.size_bytes
        if missing > 0:
            yield file.at().says(
                f"the header promises {_data_end(file)} bytes, the file has {file.size_bytes}: "
                f"{missing} are missing"
            )


@rule("WGT006", level="error", needs="weights", after=("WGT002",))
def trailing_bytes(weights: Weights) -> Iterator[Fault]:
    """Bytes follow the last tensor.

    Why: The format forbids them: a file could carry something else at its end.
    Bad:
        # extra.safetensors, header, 3 bytes over
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the file with the safetensors library.
    Source: https://github.com/huggingface/safetensors#format
    """
    for file in weights:
        extra = file.size_bytes - _data_end(file)
        if extra > 0:
            yield file.at().says(f"{extra} bytes follow the last tensor")


@rule("WGT007", level="error", needs="weights")
def tensor_name_twice(weights: Weights) -> Iterator[Fault]:
    """A header gives two tensors the same name.

    Why: The format forbids it and readers do not notice: some take the first, some the last, so that two
        people load two models from one file.
    Bad:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "x": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Fix: Write the file with the safetensors library.
    Source: https://github.com/huggingface/safetensors/issues/401
    """
    for file in weights:
        for name in file.duplicates:
            yield file.at(name).says(f"`{shown(name)}` is defined more than once")


def _neighbours(file: TensorFile) -> Iterator[tuple[Tensor | None, Tensor]]:
    """Each tensor in order of its place, empty ones too, with the one that reaches furthest before it."""
    furthest: Tensor | None = None
    for tensor in sorted(file.tensors, key=lambda tensor: (tensor.begin, tensor.end)):
        yield furthest, tensor
        if furthest is None or tensor.end > furthest.end:
            furthest = tensor


def _data_end(file: TensorFile) -> int:
    return file.data_start + max((tensor.end for tensor in file.tensors), default=0)
