"""One GGUF file against its format: sizes, places, names and types of its tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.readers.window import Window
from auditor.rules.formats import Taken, of_kind, refuse_others, take
from auditor.rules.registry import provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.gguf import GgufFile, GgufTensor

    Ggufs = Taken[GgufFile]


@provides("gguf")
def gguf_files(bundle: Bundle) -> Ggufs | Absent:
    """The headers of all GGUF files, whatever their names."""
    return take(bundle, of_kind(bundle, "gguf", ".gguf"), _read, "GGUF files")


@rule("WGT301", level="error", needs="gguf", klass="impossible", since="2026.2")
def gguf_truncated(files: Ggufs) -> Iterator[Fault]:
    """A GGUF file ends before its tensors do.

    Why: The download or copy broke off, or the header lies; loaders stop, or map memory that is not there.
    Bad:
        # model.gguf, header, 20 bytes short
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [4]}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [4]}]}
    Fix: Copy or download the file again and compare digests.
    Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
    """
    for file in files:
        beyond = []
        for tensor in file.tensors:
            end = _end(file, tensor)
            if end is not None and end > file.size_bytes:
                beyond.append((end, tensor))
        if beyond:
            end, last = max(beyond, key=lambda one: one[0])
            also = f", the last of {len(beyond)} tensors that do not lie in the file" if beyond[1:] else ""
            yield file.at(last.name).says(
                f"`{shown(last.name)}` ({_shape(last)}, {last.type_name}) ends at byte {end:,}{also}; the "
                f"file has {file.size_bytes:,} bytes: {end - file.size_bytes:,} are missing"
            )


@rule("WGT302", level="error", needs="gguf", since="2026.2")
def gguf_offset_misaligned(files: Ggufs) -> Iterator[Fault]:
    """A tensor of a GGUF file begins at a place that its alignment does not allow.

    Why: The format demands multiples of `general.alignment`, and loaders refuse anything else.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [4], "offset": 4}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [4]}]}
    Fix: Write the file with gguf.GGUFWriter or llama.cpp.
    Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
    """
    for file in files:
        odd = [tensor for tensor in file.tensors if tensor.offset % file.alignment]
        if odd:
            more = f"; so do {len(odd) - 1} more" if odd[1:] else ""
            yield file.at(odd[0].name).says(
                f"`{shown(odd[0].name)}` begins at byte {odd[0].offset:,} of the data, which is no multiple "
                f"of {file.alignment}{more}"
            )


@rule("WGT303", level="error", needs="gguf", since="2026.2")
def gguf_tensors_overlap(files: Ggufs) -> Iterator[Fault]:
    """Two tensors of a GGUF file share bytes.

    Why: Each is to have its own place: loaders refuse the file, or read one tensor's numbers as another's.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [16]}, {"name": "y", "shape": [8], "offset": 32}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [16]}, {"name": "y", "shape": [8], "offset": 64}]}
    Fix: Write the file with gguf.GGUFWriter or llama.cpp.
    """
    for file in files:
        for before, tensor in _overlaps(file):
            yield file.at(tensor.name).says(
                f"`{shown(tensor.name)}` begins at byte {tensor.offset:,} of the data, "
                f"`{shown(before.name)}` ends at {before.offset + (before.size_bytes or 0):,}"
            )


@rule("WGT304", level="warning", needs="gguf", since="2026.2")
def gguf_tensor_misplaced(files: Ggufs) -> Iterator[Fault]:
    """A tensor of a GGUF file does not follow the one that is listed before it.

    Why: llama.cpp refuses files whose tensors are out of order or leave a gap; a gap can hide anything.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [8]}, {"name": "y", "shape": [8], "offset": 64}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [8]}, {"name": "y", "shape": [8], "offset": 32}]}
    Fix: Write the file with gguf.GGUFWriter or llama.cpp.
    Source: https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/gguf.cpp
    """
    for file in files:
        told = {tensor.name for _, tensor in _overlaps(file)}
        expected = 0
        for tensor in file.tensors:
            if tensor.size_bytes is None:
                break  # where the next one should begin is not known
            if tensor.offset != expected and not tensor.offset % file.alignment and tensor.name not in told:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` begins at byte {tensor.offset:,} of the data, "
                    f"expected {expected:,}"
                )
            expected = _padded(tensor.offset + tensor.size_bytes, file.alignment)


@rule("WGT305", level="warning", needs="gguf", since="2026.2")
def gguf_trailing_bytes(files: Ggufs) -> Iterator[Fault]:
    """Bytes follow the last tensor of a GGUF file.

    Why: No reader looks at them: a file could carry something else at its end.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [8]}],
         "more bytes": 40}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [8]}]}
    Fix: Write the file with gguf.GGUFWriter or llama.cpp.
    """
    for file in files:
        if all(tensor.size_bytes is not None for tensor in file.tensors):
            ends = (_end(file, tensor) or 0 for tensor in file.tensors)
            extra = file.size_bytes - _padded(max(ends, default=file.data_start), file.alignment)
            if extra > 0:
                yield file.at().says(f"{extra:,} bytes follow the last tensor")


@rule("WGT306", level="error", needs="gguf", since="2026.2")
def gguf_name_twice(files: Ggufs) -> Iterator[Fault]:
    """A GGUF file has two tensors, or two keys, of one name.

    Why: Some readers refuse the file, others take the first or the last: two people load two models.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [8]}, {"name": "x", "shape": [8], "offset": 32}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [8]}, {"name": "y", "shape": [8], "offset": 32}]}
    Fix: Write the file with gguf.GGUFWriter or llama.cpp.
    Source: https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/gguf.cpp
    """
    for file in files:
        for key in file.doubled:
            yield file.at(key).says(f"the key `{shown(key)}` is given more than once")
        seen: dict[str, int] = {}
        for tensor in file.tensors:
            seen[tensor.name] = seen.get(tensor.name, 0) + 1
        for name, count in seen.items():
            if count > 1:
                yield file.at(name).says(f"{count} tensors are named `{shown(name)}`")


@rule("WGT307", level="warning", needs="gguf", since="2026.2")
def gguf_unknown_type(files: Ggufs) -> Iterator[Fault]:
    """A tensor of a GGUF file has a number format that is not known, or no longer.

    Why: How many bytes it has cannot be told, so that neither its end nor what follows could be checked.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [32], "type": 4}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [32], "type": 2}]}
    Fix: Convert the model anew: formats 4, 5, 31 to 33 and 36 to 38 were removed from ggml. A newer number
        may be one that this version of fmaudit does not know yet.
    Source: https://github.com/ggml-org/ggml/blob/master/include/ggml.h (enum ggml_type)
    """
    for file in files:
        unknown: dict[int, list[GgufTensor]] = {}
        for tensor in file.tensors:
            if tensor.type_name is None:
                unknown.setdefault(tensor.kind, []).append(tensor)
        for kind, tensors in unknown.items():
            count = "one tensor has" if len(tensors) == 1 else f"{len(tensors)} tensors have"
            yield file.at(tensors[0].name).says(
                f"{count} number format {kind:,}, which is not known, first `{shown(tensors[0].name)}`"
            )


@rule("WGT308", level="error", needs="gguf", klass="impossible", since="2026.2")
def gguf_row_splits_block(files: Ggufs) -> Iterator[Fault]:
    """A row of a quantised tensor is no whole number of blocks.

    Why: Quantised numbers are stored in blocks that never reach over the end of a row: no such tensor exists.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [48], "type": 2}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"},
         "tensors": [{"name": "x", "shape": [64], "type": 2}]}
    Fix: Write the file with gguf.GGUFWriter or llama.cpp, which keep such a tensor unquantised.
    Source: https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/gguf.cpp
    """
    for file in files:
        for tensor in file.tensors:
            if tensor.shape and tensor.shape[0] % tensor.block:
                yield file.at(tensor.name).says(
                    f"`{shown(tensor.name)}` has rows of {tensor.shape[0]:,} values, and {tensor.type_name} "
                    f"stores {tensor.block} at a time"
                )


def _read(window: Window) -> GgufFile:
    from auditor.readers.gguf import read_gguf

    refuse_others(window, "gguf")
    return read_gguf(window)


def _end(file: GgufFile, tensor: GgufTensor) -> int | None:
    """Where the tensor ends in the file; None where its type is unknown."""
    size = tensor.size_bytes
    return None if size is None else file.data_start + tensor.offset + size


def _overlaps(file: GgufFile) -> Iterator[tuple[GgufTensor, GgufTensor]]:
    """Each tensor that begins before another one has ended, after that one."""
    furthest: GgufTensor | None = None
    end = 0
    for tensor in sorted(file.tensors, key=lambda tensor: (tensor.offset, tensor.size_bytes or 0)):
        if tensor.size_bytes:
            if furthest is not None and tensor.offset < end:
                yield furthest, tensor
            if tensor.offset + tensor.size_bytes > end:
                furthest, end = tensor, tensor.offset + tensor.size_bytes


def _padded(place: int, alignment: int) -> int:
    return -(-place // alignment) * alignment


def _shape(tensor: GgufTensor) -> str:
    return shown("x".join(map(str, tensor.shape)) or "a single number")
