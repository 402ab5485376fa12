"""How many rows a split has: what cards and claims say against the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname
from typing import TYPE_CHECKING, Any, TypeGuard

from auditor.model import Fault, KeyPath
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.published import claims, is_whole, split_name
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.table_files import DataSet
    from auditor.rules.tables import Tables

_SHARDS = r"-of-(\d{1,6})(?=[-.])"


@dataclass(frozen=True, slots=True)
class Declared:
    """What a document says of one split of one configuration of a set of data."""

    document: Document
    path: KeyPath
    config: str
    split: str
    entry: dict[str, Any]


@rule("DATA204", level="error", needs=("tables", "bundle"), klass="inconsistent", since="2026.2")
def split_size_declared_wrong(tables: Tables, bundle: Bundle) -> Iterator[Fault]:
    """`num_examples` of a split is not the number of rows in its files.

    Why: A part of the data is missing or was added; the datasets library refuses to load such a split
        (`NonMatchingSplitsSizesError`), and what is claimed on it was measured on other rows.
    Bad:
        # README.md
        ---
        dataset_info:
          splits:
            - {name: train, num_bytes: 31, num_examples: 3}
        ---
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Good:
        # README.md
        ---
        dataset_info:
          splits:
            - {name: train, num_bytes: 31, num_examples: 2}
        ---
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Fix: Ship all files of the split, or write its number of rows. Not looked at: tables separated by tabs,
        whose quotes may mean nothing, and splits of which shards are missing.
    Source: https://huggingface.co/docs/datasets/dataset_card
    """
    for one, declared in of_sets(tables, declared_splits(bundle, tables)):
        stated = declared.entry.get("num_examples")
        parts = one.splits.get(split_name(declared.split), ())
        if not is_whole(stated) or not parts or not is_complete(one, split_name(declared.split)):
            continue
        scans = [scan for _, scan in tables.scans(parts)]
        # pandas takes the first row for the names of the columns, whatever it holds.
        may_be = {sum(scan.n_rows for scan in scans)}
        may_be.add(sum(scan.n_rows + (scan.has_header is None) for scan in scans))
        is_sure = all(scan.is_whole for scan in scans) and all(part.file.kind != "tsv" for part in parts)
        if is_sure and stated not in may_be:
            files = f"`{shown(parts[0].file.path)}`" + (
                f" and {len(parts) - 1} more" if len(parts) > 1 else ""
            )
            yield declared.document.at(*declared.path, "num_examples").says(
                f"`{shown(declared.split)}` has {stated:,} examples here, {files} {max(may_be):,} rows",
                parts[0].place,
            )
    tables.told()


@rule("DATA208", level="warning", needs=("tables", "bundle"), klass="inconsistent", since="2026.2")
def sizes_do_not_add_up(tables: Tables, bundle: Bundle) -> Iterator[Fault]:
    """`dataset_size` is not the sum of its splits' `num_bytes`.

    Why: A split was added, dropped or written anew, and the rest of the card was left as it was.
    Bad:
        # README.md
        ---
        dataset_info:
          splits:
            - {name: train, num_bytes: 31, num_examples: 2}
            - {name: test, num_bytes: 16, num_examples: 1}
          dataset_size: 31
        ---
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Good:
        # README.md
        ---
        dataset_info:
          splits:
            - {name: train, num_bytes: 31, num_examples: 2}
            - {name: test, num_bytes: 16, num_examples: 1}
          dataset_size: 47
        ---
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Fix: Write the sum, or let `datasets` write the card anew.
    Source: https://huggingface.co/docs/datasets/dataset_card
    """
    groups: dict[tuple[str, KeyPath], list[Declared]] = {}
    for declared in declared_splits(bundle, tables):
        groups.setdefault((declared.document.file, declared.path[:-2]), []).append(declared)
    for (_, owner), splits in groups.items():
        document = splits[0].document
        total = document.get(*owner, "dataset_size")
        said = [declared.entry.get("num_bytes") for declared in splits]
        sizes = [size for size in said if _is_number(size)]
        if not _is_number(total) or len(sizes) < len(said):
            continue
        # Sizes of parts of a split are estimates with a fraction, which the sum may have lost.
        if abs(total - sum(sizes)) > len(sizes):
            yield document.at(*owner, "dataset_size").says(
                f"`dataset_size` is {total:,}, its {len(sizes)} splits have {sum(sizes):,} bytes together",
                document.at(*splits[0].path, "num_bytes"),
            )


@rule("DATA209", level="warning", needs=("manifest", "tables"), klass="inconsistent", since="2026.2")
def claim_size_not_of_files(manifest: Document, tables: Tables) -> Iterator[Fault]:
    """A claim's number of examples is not the number of rows of the split that is shipped.

    Why: The claim was measured on other data than is shipped, or its number is wrong; the precision of every
        metric hangs on it.
    Bad:
        # fmaudit.yaml
        components: [{component: Model card, path: README.md}]
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            evidence: [{path: results/test.json, pointer: /accuracy}]
        # recipe.yaml, absent
        # README.md
        Pixels were normalised to between 0 and 1.
        # data/validation.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a warm film,1
        a dull film,0
    Good:
        # fmaudit.yaml
        components: [{component: Model card, path: README.md}]
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
            evidence: [{path: results/test.json, pointer: /accuracy}]
        # recipe.yaml, absent
        # README.md
        Pixels were normalised to between 0 and 1.
        # data/validation.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a warm film,1
        a dull film,0
        a bold film,1
    Fix: Write the number of rows that were measured. Where a recipe defines the split, DATA201 compares.
    """
    by_recipe = {split for one in tables.sets if one.by_recipe for split in one.splits}
    named = [one for one in tables.sets if not one.by_recipe]
    for claim in claims(manifest):
        split = split_name(claim.split)
        having = [one for one in named if split in one.splits]
        if claim.n is None or split in by_recipe or len(having) != 1 or not is_complete(having[0], split):
            continue
        scans = [scan for _, scan in tables.scans(having[0].splits[split])]
        rows = sum(scan.n_rows for scan in scans)
        unsure = sum(scan.has_header is None for scan in scans)
        if all(scan.is_whole for scan in scans) and not rows <= claim.n <= rows + unsure:
            part = having[0].splits[split][0]
            yield manifest.at(*claim.path, "data", "n").says(
                f"`{shown(claim.id)}` speaks of {claim.n:,} examples, "
                f"`{shown(part.file.path)}` has {rows:,} rows",
                part.place,
            )
    tables.told()


def declared_splits(bundle: Bundle, tables: Tables) -> list[Declared]:
    """What the cards beside the data say of its splits: `dataset_info`, or a file `dataset_infos.json`."""
    folders = {"", *(dirname(path) for path in tables.files)}
    found: list[Declared] = []
    for folder in sorted(folders):
        start = f"{folder}/" if folder else ""
        card = bundle.document(f"{start}README.md")
        if isinstance(card, Document) and card.get("dataset_info") is not None:
            info = card.get("dataset_info")
            paths: list[KeyPath] = [("dataset_info",)]
            if isinstance(info, list):
                paths = [path for path, _ in card.items("dataset_info")]
            for path in paths:
                found += _splits(card, path, str(card.get(*path, "config_name") or ""))
        old = (
            bundle.document(f"{start}dataset_infos.json")
            if bundle.has(f"{start}dataset_infos.json")
            else None
        )
        if isinstance(old, Document):
            for name in old.mapping():
                found += _splits(old, (name,), name)
    return found


def _splits(document: Document, owner: KeyPath, config: str) -> Iterator[Declared]:
    for path, entry in document.items(*owner, "splits"):
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield Declared(document, path, config, entry["name"], entry)
    for name, entry in document.mapping(*owner, "splits").items():
        if isinstance(entry, dict):
            yield Declared(document, (*owner, "splits", name), config, name, entry)


def of_sets(tables: Tables, declared: list[Declared]) -> Iterator[tuple[DataSet, Declared]]:
    """Each declared split with the one set of data that it can be about."""
    named = [one for one in tables.sets if not one.by_recipe]
    configs = {entry.config for entry in declared}
    for entry in declared:
        about = [one for one in named if entry.config and entry.config in re.split(r"[/*._-]", one.name)]
        if not about and len(named) == 1 and len(configs) == 1:
            about = named
        if len(about) == 1:
            yield about[0], entry


def is_complete(one: DataSet, split: str) -> bool:
    """Whether no shard of a split is missing that the names of the others speak of."""
    parts = one.splits[split]
    numbers = {match[1] for part in parts if (match := re.search(_SHARDS, part.file.path))}
    return not numbers or numbers == {match for match in numbers if int(match) == len(parts)}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**63
