"""Indexes of shards, each read once, and the files that are numbered as shards. No rules here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from auditor.bundle import INDEXES, Absent, Unread
from auditor.readers.document import Document
from auditor.records import dataclass
from auditor.rules.paths import escapes, resolved
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.model import Place
    from auditor.readers.safetensors import TensorFile

_SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.safetensors")


@dataclass(slots=True)
class Shard:
    """A file as an index names it: how it is written there, for which tensor first, for how many."""

    written: str
    first: str
    n_tensors: int


@dataclass(frozen=True, slots=True)
class Index:
    """What an index says, as far as it is well formed and stays in the bundle.

    Attributes:
        document: the index itself.
        tensors: the path of the shard that each tensor is in, by the tensor's name.
        shards: the shards by their path in the bundle.
    """

    document: Document
    tensors: dict[str, str]
    shards: dict[str, Shard]

    def entry(self, tensor: str) -> Place:
        """The place of a tensor's entry."""
        return self.document.at("weight_map", tensor)

    def held(self, weights: tuple[TensorFile, ...]) -> list[TensorFile]:
        """The shards that could be read."""
        return [file for file in weights if file.file in self.shards]


Indexes = tuple[Index, ...]


@provides("indexes")
def indexes(bundle: Bundle) -> Indexes | Absent | Unread:
    """Every index of shards in the bundle that could be read."""
    files = [file.path for file in bundle.files if file.path.endswith(INDEXES)]
    if not files:
        return Absent("the bundle has no index of shards")
    read = [bundle.document(path) for path in files]
    found = tuple(_index(one) for one in read if isinstance(one, Document))
    return found or next((one for one in read if isinstance(one, Unread)), Absent("no index can be read"))


def listed_in(bundle: Bundle) -> Indexes:
    """The indexes of a bundle; none where there are none."""
    found = needed(bundle, "indexes")
    return found if isinstance(found, tuple) else ()


def numbered(bundle: Bundle) -> dict[tuple[str, int], dict[int, str]]:
    """Files named as shards, by number, for each stem and total."""
    groups: dict[tuple[str, int], dict[int, str]] = {}
    for file in bundle.files:
        match = _SHARD.fullmatch(file.path)
        if match:
            groups.setdefault((match[1], int(match[3])), {})[int(match[2])] = file.path
    return groups


def _index(document: Document) -> Index:
    paths: dict[str, str | None] = {}  # a hundred thousand tensors lie in a hundred files
    tensors: dict[str, str] = {}
    shards: dict[str, Shard] = {}
    for name, written in document.mapping("weight_map").items():
        if not isinstance(written, str):
            continue
        if written not in paths:
            inside = written and "\0" not in written and not escapes(written, document.file)
            paths[written] = resolved(written, document.file) if inside else None
        path = paths[written]
        if path is not None:
            tensors[name] = path
            shards.setdefault(path, Shard(written, name, 0)).n_tensors += 1
    return Index(document, tensors, shards)
