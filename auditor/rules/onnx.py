"""ONNX models: their tensors against the bytes that they have, in the model or in other files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.readers.window import Window
from auditor.rules.formats import Taken, named, refuse_others, take
from auditor.rules.paths import escapes, is_url, resolved
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.onnx import OnnxFile, OnnxTensor

    Onnxs = Taken[OnnxFile]


@provides("onnx")
def onnx_files(bundle: Bundle) -> Onnxs | Absent:
    """The graphs of all ONNX models; the format has no magic, so that their names decide."""
    return take(bundle, named(bundle, ".onnx"), _read, "ONNX models")


@rule("WGT321", level="error", needs="onnx", klass="impossible", since="2026.2")
def onnx_tensor_size_differs(files: Onnxs) -> Iterator[Fault]:
    """A tensor in an ONNX model has not as many bytes as its shape and number format need.

    Why: The tensor cannot be read; a runtime that does not check reads beyond it.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [3],
          "raw_data": "0000803f 00000040"}}}
    Good:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2],
          "raw_data": "0000803f 00000040"}}}
    Fix: Export the model anew.
    Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (TensorProto)
    """
    for file in files:
        for tensor in file.tensors:
            held = None if tensor.is_external else _held(tensor)
            if min(tensor.shape, default=0) < 0:
                yield file.at(tensor.name).says(f"{_called(tensor)} has a negative side: {_shape(tensor)}")
            elif held is not None:
                yield file.at(tensor.name).says(
                    f"{_called(tensor)} ({_shape(tensor)}, {tensor.type_name}) {held}"
                )


@rule("WGT322", level="error", needs=("onnx", "bundle"), since="2026.2")
def onnx_data_missing(files: Onnxs, bundle: Bundle) -> Iterator[Fault]:
    r"""An ONNX model keeps tensors in a file that the bundle does not have.

    Why: The model cannot be loaded: the weights are not there.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"}]}}}
    Good:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"}]}}}
        # model.onnx_data, as bytes
        b"\0\0\0\0\0\0\0\0"
    Fix: Ship the file beside the model, or save the model with its data inside.
    Source: https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
    """
    for file in files:
        tensors: dict[str, list[OnnxTensor]] = {}
        for tensor in file.tensors:
            location = tensor.says("location")
            if tensor.is_external and not leads_out(location or "", file):
                tensors.setdefault(location or "", []).append(tensor)
        for location, users in tensors.items():
            if not location:
                yield file.at(users[0].name).says(
                    f"{_called(users[0])} lies in another file, and no `location` says in which"
                )
            elif bundle.file(resolved(location, file.file)) is None:
                holds = "one tensor" if len(users) == 1 else f"{len(users)} tensors"
                yield file.at(users[0].name).says(f"`{shown(location)}` is missing; {holds} should be in it")


@rule("WGT323", level="error", needs=("onnx", "bundle"), klass="impossible", since="2026.2")
def onnx_data_out_of_bounds(files: Onnxs, bundle: Bundle) -> Iterator[Fault]:
    r"""A tensor of an ONNX model lies beyond the end of its file, or in a stretch that is too short or long.

    Why: The file was cut off or is of another model; a runtime that does not check reads what lies there.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"},
                            {"key": "offset", "value": "4"}]}}}
        # model.onnx_data, as bytes
        b"\0\0\0\0\0\0\0\0"
    Good:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"},
                            {"key": "length", "value": "8"}]}}}
        # model.onnx_data, as bytes
        b"\0\0\0\0\0\0\0\0"
    Fix: Copy both files again, or export the model anew.
    Source: https://github.com/onnx/onnx/blob/main/docs/ExternalData.md
    """
    for file in files:
        beyond: dict[tuple[str, int], list[tuple[int, OnnxTensor]]] = {}
        for tensor in file.tensors:
            if tensor.is_external:
                wrong, location, end = _lies(tensor)
                target = bundle.file(resolved(location, file.file)) if location else None
                if wrong:
                    yield file.at(tensor.name).says(wrong)
                elif target is not None and target.is_regular and end > target.size_bytes:
                    beyond.setdefault((location, target.size_bytes), []).append((end, tensor))
        for (location, size), tensors in beyond.items():
            end, last = max(tensors, key=lambda one: one[0])
            also = f", as the last of {len(tensors)} beyond its end" if tensors[1:] else ""
            yield file.at(last.name).says(
                f"{_called(last)} ends at byte {end:,} of `{shown(location)}`, which has {size:,}{also}"
            )


@rule("WGT324", level="error", needs="onnx", since="2026.2")
def onnx_tensor_name_twice(files: Onnxs) -> Iterator[Fault]:
    """A graph of an ONNX model has two initializers of one name.

    Why: Names are to be unique in a graph: which of the two is meant, each runtime decides for itself.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"initializer": [{"name": "w", "data_type": 2, "dims": [1], "raw_data": "01"},
                                   {"name": "w", "data_type": 2, "dims": [1], "raw_data": "02"}]}}
    Good:
        # model.onnx, as protobuf
        {"graph": {"initializer": [{"name": "w", "data_type": 2, "dims": [1], "raw_data": "01"},
                                   {"name": "v", "data_type": 2, "dims": [1], "raw_data": "02"}]}}
    Fix: Export the model anew.
    Source: https://github.com/onnx/onnx/blob/main/docs/IR.md#names-within-a-graph
    """
    for file in files:
        seen: dict[tuple[int, str], int] = {}
        for tensor in file.tensors:
            if tensor.graph is not None and tensor.name:
                key = tensor.graph, tensor.name
                seen[key] = seen.get(key, 0) + 1
        for (_, name), count in seen.items():
            if count > 1:
                yield file.at(name).says(f"{count} initializers are named `{shown(name)}`")


def _read(window: Window) -> OnnxFile:
    from auditor.readers.onnx import read_onnx

    refuse_others(window)
    return read_onnx(window)


def _held(tensor: OnnxTensor) -> str | None:
    """What is wrong with what the model itself holds of a tensor; None where nothing is."""
    if tensor.raw_bytes is not None:
        needed = tensor.size_bytes
        if needed is None or needed == tensor.raw_bytes:
            return None
        return f"needs {needed:,} bytes, `raw_data` has {tensor.raw_bytes:,}"
    n_typed, needed = tensor.n_typed, tensor.n_values
    if n_typed is None or needed is None:
        return None
    return None if n_typed == needed else f"needs {needed:,} values, the model holds {n_typed:,}"


def _lies(tensor: OnnxTensor) -> tuple[str, str, int]:
    """What is wrong with how a model says where a tensor lies; in which file, and where it ends there."""
    location, needed = tensor.says("location") or "", tensor.size_bytes
    stated = [tensor.says("offset") or "0", tensor.says("length") or str(needed or 0)]
    for key, text in zip(("offset", "length"), stated, strict=True):
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            return f"`{key}` of {_called(tensor)} is `{shown(text)}`, expected a whole number", location, 0
    offset, length = map(int, stated)
    if needed is not None and length != needed:
        what = f"{_called(tensor)} ({_shape(tensor)}, {tensor.type_name})"
        return f"{what} needs {needed:,} bytes, `length` is {length:,}", location, 0
    return "", location, offset + length


def leads_out(location: str, file: OnnxFile) -> bool:
    """Whether a location names a file outside of the bundle."""
    return is_url(location) or escapes(location, file.file)


def _called(tensor: OnnxTensor) -> str:
    return f"`{shown(tensor.name)}`" if tensor.name else "a tensor of a node"


def _shape(tensor: OnnxTensor) -> str:
    return shown("x".join(map(str, tensor.shape)) or "a single number")
