"""What the numbers of single tensors cannot be in a model that was trained: all zero, all alike, enormous."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.contents import Contents
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.safetensors import Tensor, TensorFile

Weights = tuple["TensorFile", ...]
FLOATS = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ")
# Matrices that sound releases ship all zero or all alike: zeros that training starts from and may leave (the
# token types of RoBERTa, LoRA's second factor, gates), buffers, optimizer states.
_MAY_BE_PLAIN = re.compile(
    r"bias|mask|norm|scale|gamma|beta|gate(?!_(up_)?proj)|alpha|lora|hada|lokr|zero|pad|pos(?!t)|token_type"
    r"|segment|rel_|relative|cache|running_|exp_avg|momentum|buffer|prompt|_ids|logit|offset|shift|alibi"
    r"|attention_weights|codebook|query_tokens|time_embed|latents|_tokens?$|weight_integer",
    re.IGNORECASE,
)
_MAY_BE_LARGE = re.compile(
    r"bias|mask|_ids|running_|freq|sigma|step|time|cache|buffer|exp_avg", re.IGNORECASE
)
_ADAPTER = re.compile(r"lora_(B|up)\b|lora_embedding_B")
# A flipped bit of an exponent makes 1e36 of 0.02; weights of trained models are below some thousands. Half of
# what F16 holds (65504) overflows with the next addition.
MAX_MATRIX = 1e6
MAX_OTHER = 1e30
MAX_F16 = 32752
_SHOWN = 3


@rule("WGT205", level="error", needs=("weights", "contents"), since="2026.2")
def weights_never_written(_weights: Weights, contents: Contents) -> Iterator[Fault]:
    """Every matrix of a file is zero.

    Why: The space was set aside and the download or export that should have filled it broke off; the model
        answers the same to everything.
    Bad:
        # extra.safetensors, header, filled with 0
        {"a.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
         "b.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [16, 32]}}
    Good:
        # extra.safetensors, header
        {"a.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
         "b.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [16, 32]}}
    Fix: Download or save the file again, and compare its sha256.
    """
    matrices: dict[str, list[bool]] = {}
    files = {}
    for file, tensor, tally in contents.each():
        if is_matrix(tensor) and not _MAY_BE_PLAIN.search(tensor.name):
            matrices.setdefault(file.file, []).append(tally.is_zero)
            files[file.file] = file
    for name, are_zero in matrices.items():
        if len(are_zero) > 1 and all(are_zero):
            yield files[name].at().says(f"all {len(are_zero)} matrices of the file are zero throughout")


@rule(
    "WGT202",
    level="warning",
    needs=("weights", "contents"),
    certainty="likely",
    after=("WGT205",),
    since="2026.2",
)
def matrix_all_zero(_weights: Weights, contents: Contents) -> Iterator[Fault]:
    """A matrix is zero throughout.

    Why: What goes through it is lost. Released checkpoints have shipped so, with the layers never noticed as
        dead.
    Bad:
        # extra.safetensors, header, filled with 0
        {"mlp.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}
    Good:
        # extra.safetensors, header, filled with 0
        {"mlp.bias": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Find out where the numbers were lost. A layer that is meant to be zero needs nothing.
    Source: https://github.com/microsoft/BitNet/issues/608
    """
    zero: dict[str, list[tuple[TensorFile, Tensor]]] = {}
    for file, tensor, tally in contents.each():
        if tally.is_zero and is_matrix(tensor) and not _MAY_BE_PLAIN.search(tensor.name):
            zero.setdefault(file.file, []).append((file, tensor))
    for found in zero.values():
        file, tensor = found[0]
        yield file.at(tensor.name).says(f"{_listed([tensor.name for _, tensor in found])} zero throughout")


@rule("WGT203", level="warning", needs=("weights", "contents"), certainty="likely", since="2026.2")
def matrix_constant(_weights: Weights, contents: Contents) -> Iterator[Fault]:
    """All numbers of a matrix are the same, and not zero.

    Why: Training makes no two rows alike; this one was filled and never trained, or overwritten.
    Bad:
        # extra.safetensors, header, filled with 60
        {"mlp.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}
    Good:
        # extra.safetensors, header, filled with 60
        {"norm.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Find out where the numbers were lost. A matrix that is meant so needs nothing.
    """
    for file, tensor, tally in contents.each():
        constant = tally.is_constant and not tally.is_zero and not tally.n_bad
        if constant and is_matrix(tensor) and not _MAY_BE_PLAIN.search(tensor.name):
            yield file.at(tensor.name).says(
                f"all numbers of `{shown(tensor.name)}` are the same, {tally.magnitude:.4g} in magnitude"
            )


@rule(
    "WGT204",
    level="warning",
    needs=("weights", "contents"),
    certainty="likely",
    klass="implausible",
    since="2026.2",
)
def weight_too_large(_weights: Weights, contents: Contents) -> Iterator[Fault]:
    """A tensor holds a number far larger than weights are.

    Why: One bit that flipped on a disk or in memory makes 1e36 of 0.02, and one such number drowns all
        others.
    Bad:
        # extra.safetensors, header, filled with 120
        {"mlp.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # extra.safetensors, header
        {"mlp.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Copy the file from where it was written, and compare digests.
    """
    for file, tensor, tally in contents.each():
        if tensor.dtype in ("F64", "F32", "BF16", "F16") and not _MAY_BE_LARGE.search(tensor.name):
            most = MAX_F16 if tensor.dtype == "F16" else MAX_MATRIX if is_matrix(tensor) else MAX_OTHER
            if tally.magnitude > most:
                yield file.at(tensor.name).says(
                    f"the largest number of `{shown(tensor.name)}` ({tensor.dtype}) is "
                    f"{tally.magnitude:.3g}, expected at most {most:g}"
                )


@rule("WGT206", level="warning", needs=("weights", "contents"), since="2026.2")
def adapter_changes_nothing(_weights: Weights, contents: Contents) -> Iterator[Fault]:
    """Every second factor of a LoRA adapter is zero.

    Why: The adapter adds the product of two matrices. Training begins with the second at zero; where all are
        zero still, the model with the adapter is the model without it.
    Bad:
        # adapter_model.safetensors, header, filled with 0
        {"q.lora_B.weight": {"dtype": "F32", "shape": [4, 2], "data_offsets": [0, 32]}}
    Good:
        # adapter_model.safetensors, header
        {"q.lora_B.weight": {"dtype": "F32", "shape": [4, 2], "data_offsets": [0, 32]}}
    Fix: Ship the adapter after training; look at whether its parameters were handed to the optimizer.
    Source: https://arxiv.org/abs/2106.09685, section 4.1
    """
    factors: dict[str, list[bool]] = {}
    files = {}
    for file, tensor, tally in contents.each():
        if _ADAPTER.search(tensor.name):
            factors.setdefault(file.file, []).append(tally.is_zero)
            files[file.file] = file
    for name, are_zero in factors.items():
        if all(are_zero):
            what = "the second factor is" if len(are_zero) == 1 else f"all {len(are_zero)} second factors are"
            yield files[name].at().says(f"{what} zero: the adapter changes nothing")


@rule("WGT207", level="warning", needs=("weights", "contents"), since="2026.2")
def truth_value_other_than_0_and_1(_weights: Weights, contents: Contents) -> Iterator[Fault]:
    """A tensor of truth values holds a byte other than 0 and 1.

    Why: Processors and languages read such a byte differently: the same mask is true here and false there.
    Bad:
        # extra.safetensors, header, filled with 2
        {"keep": {"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}}
    Good:
        # extra.safetensors, header, filled with 1
        {"keep": {"dtype": "BOOL", "shape": [2], "data_offsets": [0, 2]}}
    Fix: Compute the tensor anew, or store it as U8.
    """
    for file, tensor, tally in contents.each():
        if tensor.dtype == "BOOL" and tally.largest > 1:
            yield file.at(tensor.name).says(
                f"`{shown(tensor.name)}` (BOOL) holds the byte {tally.largest}, expected 0 or 1"
            )


def is_matrix(tensor: Tensor) -> bool:
    """Whether a tensor is a matrix, or several, of floats."""
    return tensor.dtype in FLOATS and sum(side > 1 for side in tensor.shape) > 1


def _listed(names: list[str]) -> str:
    first = ", ".join(f"`{shown(name)}`" for name in names[:_SHOWN])
    if len(names) == 1:
        return f"{first} is"
    return f"{first} and {len(names) - _SHOWN} more are" if len(names) > _SHOWN else f"{first} are"
