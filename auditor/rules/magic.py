"""What files of weights are by their first bytes, against what their names say; two formats side by side."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.magic import kind_of
from auditor.rules.content import beginnings
from auditor.rules.leftovers import is_of_training
from auditor.rules.paths import whole_file
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

# What a name promises: kinds of auditor/readers/magic.py that it may begin as, beside what is not known.
# What a `.safetensors` file is instead, SCH001 tells.
_PROMISED: dict[str, tuple[str, ...]] = {
    ".gguf": ("gguf",),
    ".onnx": (),
    ".h5": ("hdf5",),
    ".hdf5": ("hdf5",),
    ".keras": ("zip", "hdf5"),
    ".npy": ("npy",),
    ".npz": ("zip",),
    ".msgpack": (),
    ".pb": (),
    ".pt": ("zip", "pickle", "tar"),
    ".pth": ("zip", "pickle", "tar"),
}
_TOLD_ELSEWHERE = ("program", "pickle")  # by SEC005 and SEC206
_ANY = (".bin", ".ckpt")  # names that any format has been given
_WEIGHTS = ("gguf", "safetensors", "hdf5", "npy")  # kinds that are loaded by a name of their own
# Formats that hold a model each; what stands beside safetensors as a second copy of the weights.
_COPIES = {
    ".gguf": "GGUF",
    ".onnx": "ONNX",
    ".onnx_data": "ONNX",
    ".h5": "HDF5",
    ".keras": "Keras",
    ".msgpack": "MessagePack",
    ".bin": "PyTorch",
    ".pt": "PyTorch",
    ".pth": "PyTorch",
    ".ckpt": "PyTorch",
}
_LEAST_SHARE = 8  # 4 bits a number beside 32: anything smaller is no second copy of the weights


@rule("WGT347", level="error", needs="bundle", since="2026.2")
def not_what_its_name_says(bundle: Bundle) -> Iterator[Fault]:
    r"""A file of weights is of another format than its name says.

    Why: Who trusts the name loads something else than was checked, or nothing at all.
    Bad:
        # model.gguf, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" b"\0\0\0\0\0\0\0\0"
    Good:
        # model.npy, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" b"\0\0\0\0\0\0\0\0"
    Fix: Name the file for what it is, or ship the right one.
    """
    for file, start in beginnings(bundle):
        promised = next(
            (kinds for ending, kinds in _PROMISED.items() if file.path.lower().endswith(ending)), None
        )
        kind, words = kind_of(start)
        if promised is not None and kind and kind not in (*promised, *_TOLD_ELSEWHERE):
            ending = file.path[file.path.rfind(".") :]
            yield whole_file(file.path).says(f"this is {words}, and the name ends in `{ending}`")


@rule("WGT348", level="warning", needs="bundle", since="2026.2")
def weights_under_a_vague_name(bundle: Bundle) -> Iterator[Fault]:
    r"""A file that is named `.bin` or `.ckpt` is of a format with a name of its own.

    Why: Tools choose how to load, check and convert weights by the name, and take these for PyTorch's.
    Bad:
        # weights.bin, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" b"\0\0\0\0\0\0\0\0"
    Good:
        # weights.npy, as bytes
        b"\x93NUMPY\1\0\x3a\0{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n" b"\0\0\0\0\0\0\0\0"
    Fix: Name the file for what it is.
    """
    for file, start in beginnings(bundle):
        kind, words = kind_of(start)
        if kind in _WEIGHTS and file.path.lower().endswith(_ANY):
            yield whole_file(file.path).says(f"this is {words}", help="name it for what it is")


@rule("WGT349", level="note", needs="bundle", since="2026.2")
def weights_in_two_formats(bundle: Bundle) -> Iterator[Fault]:
    r"""The bundle holds its weights in more than one format.

    Why: Two copies drift apart; which of them a user loads depends on their library. Claims and shapes are
        checked on the safetensors files.
    Bad:
        # model.safetensors, absent
        # fmaudit.yaml, absent
        # flax/model.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # flax/flax_model.msgpack, as bytes
        b"\x81\xa1x\xc7\x15\1\x93\x91\2\xa7float32\xc4\x08\0\0\0\0\0\0\0\0"
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship one format, or say in the card how the others were made from it.
    """
    # The parts of a pipeline are models of their own; elsewhere a second format often has a folder to itself.
    is_pipeline = bundle.has("model_index.json")
    sizes: dict[str, dict[str, int]] = {}
    first: dict[tuple[str, str], str] = {}
    for file in bundle.files:
        ending = file.path[file.path.rfind(".") :].lower()
        name = "safetensors" if ending == ".safetensors" else _COPIES.get(ending)
        if name and file.is_regular and not is_of_training(file.path):
            model = dirname(file.path) if is_pipeline else ""
            held = sizes.setdefault(model, {})
            held[name] = held.get(name, 0) + file.size_bytes
            first.setdefault((model, name), file.path)
    for model, held in sizes.items():
        whole = held.pop("safetensors", 0)
        copies = [name for name, size in sorted(held.items()) if size * _LEAST_SHARE >= whole]
        if whole and copies:
            yield whole_file(first[model, copies[0]]).says(
                f"the weights are here as safetensors and as {' and '.join(copies)}",
                whole_file(first[model, "safetensors"]),
            )
