"""Weights in several files: the index against the shards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.edits import number_written
from auditor.rules.indexes import Indexes, listed_in, numbered
from auditor.rules.paths import whole_file
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.safetensors import Tensor, TensorFile
    from auditor.rules.contents import Contents

Held = tuple["TensorFile", "Tensor"]


@rule("WGT101", level="error", needs=("indexes", "bundle"))
def shard_missing(indexes: Indexes, bundle: Bundle) -> Iterator[Fault]:
    """The index names a file that the bundle does not have.

    Why: Part of the weights is not there; some loaders then start with random ones and a warning.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship the shard, or write the index anew.
    """
    for index in indexes:
        for path, shard in index.shards.items():
            if bundle.file(path) is None:
                holds = "one tensor" if shard.n_tensors == 1 else f"{shard.n_tensors} tensors"
                yield index.entry(shard.first).says(
                    f"`{shown(shard.written)}` is missing; {holds} should be in it"
                )


@rule("WGT102", level="error", needs=("indexes", "weights"), klass="inconsistent")
def tensor_not_in_its_shard(indexes: Indexes, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """The index sends a tensor to a shard that does not hold it.

    Why: Loaders open the named shard and do not find the tensor.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors", "z": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the index anew from the shards.
    """
    held = {file.file: {tensor.name for tensor in file.tensors} for file in weights}
    owner = {name: file for file, names in held.items() for name in names}
    for index in indexes:
        for name, path in index.tensors.items():
            names = held.get(path)
            if names is not None and name not in names:
                where = f", it is in `{shown(owner[name])}`" if name in owner else ""
                written = index.shards[path].written
                yield index.entry(name).says(f"`{shown(name)}` is not in `{shown(written)}`{where}")


@rule("WGT103", level="error", needs=("indexes", "weights"), klass="inconsistent")
def tensor_not_in_index(indexes: Indexes, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """A shard holds tensors that the index does not name.

    Why: Loaders that follow the index drop them without a word.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the index anew from the shards.
    """
    for index in indexes:
        for file in index.held(weights):
            dropped = [tensor.name for tensor in file.tensors if tensor.name not in index.tensors]
            if dropped:
                more = f" and {len(dropped) - 1} more tensors" if len(dropped) > 1 else ""
                yield file.at(dropped[0]).says(
                    f"`{shown(dropped[0])}`{more} of `{shown(file.file)}` is not in the index",
                    index.document.key("weight_map"),
                )


@rule("WGT104", level="error", needs=("indexes", "weights", "contents"))
def tensor_in_two_shards(
    indexes: Indexes, weights: tuple[TensorFile, ...], contents: Contents
) -> Iterator[Fault]:
    """Two shards of one index hold a tensor of the same name, and not the same numbers.

    Why: Which of the two is loaded depends on the loader.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Store each tensor once.
    """
    for (file, tensor), (other, twin) in _twice(indexes, weights):
        alike = (tensor.dtype, tensor.shape) == (twin.dtype, twin.shape)
        if not alike or not contents.same((file, tensor), (other, twin)):
            kind = "" if alike else ", in another format or shape,"
            yield file.at(tensor.name).says(
                f"`{shown(tensor.name)}` is in `{shown(other.file)}` and{kind} in `{shown(file.file)}`",
                other.at(twin.name),
            )


@rule("WGT112", level="warning", needs=("indexes", "weights", "contents"), since="2026.2")
def tensor_stored_twice(
    indexes: Indexes, weights: tuple[TensorFile, ...], contents: Contents
) -> Iterator[Fault]:
    """Two shards of one index hold the same tensor, number by number.

    Why: One of the two is loaded for nothing, and whoever changes one later has two models in one release.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header, filled with 60
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header, filled with 60
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Store each tensor once.
    """
    for (file, tensor), (other, twin) in _twice(indexes, weights):
        alike = (tensor.dtype, tensor.shape) == (twin.dtype, twin.shape)
        if alike and contents.same((file, tensor), (other, twin)):
            yield file.at(tensor.name).says(
                f"`{shown(tensor.name)}` is in `{shown(other.file)}` and again in `{shown(file.file)}`",
                other.at(twin.name),
            )


@rule("WGT105", level="warning", needs=("indexes", "weights"), klass="inconsistent", after=("WGT101",))
def total_size_differs(indexes: Indexes, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """`total_size` of the index is not the number of bytes of all tensors.

    Why: Tools plan memory and downloads by it; a wrong one often tells of shards from two versions.
    Bad:
        # part.safetensors.index.json, whole file
        {"metadata": {"total_size": 16}, "weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part.safetensors.index.json, whole file
        {"metadata": {"total_size": 8}, "weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the index anew from the shards.
    """
    for index in indexes:
        document, held = index.document, index.held(weights)
        stated = document.get("metadata", "total_size")
        actual = sum(tensor.end - tensor.begin for file in held for tensor in file.tensors)
        number = isinstance(stated, int) and not isinstance(stated, bool)
        if number and held and len(held) == len(index.shards) and stated != actual:
            yield document.at("metadata", "total_size").says(
                f"`total_size` is {shown(document.printed('metadata', 'total_size') or '')}, "
                f"the tensors of all shards have {actual} bytes",
                fix=number_written(document, ("metadata", "total_size"), str(actual), "unsafe"),
            )


@rule("WGT106", level="warning", needs="bundle")
def shards_incomplete(bundle: Bundle) -> Iterator[Fault]:
    """Files are numbered as shards, and one of the numbers is missing.

    Why: `part-00001-of-00002.safetensors` says that there is a second file with the rest of the weights.
    Bad:
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship all shards, or rename the file.
    """
    listed = {path for index in listed_in(bundle) for path in index.shards}
    sets = numbered(bundle)
    totals = Counter(stem for stem, _ in sets)
    for (stem, total), there in sets.items():
        missing = total - len(there)
        told = not listed.isdisjoint(there.values())  # WGT101 names them
        mixed = max(there) > total or totals[stem] > 1  # WGT111 tells
        if missing > 0 and not told and not mixed:
            yield whole_file(there[min(there)]).says(
                f"{missing} of {total} shards of `{shown(stem)}` are missing"
            )


def _twice(indexes: Indexes, weights: tuple[TensorFile, ...]) -> Iterator[tuple[Held, Held]]:
    """Each tensor of a shard whose name an earlier shard of the same index has, with that one."""
    for index in indexes:
        first: dict[str, Held] = {}
        for file in index.held(weights):
            for tensor in {tensor.name: tensor for tensor in file.tensors}.values():
                other = first.setdefault(tensor.name, (file, tensor))
                if other[0] is not file:
                    yield (file, tensor), other
