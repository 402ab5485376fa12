"""Files that are not what their names say because they were never fetched: pointers, pages, nothing at all.

A safetensors file in whose place such a thing lies cannot be read at all, and SCH001 tells what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.document import Document, Unreadable
from auditor.readers.stand_ins import MAX_POINTER_BYTES, StandIn, stand_in
from auditor.rules.content import beginnings, is_pointer
from auditor.rules.data import local_files
from auditor.rules.paths import whole_file
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle, File

Faults = tuple[tuple[str, Unreadable], ...]
WEIGHTS = (  # endings of files that hold weights, and of what is needed beside them to use a model
    *(".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".gguf", ".ggml"),
    *(".onnx", ".onnx_data", ".h5", ".hdf5", ".keras", ".msgpack", ".pb", ".tflite", ".npz", ".npy"),
    *(".pdparams", ".mlmodel", ".nemo", ".params", ".weights", ".engine", ".pte", ".llamafile", ".model"),
)  # fmt: skip


@rule("WGT020", level="error", needs=("unreadable", "bundle"), since="2026.2")
def file_is_pointer(unreadable: Faults, bundle: Bundle) -> Iterator[Fault]:
    """A file is a pointer of Git LFS, git-annex or Xet, not the file itself.

    Why: The repository was copied without its large files; the few lines of text name the weights and are
        not them.
    Bad:
        # pytorch_model.bin, whole file
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 438963192
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Run `git lfs pull`, or the like, before publishing.
    Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    """
    for file, found in _stand_ins(bundle, unreadable):
        if found.is_pointer and file.size_bytes < MAX_POINTER_BYTES and not _is_data(bundle, file):
            yield whole_file(file.path).says(f"this is {found.kind}, not the file itself", help=found.remedy)


@rule("WGT021", level="error", needs=("unreadable", "bundle"), since="2026.2")
def weights_are_empty(unreadable: Faults, bundle: Bundle) -> Iterator[Fault]:
    """A file of weights holds not one byte.

    Why: It was created and never written: a download or an export broke off.
    Bad:
        # model.onnx, whole file, as hex
    Good:
        # extra.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Fetch or export it again.
    """
    told = {path for path, _ in unreadable}
    for file in bundle.files:
        empty = file.is_regular and file.size_bytes == 0 and file.path not in told
        if empty and file.path.lower().endswith(WEIGHTS):
            yield whole_file(file.path).says("the file is empty")


@rule("WGT022", level="error", needs=("unreadable", "bundle"), since="2026.2")
def weights_are_a_page(unreadable: Faults, bundle: Bundle) -> Iterator[Fault]:
    """A file of weights is a web page, or what a server said instead of it.

    Why: The download needed a login or met a wrong address, and what came was stored under the weights' name.
    Bad:
        # pytorch_model.bin, whole file
        <!DOCTYPE html>
        <html><head><title>Sign in</title></head></html>
    Good:
        # notes.html, whole file
        <!DOCTYPE html>
        <html><head><title>Notes</title></head></html>
    Fix: Download the file again, and look at its size.
    """
    for file, found in _stand_ins(bundle, unreadable):
        if not found.is_pointer and file.path.lower().endswith(WEIGHTS):
            yield whole_file(file.path).says(f"this is {found.kind}, not weights", help=found.remedy)


def _stand_ins(bundle: Bundle, unreadable: Faults) -> Iterator[tuple[File, StandIn]]:
    """Every file that is something else instead, without those that SCH001 tells of."""
    told = {path for path, _ in unreadable}
    for file, start in beginnings(bundle):
        found = stand_in(start)
        if found is not None and file.path not in told:
            yield file, found


def _is_data(bundle: Bundle, file: File) -> bool:
    """Whether it is a data file whose pointer DATA102 tells of."""
    data = bundle.get("data")
    listed = isinstance(data, Document) and any(local == file.path for _, _, local in local_files(data))
    return listed and is_pointer(bundle, file.path)
