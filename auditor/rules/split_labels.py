"""The labels in the files of splits, against each other and against the classes of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Place, Span
from auditor.readers.text import shown
from auditor.rules.published import whole
from auditor.rules.registry import rule
from auditor.rules.vocabulary import near_miss

if TYPE_CHECKING:
    from auditor.readers.document import Document
    from auditor.rules.tables import Tables

HIDDEN = frozenset({"-1", "-100"})  # what the test splits of GLUE hold for a label, and what torch ignores
_ROWS_A_CLASS = 4  # of train, on average: values with fewer are no classes but amounts or answers
_LEAST_ROWS = 10  # of a split with one label; fewer may be chance


@rule("DATA210", level="error", needs=("recipe", "tables"), klass="inconsistent", since="2026.2")
def label_beyond_recipe(recipe: Document, tables: Tables) -> Iterator[Fault]:
    """A row that the recipe trains or measures on has a label that its model has no class for.

    Why: Classes are counted from 0; cross-entropy ends with an error at the first such row.
    Bad:
        # data/more.csv, whole file
        9,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
        0,9,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1
        0,0,9,0,0,0,0,0,0,0,0,0,0,0,0,0,0
        0,0,0,9,0,0,0,0,0,0,0,0,0,0,0,0,1
        0,0,0,0,9,0,0,0,0,0,0,0,0,0,0,0,0
        0,0,0,0,0,9,0,0,0,0,0,0,0,0,0,0,2
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"},
         {"@type": "cr:FileObject", "@id": "more.csv", "name": "more.csv",
          "contentUrl": "more.csv", "encodingFormat": "text/csv",
          "sha256": "489aa868088df632d3b3b854040df7ce7a06ddb4eb4d8c628ebd6e072b0e4a5b"}]}
        # recipe.yaml
        data: {splits: {train: {file: more.csv, first_row: 0, rows: 6, has_header: false}}}
    Good:
        # data/more.csv, whole file
        9,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0
        0,9,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1
        0,0,9,0,0,0,0,0,0,0,0,0,0,0,0,0,0
        0,0,0,9,0,0,0,0,0,0,0,0,0,0,0,0,1
        0,0,0,0,9,0,0,0,0,0,0,0,0,0,0,0,0
        0,0,0,0,0,9,0,0,0,0,0,0,0,0,0,0,1
        # data/croissant.json
        {"distribution": [{"@type": "cr:FileObject", "@id": "digits.csv", "name": "digits.csv",
          "contentUrl": "digits.csv", "encodingFormat": "text/csv",
          "sha256": "455ff12b35236232a07811194063cd7112f0c6ad81c3a135dc3f96863fe5af7a"},
         {"@type": "cr:FileObject", "@id": "more.csv", "name": "more.csv",
          "contentUrl": "more.csv", "encodingFormat": "text/csv",
          "sha256": "097339625b4c7dd13317f95faf72929806bc175acf8a452e46e49895cb1bb5e4"}]}
        # recipe.yaml
        data: {splits: {train: {file: more.csv, first_row: 0, rows: 6, has_header: false}}}
    Fix: Correct `label_column`, the labels, or the number of classes.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    classes = whole(recipe.get("model", "parameters", "classes"))
    if classes is None:
        return
    for one in tables.sets:
        for parts in one.splits.values() if one.by_recipe else ():
            for part, scan in tables.scans(parts):
                found = scan.counts(part.first, part.end) or {}
                beyond = [
                    name
                    for name in found
                    if (number := _whole(name)) is not None and not 0 <= number < classes
                ]
                if beyond:
                    yield part.place.says(
                        f"labels such as `{shown(beyond[0], 20)}` in `{shown(part.split)}` "
                        f"({sum(found[name] for name in beyond):,} in all), "
                        f"the model has classes 0 to {classes - 1}",
                        recipe.at("model", "parameters", "classes"),
                    )
    tables.told()


