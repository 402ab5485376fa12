"""Weights in several files: the index against the shards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.paths import escapes, resolved, whole_file
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.safetensors import TensorFile

_SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.safetensors")


@rule("WGT101", level="error", needs=("index", "bundle"))
def shard_missing(index: Document, bundle: Bundle) -> Iterator[Fault]:
    """The index names a file that the bundle does not have.

    Why: Part of the weights is not there; some loaders then start with random ones and a warning.
    Bad:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00002.safetensors", "y": "model-00002-of-00002.safetensors"}}
        # model-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00002.safetensors", "y": "model-00002-of-00002.safetensors"}}
        # model-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # model-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship the shard, or write the index anew.
    """
    tensors: dict[str, list[str]] = {}
    for name, shard in _weight_map(index):
        tensors.setdefault(shard, []).append(name)
    for shard, names in tensors.items():
        if bundle.file(resolved(shard, index.file)) is None:
            holds = "one tensor" if len(names) == 1 else f"{len(names)} tensors"
            yield index.at("weight_map", names[0]).says(
                f"`{shown(shard)}` is missing; {holds} should be in it"
            )


@rule("WGT102", level="error", needs=("index", "weights"), klass="inconsistent")
def tensor_not_in_its_shard(index: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """The index sends a tensor to a shard that does not hold it.

    Why: Loaders open the named shard and do not find the tensor.
    Bad:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00001.safetensors", "z": "model-00001-of-00001.safetensors"}}
        # model-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00001.safetensors"}}
        # model-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the index anew from the shards.
    """
    held = {file.file: {tensor.name for tensor in file.tensors} for file in weights}
    owner = {name: file for file, names in held.items() for name in names}
    for name, shard in _weight_map(index):
        names = held.get(resolved(shard, index.file))
        if names is not None and name not in names:
            where = f", it is in `{shown(owner[name])}`" if name in owner else ""
            yield index.at("weight_map", name).says(f"`{shown(name)}` is not in `{shown(shard)}`{where}")


@rule("WGT103", level="error", needs=("index", "weights"), klass="inconsistent")
def tensor_not_in_index(index: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """A shard holds tensors that the index does not name.

    Why: Loaders that follow the index drop them without a word.
    Bad:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00001.safetensors"}}
        # model-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00001.safetensors"}}
        # model-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the index anew from the shards.
    """
    listed = dict(_weight_map(index))
    shards = {resolved(shard, index.file) for shard in listed.values()}
    for file in weights:
        dropped = [tensor.name for tensor in file.tensors if tensor.name not in listed]
        if file.file in shards and dropped:
            more = f" and {len(dropped) - 1} more tensors" if len(dropped) > 1 else ""
            yield file.at(dropped[0]).says(
                f"`{shown(dropped[0])}`{more} of `{shown(file.file)}` is not in the index",
                index.key("weight_map"),
            )


@rule("WGT104", level="error", needs=("index", "weights"))
def tensor_in_two_shards(index: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """Two shards of one index hold a tensor of the same name.

    Why: Which of the two is loaded depends on the loader.
    Bad:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00002.safetensors", "y": "model-00002-of-00002.safetensors"}}
        # model-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # model-00002-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "y": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}
    Good:
        # model.safetensors.index.json, whole file
        {"weight_map": {"x": "model-00001-of-00002.safetensors", "y": "model-00002-of-00002.safetensors"}}
        # model-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # model-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Store each tensor once.
    """
    shards = {resolved(shard, index.file) for _, shard in _weight_map(index)}
    first: dict[str, TensorFile] = {}
    for file in weights:
        for name in {tensor.name: None for tensor in file.tensors} if file.file in shards else ():
            other = first.setdefault(name, file)
            if other is not file:
                yield file.at(name).says(
                    f"`{shown(name)}` is in `{shown(other.file)}` and in `{shown(file.file)}`", other.at(name)
                )


@rule("WGT105", level="warning", needs=("index", "weights"), klass="inconsistent", after=("WGT101",))
def total_size_differs(index: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """`total_size` of the index is not the number of bytes of all tensors.

    Why: Tools plan memory and downloads by it; a wrong one often tells of shards from two versions.
    Bad:
        # model.safetensors.index.json, whole file
        {"metadata": {"total_size": 16}, "weight_map": {"x": "model-00001-of-00001.safetensors"}}
        # model-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # model.safetensors.index.json, whole file
        {"metadata": {"total_size": 8}, "weight_map": {"x": "model-00001-of-00001.safetensors"}}
        # model-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Write the index anew from the shards.
    """
    shards = {resolved(shard, index.file) for _, shard in _weight_map(index)}
    held = [file for file in weights if file.file in shards]
    stated = index.get("metadata", "total_size")
    actual = sum(tensor.end - tensor.begin for file in held for tensor in file.tensors)
    number = isinstance(stated, int) and not isinstance(stated, bool)
    if number and len(held) == len(shards) and stated != actual:
        yield index.at("metadata", "total_size").says(
            f"`total_size` is {shown(index.printed('metadata', 'total_size') or '')}, "
            f"the tensors of all shards have {actual} bytes"
        )


@rule("WGT106", level="warning", needs="bundle")
def shards_incomplete(bundle: Bundle) -> Iterator[Fault]:
    """Files are numbered as shards, and one of the numbers is missing.

    Why: `model-00001-of-00002.safetensors` says that there is a second file with the rest of the weights.
    Bad:
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship all shards, or rename the file.
    """
    groups: dict[tuple[str, int], dict[int, str]] = {}
    for file in bundle.files:
        match = _SHARD.fullmatch(file.path)
        if match:
            groups.setdefault((match[1], int(match[3])), {})[int(match[2])] = file.path
    listed = bundle.get("index")
    for (stem, total), there in groups.items():
        missing = total - len(there)
        told = isinstance(listed, Document) and stem == "model"  # WGT101 names them
        if missing > 0 and not told:
            yield whole_file(there[min(there)]).says(
                f"{missing} of {total} shards of `{shown(stem)}` are missing"
            )


def _weight_map(index: Document) -> Iterator[tuple[str, str]]:
    """Tensor and shard of each entry that is well formed and stays in the bundle."""
    for name, shard in index.mapping("weight_map").items():
        if isinstance(shard, str) and shard and not escapes(shard, index.file) and "\0" not in shard:
            yield name, shard
