"""Every number that a release states: where it stands, how it was read, what supports or contradicts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from auditor.engine.run import check
from auditor.engine.settings import EVERYTHING
from auditor.forensics.printed import Printed, same
from auditor.model import Finding, Place, Span
from auditor.readers.document import Document
from auditor.records import dataclass
from auditor.rules.agreement import MAX_COMPARED, agrees, comparable, data_name
from auditor.statements.collected import scores
from auditor.statements.quantities import quantities

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Quantity, Score

FAMILIES = ("DATA", "MET", "CLM")  # of rules about numbers
Kind = Literal["score", "quantity"]


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a release.

    Attributes:
        kind: the value of a metric, or any other number.
        span: where it stands.
        value: as printed.
        source: what kind of place that is.
        text: the name that is written there.
        name: the name it was read as: a metric with its k, or a quantity.
        role: whether a score is the metric's value or something about it, such as its deviation.
        average, dataset, config, split, label, unit: as the place says them, empty where it does not.
        n: number of examples, where the place says it.
        own: whether the place speaks of the released model as a whole.
        supported: where else the same number stands.
        contradicted: findings that this number takes part in.
    """

    kind: Kind
    span: Span
    value: Printed
    source: str
    text: str
    name: str
    role: str = "value"
    average: str = ""
    dataset: str = ""
    config: str = ""
    split: str = ""
    label: str = ""
    unit: str = ""
    n: int | None = None
    own: bool = True
    supported: tuple[Span, ...] = ()
    contradicted: tuple[Finding, ...] = ()


def numbers(bundle: Bundle, *, isolate: bool = True) -> tuple[Number, ...]:
    """The numbers of a bundle by place, after the rules about numbers have looked at it.

    Args:
        bundle: the release.
        isolate: whether a crash of a rule is a finding, as in `check`.
    """
    found = [*_scores(bundle), *_quantities(bundle)]
    findings = check(bundle, replace(EVERYTHING, select=FAMILIES), isolate=isolate).findings
    by_line: dict[tuple[str, int], list[tuple[Span, Finding]]] = {}
    for finding in findings:
        for span in finding.spans:
            by_line.setdefault((span.file, span.line), []).append((span, finding))
    first: dict[tuple[str, int, int], Number] = {}  # a score that is also read as a quantity is a score
    for number in found:
        span = number.span
        met = [one for where, one in by_line.get((span.file, span.line), ()) if _overlap(where, span)]
        first.setdefault(
            (span.file, span.line, span.column), replace(number, contradicted=tuple(dict.fromkeys(met)))
        )
    return tuple(sorted(first.values(), key=lambda one: (one.span.file, one.span.line, one.span.column)))


def _scores(bundle: Bundle) -> Iterator[Number]:
    by_name: dict[str, list[tuple[Score, Span]]] = {}
    for score in scores(bundle):  # a table of benchmarks has hundreds: those of one benchmark stand together
        data = f" {data_name(score)}" if score.source == "benchmark table" else ""
        by_name.setdefault(f"{score.metric.name} {score.metric.role}{data}", []).append(
            (score, _span(bundle, score.place))
        )
    by_data = _by_data(by_name)
    for found in by_name.values():
        for score, span in found:
            others = found if len(found) <= MAX_COMPARED else []
            if score.dataset:
                others = [*others, *by_data.get(data_name(score), ())]
            yield Number(
                kind="score",
                span=span,
                value=score.value,
                source=score.source,
                text=score.text,
                name=score.metric.name,
                role=score.metric.role,
                average=score.average,
                dataset=score.dataset,
                config=score.config,
                split=score.split,
                label=score.label,
                unit=score.unit,
                n=score.n,
                own=score.own,
                supported=_others(
                    span,
                    (
                        at
                        for one, at in others
                        if one.group != score.group and _comparable(one, score) and agrees(one, score)
                    ),
                ),
            )


def _quantities(bundle: Bundle) -> Iterator[Number]:
    by_name: dict[str, list[tuple[Quantity, Span]]] = {}
    for quantity in quantities(bundle):
        by_name.setdefault(quantity.name, []).append((quantity, _span(bundle, quantity.place)))
    for found in by_name.values():
        for quantity, span in found:
            others = found if len(found) <= MAX_COMPARED else ()
            yield Number(
                kind="quantity",
                span=span,
                value=quantity.value,
                source=quantity.source,
                text=quantity.name,
                name=quantity.name,
                unit=quantity.unit,
                label=quantity.label,
                own=not quantity.label,
                supported=_others(
                    span,
                    (
                        at
                        for one, at in others
                        if one.unit == quantity.unit
                        and same(one.value, quantity.value)
                        and (not one.label or not quantity.label or one.label == quantity.label)
                    ),
                ),
            )


def _by_data(by_name: dict[str, list[tuple[Score, Span]]]) -> dict[str, list[tuple[Score, Span]]]:
    """The scores of each data set that a table of benchmarks names, where they are few."""
    all_scores = [each for found in by_name.values() for each in found if each[0].dataset]
    named: dict[str, list[tuple[Score, Span]]] = {
        data_name(score): [] for score, _ in all_scores if score.source == "benchmark table"
    }
    for each in all_scores:
        if data_name(each[0]) in named:
            named[data_name(each[0])].append(each)
    return {name: found for name, found in named.items() if len(found) <= MAX_COMPARED}


def _comparable(one: Score, other: Score) -> bool:
    """Whether both may be of the same data and metric, which a table of benchmarks may leave open."""
    known = one.metric.known and other.metric.known
    return (not known or one.metric.name == other.metric.name) and comparable(one, other)


def _others(span: Span, places: Iterable[Span]) -> tuple[Span, ...]:
    """The different places that are not this one, in order."""
    found = {(at.file, at.line, at.column): at for at in places}
    found.pop((span.file, span.line, span.column), None)
    return tuple(at for _, at in sorted(found.items()))


def _span(bundle: Bundle, place: Place) -> Span:
    if place.span is not None:
        return place.span
    document = bundle.document(place.file)
    return document.locate(place) if isinstance(document, Document) else Span(place.file)


def _overlap(one: Span, other: Span) -> bool:
    """Whether two spans that begin on one line share a character."""
    if one.line == 0 or one.end_line != one.line or other.end_line != other.line:
        return True
    return one.column < other.end_column and other.column < one.end_column
