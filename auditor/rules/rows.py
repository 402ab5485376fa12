"""Rows of splits against the data manifest, its files and the claims made on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, KeyPath
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.content import count_lines
from auditor.rules.data import distribution, local_files
from auditor.rules.edits import meant
from auditor.rules.published import claims, whole
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.document import Document


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one file that a split takes: from `first` up to but not including `end`."""

    path: KeyPath
    name: str
    file: str
    first: int
    end: int
    has_header: bool


@rule("REC107", level="error", needs=("recipe", "data"))
def split_file_unknown(recipe: Document, data: Document) -> Iterator[Fault]:
    """A split takes its rows from a file that the data manifest does not list.

    Why: The recipe names files by their `@id` in the manifest, because that is where their digest stands.
    Bad:
        # recipe.yaml
        data: {splits: {test: {file: digit.csv}}}
    Good:
        # recipe.yaml
        data: {splits: {test: {file: digits.csv}}}
    Fix: Use the `@id` of an entry of `distribution`, or add the entry.
    """
    known = {item["@id"] for _, item in distribution(data) if isinstance(item.get("@id"), str)}
    for name in recipe.mapping("data", "splits"):
        for key in ("file", "images", "labels"):
            used = recipe.get("data", "splits", name, key)
            if isinstance(used, str) and used not in known:
                yield recipe.at("data", "splits", name, key).says(
                    f"`{shown(used)}` is not in `distribution` of {data.file}",
                    help=near_miss(used, known),
                    fix=meant(recipe, ("data", "splits", name, key), known),
                )


@rule("DATA201", level="error", needs=("manifest", "recipe"), klass="inconsistent")
def claim_size_differs(manifest: Document, recipe: Document) -> Iterator[Fault]:
    """A claim's number of examples is not the number of rows of its split.

    Why: The claim was measured on other data than the recipe evaluates, or its number is wrong; the
        precision of every metric hangs on it.
    Bad:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 12}
    Good:
        # fmaudit.yaml
        claims:
          - id: validation-accuracy
            metric: {type: accuracy, unit: proportion}
            value: "0.8333"
            data: {split: validation, n: 6}
    Fix: Write the number of rows that were measured.
    """
    splits = {rows.name: rows for rows in csv_splits(recipe)}
    for claim in claims(manifest):
        rows = splits.get(claim.split)
        if rows is not None and claim.n is not None and claim.n != rows.end - rows.first:
            yield manifest.at(*claim.path, "data", "n").says(
                f"`{shown(claim.id)}` speaks of {claim.n} examples, "
                f"`{shown(rows.name)}` has {rows.end - rows.first} rows",
                recipe.at(*rows.path, "rows"),
            )


@rule("DATA202", level="error", needs=("recipe", "data", "bundle"), klass="inconsistent", after=("DATA102",))
def split_beyond_file(recipe: Document, data: Document, bundle: Bundle) -> Iterator[Fault]:
    """A split takes rows that its file does not have.

    Why: The run ends with an error, or is measured on fewer examples than it says.
    Bad:
        # recipe.yaml
        data: {splits: {test: {first_row: 100}}}
    Good:
        # recipe.yaml
        data: {splits: {test: {first_row: 18}}}
    Fix: Rows count from 0 and the header is none of them; correct `first_row` or `rows`.
    """
    files = {item["@id"]: path for _, item, path in local_files(data) if isinstance(item.get("@id"), str)}
    lines: dict[str, int | None] = {}
    for rows in csv_splits(recipe):
        path = files.get(rows.file)
        file = bundle.file(path) if path else None
        if path is None or file is None or not file.is_regular:
            continue
        if path not in lines:
            lines[path] = count_lines(bundle, path)
        there = lines[path]
        if there is not None and rows.end > there - rows.has_header:
            yield recipe.at(*rows.path, "rows").says(
                f"`{shown(rows.name)}` ends at row {rows.end}, `{shown(path)}` has {there - rows.has_header}"
            )


@rule("DATA203", level="error", needs="recipe", klass="inconsistent")
def splits_share_rows(recipe: Document) -> Iterator[Fault]:
    """Rows that are trained on are measured too.

    Why: What was seen in training is answered from memory: the score is too good by an unknown amount.
    Bad:
        # recipe.yaml
        data: {splits: {test: {first_row: 10}}}
    Good:
        # recipe.yaml
        data: {splits: {test: {first_row: 18}}}
    Fix: Let the splits take different rows, and measure again.
    Source: Kapoor and Narayanan 2023, Leakage and the reproducibility crisis, Patterns 4(9), type L1.1.
    """
    splits = list(csv_splits(recipe))
    train = [rows for rows in splits if rows.name == "train"]
    for rows in splits:
        for seen in train if rows.name != "train" else []:
            shared = min(rows.end, seen.end) - max(rows.first, seen.first)
            if rows.file == seen.file and shared > 0:
                yield recipe.at(*rows.path).says(
                    f"`{shown(rows.name)}` shares {shared} rows with `train` (from row "
                    f"{max(rows.first, seen.first)} of `{shown(rows.file)}`)",
                    recipe.at(*seen.path),
                )


def csv_splits(recipe: Document) -> Iterator[Rows]:
    """The splits that take rows of a table, as far as their types are right."""
    for name, split in recipe.mapping("data", "splits").items():
        if isinstance(split, dict) and split.get("kind") == "csv" and isinstance(split.get("file"), str):
            first, rows = split.get("first_row"), whole(split.get("rows"))
            start = 0 if first == 0 and not isinstance(first, bool) else whole(first)
            if start is not None and rows is not None:
                path = ("data", "splits", name)
                yield Rows(path, name, split["file"], start, start + rows, split.get("has_header") is True)
