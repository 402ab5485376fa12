"""What a card says of the splits that are shipped: their columns, and their sizes in a table for readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Place
from auditor.readers.text import shown
from auditor.rules.edits import meant
from auditor.rules.published import split_name
from auditor.rules.registry import rule
from auditor.rules.split_sizes import declared_splits, is_complete, of_sets
from auditor.rules.vocabulary import near_miss

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.markdown import MarkdownDocument
    from auditor.readers.markdown_body import Cell, Table
    from auditor.rules.tables import Tables

_LEAST_SPLITS = 2  # named in the first column of a table that is about splits
_MADE = ("Unnamed: 0", "__index_level_0__")  # columns that pandas writes and the card need not name


@rule("DATA215", level="warning", needs=("tables", "bundle"), klass="inconsistent", since="2026.2")
def feature_not_in_file(tables: Tables, bundle: Bundle) -> Iterator[Fault]:
    """The card lists a feature of the data that the files of its splits do not have.

    Why: The datasets library casts what it reads to the features of the card, and fails at the first file
        (`CastError`).
    Bad:
        # README.md
        ---
        dataset_info:
          features:
            - {name: sentence, dtype: string}
            - {name: label, dtype: int64}
          splits:
            - {name: train, num_bytes: 31, num_examples: 2}
        ---
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Good:
        # README.md
        ---
        dataset_info:
          features:
            - {name: text, dtype: string}
            - {name: label, dtype: int64}
          splits:
            - {name: train, num_bytes: 31, num_examples: 2}
        ---
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
    Fix: Name the columns as the files do, or let `datasets` write the card anew. Not looked at: data that a
        loading script reads.
    Source: https://huggingface.co/docs/datasets/about_dataset_features
    """
    if any(file.path.endswith(".py") and "/" not in file.path for file in bundle.files):
        return
    told: set[tuple[str, str, str]] = set()
    for one, declared in of_sets(tables, declared_splits(bundle, tables)):
        owner = declared.path[:-2]
        for part, scan in tables.scans(one.splits.get(split_name(declared.split), ())):
            if scan.has_header is not True or not scan.columns or not scan.is_whole:
                continue
            for path, feature in declared.document.items(*owner, "features"):
                name = feature.get("name") if isinstance(feature, dict) else None
                key = (declared.document.file, str(path), one.name)
                if (
                    isinstance(name, str)
                    and name not in scan.columns
                    and name not in _MADE
                    and key not in told
                ):
                    told.add(key)
                    yield declared.document.at(*path, "name").says(
                        f"`{shown(name)}` is no column of `{shown(part.file.path)}`",
                        part.place,
                        help=near_miss(name, scan.columns),
                        fix=meant(declared.document, (*path, "name"), scan.columns),
                    )
    tables.told()


@rule(
    "DATA216",
    level="warning",
    needs=("card", "tables"),
    certainty="likely",
    klass="inconsistent",
    since="2026.2",
)
def split_size_in_table_differs(card: MarkdownDocument, tables: Tables) -> Iterator[Fault]:
    """A table of the card gives a split another size than the files have that are shipped.

    Why: Readers judge the precision of a score by the size of its split; one of the two numbers is of other
        data.
    Bad:
        # README.md
        | Split | Examples |
        |---|---|
        | train | 3 |
        | test | 2 |
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        # data/test.csv, whole file
        text,label
        a loud film,1
        a warm film,1
        a dull film,0
    Good:
        # README.md
        | Split | Examples |
        |---|---|
        | train | 3 |
        | test | 3 |
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        # data/test.csv, whole file
        text,label
        a loud film,1
        a warm film,1
        a dull film,0
    Fix: Write the number of rows, or say that a part is shipped. Looked at: tables that name splits in their
        first column and have one other column, of whole numbers.
    """
    named = [one for one in tables.sets if not one.by_recipe]
    if len(named) != 1:
        return
    for table in card.tables:
        for split, cell in _sizes(table):
            parts = named[0].splits.get(split, ())
            if not parts or not is_complete(named[0], split):
                continue
            scans = [scan for _, scan in tables.scans(parts)]
            rows = sum(scan.n_rows for scan in scans)
            unsure = sum(scan.has_header is None for scan in scans)
            stated = int(cell.text.replace(",", ""))
            if all(scan.is_whole for scan in scans) and not rows <= stated <= rows + unsure:
                yield Place(card.file, span=cell.span).says(
                    f"`{shown(split)}` has {stated:,} examples here, "
                    f"`{shown(parts[0].file.path)}` has {rows:,} rows",
                    parts[0].place,
                )
    tables.told()


def _sizes(table: Table) -> list[tuple[str, Cell]]:
    """The split and the size of each row of a table that is about the sizes of splits; else nothing."""
    if len(table.header) != 2:
        return []
    found = []
    for row in table.rows:
        if len(row) != 2 or not row[1].text.replace(",", "").isdecimal() or len(row[1].text) > 18:
            return []
        found.append((split_name(row[0].text.strip("*_` ").lower()), row[1]))
    known = [entry for entry in found if entry[0] in ("train", "validation", "test")]
    return known if len(known) >= _LEAST_SPLITS else []
