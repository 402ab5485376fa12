"""The weights in the bundle, read without executing anything, as the tensors of the reference model."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from auditor.bundle import Absent, Bundle, Unread
from auditor.errors import CannotRun
from auditor.readers.document import Unreadable
from auditor.readers.safetensors import TensorFile

MOST_BYTES = 64 * 2**30  # of one shard


def shipped_weights(bundle: Bundle, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor] | str:
    """The bundle's weights by tensor name, or why they are not the model's.

    Raises:
        CannotRun: a weights file cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    files = bundle.get("weights")
    if isinstance(files, Absent | Unread):
        return files.reason
    assert isinstance(files, tuple)
    tensors: dict[str, Tensor] = {}
    for file in files:
        assert isinstance(file, TensorFile)
        try:
            tensors |= load(bundle.read_bytes(file.file, limit=MOST_BYTES))
        except (SafetensorError, Unreadable) as error:
            raise CannotRun(
                f"the weights cannot be read: {error}",
                where=file.file,
                help="`fmaudit check` says what is wrong",
            ) from error
    for name, shape in shapes.items():
        if name not in tensors:
            return f"the shipped weights lack tensor `{name}`"
        if tuple(tensors[name].shape) != shape:
            met = "x".join(map(str, tensors[name].shape))
            return f"tensor `{name}` is {met}, the recipe's model has {'x'.join(map(str, shape))}"
        if not tensors[name].is_floating_point():
            return f"tensor `{name}` holds {tensors[name].dtype}, not floating point"
    extra = sorted(set(tensors) - set(shapes))
    if extra:
        return f"the shipped weights hold tensor `{extra[0]}`, which the recipe's model has not"
    return {name: tensors[name].float() for name in shapes}
