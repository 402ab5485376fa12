"""Means and deviations that stand beside their own values in a table, and spreads that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.forensics import runs
from auditor.forensics.intervals import in_order, largest_spread, standard_error
from auditor.forensics.printed import Printed, decimal, places, read
from auditor.model import Fault, Span
from auditor.readers.text import Lines, shown, split_lines
from auditor.records import dataclass
from auditor.rules.blocks import Block, readings, single
from auditor.rules.registry import rule
from auditor.statements.card import number
from auditor.statements.html_tables import tables
from auditor.statements.metrics import nature

if TYPE_CHECKING:
    from auditor.readers.markdown import Cell, MarkdownDocument

MAX_CELLS = 20_000  # of one table that is looked at
MAX_INTERVALS = 1_000  # of one card that are looked at
_MARKS = "*_` "
_RUNS = ("seed", "run", "trial")
_MEANS = frozenset(("mean", "avg", "avg.", "average", "mean ± std", "mean±std", "mean (std)", "avg ± std"))
_ERRORS = frozenset(("se", "sem", "stderr", "std err", "standard error"))
_DEVIATIONS = frozenset(("std", "std.", "sd", "std dev", "stddev", "standard deviation", "st. dev."))


@rule("MET209", level="error", needs="card", klass="impossible", since="2026.2")
def mean_differs_from_listed_runs(card: MarkdownDocument) -> Iterator[Fault]:
    """The mean in a table is not that of the seeds or runs listed beside it.

    Why: The values stand in the same row or column; a reader who adds them up gets another number.
    Bad:
        # README.md
        | Metric | Seed 1 | Seed 2 | Seed 3 | Mean |
        |---|---|---|---|---|
        | F1 | 0.8333 | 0.6667 | 0.7500 | 0.8500 |
    Good:
        # README.md
        | Metric | Seed 1 | Seed 2 | Seed 3 | Mean |
        |---|---|---|---|---|
        | F1 | 0.8333 | 0.6667 | 0.7500 | 0.7500 |
    Fix: Compute it anew. Not looked at: folds of a cross-validation, whose mean may be weighted by
        their size.
    """
    for line in _lines(card):
        if line.mean is not None:
            expected = runs.mean(line.values)
            if not runs.contains(expected, line.mean[1]):
                middle = decimal((expected[0] + expected[1]) / 2, min(places(line.mean[1]), 12))
                yield card.place(line.mean[0].span).says(
                    f"the mean is {shown(line.mean[1].text)}, that of the {len(line.values)} runs is "
                    f"{middle}",
                    card.place(line.first.span, "the first run"),
                )


@rule("MET210", level="error", needs="card", klass="impossible", since="2026.2")
def deviation_differs_from_listed_runs(card: MarkdownDocument) -> Iterator[Fault]:
    """The standard deviation in a table is not that of the seeds or runs listed beside it, by any divisor.

    Why: The spread over seeds decides whether a difference between two models means anything.
    Bad:
        # README.md
        | Metric | Seed 1 | Seed 2 | Seed 3 | Std |
        |---|---|---|---|---|
        | F1 | 0.8333 | 0.6667 | 0.7500 | 0.0083 |
    Good:
        # README.md
        | Metric | Seed 1 | Seed 2 | Seed 3 | Std |
        |---|---|---|---|---|
        | F1 | 0.8333 | 0.6667 | 0.7500 | 0.0833 |
    Fix: Compute it anew: `statistics.stdev(values)`. Not looked at: spreads behind `±`, which may be
        errors or intervals.
    Source: measured: 2 of 20 published deviations fit neither divisor.
    """
    for line in _lines(card):
        if line.deviation is None:
            continue
        expected = [runs.deviation(line.values, ddof) for ddof in (1, 0)]
        if not any(one is not None and runs.contains(one, line.deviation[1]) for one in expected):
            digits = min(places(line.deviation[1]) + 1, 12)
            exact = [runs.deviation(line.values, ddof, Fraction(0)) for ddof in (1, 0)]
            told = " or ".join(decimal(one[0], digits) for one in exact if one is not None)
            yield card.place(line.deviation[0].span).says(
                f"the standard deviation is {shown(line.deviation[1].text)}, that of the {len(line.values)} "
                f"runs is {told}",
                card.place(line.first.span, "the first run"),
            )


@rule("MET213", level="error", needs="card", klass="impossible", since="2026.2")
def error_differs_from_listed_runs(card: MarkdownDocument) -> Iterator[Fault]:
    """The standard error in a table is not that of the seeds or runs listed beside it, by any divisor.

    Why: The error of a mean is the deviation over the root of the number of runs; the two are often confused.
    Bad:
        # README.md
        | Metric | Seed 1 | Seed 2 | Seed 3 | Stderr |
        |---|---|---|---|---|
        | F1 | 0.8333 | 0.6667 | 0.7500 | 0.0833 |
    Good:
        # README.md
        | Metric | Seed 1 | Seed 2 | Seed 3 | Stderr |
        |---|---|---|---|---|
        | F1 | 0.8333 | 0.6667 | 0.7500 | 0.0481 |
    Fix: Compute it anew: `statistics.stdev(values) / len(values) ** 0.5`, or call it a deviation.
    """
    for line in _lines(card):
        if line.error is None:
            continue
        n, (cell, printed) = len(line.values), line.error
        spreads = [runs.deviation(line.values, ddof) for ddof in (1, 0)]
        errors = [standard_error(one, n) for one in spreads if one is not None]
        if not any(runs.contains(one, printed) for one in errors):
            middle = decimal(sum(errors[0], Fraction(0)) / 2, min(places(printed) + 1, 12))
            yield card.place(cell.span).says(
                f"the standard error is {shown(printed.text)}, that of the {n} runs is {middle}",
                card.place(line.first.span, "the first run"),
            )


@rule(
    "MET211",
    level="warning",
    needs=("blocks", "card"),
    klass="implausible",
    certainty="likely",
    since="2026.2",
)
def spread_too_large(blocks: tuple[Block, ...], card: MarkdownDocument) -> Iterator[Fault]:
    """The spread behind a score is larger than scores between 0 and 1 can have around that mean.

    Why: Scores with a mean near one end lie close together. Most often one of the two is a percentage and the
        other a proportion.
    Bad:
        # README.md
        | Model | F1 |
        |---|---|
        | ours | 0.9667 ± 0.7450 |
    Good:
        # README.md
        | Model | F1 |
        |---|---|
        | ours | 0.9667 ± 0.0745 |
    Fix: Check the unit of the spread, and say whether it is a deviation, an error or an interval.
    Source: Bhatia and Davis 2000: variance ≤ mean · (1 - mean), here with n / (n - 1) for n = 2.
    """
    if "±" not in card.source and "+/-" not in card.source:
        return
    source = split_lines(card.source)
    for block in blocks:
        for found in block.scores.values():
            for score in found:
                span, known = score.place.span, nature(score.metric.base)
                if span is None or span.file != card.file or single(score) or known is None:
                    continue
                spread = _behind(source[span.line - 1][span.column - 1 : span.end_column - 1])
                if spread is None or (known.low, known.high) != (0, 1):
                    continue
                value = readings(score)[0][0]
                one = 1 if value.value == score.value.value else 100
                most = largest_spread(score.value, one, None)
                if most is not None and spread.value - spread.half_width(Fraction(1)) > most:
                    yield score.place.says(
                        f"the spread around {shown(score.value.text)} is {shown(spread.text)}, scores from "
                        f"0 to {one} have at most {decimal(most, min(places(spread), 12))}"
                    )


@rule("MET212", level="warning", needs="card", klass="inconsistent", certainty="likely", since="2026.2")
def value_outside_its_interval(card: MarkdownDocument) -> Iterator[Fault]:
    """A value lies outside the confidence interval that is printed behind it.

    Why: The interval was computed for another value, or its ends were exchanged.
    Bad:
        # README.md
        The recall is 0.83 (95% CI 0.86-0.91).
    Good:
        # README.md
        The recall is 0.88 (95% CI 0.86-0.91).
    Fix: Compute both from the same predictions.
    """
    if "CI" not in card.source and "onfidence" not in card.source:
        return
    lines: Lines | None = None
    for count, match in enumerate(_interval().finditer(card.source)):
        value, low, high = (read(match[group]) for group in (1, 2, 3))
        if count == MAX_INTERVALS or value is None or low is None or high is None:
            return
        if not in_order(low, value, high):
            lines = lines or Lines(card.source)
            start, end = lines.position(match.start(1)), lines.position(match.end())
            if start[0] >= card.body_line:
                yield card.place(Span(card.file, *start, *end)).says(
                    f"{value.text} is not between {low.text} and {high.text}"
                )


@dataclass(frozen=True, slots=True)
class _Line:
    """A row or column of a table with the values of several runs."""

    first: Cell
    values: list[Printed]
    mean: tuple[Cell, Printed] | None
    deviation: tuple[Cell, Printed] | None
    error: tuple[Cell, Printed] | None


@lru_cache(maxsize=2)
def _lines(card: MarkdownDocument) -> tuple[_Line, ...]:
    """Every row whose columns are headed as runs, and every column whose rows are labelled so."""
    found: list[_Line] = []
    for table in tables(card):
        if len(table.header) * len(table.rows) > MAX_CELLS or not table.header:
            continue
        heads = [cell.text.strip(_MARKS).lower() for cell in table.header]
        if _are_runs(heads):
            found += [line for row in table.rows if (line := _line(heads, row)) is not None]
        labels = [row[0].text.strip(_MARKS).lower() for row in table.rows]
        if heads[0] in _RUNS:
            labels = [f"{heads[0]} {label}" if label.isdigit() else label for label in labels]
        if _are_runs(labels):
            columns = zip(*table.rows, strict=True)
            found += [line for column in list(columns)[1:] if (line := _line(labels, column)) is not None]
    return tuple(found)


def _are_runs(names: list[str]) -> bool:
    """Whether at least two of the names are those of runs."""
    numbered = [name for name in names if name[-1:].isdigit() and not name[0].isdigit()]
    return len(numbered) >= 2 and sum(bool(_run().fullmatch(name)) for name in numbered) >= 2


def _line(names: list[str], cells: tuple[Cell, ...]) -> _Line | None:
    values, first, mean, deviation, error = [], None, None, None, None
    for name, cell in zip(names, cells, strict=True):
        read_ = number(cell.text) if cell.text else None
        if _run().fullmatch(name):
            if read_ is None:
                return None
            first = first or cell
            values.append(read_[0])
        elif read_ is not None and name in _MEANS:
            mean = (cell, read_[0])
        elif read_ is not None and name in _DEVIATIONS:
            deviation = (cell, read_[0])
        elif read_ is not None and name in _ERRORS:
            error = (cell, read_[0])
    return _Line(first, values, mean, deviation, error) if first is not None and len(values) > 1 else None


@lru_cache(maxsize=1)
def _run() -> re.Pattern[str]:
    return re.compile(r"(?:seed|run|trial)[ _#-]{0,3}\d{1,6}", re.IGNORECASE)


@lru_cache(maxsize=1)
def _interval() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\d.])(\d{1,9}\.\d{1,9})%?[ ]?[(\[][ ]?(?:\d\d(?:\.\d)?%[ ])?"
        r"(?:CI|confidence interval)[:=,]?[ ]?[\[(]?"
        r"(\d{1,9}\.\d{1,9})%?[ ]?(?:,|-|–|to)[ ]?(\d{1,9}\.\d{1,9})(?![\d.])"
    )


def _behind(text: str) -> Printed | None:
    """The number behind `±`, in the unit of the one before it."""
    match = re.search(r"(?:±|\+/-)[ ]{0,3}(\d{1,9}(?:\.\d{1,9})?)", text)
    return read(match[1]) if match else None
