"""The weights in the bundle, read without executing anything, as the tensors of the reference model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Bundle, Unread
from auditor.errors import CannotRun
from auditor.readers.document import Unreadable
from auditor.readers.released import released
from auditor.readers.safetensors import Tensor as Entry
from auditor.readers.safetensors import TensorFile

if TYPE_CHECKING:
    from torch import Tensor

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

    Only what a loader loads counts (see `released`), not what lies beside it. Headers are held against the
    model before any data is read.

    Raises:
        CannotRun: a weights file cannot be read.
    """
    files = bundle.get("weights")
    if isinstance(files, Absent | Unread):
        return NoWeights(files.reason, foreign=isinstance(files, Unread))
    assert isinstance(files, tuple)
    entries = released(files)
    if not entries:
        return NoWeights("it is in doubt which of the weights files are the model", foreign=True)
    used = {file.file: file for file, _ in entries.values()}
    fault = _misfit({name: entry for name, (_, entry) in entries.items()}, shapes)
    if not fault and sum(len(file.tensors) for file in used.values()) > len(entries):
        fault = "a tensor is shipped twice"
    if fault:
        return NoWeights(fault, foreign=True)
    tensors: dict[str, Tensor] = {}
    for file in used.values():
        tensors |= _read(bundle, file)
    return {name: tensors[name].float() for name in shapes}


def _misfit(found: Mapping[str, Entry], shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Why these tensors are not the model's; empty where they are."""
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
    return ""


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
