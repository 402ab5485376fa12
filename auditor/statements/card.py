"""Scores that a model card states: `model-index`, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from auditor.forensics.printed import Printed, read
from auditor.model import KeyPath
from auditor.statements.bullets import bullets
from auditor.statements.metrics import Metric, metric
from auditor.statements.score import Score, Source

if TYPE_CHECKING:
    from auditor.readers.document import Document
    from auditor.readers.markdown import Cell, MarkdownDocument, Table

MAX_CELLS = 20_000  # of one table that are read as scores; a larger one is data
# A number at the start of a cell or of an item's text, perhaps emphasised, with a percent sign or a deviation.
_NUMBER = re.compile(
    r"[*_`\s~]*([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)[*_`\s]*(%?)[*_`\s]*(?:(?:±|\+/-|\+-|\(|<br).*)?",
    re.DOTALL,
)
_TRAINING_LOG = ("epoch", "step")


def number(text: str) -> tuple[Printed, bool] | None:
    """The number that a short text is, and whether a percent sign follows; None for anything else."""
    match = _NUMBER.fullmatch(text[:200])
    if match is None:
        return None
    value = read(
        match[1].replace(",", "") if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", match[1]) else match[1]
    )
    return None if value is None else (value, match[2] == "%")


def model_index_scores(card: Document) -> Iterator[Score]:
    """The values of `model-index`; those of one entry of `results` are one group."""
    for model, entry in card.items("model-index"):
        label = entry.get("name") if isinstance(entry, dict) else ""
        for path, result in card.items(*model, "results"):
            dataset = result.get("dataset") if isinstance(result, dict) else None
            about = dataset if isinstance(dataset, dict) else {}
            for step, one in card.items(*path, "metrics"):
                if isinstance(one, dict):
                    yield from _of_index(card, step, one, about, f"{card.file} {path}", _text(label))


def _of_index(
    card: Document, path: KeyPath, entry: dict[str, Any], about: dict[str, Any], group: str, label: str
) -> Iterator[Score]:
    value = entry.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return
    found = number(value if isinstance(value, str) else card.printed(*path, "value") or "")
    if found is None:
        return
    named, typed = metric(_text(entry.get("name"))), metric(_text(entry.get("type")))
    args = entry.get("args")
    average = _text(args.get("average")) if isinstance(args, dict) else ""
    yield Score(
        place=card.at(*path, "value"),
        source="model-index",
        text=_text(entry.get("type")) or _text(entry.get("name")),
        metric=named if named.known and (named.base == typed.base or not typed.known) else typed,
        value=found[0],
        group=group,
        unit="percent" if found[1] else "",
        dataset=_text(about.get("type")) or _text(about.get("name")),
        config=_text(about.get("config")),
        split=metric(_text(about.get("split"))).split or _text(about.get("split")).lower(),
        average=average or named.average or typed.average,
        label=label,
    )


def list_scores(card: MarkdownDocument) -> Iterator[Score]:
    """The numbers in lists whose items are named as a known metric; one list is one group."""
    for bullet in bullets(card):
        name = metric(bullet.name)
        found = number(bullet.text) if name.known else None
        if found is not None:
            yield Score(
                place=card.place(bullet.span),
                source="card list",
                text=bullet.name,
                metric=name,
                value=found[0],
                group=f"{card.file} list {bullet.block}",
                unit="percent" if found[1] or "%" in bullet.name else "",
                split=name.split,
                average=name.average,
            )


def table_scores(card: MarkdownDocument) -> Iterator[Score]:
    """The numbers in tables whose column or row is named as a known metric.

    Where columns are metrics each row is a group, labelled by its first cell; where the first cells of
    rows are metrics each column is one, labelled by its header. Tables with columns for epoch and step
    are the log of a training.
    """
    for table in card.tables:
        if len(table.header) * len(table.rows) > MAX_CELLS:
            continue
        columns = [metric(cell.text) for cell in table.header]
        if any(column.known and column.role == "value" for column in columns):
            yield from _by_rows(card, table, columns)
        else:
            yield from _by_columns(card, table)


def _by_rows(card: MarkdownDocument, table: Table, columns: list[Metric]) -> Iterator[Score]:
    words = {cell.text.strip("*_` ").lower() for cell in table.header}
    source: Source = "training log" if words.issuperset(_TRAINING_LOG) else "card table"
    for row in table.rows:
        label = "" if columns[0].known or number(row[0].text) else row[0].text.strip("*_` ")
        for cell, name, above in zip(row, columns, table.header, strict=True):
            if name.known:
                yield from _of_cell(
                    card, table, cell, name, source, above.text, f"row {cell.span.line}", label
                )


def _by_columns(card: MarkdownDocument, table: Table) -> Iterator[Score]:
    for row in table.rows:
        name = metric(row[0].text) if row else metric("")
        if name.known and name.role == "value":
            for index, cell in enumerate(row[1:], start=1):
                label = table.header[index].text.strip("*_` ")
                yield from _of_cell(
                    card, table, cell, name, "card table", row[0].text, f"column {index}", label
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
) -> Iterator[Score]:
    found = number(cell.text) if cell.text else None
    if found is not None:
        yield Score(
            place=card.place(cell.span),
            source=source,
            text=text.strip("*_` "),
            metric=name,
            value=found[0],
            group=f"{card.file} table {table.line} {which}",
            unit="percent" if found[1] or "%" in text else "",
            split=name.split or metric(label).split,
            average=name.average or metric(label).average,
            label=label,
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
