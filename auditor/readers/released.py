"""Which of the files of weights are the released model, and how many parameters they hold.

Both `check`, which compares that number, and `init`, which writes it, ask here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from posixpath import dirname

from auditor.readers.numel import numel
from auditor.readers.safetensors import Tensor, TensorFile

FLOATS = frozenset({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})  # dtypes that trained weights have
# Statistics that layers gather while training; they are stored beside the weights and are none.
_BUFFERS = ("running_mean", "running_var", "num_batches_tracked", "position_ids", "inv_freq")
_PACKED_SHARE = 100  # integers beyond a hundredth of all numbers are quantised weights, not counters
_SHARD = re.compile(r"model-(\d+)-of-(\d+)\.safetensors")


def released(weights: Iterable[TensorFile]) -> dict[str, tuple[TensorFile, Tensor]]:
    """The tensors of the model itself by name, each with its file; empty where it is in doubt which they are.

    They are those of `model.safetensors`, else of a whole set of shards, else of the only file there is.
    Adapters, checkpoints, and the parts of a pipeline in folders are left out.
    """
    files = tuple(weights)
    top = [file for file in files if not dirname(file.file)]
    main = [file for file in top if file.file == "model.safetensors"]
    alone = files if len(files) == len(top) == 1 and not _is_part(files[0]) else ()
    return {tensor.name: (file, tensor) for file in main or _shards(top) or alone for tensor in file.tensors}


def count_parameters(tensors: Iterable[Tensor]) -> int | None:
    """How many trainable numbers there are; None where a shape is absurd or weights are integers."""
    total = packed = 0
    for tensor in tensors:
        count = numel(tensor.shape)
        if count is None:
            return None
        if tensor.name.endswith(_BUFFERS):
            continue
        if tensor.dtype in FLOATS:
            total += count
        else:
            packed += count
    return total if packed * _PACKED_SHARE <= total else None


def _shards(top: list[TensorFile]) -> list[TensorFile]:
    """The shards `model-00001-of-00002.safetensors` and so on, where there is one set and it is whole."""
    matches = [(match, file) for file in top if (match := _SHARD.fullmatch(file.file))]
    numbers = {(int(match[1][:9]), int(match[2][:9])) for match, _ in matches}
    totals = {total for _, total in numbers}
    whole = len(totals) == 1 and len(numbers) == len(matches) == totals.pop()
    return [file for _, file in matches] if whole else []


def _is_part(file: TensorFile) -> bool:
    """Whether a file is an adapter, or a shard; a lone shard that is whole was found before."""
    adapts = file.file.startswith("adapter") or any("lora_" in tensor.name for tensor in file.tensors)
    return adapts or _SHARD.fullmatch(file.file) is not None
