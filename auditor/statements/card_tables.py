"""Scores that the tables of a model card state, in Markdown or HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.statements.card import counted, examples, number
from auditor.statements.html_tables import tables
from auditor.statements.metrics import Metric, metric
from auditor.statements.score import Score, Source

if TYPE_CHECKING:
    from auditor.readers.markdown import Cell, MarkdownDocument, Table

MAX_CELLS = 20_000  # of one table that are read as scores; a larger one is data
_TRAINING_LOG = frozenset(("epoch", "step"))
_METRIC_HEADS = frozenset(("metric", "metrics", "measure"))
_VALUE_HEADS = frozenset(("value", "score", "result", "results"))
# Labels of rows and columns that are about the model as a whole, not one of several.
_WHOLE = frozenset(("value", "score", "result", "results", "overall", "all", "total", "ours", "this model"))
_SETTINGS = frozenset(("version", "filter", "n-shot"))  # columns of lm-evaluation-harness
_MARKS = "*_` \t"


def table_scores(card: MarkdownDocument) -> Iterator[Score]:
    """The numbers in tables whose column or row is named as a known metric.

    Where columns are metrics each row is a group, labelled by its first cell of words; where the first cells
    of rows are metrics each column is one, labelled by its header; where a column is headed `Metric` each row
    names its own. Tables with columns for epoch and step are the log of a training.
    """
    names = _own_names(card)
    for table in tables(card):
        if not table.header or len(table.header) * len(table.rows) > MAX_CELLS:
            continue
        columns = [metric(cell.text) for cell in table.header]
        heads = [cell.text.strip(_MARKS).lower() for cell in table.header]
        if not _METRIC_HEADS.isdisjoint(heads) and not _VALUE_HEADS.isdisjoint(heads):
            found = list(_by_cells(card, table, heads))
        elif any(column.known and column.role == "value" for column in columns):
            found = list(_by_rows(card, table, columns, heads))
        else:
            found = list(_by_columns(card, table, columns, heads))
        yield from _with_owners(found, names)


def _by_rows(
    card: MarkdownDocument, table: Table, columns: list[Metric], heads: list[str]
) -> Iterator[Score]:
    source: Source = "training log" if _TRAINING_LOG.issubset(heads) else "card table"
    words = [
        index
        for index, column in enumerate(columns)
        if not column.known and not _is_about(column, heads[index])
    ]
    counts = [index for index, column in enumerate(columns) if column.role == "count" and not column.known]
    for row in table.rows:
        label = _label(row, words) if source == "card table" else ""
        named = metric(label)
        n = counted(row[counts[0]].text.replace(",", "").strip(_MARKS)) if len(counts) == 1 else None
        for cell, name, above in zip(row, columns, table.header, strict=True):
            if name.known:
                # A row of a report that is itself a metric: `accuracy` below precision, recall and F1.
                meant = named if named.known else name
                if named.role != "value" and not named.known:
                    meant = replace(name, role=named.role)
                text = label if named.known else above.text
                group = f"row {cell.span.line}.{row[0].span.column}"
                yield from _of_cell(card, table, cell, meant, source, text, group, label, n)


def _by_columns(
    card: MarkdownDocument, table: Table, columns: list[Metric], heads: list[str]
) -> Iterator[Score]:
    for row in table.rows:
        name = metric(row[0].text) if row else metric("")
        if not name.known:
            continue
        for index, cell in enumerate(row[1:], start=1):
            role = columns[index].role
            label = table.header[index].text.strip(_MARKS)
            if role == "count" or heads[index] in _TRAINING_LOG:
                continue
            meant = name if role == "value" else replace(name, role=role)
            yield from _of_cell(
                card, table, cell, meant, "card table", row[0].text, f"column {index}", label, None
            )


def _by_cells(card: MarkdownDocument, table: Table, heads: list[str]) -> Iterator[Score]:
    """The rows of a table in which one column names the metric and others hold value and error.

    lm-evaluation-harness leaves the task blank where it is that of the row above.
    """
    named = next(index for index, head in enumerate(heads) if head in _METRIC_HEADS)
    valued = next(index for index, head in enumerate(heads) if head in _VALUE_HEADS)
    errors = [index for index, head in enumerate(heads) if head in ("stderr", "std", "std error")]
    words = [index for index in range(len(heads)) if index < named and heads[index] not in _SETTINGS]
    label = ""
    for row in table.rows:
        label = _label(row, words) or label
        name = metric(row[named].text)
        if not name.known:
            continue
        group = f"row of {label}" if label else "values"
        for index in (valued, *errors):
            role = "value" if index == valued else metric(heads[index]).role
            meant = name if role == "value" else replace(name, role=role)
            yield from _of_cell(
                card, table, row[index], meant, "card table", row[named].text, group, label, None
            )


def _of_cell(
    card: MarkdownDocument,
    table: Table,
    cell: Cell,
    name: Metric,
    source: Source,
    text: str,
    which: str,
    label: str,
    n: int | None,
) -> Iterator[Score]:
    found = number(cell.text) if cell.text else None
    if found is not None:
        about = metric(label) if label else None
        yield Score(
            place=card.place(cell.span),
            source=source,
            text=text.strip(_MARKS),
            metric=name,
            value=found[0],
            group=f"{card.file} table {table.line} {which}",
            unit="percent" if found[1] else name.unit or (about.unit if about else ""),
            split=name.split or (about.split if about else ""),
            average=name.average or (about.average if about else ""),
            n=n or examples(cell.text),
            label=label,
        )


def _with_owners(found: list[Score], names: frozenset[str]) -> Iterator[Score]:
    """The scores, each saying whether it is of the released model as a whole.

    A number that stands alone for its metric, split and average is; of several, those whose label is the
    model's name, or says that it is about everything. Rows of a training log are all of it.
    """
    counts = Counter((one.metric, one.split, one.average) for one in found)
    for one in found:
        alone = counts[one.metric, one.split, one.average] == 1
        if one.source == "training log" or alone or _is_whole(one.label, names):
            yield one
        else:
            yield replace(one, own=False)


def _is_whole(label: str, names: frozenset[str]) -> bool:
    lowered = label.strip(_MARKS).lower()
    return lowered in _WHOLE or lowered in names or "(ours)" in lowered


def _own_names(card: MarkdownDocument) -> frozenset[str]:
    """What the released model is called in `model-index` and in the card's first heading, in lower case."""
    found = [entry.get("name") for _, entry in card.items("model-index") if isinstance(entry, dict)]
    found += [heading.text.strip(_MARKS) for heading in card.headings[:1]]
    return frozenset(name.lower() for name in found if isinstance(name, str) and name)


def _label(row: tuple[Cell, ...], words: list[int]) -> str:
    """The text of the first of these cells that holds words."""
    for index in words:
        text = row[index].text.strip(_MARKS) if index < len(row) else ""
        if text and number(text) is None:
            return text
    return ""


def _is_about(column: Metric, head: str) -> bool:
    """Whether a column holds something about the value beside it, or the count of examples."""
    return column.role != "value" or head in _TRAINING_LOG
