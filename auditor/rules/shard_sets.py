"""Files that are named as shards, against each other and against their index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING

from auditor.bundle import INDEXES
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.indexes import Indexes, numbered
from auditor.rules.paths import whole_file
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle

_ENDING = re.compile(r"\.(safetensors|bin)\.index\.json$")


@rule("WGT107", level="warning", needs="indexes", since="2026.2")
def index_of_other_files(indexes: Indexes) -> Iterator[Fault]:
    """An index of safetensors shards names files that are none.

    Why: Loaders take such a file for a pickle, and reading a pickle runs what is written in it.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "weights.dat"}}
        # weights.dat, whole file
        numbers
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Convert the weights to safetensors, and write the index anew.
    """
    for index in indexes:
        if index.document.file.endswith(INDEXES[0]):
            for path, shard in index.shards.items():
                if not path.endswith(".safetensors"):
                    yield index.entry(shard.first).says(
                        f"`{shown(shard.written)}` is no safetensors file by its name"
                    )


@rule("WGT108", level="warning", needs="bundle", certainty="likely", since="2026.2")
def shards_without_index(bundle: Bundle) -> Iterator[Fault]:
    """Weights lie in several shards, and no index says which tensor is where.

    Why: transformers and diffusers find shards by their index alone; without it they find no weights.
    Bad:
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Save with `save_pretrained`, or write `STEM.safetensors.index.json` with a `weight_map`.
    """
    folders = {dirname(file.path) for file in bundle.files if file.path.endswith(".index.json")}
    for (stem, total), there in numbered(bundle).items():
        if total > 1 and len(there) == total and dirname(stem) not in folders:
            yield whole_file(there[min(there)]).says(
                f"the {total} shards of `{shown(stem)}` have no index",
                help=f"expected `{shown(stem)}.safetensors.index.json`",
            )


@rule("WGT109", level="warning", needs=("indexes", "bundle"), since="2026.2")
def shard_unreferenced(indexes: Indexes, bundle: Bundle) -> Iterator[Fault]:
    """A shard is not named by the index of its set.

    Why: Nobody loads it: it is left over from another version, or the index is.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00002.safetensors", "y": "part-00002-of-00002.safetensors"}}
        # part-00001-of-00002.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00002-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Remove the file, or write the index anew from the shards.
    """
    for index in indexes:
        for (stem, total), there in numbered(bundle).items():
            if stem == _stem(index.document.file) and any(path in index.shards for path in there.values()):
                for number in sorted(there):
                    if there[number] not in index.shards:
                        yield whole_file(there[number]).says(
                            f"the index names no tensor in this shard, number {number} of {total}",
                            index.document.key("weight_map"),
                        )


@rule("WGT110", level="warning", needs=("indexes", "bundle"), since="2026.2")
def single_file_beside_shards(indexes: Indexes, bundle: Bundle) -> Iterator[Fault]:
    """The weights lie there twice, in one file and in shards with an index.

    Why: Which of the two is loaded depends on the loader, and nothing says that they are the same.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Ship one of the two.
    """
    for index in indexes:
        single = _ENDING.sub(r".\1", index.document.file)
        sharded = single not in index.shards and any(bundle.has(path) for path in index.shards)
        if sharded and bundle.has(single):
            yield whole_file(single).says(
                "the same weights lie beside this file in shards", index.document.key("weight_map")
            )


@rule("WGT111", level="warning", needs="bundle", since="2026.2")
def shards_of_two_sets(bundle: Bundle) -> Iterator[Fault]:
    """Shards of one name count to different totals, or beyond their total.

    Why: Files of two versions lie there together; a loader that goes by names mixes them.
    Bad:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
        # part-00003-of-00002.safetensors, header
        {"y": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Good:
        # part.safetensors.index.json, whole file
        {"weight_map": {"x": "part-00001-of-00001.safetensors"}}
        # part-00001-of-00001.safetensors, header
        {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    Fix: Remove the shards that the index does not name.
    """
    sets: dict[str, dict[int, dict[int, str]]] = {}
    for (stem, total), there in numbered(bundle).items():
        sets.setdefault(stem, {})[total] = there
        if max(there) > total:
            yield whole_file(there[max(there)]).says(f"number {max(there)} of {total} shards")
    for stem, totals in sets.items():
        if len(totals) > 1:
            fewest, *_, most = sorted(totals)
            there = totals[most]
            yield whole_file(there[min(there)]).says(
                f"some shards of `{shown(stem)}` count to {fewest}, and some count to {most}",
                whole_file(totals[fewest][min(totals[fewest])]),
            )


def _stem(index: str) -> str:
    """What the names of an index's shards begin with."""
    return _ENDING.sub("", index)
