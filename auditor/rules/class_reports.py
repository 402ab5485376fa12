"""Classification reports: rows that no predictions give, and sums that are not those of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.forensics.confusion import search
from auditor.forensics.granularity import attainable, has_power
from auditor.forensics.printed import ANY, EXPECTED, Interval, Printed, decimal, places
from auditor.forensics.report import ClassScores, harmonic_holds, macro, row_exists, weighted
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.rules.registry import provides, rule
from auditor.statements.reports import ClassReport, reports

if TYPE_CHECKING:
    from auditor.bundle import Bundle

_SCORES = ("precision", "recall", "f1")
_MAX_CLASSES = 2_000  # of a card whose counts are tried; measured: at most 2 ms each
_MAX_SEARCHES = 20  # of a card for tables of two classes
_MAX_EXAMPLES = 20_000  # of two classes whose tables are searched; measured: 0.1 s


@provides("class reports")
def class_reports(bundle: Bundle) -> tuple[ClassReport, ...] | object:
    """The reports in the card."""
    from auditor.readers.markdown import MarkdownDocument

    card = bundle.get("card")
    if not isinstance(card, MarkdownDocument):
        return card
    return reports(card) or Absent("the card has no classification report")


@rule("MET309", level="error", needs="class reports", klass="impossible", since="2026.2")
def class_row_impossible(reports: tuple[ClassReport, ...]) -> Iterator[Fault]:
    """No counts of right and wrong predictions give the scores of a class.

    Why: Recall is k/support for a whole k, and F1 of one class is 2PR / (P + R). A row that breaks either was
        not computed from predictions on so many examples.
    Bad:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.7500 | 1.0000 | 0.8571 | 3 |
        | one | 1.0000 | 0.6667 | 0.7500 | 3 |
        | macro avg | 0.8750 | 0.8333 | 0.8036 | 6 |
    Good:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.7500 | 1.0000 | 0.8571 | 3 |
        | one | 1.0000 | 0.6667 | 0.8000 | 3 |
        | macro avg | 0.8750 | 0.8333 | 0.8286 | 6 |
    Fix: Print the report anew. Not looked at: tables without a row of sums, whose rows need not be classes.
    Source: measured: some 950 class rows of published reports obey.
    """
    looked = 0
    for report in reports:
        for row in report.classes:
            scores = row.whole()
            looked += 1
            if scores is None:
                continue
            if not harmonic_holds(scores):
                yield row.place.says(
                    f"`{shown(row.label)}` has F1 {_text(scores.f1)}, which is not the harmonic mean of "
                    f"precision {_text(scores.precision)} and recall {_text(scores.recall)}"
                )
            elif looked <= _MAX_CLASSES and row_exists(scores) is False:
                yield row.place.says(
                    f"no predictions on {scores.support:,} examples of `{shown(row.label)}` give precision "
                    f"{_text(scores.precision)}, recall {_text(scores.recall)} and F1 {_text(scores.f1)}"
                )


@rule(
    "MET310",
    level="error",
    needs="class reports",
    klass="impossible",
    after=("MET311",),
    since="2026.2",
)
def report_average_wrong(reports: tuple[ClassReport, ...]) -> Iterator[Fault]:
    """The macro or weighted average of a classification report is not that of its rows.

    Why: The rows stand beside it; a reader who computes the mean gets another number.
    Bad:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.7500 | 1.0000 | 0.8571 | 3 |
        | one | 1.0000 | 0.6667 | 0.8000 | 3 |
        | macro avg | 0.8750 | 0.8333 | 0.8386 | 6 |
    Good:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.7500 | 1.0000 | 0.8571 | 3 |
        | one | 1.0000 | 0.6667 | 0.8000 | 3 |
        | macro avg | 0.8750 | 0.8333 | 0.8286 | 6 |
    Fix: Print the report anew. Not looked at: reports with a row that has no number for a score, as
        `zero_division=nan` prints it, and those whose supports do not add up (MET311).
    Source: scikit-learn, `classification_report`. Measured: 240 published averages obey.
    """
    for report in reports:
        rows = _whole(report)
        if rows is None:
            continue
        supports = [row.support for row in rows]
        for kind in ("macro", "weighted"):
            row = report.sums.get(kind)
            if row is None or (kind == "weighted" and not sum(supports)):
                continue
            for index, name in enumerate(_SCORES):
                printed = row.scores[index]
                values = [one.score(name) for one in rows]
                mean = macro(values) if kind == "macro" else weighted(values, supports)
                if printed is not None and not _meets(printed, mean):
                    middle = decimal((mean[0] + mean[1]) / 2, min(places(printed) + 1, 12))
                    yield row.place.says(
                        f"`{shown(row.label)}` of {name} is {_text(printed)}, that of the rows is {middle}",
                        report.classes[0].place.labelled("the first row"),
                    )


@rule("MET311", level="warning", needs="class reports", klass="inconsistent", since="2026.2")
def report_supports_do_not_add_up(reports: tuple[ClassReport, ...]) -> Iterator[Fault]:
    """The supports of the classes do not add up to the number of examples in the report's last rows.

    Why: Either classes were left out of the report, or it was put together from two.
    Bad:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.7500 | 1.0000 | 0.8571 | 3 |
        | one | 1.0000 | 0.6667 | 0.8000 | 3 |
        | macro avg | 0.8750 | 0.8333 | 0.8286 | 9 |
    Good:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.7500 | 1.0000 | 0.8571 | 3 |
        | one | 1.0000 | 0.6667 | 0.8000 | 3 |
        | macro avg | 0.8750 | 0.8333 | 0.8286 | 6 |
    Fix: Print all classes. Not looked at: reports of one class, and rows without a support.
    Source: measured: 80 of 80 published reports add up.
    """
    for report in reports:
        whole = _supports(report)
        for row in report.sums.values():
            if whole is not None and row.support not in (None, whole):
                yield row.place.says(
                    f"`{shown(row.label)}` is of {row.support:,} examples, the classes have {whole:,}",
                    report.classes[0].place.labelled("the first class"),
                )
                break


@rule(
    "MET312",
    level="error",
    needs="class reports",
    klass="impossible",
    after=("MET311",),
    since="2026.2",
)
def report_accuracy_wrong(reports: tuple[ClassReport, ...]) -> Iterator[Fault]:
    """The accuracy of a classification report is not what its rows say.

    Why: With one label an example, accuracy is the mean of recall weighted by support, and k/n for a whole k;
        with two classes both rows follow from one confusion table.
    Bad:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.6000 | 1.0000 | 0.7500 | 3 |
        | one | 1.0000 | 0.3333 | 0.5000 | 3 |
        | accuracy | | | 0.8333 | 6 |
    Good:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.7500 | 1.0000 | 0.8571 | 3 |
        | one | 1.0000 | 0.6667 | 0.8000 | 3 |
        | accuracy | | | 0.8333 | 6 |
    Fix: Print the report anew. scikit-learn prints a row `accuracy` only where each example has one label.
    Source: sum over classes of support · recall = number of right predictions.
    """
    searches = 0
    for report in reports:
        row, rows = report.sums.get("accuracy"), _whole(report)
        accuracy = next((one for one in (row.scores[2], *row.scores[:2]) if one), None) if row else None
        if row is None or rows is None or accuracy is None or not sum(one.support for one in rows):
            continue
        n = sum(one.support for one in rows)
        mean = weighted([one.recall for one in rows], [one.support for one in rows])
        if not _meets(accuracy, mean):
            middle = decimal((mean[0] + mean[1]) / 2, min(places(accuracy) + 1, 12))
            yield row.place.says(
                f"`accuracy` is {_text(accuracy)}, the recall of {n:,} examples is {middle}",
                report.classes[0].place.labelled("the first class"),
            )
        elif has_power(accuracy, n, ANY) and not attainable(accuracy, n, ANY):
            yield row.place.says(f"`accuracy` is {_text(accuracy)}, which no count out of {n:,} gives")
        elif len(rows) == 2 and searches < _MAX_SEARCHES:
            searches += 1
            if not _no_table(rows, accuracy, n):
                continue
            yield row.place.says(
                f"no confusion table of {n:,} examples gives both classes and accuracy {_text(accuracy)}",
                *(one.place for one in report.classes),
            )


@rule(
    "MET404", level="warning", needs="class reports", klass="implausible", certainty="likely", since="2026.2"
)
def no_better_than_one_class(reports: tuple[ClassReport, ...]) -> Iterator[Fault]:
    """The accuracy is not above the share of the largest class.

    Why: Whoever always answers with that class is right as often; the accuracy tells nothing of the model.
    Bad:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.8333 | 1.0000 | 0.9091 | 5 |
        | one | 0.0000 | 0.0000 | 0.0000 | 1 |
        | accuracy | | | 0.8333 | 6 |
    Good:
        # README.md
        | Class | Precision | Recall | F1-score | Support |
        |---|---|---|---|---|
        | zero | 0.8000 | 1.0000 | 0.8889 | 4 |
        | one | 1.0000 | 0.5000 | 0.6667 | 2 |
        | accuracy | | | 0.8333 | 6 |
    Fix: Look at the confusion table; publish balanced accuracy or macro F1 beside it.
    Source: measured: 5 of 246 cards with class counts, all of them with one class predicted throughout.
    """
    for report in reports:
        row, rows = report.sums.get("accuracy"), _whole(report)
        accuracy = row.scores[2] if row else None
        if row is None or rows is None or accuracy is None or len(rows) < 2:
            continue
        n, most = sum(one.support for one in rows), max(one.support for one in rows)
        if n and accuracy.value - accuracy.half_width(EXPECTED) <= Fraction(most, n):
            yield row.place.says(
                f"`accuracy` is {_text(accuracy)}, the largest class is {most:,} of {n:,} examples"
            )


def _whole(report: ClassReport) -> list[ClassScores] | None:
    """All classes, where every row is complete and their supports are those of the rows that sum up."""
    rows = [row.whole() for row in report.classes]
    found = [row for row in rows if row is not None]
    if not report.complete or len(found) < len(rows):
        return None
    whole, told = sum(row.support for row in found), {row.support for row in report.sums.values()}
    return found if told - {None} == {whole} else None


def _supports(report: ClassReport) -> int | None:
    """The sum of the classes' supports; None where one is missing, or there is but one class."""
    supports = [row.support for row in report.classes]
    if not report.complete or len(supports) < 2 or None in supports:
        return None
    return sum(one for one in supports if one is not None)


def _meets(printed: Printed, mean: Interval) -> bool:
    low, high = printed.interval(ANY)
    return low <= mean[1] and mean[0] <= high


def _no_table(rows: list[ClassScores], accuracy: Printed, n: int) -> bool:
    """Whether no table of two classes gives both rows; a precision of 0 or 1 may be 0/0 and is left out."""
    if n > _MAX_EXAMPLES:
        return False
    other, this = rows
    scores = {"accuracy": accuracy, "recall": this.recall, "specificity": other.recall, "f1": this.f1}
    scores |= {"precision": this.precision, "npv": other.precision}
    return search({name: one.interval(ANY) for name, one in scores.items()}, n, this.support).exists is False


def _text(printed: Printed) -> str:
    return shown(printed.text)
