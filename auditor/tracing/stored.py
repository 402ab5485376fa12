"""The states that a bundle ships along its chain, read as plain tensors and held against their digests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import PurePosixPath

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from auditor.bundle import Bundle
from auditor.formats.chain import Broken, ChainLine
from auditor.readers.document import Unreadable
from auditor.readers.safetensors import TensorFile, read_safetensors
from auditor.readers.text import shown
from auditor.tracing.state import rest_digest, weights_digest, weights_of

TYPES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.bool: "BOOL"}


def stored_state(
    bundle: Bundle, line: ChainLine, number: int, like: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The state that line `number` of the chain names, with the names and shapes of `like`.

    Raises:
        Broken: the file is absent, cannot be read, is of another model, or is not what the line binds.
    """
    path = line.checkpoint or ""
    named = shown(path)
    if ".." in PurePosixPath(path).parts:
        raise Broken(f"checkpoint `{named}` lies outside of the bundle", number)
    try:
        with bundle.opened(path) as stream:
            header = read_safetensors(path, stream, os.fstat(stream.fileno()).st_size)
        fault = _misfit(header, like)
        if fault:
            raise Broken(f"checkpoint `{named}`: {fault}", number)
        end = header.data_start + max(entry.end for entry in header.tensors)
        stored = load(bundle.read_bytes(path, limit=end))
    except Unreadable as error:
        raise Broken(f"checkpoint `{named}`: {error.what}", number) from error
    except SafetensorError as error:
        raise Broken(f"checkpoint `{named}` cannot be read: {shown(str(error))}", number) from error
    state = {name: stored[name] for name in like}
    if weights_digest(weights_of(state)) != line.weights:
        raise Broken(f"the weights in `{named}` are not those that the chain binds", number)
    if rest_digest(state) != line.optimizer:
        raise Broken(f"the optimizer's state in `{named}` is not that which the chain binds", number)
    return state


def _misfit(header: TensorFile, like: Mapping[str, Tensor]) -> str:
    """Why a file does not hold this state; empty where it does."""
    found = {entry.name: entry for entry in header.tensors}
    for name, value in like.items():
        if name not in found:
            return f"tensor `{name}` is missing"
        if found[name].shape != tuple(value.shape):
            return f"tensor `{name}` is {list(found[name].shape)}, the run's is {list(value.shape)}"
        if found[name].dtype != TYPES.get(value.dtype):
            return f"tensor `{name}` holds {shown(found[name].dtype)}, the run's {TYPES.get(value.dtype)}"
    for name in sorted(found.keys() - like.keys()):
        return f"tensor `{shown(name)}` is none of this run's"
    return ""
