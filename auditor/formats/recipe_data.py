"""The data part of `recipe.yaml`: which rows, images or text a split is, and how they become tensors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from auditor.formats.strict import Count, Number, Ours, RelativePath, Row


class CsvSplit(Ours):
    """Rows of a comma-separated file of numbers, gzip allowed."""

    kind: Literal["csv"]
    """How the split is stored."""
    file: str
    """`@id` of the FileObject in the data manifest."""
    first_row: Row
    """First row of the split, counted from 0."""
    rows: Count
    """Number of rows in the split."""
    features: Count
    """The first this many columns are the inputs, row-major."""
    label_column: Row | None = None
    """Column of the integer label, counted from 0."""
    target_columns: Annotated[list[Row], Field(min_length=1)] | None = None
    """Columns of the targets where they are not one label: numbers, 0 or 1 each, or a sequence of symbols
    from 1 (CTC's blank is 0) that -1 fills up at the end. Give either this or `label_column`."""
    has_header: bool = False
    """Whether the first line names the columns."""


class IdxSplit(Ours):
    """A pair of idx files (the format of MNIST), gzip allowed."""

    kind: Literal["idx"]
    """How the split is stored."""
    images: str
    """`@id` of the FileObject holding unsigned bytes of shape (n, height, width)."""
    labels: str
    """`@id` of the FileObject holding n unsigned bytes."""


class TextSplit(Ours):
    """A stretch of a UTF-8 text, cut into blocks; a character is a token.

    A token's number is its character's rank among the characters of the whole file. Next-token losses take
    each block's characters as inputs and the characters one further as targets.
    """

    kind: Literal["text"]
    """How the split is stored."""
    file: str
    """`@id` of the FileObject in the data manifest."""
    first: Row
    """First character of the split, counted from 0."""
    length: Count
    """Number of characters in the split; what does not fill a block is left out."""
    block: Count
    """Characters a block; a block is an example, its characters are what is scored."""


Split = Annotated[CsvSplit | IdxSplit | TextSplit, Field(discriminator="kind")]


class Data(Ours):
    """Which data is read, and how it becomes tensors."""

    manifest: RelativePath = "data/croissant.json"
    """The Croissant manifest that names the files and their sha256."""
    divide_by: Number = "1"
    """Inputs are divided by this, for example 255 for bytes; tokens are not."""
    splits: dict[str, Split]
    """Splits by name; `train` is trained on."""
