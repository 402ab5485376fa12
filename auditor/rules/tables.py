"""The tables of data that a bundle ships, each read once for all rules, within a budget for them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Span
from auditor.readers.document import Document, Unreadable
from auditor.rules.content import SKIPPED, head, is_pointer
from auditor.rules.published import split_name
from auditor.rules.registry import needed, provides
from auditor.rules.rows import csv_splits
from auditor.rules.table_fields import declared_types
from auditor.rules.table_files import DataSet, Part, TableFile, named_sets, table_files

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.table_scan import Asked, Scan

# Of all tables together, unpacked: four to five seconds (measured: 16 MB/s of numbers, 13 MB/s of texts).
MAX_BYTES = 2**26
MAX_ROWS = (
    2_000_000  # of all tables together: 24 MB of digests and labels, 13 s where they are tiny records in JSON
)
_PAGES = (b"<!doctype html", b"<html", b"<?xml", b"<error>")
_MESSAGES = (b"entry not found", b"404: not found", b"not found", b"repository not found", b"access denied")


@provides("tables")
def tables(bundle: Bundle) -> Tables | Absent | Unread:
    """The tables of data of the bundle, read when first asked for."""
    files = needed(bundle, "table files")
    if not isinstance(files, dict):
        return files  # type: ignore[return-value]
    return Tables(bundle, files) if bundle.content else Unread(SKIPPED)


@provides("table files")
def known_files(bundle: Bundle) -> dict[str, TableFile] | Absent:
    """The files that hold tables of data, by path; none of them has been opened."""
    files = table_files(bundle)
    return files or Absent("the bundle ships no table of data that is read here")


def is_page(beginning: bytes) -> bool:
    """Whether a file that should hold data begins as a web page, or as the message of a server."""
    start = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    return start.startswith(_PAGES) or beginning.strip().lower() in _MESSAGES


class Tables:
    """The files that hold tables, and the sets of data that they make up.

    Attributes:
        files: by path, in order.
        sets: the recipe's first, if it says which rows are which split.
    """

    def __init__(self, bundle: Bundle, files: dict[str, TableFile]) -> None:
        self.files = files
        self._bundle = bundle
        self._asked: dict[str, Asked] = {}
        self._scans: dict[str, Scan] = {}
        self._left = MAX_BYTES
        self._rows_left = MAX_ROWS
        self._watched: dict[str, frozenset[int]] = {}
        self._types = declared_types(bundle, files)
        recipe = bundle.get("recipe")
        ours = self._of_recipe(recipe) if isinstance(recipe, Document) else None
        used = {part.file.path for parts in ours.splits.values() for part in parts} if ours else set()
        others = named_sets({path: file for path, file in files.items() if path not in used})
        self.sets: tuple[DataSet, ...] = (*([ours] if ours else []), *others)
        beside = [
            (one, _beside_train(one)) for one in self.sets if not one.by_recipe and "train" in one.splits
        ]
        self._train = {part.file.path: one for one, paths in beside if paths for part in one.splits["train"]}
        self._compared = {path for _, paths in beside for path in paths}

    def scan(self, path: str) -> Scan:
        """What is known of a file. The files of splits that are compared with train are read before it."""
        if path not in self._scans and path in self._train:
            for earlier in _beside_train(self._train[path]):
                self._read(earlier)
        return self._read(path)

    def scans(self, parts: Iterable[Part]) -> Iterator[tuple[Part, Scan]]:
        """Each part of a split with the scan of its file."""
        for part in parts:
            yield part, self.scan(part.file.path)

    def labels(self, one: DataSet) -> Iterator[tuple[str, dict[str, int]]]:
        """How often each label stands in each split whose files have labels and were read to their ends."""
        for split, parts in one.splits.items():
            total: dict[str, int] = {}
            for part, scan in self.scans(parts):
                found = scan.counts(part.first, part.end)
                if not found or not scan.is_whole:
                    total = {}
                    break
                for name, count in found.items():
                    total[name] = total.get(name, 0) + count
            if total:
                yield split, total

    def all(self) -> Iterator[tuple[TableFile, Scan]]:
        """Every file with its scan.

        Raises:
            Unreadable: after all others, if a file was not read to its end and is not damaged.
        """
        for path in self.files:
            yield self.files[path], self.scan(path)
        self.told()

    def told(self, paths: Iterable[str] | None = None) -> None:
        """Nothing.

        Raises:
            Unreadable: one of these files, by default of those that were asked for, has not been read to its
                end although it is not damaged, or has rows that are not read here.
        """
        for path in self._scans if paths is None else paths:
            scan = self._scans.get(path)
            if scan is not None and scan.reason:
                raise Unreadable(scan.reason, Span(path))
            if paths is not None and self.files[path].kind == "parquet":
                raise Unreadable("rows of Parquet files are not read here", Span(path))

    def _read(self, path: str) -> Scan:
        if path not in self._scans:
            from auditor.rules.table_scan import Asked

            known = self._asked.get(path, Asked())
            asked = Asked(
                known.has_header,
                known.label,
                self._types.get(path, {}),
                sampled=path in self._compared,
                watched=self._sequences(self._train[path]) if path in self._train else frozenset(),
                most_rows=self._rows_left,
            )
            found = self._scans[path] = self._look(self.files[path], asked)
            self._rows_left -= len(found.digests)
        return self._scans[path]

    def _sequences(self, one: DataSet) -> frozenset[int]:
        """The word sequences of the texts that were kept of the splits beside train."""
        if one.name not in self._watched:
            from auditor.rules.grams import grams

            texts = (text for path in _beside_train(one) for _, _, text in self._scans[path].sample.heap)
            self._watched[one.name] = frozenset(chain.from_iterable(map(grams, texts)))
        return self._watched[one.name]

    def _look(self, file: TableFile, asked: Asked) -> Scan:
        """The scan of a file, and what it took is gone from the budget."""
        from auditor.readers.table_stream import TableStream
        from auditor.rules.table_rows import scan_parquet, scan_text
        from auditor.rules.table_scan import Scan

        try:
            if is_pointer(self._bundle, file.path):
                return Scan(file.path, reason="it is a Git LFS pointer")
            if is_page(head(self._bundle, file.path, 512)):
                return Scan(file.path, reason="it is a web page, not data")
            with self._bundle.opened(file.path) as stream:
                if file.kind == "parquet":
                    size = self._bundle.file(file.path)
                    return scan_parquet(file.path, stream, size.size_bytes if size else 0)
                if self._left <= 0:
                    return Scan(file.path, reason=f"the tables have more than {MAX_BYTES:,} bytes together")
                bounded = TableStream(file.path, stream, self._left)
                found = scan_text(bounded, file.kind, asked)
                self._left -= bounded.read_bytes
                return found
        except Unreadable as error:
            return Scan(file.path, reason=error.what)

    def _of_recipe(self, recipe: Document) -> DataSet | None:
        """The recipe's splits, of those whose file lies in the bundle."""
        from auditor.rules.table_scan import Asked

        by_name = {file.identifier: file for file in self.files.values() if file.identifier}
        splits: dict[str, tuple[Part, ...]] = {}
        for rows in csv_splits(recipe):
            file = by_name.get(rows.file)
            if file is None:
                continue
            label = recipe.get(*rows.path, "label_column")
            self._asked.setdefault(
                file.path, Asked(rows.has_header, label if type(label) is int and label >= 0 else None)
            )
            part = Part(rows.name, file, recipe.at(*rows.path), rows.first, rows.end)
            splits[split_name(rows.name)] = (*splits.get(split_name(rows.name), ()), part)
        return DataSet("recipe.yaml", splits, by_recipe=True) if splits else None


def _beside_train(one: DataSet) -> list[str]:
    """The files of the splits of a set that are not train."""
    return [part.file.path for split, parts in one.splits.items() if split != "train" for part in parts]
