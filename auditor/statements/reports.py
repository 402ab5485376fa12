"""Classification reports in a card: tables with a column for support, and scikit-learn's own text in code.

A report has a row for each class, and rows that sum them up. Nothing here judges.
"""

from __future__ import annotations

from dataclasses import field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed, read
from auditor.forensics.report import ClassScores
from auditor.model import Place, Span
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.readers.markdown import Fence, MarkdownDocument, Table

MAX_ROWS = 5_000  # of one report; more classes than that are data
MAX_SUPPORT = 10**12  # examples of one class
_NAMES = {"precision": 0, "recall": 1, "f1-score": 2, "f1": 2, "f1 score": 2, "f1_score": 2, "support": 3}
# Labels of the rows that sum up, without case and punctuation.
_SUMS = {
    "accuracy": "accuracy",
    "macro avg": "macro",
    "macro average": "macro",
    "weighted avg": "weighted",
    "weighted average": "weighted",
    "avg / total": "weighted",  # scikit-learn before 0.20
    "micro avg": "micro",
    "micro average": "micro",
}
_OTHER = ("samples avg", "samples average", "average", "avg", "mean", "total", "overall")
_PERCENT = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row; `scores` holds what could be read of precision, recall, F1 (as printed) and support."""

    label: str
    place: Place
    scores: tuple[Printed | None, Printed | None, Printed | None, Printed | None]

    @property
    def support(self) -> int | None:
        """The number of examples, where the row says it."""
        printed = self.scores[3]
        if printed is None or printed.value.denominator != 1 or not 0 <= printed.value <= MAX_SUPPORT:
            return None
        return printed.value.numerator

    def whole(self) -> ClassScores | None:
        """The row as scores of one class, where all four are there and proportions."""
        precision, recall, f1, support = *self.scores[:3], self.support
        if precision is None or recall is None or f1 is None or support is None:
            return None
        good = all(0 <= one.value <= 1 for one in (precision, recall, f1))
        return ClassScores(precision, recall, f1, support) if good else None


@dataclass(frozen=True, slots=True)
class ClassReport:
    """A report.

    Attributes:
        classes: rows of classes, in order.
        sums: rows that sum up, by kind: accuracy, macro, weighted, micro.
        complete: whether every row could be read to its end and none was left out by dots.
    """

    classes: list[ReportRow] = field(default_factory=list)
    sums: dict[str, ReportRow] = field(default_factory=dict)
    complete: bool = True


@lru_cache(maxsize=2)
def reports(card: MarkdownDocument) -> tuple[ClassReport, ...]:
    """Every report with at least one class and one row that sums up; proportions, percentages divided."""
    if "recall" not in card.source and "Recall" not in card.source and "RECALL" not in card.source:
        return ()
    found = [_of_table(card, table) for table in card.tables]
    found += [_of_text(card, fence) for fence in card.fences if "support" in fence.text]
    return tuple(_scaled(one) for one in found if one is not None and one.classes and one.sums)


def _of_table(card: MarkdownDocument, table: Table) -> ClassReport | None:
    columns: dict[int, int] = {}
    for index, cell in enumerate(table.header):
        which = _NAMES.get(cell.text.strip("*_` ").lower())
        if which is not None and which not in columns:
            columns[which] = index
    if len(columns) < 4 or len(table.rows) > MAX_ROWS or 0 in columns.values():
        return None
    report = ClassReport()
    for row in table.rows:
        texts = [row[columns[which]].text.strip("*_` ") for which in range(4)]
        report = _with(report, row[0].text.strip("*_` "), texts, card.place(row[columns[2]].span))
    return report


def _of_text(card: MarkdownDocument, fence: Fence) -> ClassReport | None:
    report: ClassReport | None = None
    for offset, line in enumerate(fence.text.splitlines()[:MAX_ROWS]):
        words = line.split()
        if [word.lower() for word in words] == ["precision", "recall", "f1-score", "support"]:
            report = ClassReport()
        elif report is not None and words:
            numbers = 2 if words[0].lower() == "accuracy" and len(words) == 3 else 4
            label, texts = " ".join(words[:-numbers]), words[-numbers:]
            if numbers == 2:
                texts = ["", "", *texts]
            if len(words) > numbers:
                start = len(line) - len(line.lstrip()) + 1
                at = Span(card.file, fence.line + 1 + offset, start, fence.line + 1 + offset, len(line) + 1)
                report = _with(report, label, texts, card.place(at))
            elif words == ["..."]:
                report = ClassReport(report.classes, report.sums, complete=False)
    return report


def _with(report: ClassReport, label: str, texts: list[str], place: Place) -> ClassReport:
    """The report with one row more."""
    scores = [
        read(text.rstrip("%") if index < 3 else text.replace(",", "")) for index, text in enumerate(texts)
    ]
    row = ReportRow(label, place, (scores[0], scores[1], scores[2], scores[3]))
    kind = _SUMS.get(label.lower())
    if kind is not None:
        report.sums.setdefault(kind, row)
        return report
    if label.lower() in _OTHER or not any(texts):
        return report
    report.classes.append(row)
    if None in scores and report.complete:
        return ClassReport(report.classes, report.sums, complete=False)
    return report


def _scaled(report: ClassReport) -> ClassReport:
    """The report in proportions: where a score is above 1, all are percentages."""
    rows = (*report.classes, *report.sums.values())
    if not any(one is not None and one.value > 1 for row in rows for one in row.scores[:3]):
        return report
    return ClassReport(
        [_divided(row) for row in report.classes],
        {kind: _divided(row) for kind, row in report.sums.items()},
        report.complete,
    )


def _divided(row: ReportRow) -> ReportRow:
    scores = tuple(one.times(_PERCENT) if one is not None else None for one in row.scores[:3])
    return ReportRow(row.label, row.place, (scores[0], scores[1], scores[2], row.scores[3]))
