"""Rows that are both trained on and measured, found in the files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.registry import needed, provides, rule
from auditor.rules.tables import Tables

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.table_files import DataSet, Part

# Of the test images of CIFAR-100, 10 % have a duplicate in the train split, of CIFAR-10 3.3 % (Barz and
# Denzler 2020): the most that is known of data that was drawn and split in good faith.
INSIDE = 0.10
_CHANCE = 1e-5  # of a split at random to share as many; measured: 0 of 40,000, drawn as its test draws
_LEAST_NEARLY, _NEARLY_SHARE = (
    3,
    0.05,
)  # Lee et al. 2022 find near duplicates of train in 4 % of C4's validation
_HELP = "take the rows out of one of the two, and measure again"


@dataclass(frozen=True, slots=True)
class Overlap:
    """What one split shares with the train split of its set.

    Attributes:
        split, part, train: the split's name, its first part, and the first part of train.
        n_rows: how many rows of the split were compared.
        n_shared: how many of them are in train too.
        is_natural: more than a tenth of the rows of train have a twin in train.
        is_inside: the share is more than chance and honest oversight explain.
    """

    split: str
    part: Part
    train: Part
    n_rows: int
    n_shared: int
    is_inside: bool
    is_natural: bool


@provides("overlaps")
def overlaps(bundle: Bundle) -> tuple[Overlap, ...] | Absent | Unread:
    """What the splits of each set of data share with its train split, where anything."""
    tables = needed(bundle, "tables")
    if isinstance(tables, Tables):
        return tuple(found for one in tables.sets for found in _of_set(tables, one))
    return tables if isinstance(tables, Absent | Unread) else Absent("the bundle ships no table of data")


@rule("DATA205", level="warning", needs=("overlaps", "tables"), klass="implausible", since="2026.2")
def rows_in_train_and_test(overlaps: tuple[Overlap, ...], tables: Tables) -> Iterator[Fault]:
    """Some rows of a split that is measured are rows of the train split too.

    Why: What was seen in training is answered from memory, so the score is a little too good. A few such rows
        are common in data that was collected from the web.
    Bad:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a loud film,1
        # data/test.csv, whole file
        text,label
        a fine film,1
        a long film,0
        a short film,1
    Good:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a loud film,1
        # data/test.csv, whole file
        text,label
        a warm film,1
        a long film,0
        a short film,1
    Fix: Take them out of one of the two, and measure again. Columns that number the rows are left out of the
        comparison. Not told: tables in which more than a tenth of the rows of train repeat anyway. Not looked
        at: rows of Parquet files.
    Source: Barz and Denzler 2020, Do we train on test data?, Journal of Imaging 6(6); Kapoor and Narayanan
        2023, Leakage and the reproducibility crisis, Patterns 4(9), type L1.4.
    """
    for found in overlaps:
        if not found.is_inside and not found.is_natural:
            yield found.part.place.says(_told(found), found.train.place.labelled("train"), help=_HELP)
    _tell_unread(tables)


@rule("DATA206", level="error", needs=("overlaps", "tables"), klass="inconsistent", since="2026.2")
def test_inside_train(overlaps: tuple[Overlap, ...], tables: Tables) -> Iterator[Fault]:
    """More than a tenth of the test split are rows of the train split.

    Why: What was seen in training is answered from memory: the score is too good by an unknown amount. In
        data that was split in good faith up to 10 % were found, and that was thought much.
    Bad:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a loud film,1
        # data/test.csv, whole file
        text,label
        a fine film,1
        a slow film,0
    Good:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a loud film,1
        # data/test.csv, whole file
        text,label
        a warm film,1
        a long film,0
    Fix: Let the splits take different rows, and measure again. Tables in which as many rows repeat within
        train, because they have few columns of few values, are not told.
    Source: Barz and Denzler 2020, Do we train on test data?, Journal of Imaging 6(6).
    """
    for found in overlaps:
        if found.is_inside:
            yield found.part.place.says(_told(found), found.train.place.labelled("train"), help=_HELP)
    _tell_unread(tables)


@rule(
    "DATA207",
    level="warning",
    needs=("tables", "overlaps"),
    certainty="likely",
    klass="implausible",
    since="2026.2",
)
def texts_nearly_in_train(tables: Tables, overlaps: tuple[Overlap, ...]) -> Iterator[Fault]:
    """Texts of a split that is measured stand in the train split with few words changed.

    Why: Near copies are remembered nearly as well as copies, and a search for equal rows does not find them.
    Bad:
        # data/train.csv, whole file
        text,label
        one day in may the old man went down to the sea with his dog and a long net to fish for cod,0
        it took them many years to build the stone bridge that now leads over the river into our town,1
        the cook put two cups of flour and one of milk into a bowl and let it stand for an hour or so,0
        she wrote to her aunt that the trees of the garden had lost all their leaves in a single night,1
        # data/test.csv, whole file
        text,label
        one day in may the old man went down to the sea with his dog and a long net to fish for eel,0
        it took them many years to build the stone bridge that now leads over the river into our city,1
        the cook put two cups of flour and one of milk into a bowl and let it stand for an hour or two,0
    Good:
        # data/train.csv, whole file
        text,label
        one day in may the old man went down to the sea with his dog and a long net to fish for cod,0
        it took them many years to build the stone bridge that now leads over the river into our town,1
        # data/test.csv, whole file
        text,label
        the cook put two cups of flour and one of milk into a bowl and let it stand for an hour or so,0
        she wrote to her aunt that the trees of the garden had lost all their leaves in a single night,1
    Fix: Remove near duplicates before splitting. Two texts are compared by their sequences of 13 words: of a
        split 1,000 texts, against the first 20,000 of each file of train.
    Source: Lee et al. 2022, Deduplicating training data makes language models better, ACL.
    """
    from auditor.rules.grams import grams

    same = {(found.part.file.path, found.split): found.n_shared / max(found.n_rows, 1) for found in overlaps}
    for one in tables.sets:
        train = one.splits.get("train", ())
        met: set[int] = set()
        for _, scan in tables.scans(train if not one.by_recipe else ()):
            met |= scan.met
        for split, parts in one.splits.items() if met else ():
            if split == "train":
                continue
            texts = [entry for _, scan in tables.scans(parts) for entry in scan.sample.heap]
            near = [line for _, line, text in texts if _is_near(grams(text), met)]
            share = len(near) / max(len(texts), 1)
            copies = same.get((parts[0].file.path, split), 0)
            if len(near) >= _LEAST_NEARLY and share >= _NEARLY_SHARE and share > copies + _NEARLY_SHARE / 2:
                yield parts[0].place.says(
                    f"of {len(texts):,} texts of `{shown(split)}`, {len(near):,} stand in train nearly word "
                    f"by word (the first on line {min(near):,})",
                    train[0].place.labelled("train"),
                )
    _tell_unread(tables)


def _of_set(tables: Tables, one: DataSet) -> Iterator[Overlap]:
    """What the splits of one set share with its train split."""
    train = one.splits.get("train", ())
    others = {split: parts for split, parts in one.splits.items() if split != "train"}
    if not train or not others:
        return
    known: set[int] = set()
    n_train = 0
    for part, scan in tables.scans(train):
        rows = scan.digests[part.first : part.end]
        known.update(rows)
        n_train += len(rows)
    for split, parts in others.items():
        if any(_touch(part, seen) for part in parts for seen in train):
            continue  # DATA203 tells
        n_rows = n_shared = 0
        for part, scan in tables.scans(parts):
            rows = scan.digests[part.first : part.end]
            n_rows += len(rows)
            n_shared += sum(row in known for row in rows)
        if n_shared:
            twins = n_train - len(known)
            many = n_shared > INSIDE * n_rows and chance(n_shared, twins, n_train, n_rows) < _CHANCE
            inside = split == "test" and (many or (n_shared == n_rows and not twins))
            yield Overlap(split, parts[0], train[0], n_rows, n_shared, inside, twins > INSIDE * n_train)


def chance(n_shared: int, n_twins: int, n_train: int, n_test: int) -> float:
    """At most this is the probability that a split at random shares as many rows with train.

    Rows that occur twice in all the data lie once in each split, or both in train, in the ratio 2 mn : nn;
    with `n_twins` in train alone, that `n_shared` or more are parted is a binomial tail, bounded by Chernoff.
    """
    from math import exp, log

    expected = 2 * n_test / (2 * n_test + n_train)
    total = n_shared + n_twins
    share = n_shared / total
    if share <= expected:
        return 1.0
    distance = share * log(share / expected)
    if n_twins:
        distance += (1 - share) * log((1 - share) / (1 - expected))
    return exp(-total * distance)


def _touch(part: Part, other: Part) -> bool:
    """Whether two parts take the same rows of one file."""
    ends = [one.end if one.end is not None else float("inf") for one in (part, other)]
    return part.file.path == other.file.path and max(part.first, other.first) < min(ends)


def _is_near(sequences: set[int], met: set[int]) -> bool:
    from auditor.rules.grams import NEARLY

    return bool(sequences) and len(sequences & met) >= NEARLY * len(sequences)


def _told(found: Overlap) -> str:
    share = 100 * found.n_shared / found.n_rows
    return (
        f"{found.n_shared:,} of {found.n_rows:,} rows of `{shown(found.split)}` ({share:.1f} %) "
        "are rows of the train split too"
    )


def _tell_unread(tables: Tables) -> None:
    """Nothing.

    Raises:
        Unreadable: a split could not be read to its end, or not at all.
    """
    for one in tables.sets:
        if "train" in one.splits and len(one.splits) > 1:
            tables.told(part.file.path for parts in one.splits.values() for part in parts)
