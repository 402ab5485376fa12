"""Tables of positions that weights carry along: they count, and a conversion may have broken the count."""

from __future__ import annotations

import os
from collections.abc import Iterator
from struct import unpack
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.contents import Contents
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.safetensors import Tensor, TensorFile

MAX_POSITIONS = 2**20  # longer tables are not looked at: none is known, and the contents would be read twice
_KINDS = {"I64": "q", "I32": "i", "F32": "f", "F16": "e", "BF16": ""}


@rule(
    "WGT208",
    level="warning",
    needs=("weights", "contents", "bundle"),
    certainty="likely",
    klass="implausible",
    since="2026.2",
)
def positions_out_of_order(
    _weights: tuple[TensorFile, ...], contents: Contents, bundle: Bundle
) -> Iterator[Fault]:
    """`position_ids` do not count upwards one by one.

    Why: Each place of the text looks up its embedding by this table. Stored in half precision or averaged
        with another model's, the numbers are off by one here and there, and so is the text's order.
    Bad:
        # extra.safetensors, header
        {"embeddings.position_ids": {"dtype": "I64", "shape": [1, 4], "data_offsets": [0, 32]}}
    Good:
        # extra.safetensors, header, filled with 0
        {"embeddings.position_ids": {"dtype": "I64", "shape": [1, 1], "data_offsets": [0, 8]}}
    Fix: Store the whole numbers from 0 on as I64, or from where the model begins.
    Source: https://github.com/arenasys/stable-diffusion-webui-model-toolkit (CLIP position ids)
    """
    for file, tensor, _ in contents.each():
        count = max(tensor.shape, default=0)
        if not tensor.name.endswith("position_ids") or tensor.dtype not in _KINDS:
            continue
        if tensor.shape not in ((count,), (1, count)) or count > MAX_POSITIONS:
            continue
        numbers = _numbers(bundle, file, tensor)
        for index, number in enumerate(numbers):
            expected = index + (numbers[1] - 1 if len(numbers) > 1 else 0)  # some models begin with 2
            if number != expected:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` ({tensor.dtype}) is {number:.15g} at index {index}, "
                    f"expected {expected:.15g}"
                )
                break


def _numbers(bundle: Bundle, file: TensorFile, tensor: Tensor) -> tuple[float, ...]:
    """The tensor's numbers; none where the file is shorter by now."""
    with bundle.opened(file.file) as stream:
        size = tensor.end - tensor.begin
        raw = os.pread(stream.fileno(), size, file.data_start + tensor.begin)
    if len(raw) < size:
        return ()
    if tensor.dtype == "BF16":  # the upper half of an F32
        raw = b"".join(b"\0\0" + raw[index : index + 2] for index in range(0, size, 2))
    kind = _KINDS[tensor.dtype] or "f"
    return unpack(f"<{max(tensor.shape)}{kind}", raw)
