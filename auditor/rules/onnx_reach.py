"""ONNX models: the other files that they name, and whose operators they need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.onnx import leads_out
from auditor.rules.paths import resolved
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.onnx import Onnxs

# Domains whose operators ONNX, ONNX Runtime or PyTorch's exporter bring along; whoever runs the model needs
# no code of the release. `pkg.` is what the exporter calls the functions it writes into the model itself.
_KNOWN_DOMAINS = frozenset(
    {
        *("", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "ai.onnx.preview"),
        *("com.microsoft", "com.microsoft.nchwc", "com.microsoft.dml", "com.microsoft.experimental"),
        *("com.ms.internal.nhwc", "org.pytorch.aten"),
    }
)
_PYTHON = frozenset({"PyOp", "PyCustomOp", "PythonOp", "PythonOpGrad"})  # onnxruntime, onnxruntime-extensions
# onnx/external_data_helper.py, ExternalDataInfo; ONNX Runtime adds keys that begin with `prepacked`.
_EXTERNAL_KEYS = frozenset({"location", "offset", "length", "checksum", "basepath"})


@rule("SEC401", level="error", needs="onnx", since="2026.2")
def onnx_data_leads_out(files: Onnxs) -> Iterator[Fault]:
    r"""An ONNX model takes tensors from a file outside of the bundle.

    Why: Whoever loads the model reads that file of theirs into it, or, saving it, writes over that file.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "../../../home/user/.ssh/id_rsa"}]}}}
    Good:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"}]}}}
        # model.onnx_data, as bytes
        b"\0\0\0\0\0\0\0\0"
    Fix: Keep the data beside the model, and name it without a folder above.
    Source: CVE-2022-25882, CVE-2024-27318, CVE-2024-5187, CVE-2025-51480, CVE-2026-27489
    """
    for file in files:
        users: dict[str, list[str]] = {}
        for tensor in file.tensors:
            for key, location in tensor.external:  # a key may stand twice, and readers differ then
                if key == "location" and location and leads_out(location, file):
                    users.setdefault(location, []).append(tensor.name)
        for location, names in users.items():
            yield file.at(names[0]).says(f"`{shown(location)}` leads out of the bundle")


@rule("SEC402", level="warning", needs=("onnx", "bundle"), since="2026.2")
def onnx_data_is_a_link(files: Onnxs, bundle: Bundle) -> Iterator[Fault]:
    r"""An ONNX model keeps tensors in a file that is a link.

    Why: onnx refuses links since 1.21, because they may lead to any file of whoever loads the model.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"}]}}}
        # weights.dat, as bytes
        b"\0\0\0\0\0\0\0\0"
        # model.onnx_data, link to weights.dat
    Good:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"}]}}}
        # model.onnx_data, as bytes
        b"\0\0\0\0\0\0\0\0"
    Fix: Put the file itself there.
    Source: https://github.com/onnx/onnx/pull/7717 (CVE-2026-27489)
    """
    for file in files:
        locations = {tensor.says("location") or "" for tensor in file.tensors if tensor.is_external}
        for location in sorted(locations):
            target = bundle.file(resolved(location, file.file))
            if target is not None and target.is_link and not target.leads_out:  # else SEC001 tells of it
                yield file.at(location).says(f"`{shown(location)}` is a link, which onnx refuses")


@rule("SEC403", level="warning", needs="onnx", since="2026.2")
def onnx_data_key_unknown(files: Onnxs) -> Iterator[Fault]:
    r"""An ONNX model describes the place of a tensor with a key that the format does not have.

    Why: onnx up to 1.20 sets whatever key stands there as an attribute of an object of its own.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"},
                            {"key": "__class__", "value": "x"}]}}}
        # model.onnx_data, as bytes
        b"\0\0\0\0\0\0\0\0"
    Good:
        # model.onnx, as protobuf
        {"graph": {"initializer": {"name": "w", "data_type": 1, "dims": [2], "data_location": 1,
          "external_data": [{"key": "location", "value": "model.onnx_data"},
                            {"key": "offset", "value": "0"}]}}}
        # model.onnx_data, as bytes
        b"\0\0\0\0\0\0\0\0"
    Fix: Export the model anew.
    Source: CVE-2026-34445
    """
    for file in files:
        told = set()
        for tensor in file.tensors:
            for key, _ in tensor.external:
                if key not in _EXTERNAL_KEYS and not key.startswith("prepacked") and key not in told:
                    told.add(key)
                    yield file.at(tensor.name).says(f"`{shown(key)}` is no key of external data")


@rule("SEC404", level="warning", needs="onnx", since="2026.2")
def onnx_needs_foreign_operators(files: Onnxs) -> Iterator[Fault]:
    """An ONNX model uses operators that no runtime brings along.

    Why: To run the model one must load a compiled library that implements them; it can do anything.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"node": {"op_type": "Decrypt", "domain": "example.custom"}}}
    Good:
        # model.onnx, as protobuf
        {"graph": {"node": {"op_type": "Relu"}}}
    Fix: Express them by operators of ONNX or as functions in the model, or say where the library comes from.
    Source: https://onnxruntime.ai/docs/reference/operators/add-custom-op.html
    """
    for file in files:
        foreign: dict[str, list[str]] = {}
        for domain, name in file.operators:
            known = domain in _KNOWN_DOMAINS or (domain, name) in file.functions or name in _PYTHON
            if not known:
                foreign.setdefault(domain, []).append(name)
        for domain, names in foreign.items():
            listed = ", ".join(f"`{shown(name)}`" for name in sorted(names)[:5])
            more = f" and {len(names) - 5} more" if names[5:] else ""
            yield file.at(domain).says(f"the domain `{shown(domain)}` must bring {listed}{more}")


@rule("SEC405", level="error", needs="onnx", since="2026.2")
def onnx_calls_python(files: Onnxs) -> Iterator[Fault]:
    """An ONNX model has an operator that calls a Python function.

    Why: The model alone does not say what is run: it calls back into code of whoever trained it.
    Bad:
        # model.onnx, as protobuf
        {"graph": {"node": {"op_type": "PythonOp", "domain": "com.microsoft"}}}
    Good:
        # model.onnx, as protobuf
        {"graph": {"node": {"op_type": "Relu"}}}
    Fix: Export the model without functions of your own.
    Source: https://github.com/microsoft/onnxruntime-extensions/blob/main/docs/pyop.md
    """
    for file in files:
        for (domain, name), count in file.operators.items():
            if name in _PYTHON and (domain, name) not in file.functions:
                nodes = "one node calls" if count == 1 else f"{count} nodes call"
                yield file.at(name).says(f"{nodes} Python through `{shown(name)}`")
