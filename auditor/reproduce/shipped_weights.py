"""The weights in the bundle, read without executing anything, as the tensors of the reference model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Bundle, Unread
from auditor.errors import CannotRun
from auditor.readers.document import Document, Unreadable
from auditor.readers.safetensors import Tensor as Entry
from auditor.readers.safetensors import TensorFile

if TYPE_CHECKING:
    from torch import Tensor

WHOLE = "model.safetensors"  # the names that every loader of the hub looks for, and in this order
FLOATS = frozenset({"F64", "F32", "F16", "BF16"})  # formats that are read back as the model's float32


@dataclass(frozen=True, slots=True)
class NoWeights:
    """Why there are no shipped weights to evaluate.

    `foreign` says that the bundle ships weights, but not those of the recipe's model.
    """

    reason: str
    foreign: bool


def shipped_weights(bundle: Bundle, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor] | NoWeights:
    """The bundle's weights by tensor name, as float32, or why there are none.

    Only `model.safetensors`, or else the shards that the index names, count: what lies beside them is not
    what a loader loads. Headers are held against the model before any data is read.

    Raises:
        CannotRun: a weights file cannot be read.
    """
    files = bundle.get("weights")
    if isinstance(files, Absent | Unread):
        return NoWeights(files.reason, foreign=isinstance(files, Unread))
    assert isinstance(files, tuple)
    headers = {file.file: file for file in files}
    names = (WHOLE,) if bundle.file(WHOLE) else _shards(bundle)
    if not names:
        return NoWeights(f"the bundle has neither {WHOLE} nor an index of shards", foreign=True)
    unread = [name for name in names if name not in headers]
    if unread:
        return NoWeights(f"{unread[0]} is missing or cannot be read", foreign=True)
    used = [headers[name] for name in names]
    fault = _misfit([entry for file in used for entry in file.tensors], shapes)
    if fault:
        return NoWeights(fault, foreign=True)
    tensors: dict[str, Tensor] = {}
    for file in used:
        tensors |= _read(bundle, file)
    return {name: tensors[name].float() for name in shapes}


def _shards(bundle: Bundle) -> tuple[str, ...]:
    index = bundle.get("index")
    named = index.mapping("weight_map").values() if isinstance(index, Document) else ()
    return tuple(sorted({name for name in named if isinstance(name, str)}))


def _misfit(entries: list[Entry], shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Why these tensors are not the model's; empty where they are, each exactly once."""
    found = {entry.name: entry for entry in entries}
    for name, shape in shapes.items():
        if name not in found:
            return f"the shipped weights lack tensor `{name}`"
        if found[name].shape != shape:
            met = "x".join(map(str, found[name].shape))
            return f"tensor `{name}` is {met}, the recipe's model has {'x'.join(map(str, shape))}"
        if found[name].dtype not in FLOATS:
            return f"tensor `{name}` holds {found[name].dtype}, expected one of {', '.join(sorted(FLOATS))}"
    extra = sorted(set(found) - set(shapes))
    if extra:
        return f"the shipped weights hold tensor `{extra[0]}`, which the recipe's model has not"
    return f"tensor `{entries[0].name}` or another is shipped twice" if len(entries) > len(found) else ""


def _read(bundle: Bundle, file: TensorFile) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    end = file.data_start + max((entry.end for entry in file.tensors), default=0)
    try:
        return load(bundle.read_bytes(file.file, limit=end))
    except Unreadable as error:
        raise CannotRun(
            f"the weights cannot be read: {error.what}", where=file.file, help=error.help
        ) from error
    except SafetensorError as error:
        raise CannotRun(
            f"the weights cannot be read: {error}", where=file.file, help="`fmaudit check` says what is wrong"
        ) from error