@rule("DATA211", level="warning", needs=("config", "tables"), klass="inconsistent", since="2026.2")
def label_beyond_config(config: Document, tables: Tables) -> Iterator[Fault]:
    """The shipped data has a label that config.json has no class for.

    Why: Either the model was not made for this data, or one of its classes can never be answered.
    Bad:
        # config.json
        {"id2label": {"0": "negative", "1": "positive"}}
        # data/train.csv, whole file
        text,label
        a plain film,negative
        a fine film,positive
        an odd film,mixed
    Good:
        # config.json
        {"id2label": {"0": "negative", "1": "positive"}}
        # data/train.csv, whole file
        text,label
        a plain film,negative
        a fine film,positive
        an odd film,positive
    Fix: Write `id2label` from the labels of the data, or ship the data that the model was trained on. Not
        looked at: labels in Parquet files, several labels a row, and models that answer with a number.
    """
    names = [name for name in config.mapping("id2label").values() if isinstance(name, str)]
    count = whole(config.get("num_labels")) or len(names)
    key = "id2label" if names else "num_labels"
    if count < 2 or config.get("problem_type") in ("regression", "multi_label_classification"):
        return
    for one in tables.sets:
        for split, found in tables.labels(one) if not one.by_recipe else ():
            known = {name: set_ for name, set_ in found.items() if name not in HIDDEN}
            numbers = [_whole(name) for name in known]
            if all(number is not None for number in numbers):
                beyond = [name for name in known if int(float(name)) >= count]
            elif names and known.keys() & {*names}:
                beyond = [name for name in known if name not in names]
            else:
                continue
            if beyond:
                part = one.splits[split][0]
                yield Place(part.file.path, span=Span(part.file.path)).says(
                    f"labels such as `{shown(beyond[0], 40)}` in `{shown(split)}` "
                    f"({sum(known[name] for name in beyond):,} in all), config.json has {count} classes",
                    config.at(key),
                    help=near_miss(beyond[0], names),
                )
    tables.told()


@rule("DATA212", level="warning", needs="tables", klass="implausible", after=("DATA210",), since="2026.2")
def label_never_trained(tables: Tables) -> Iterator[Fault]:
    """A split that is measured has a label that the train split has not.

    Why: No model can learn an answer that it is never shown: every such row counts as wrong, or the splits
        are not of one set of data.
    Bad:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a loud film,1
        a warm film,1
        a dull film,0
        a long film,0
        a bold film,1
        # data/test.csv, whole file
        text,label
        an odd film,2
        a short film,1
    Good:
        # data/train.csv, whole file
        text,label
        a plain film,0
        a fine film,1
        a slow film,0
        a loud film,1
        a warm film,1
        a dull film,0
        a long film,0
        a bold film,1
        # data/test.csv, whole file
        text,label
        an odd film,0
        a short film,1
    Fix: Split anew so that each class is in train, or leave the class out. Not looked at: Parquet files, and
        columns with fewer than four rows a value.
    """
    for one in tables.sets:
        counted = dict(tables.labels(one))
        train = counted.pop("train", {})
        seen = {*train, *HIDDEN}
        if not train or sum(train.values()) < _ROWS_A_CLASS * len(train):
            continue
        if any(not scan.is_whole for _, scan in tables.scans(one.splits["train"])):
            continue
        for split, found in counted.items():
            new = [name for name in found if name not in seen]
            if new:
                rows = sum(found[name] for name in new)
                others = f" and {len(new) - 1} more" if len(new) > 1 else ""
                yield one.splits[split][0].place.says(
                    f"label `{shown(new[0], 40)}`{others} of `{shown(split)}` ({rows:,} in all) "
                    "is in no row of train",
                    one.splits["train"][0].place.labelled("train"),
                )
    tables.told()


@rule("DATA213", level="warning", needs="tables", klass="implausible", since="2026.2")
def label_is_constant(tables: Tables) -> Iterator[Fault]:
    """Every row of a split has the same label.

    Why: Whoever always gives that answer is always right, so that a score on this split says nothing; mostly
        the file was sorted by label before it was cut.
    Bad:
        # data/test.csv, whole file
        text,label
        a fine film,1
        a warm film,1
        a bold film,1
        a fine story,1
        a warm story,1
        a bold story,1
        a fine ending,1
        a warm ending,1
        a bold ending,1
        a fine scene,1
    Good:
        # data/test.csv, whole file
        text,label
        a fine film,1
        a dull film,0
        a bold film,1
        a fine story,1
        a warm story,1
        a dull story,0
        a fine ending,1
        a warm ending,1
        a bold ending,1
        a fine scene,1
    Fix: Shuffle before splitting. Not looked at: Parquet files, and splits whose labels are hidden as -1.
    """
    for one in tables.sets:
        for split, found in tables.labels(one):
            (name, rows), *others = found.items()
            if not others and rows >= _LEAST_ROWS and name not in HIDDEN:
                yield one.splits[split][0].place.says(
                    f"all {rows:,} rows of `{shown(split)}` have label `{shown(name, 40)}`"
                )
    tables.told()


def _whole(name: str) -> int | None:
    """The whole number that a label is, None for a name."""
    try:
        number = float(name)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
