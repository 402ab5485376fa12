"""Scores in tables of a card whose columns or rows are named as benchmarks: `MMLU`, `GSM8K (8-shot, CoT)`.

Such a score names its data; its metric is known only where name, column or heading say it, or where the
benchmark has one by definition.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.records import dataclass
from auditor.statements.benchmarks import MAX_SHOTS, Benchmark, benchmark, shots_of
from auditor.statements.card import number
from auditor.statements.html_tables import tables
from auditor.statements.metrics import Metric, metric, nature
from auditor.statements.score import Score

if TYPE_CHECKING:
    from auditor.readers.markdown import Cell, MarkdownDocument, Table

MAX_CELLS = 20_000  # of one table that are read; a larger one is data
LEADING = 3  # columns in which the names of rows may stand: category, benchmark, part
_LOG = frozenset(("epoch", "step"))
_SHOTS = frozenset(("n-shot", "shots", "# shots", "#shots", "shot", "n-shots", "num_fewshot", "few-shot"))
_METRIC = frozenset(("metric", "metrics", "measure"))
_VALUE = frozenset(("value", "score", "result", "results"))
# Columns of numbers that are no scores.
_SETTINGS = _SHOTS | frozenset(
    (
        *("version", "filter", "year", "size", "params", "# params", "#params", "parameters", "samples"),
        *("examples", "tokens", "rank", "weight", "seed", "seeds", "classes", "# examples", "#examples"),
    )
)
_WHOLE = frozenset(("", "value", "score", "result", "results", "ours", "this model", "performance"))
# Metrics that a heading means where it says one word; `Precision` may be that of numbers.
_OF_HEADINGS = frozenset(("wer", "cer", "bleu", "chrf", "ndcg"))
_MARKS = "*_`~ \t"


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands around a table: its card, what the heading says, and what the model is called."""

    card: MarkdownDocument
    table: Table
    metric: Metric
    shots: int | None
    names: frozenset[str]


def benchmark_scores(card: MarkdownDocument) -> Iterator[Score]:
    """The numbers in columns, else in rows, that are named as a known benchmark.

    Cells of a row or column that is named as a metric are left to `table_scores`. A score is the released
    model's own where its row or column has no name, or one that means this model.
    """
    starts: list[int] = []
    names: frozenset[str] | None = None
    for table in tables(card):
        heads = [cell.text.strip(_MARKS).lower() for cell in table.header]
        if len(heads) < 2 or len(heads) * len(table.rows) > MAX_CELLS or _LOG.issubset(heads):
            continue
        header, rows = table.header, table.rows
        named = _named(header)
        if not named and rows and len(_named(rows[0])) > 1 and not any(number(cell.text) for cell in rows[0]):
            header, rows = rows[0], rows[1:]  # below cells that sum up several columns
            table = replace(table, header=header, rows=rows)  # noqa: PLW2901
            named = _named(header)
            heads = [cell.text.strip(_MARKS).lower() for cell in header]
        column = None if named else _column_of_names(rows)
        if not named and column is None:
            continue
        if names is None:
            names, starts = _own_names(card), [heading.line for heading in card.headings]
        about = _context(card, table, names, starts)
        if named:
            yield from _by_columns(about, heads, rows, named)
        elif column is not None:
            yield from _by_rows(about, heads, rows, column)


def _named(cells: tuple[Cell, ...]) -> dict[int, Benchmark]:
    """The benchmarks of these cells by column; none where all of them are ordinary words."""
    found = {index: one for index, cell in enumerate(cells) if (one := benchmark(cell.text)).name}
    return {} if all(one.word for one in found.values()) else found


def _column_of_names(rows: tuple[tuple[Cell, ...], ...]) -> int | None:
    """The first of the leading columns in which a benchmark stands."""
    for column in range(min(LEADING, len(rows[0]) if rows else 0)):
        for row in rows:
            one = benchmark(row[column].text)
            if one.name and not one.word:
                return column
    return None


def _context(card: MarkdownDocument, table: Table, names: frozenset[str], starts: list[int]) -> _Context:
    nearest = bisect_right(starts, table.line) - 1
    heading = card.headings[nearest].text if nearest >= 0 else ""
    shots = shots_of(heading)
    words = [word for word in heading.lower().replace("-", " ").split() if not word.startswith("shot")]
    kept = " ".join(word for word in words if word not in ("zero", "few", "results") and not word.isdigit())
    said = metric(kept)
    known = nature(said.base) if said.known and said.k is None else None
    if known is None or not (known.mean_of_01 or said.base in _OF_HEADINGS):
        said = metric("")
    return _Context(card, table, said, shots, names)


