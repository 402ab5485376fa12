"""Which files of a bundle hold tables of data, and which rows of them are which split.

Named by the data manifest, by the recipe's splits, or as splits are named (`train.csv`, `test/part.jsonl`,
`data/test-00000-of-00001.parquet`), which is how the datasets library finds them:
https://huggingface.co/docs/hub/datasets-file-names-and-splits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from auditor.model import Place
from auditor.readers.document import Document
from auditor.records import dataclass
from auditor.rules.distribution import local_files
from auditor.rules.paths import whole_file
from auditor.rules.published import split_name

if TYPE_CHECKING:
    from auditor.bundle import Bundle

KINDS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
}
_PACKED = (".gz", ".bz2", ".xz")
_ENDINGS = (*KINDS, *(kind + packed for kind in KINDS for packed in _PACKED))
_DATA_FOLDERS = frozenset({"data", "dataset", "datasets"})
MAX_FILES = 1_000  # tables of a bundle that are looked at


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that holds a table; `place` is where the manifest lists it, or the file itself."""

    path: str
    kind: str
    place: Place
    identifier: str = ""  # by which the manifest and the recipe speak of it


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one file that are of one split, from `first` up to but not including `end`, None for all."""

    split: str
    file: TableFile
    place: Place
    first: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class DataSet:
    """The splits of one set of data, each in parts; `by_recipe` if a recipe says which they are."""

    name: str
    splits: dict[str, tuple[Part, ...]]
    by_recipe: bool = False


def table_kind(path: str) -> str:
    """csv, tsv, json or parquet by the ending of a name; empty for another."""
    lower = path.lower()
    for ending in _PACKED:
        lower = lower.removesuffix(ending)
    return next((kind for ending, kind in KINDS.items() if lower.endswith(ending)), "")


def table_files(bundle: Bundle) -> dict[str, TableFile]:
    """The files of the bundle that hold tables of data, by path."""
    found: dict[str, TableFile] = {}
    named = [file.path for file in bundle.files if file.path.lower().endswith(_ENDINGS) and file.is_regular]
    if not named:
        return found
    data = bundle.get("data")
    if isinstance(data, Document):
        for place_of, item, local in local_files(data):
            kind = table_kind(local)
            if kind and bundle.has(local):
                name = item.get("@id")
                place = data.at(*place_of, "contentUrl")
                found.setdefault(local, TableFile(local, kind, place, name if isinstance(name, str) else ""))
    for path in named:
        if path not in found and is_data(path) and len(found) < MAX_FILES:
            found[path] = TableFile(path, table_kind(path), whole_file(path))
    return found


def is_data(path: str) -> bool:
    """Whether a table is one of data by its name: of a split, or in a folder of data."""
    folders, name = path.split("/")[:-1], basename(path)
    if _of_runs().search(_stem(name)) or any(_of_runs().search(folder) for folder in folders):
        return False
    split, _ = split_and_rest(path)
    if name.lower().endswith(".json"):  # also settings, results and manifests
        return bool(split) and _stem(name).lower() == split_word(name).lower()
    return bool(split) or bool(_DATA_FOLDERS.intersection(folder.lower() for folder in folders))


def split_and_rest(path: str) -> tuple[str, str]:
    """The split that a path names, and the path with a star in its place; without a split, twice empty."""
    folder, name = dirname(path), basename(path)
    for text, rest in ((name, f"{folder}/{{}}"), (folder, "{}")):
        found = list(_word().finditer(text))
        if found:
            last = found[-1]
            starred = f"{text[: last.start(1)]}*{_shard().sub('', text[last.end(1) :])}"
            return split_name(last[1]), rest.format(starred)
    return "", ""


def split_word(name: str) -> str:
    """The word for a split in a name, as it is written there."""
    found = _word().search(name)
    return found[1] if found else ""


def named_sets(files: dict[str, TableFile]) -> Iterator[DataSet]:
    """The sets of data whose files are named as splits, in the order of their names.

    Files that differ in their ending alone, `train.csv` and `train.jsonl`, are copies, and each ending has a
    set of its own.
    """
    groups: dict[str, list[Part]] = {}
    for path, file in sorted(files.items()):
        split, rest = split_and_rest(path)
        if split and is_data(path):
            groups.setdefault(re.sub(r"\.[\w.]*\Z", "", rest), []).append(Part(split, file, whole_file(path)))
    for name, parts in groups.items():
        kinds = {
            part.split: {other.file.kind for other in parts if other.split == part.split} for part in parts
        }
        are_copies = any(len(several) > 1 for several in kinds.values())
        for kind in sorted({part.file.kind for part in parts}) if are_copies else [""]:
            splits: dict[str, list[Part]] = {}
            for part in parts:
                if kind in ("", part.file.kind):
                    splits.setdefault(part.split, []).append(part)
            yield DataSet(
                f"{name}.{kind}" if kind else name,
                {split: tuple(several) for split, several in splits.items()},
            )


def _stem(name: str) -> str:
    """The name without its endings, and without the number of its shard."""
    return _shard().sub("", name).split(".")[0]


@lru_cache(maxsize=1)
def _word() -> re.Pattern[str]:
    """A word for a split, set apart from others by anything that is no letter and no digit."""
    return re.compile(r"(?i)(?<![a-z0-9])(train|training|test|testing|validation|valid|val|dev)(?![a-z0-9])")


@lru_cache(maxsize=1)
def _shard() -> re.Pattern[str]:
    """The number of a shard, and the hash that older files have behind it."""
    return re.compile(r"[-_]\d{1,5}(?:-of-\d{1,5})?(?:-[0-9a-f]{16})?(?=\.|\Z)")


@lru_cache(maxsize=1)
def _of_runs() -> re.Pattern[str]:
    """Words in names of files and folders that tell of a run: no data, but what came of it."""
    return re.compile(
        r"(?i)pred|result|metric|log|loss|scor|output|histor|eval|report|curve|state|args|config|emission|summary"
        r"|param|index|vocab|token|generat|answer|bench|run"
    )