def _by_columns(
    about: _Context, heads: list[str], rows: tuple[tuple[Cell, ...], ...], named: dict[int, Benchmark]
) -> Iterator[Score]:
    """Rows are models; what tells them apart stands in the cells of words before the first benchmark."""
    said = _first(heads, _METRIC)
    shot = _first(heads, _SHOTS)
    before = [index for index in range(min(named)) if heads[index] not in _SETTINGS or heads[index] == "size"]
    for row in rows:
        if metric(row[0].text).known:
            continue
        label = _joined(row, [index for index in before if index != said])
        for index, one in named.items():
            meant = _with_row(one, row, said, shot)
            yield from _of_cell(about, row, row[index], meant, about.table.header[index].text, label, "")


def _by_rows(
    about: _Context, heads: list[str], rows: tuple[tuple[Cell, ...], ...], column: int
) -> Iterator[Score]:
    """Columns are models; words in other cells, such as a language, are the part of the data."""
    said, shot, valued = _first(heads, _METRIC), _first(heads, _SHOTS), _first(heads, _VALUE)
    said = None if said == column else said
    scored = [
        index
        for index, head in enumerate(heads)
        if index > column and index not in (said, shot) and head not in _SETTINGS and _is_open(head)
    ]
    for row in rows:
        one = benchmark(row[column].text)
        if not one.name or (said is not None and valued is not None and metric(row[said].text).known):
            continue
        meant = _with_row(one, row, said, shot)
        numbers = [index for index in scored if number(row[index].text) is not None]
        between = range(column + 1, numbers[0]) if numbers else ()
        part = _joined(row, [index for index in between if index not in (said, shot)])
        for index in numbers:
            label = about.table.header[index].text.strip(_MARKS)
            yield from _of_cell(about, row, row[index], meant, row[column].text, label, part)


def _of_cell(
    about: _Context, row: tuple[Cell, ...], cell: Cell, one: Benchmark, text: str, label: str, part: str
) -> Iterator[Score]:
    found = number(cell.text) if cell.text else None
    if found is None:
        return
    name = one.metric
    if not one.named and not name.known and about.metric.known:
        name = replace(about.metric, unit=name.unit or about.metric.unit, split=name.split)
    card, table = about.card, about.table
    yield Score(
        place=card.place(cell.span),
        source="benchmark table",
        text=text.strip(_MARKS),
        metric=name,
        value=found[0],
        group=f"{card.file} table {table.line} {row[0].span.line} {label}",
        unit="percent" if found[1] else name.unit,
        dataset=one.name,
        config=" ".join(filter(None, (one.variant, part))),
        split=name.split,
        average=name.average,
        label=label,
        own="(ours)" in label.lower() or _letters(label) in about.names,
        shots=one.shots if one.shots is not None or one.variant else about.shots,
    )


def _with_row(one: Benchmark, row: tuple[Cell, ...], said: int | None, shot: int | None) -> Benchmark:
    """The benchmark with what the row's own cells say of metric and shots."""
    if said is not None and row[said].text:
        stated = metric(row[said].text)
        if not stated.known:
            stated = replace(stated, base="")
        if not one.named or not stated.known:
            one = replace(one, metric=stated, named=True)
    if shot is not None and row[shot].text:
        text = row[shot].text.strip(_MARKS)
        whole = text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= MAX_SHOTS
        unclear = f"{one.variant} {text} shots".strip()
        one = replace(one, shots=int(text)) if whole else replace(one, shots=None, variant=unclear)
    return one


def _first(heads: list[str], names: frozenset[str]) -> int | None:
    return next((index for index, head in enumerate(heads) if head in names), None)


def _is_open(head: str) -> bool:
    """Whether a column may hold scores of a model: it names neither a metric nor something about one."""
    about = metric(head)
    return not about.known and about.role == "value"


def _joined(row: tuple[Cell, ...], columns: list[int]) -> str:
    """The different words of these cells, in order."""
    words = [row[index].text.strip(_MARKS) for index in columns[:LEADING]]
    return " ".join(dict.fromkeys(word for word in words if word and number(word) is None))[:200]


def _own_names(card: MarkdownDocument) -> frozenset[str]:
    """What the released model may be called in a table, letters and digits alone."""
    found = [entry.get("name") for _, entry in card.items("model-index") if isinstance(entry, dict)]
    found += [heading.text for heading in card.headings[:1]]
    return frozenset(_letters(name) for name in (*found, *_WHOLE) if isinstance(name, str))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
