"""Precision, recall and F1 of one block that cannot all hold."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.envelope import apart, envelope, equality
from auditor.forensics.printed import ANY, Interval, Printed, decimal, places
from auditor.model import Fault
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.blocks import Block, readings, single
from auditor.rules.registry import needed, provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Score

_TRIPLE = ("precision", "recall", "f1")
_HALF_OF_FULL = 5e-10  # of itself, by which a number printed in full may be off; half of FULL_TOLERANCE
_NEAR = Fraction(2, 100)  # F1 this close to the accuracy looks micro or weighted


@dataclass(frozen=True, slots=True)
class Triple:
    """Precision, recall and F1 of one block, and whether some average gives them in some unit."""

    block: Block
    scores: tuple[Score, ...]
    fits: bool


@provides("triples")
def triples(bundle: Bundle) -> tuple[Triple, ...]:
    """Those of all blocks."""
    blocks = needed(bundle, "blocks")
    return paired(blocks) if isinstance(blocks, tuple) else ()


def paired(blocks: tuple[Block, ...]) -> tuple[Triple, ...]:
    """The precision, recall and F1 of each block that has them; those of ROUGE and BERTScore are others."""
    found = []
    for block in blocks:
        scores = block.together(*_TRIPLE)
        if scores is not None and not _skipped(block, scores):
            found.append(Triple(block, scores, _fits(scores, of_means=True)))
    return tuple(found)


@rule(
    "MET301",
    level="error",
    needs="triples",
    klass="impossible",
    certainty="likely",
    since="2026.2",
)
def f1_outside_envelope(triples: tuple[Triple, ...]) -> Iterator[Fault]:
    """No way of averaging classes gives this F1 beside this precision and recall.

    Why: However classes or samples are averaged, P + R - 1 ≤ F1 ≤ 2PR / (P + R). A value outside was copied
        from another row, or the three were averaged in different ways. Rounding by one unit of the last
        digit is allowed for.
    Bad:
        # README.md
        | Model | Precision | Recall | F1 |
        |---|---|---|---|
        | ours | 0.9737 | 0.9777 | 0.9889 |
    Good:
        # README.md
        | Model | Precision | Recall | F1 |
        |---|---|---|---|
        | ours | 0.9737 | 0.9777 | 0.9757 |
    Fix: Correct the value, or say how each of the three was averaged. Not looked at: rows about ROUGE and
        BERTScore, scores of which `zero_division=nan` left classes out.
    Source: for one class F1 = 2PR / (P + R); a mean keeps the lower bound (linear) and the upper one
        (Jensen). Measured: 8 of 8,031 published triples are outside, all of them wrong.
    """
    for found in triples:
        block, triple = found.block, found.scores
        if not (found.fits or _looks_mixed(block, triple) or _only_in_mixed_units(triple)):
            precision, recall, f1 = triple
            least, most = _allowed(readings(*triple)[0])
            one, digits = _unit_of(triple)
            yield f1.place.says(
                f"`F1` is {f1.value.text}; precision {precision.value.text} and recall {recall.value.text} "
                f"allow {decimal(least * one, digits)} to {decimal(most * one, digits)}",
                precision.place.labelled("precision"),
                recall.place.labelled("recall"),
            )


@rule("MET302", level="error", needs="triples", klass="impossible", since="2026.2")
def f1_not_harmonic_mean(triples: tuple[Triple, ...]) -> Iterator[Fault]:
    """F1 of one class, or a micro average, is not 2PR / (P + R).

    Why: For two classes and for micro averages F1 is the harmonic mean of precision and recall, by
        definition. Only scores that are named `binary` or `micro` are compared so.
    Bad:
        # README.md
        | Model | Micro precision | Micro recall | Micro F1 |
        |---|---|---|---|
        | ours | 0.8000 | 0.6000 | 0.6500 |
    Good:
        # README.md
        | Model | Micro precision | Micro recall | Micro F1 |
        |---|---|---|---|
        | ours | 0.8000 | 0.6000 | 0.6857 |
    Fix: Correct the value that is wrong. Not looked at: means over several runs, for which only bounds hold.
    Source: measured: 205 of 205 AutoTrain cards of two classes obey.
    """
    for found in triples:
        triple = found.scores
        if (
            triple[2].average not in ("binary", "micro")
            or not all(map(single, triple))
            or found.block.several
        ):
            continue
        if _fits(triple, of_means=True) and not _fits(triple, of_means=False):
            p, r, _ = readings(*triple)[0]
            expected = equality(p.interval(Fraction(0)), r.interval(Fraction(0)))[0]
            one, digits = _unit_of(triple)
            yield triple[2].place.says(
                f"`{triple[2].average}` F1 is {triple[2].value.text}; precision {triple[0].value.text} and "
                f"recall {triple[1].value.text} give {decimal(expected * one, digits)}",
                triple[0].place.labelled("precision"),
                triple[1].place.labelled("recall"),
            )


@rule(
    "MET303",
    level="warning",
    needs="triples",
    klass="inconsistent",
    certainty="hint",
    after=("MET103", "MET104"),
    since="2026.2",
)
def averages_mixed(triples: tuple[Triple, ...]) -> Iterator[Fault]:
    """Precision, recall and F1 look as if classes were averaged in different ways.

    Why: F1 lies outside what precision and recall allow, and beside the accuracy: so do micro and weighted
        averages. A reader takes the three for one kind of average.
    Bad:
        # README.md
        | Model | Accuracy | Precision | Recall | F1 |
        |---|---|---|---|---|
        | ours | 0.8333 | 0.8085 | 0.7989 | 0.8350 |
    Good:
        # README.md
        | Model | Accuracy | Macro precision | Macro recall | Weighted F1 |
        |---|---|---|---|---|
        | ours | 0.8333 | 0.8085 | 0.7989 | 0.8350 |
    Fix: Name the average of each score, or publish one kind.
    Source: measured: a card with a verified evaluation publishes macro precision and recall and weighted F1.
    """
    for found in triples:
        triple = found.scores
        if not found.fits and _looks_mixed(found.block, triple):
            yield triple[2].place.says(
                f"`F1` {triple[2].value.text} cannot be averaged like precision {triple[0].value.text} and "
                f"recall {triple[1].value.text}",
                triple[0].place.labelled("precision"),
                triple[1].place.labelled("recall"),
            )


@rule("MET304", level="warning", needs="triples", klass="inconsistent", certainty="likely", since="2026.2")
def units_mixed(triples: tuple[Triple, ...]) -> Iterator[Fault]:
    """Precision, recall and F1 hold together only if one is a proportion and another a percentage.

    Why: Side by side, 0.5 among percentages reads as half a percent.
    Bad:
        # README.md
        | Model | Precision | Recall | F1 |
        |---|---|---|---|
        | ours | 71.6 | 50.8 | 0.5 |
    Good:
        # README.md
        | Model | Precision | Recall | F1 |
        |---|---|---|---|
        | ours | 71.6 | 50.8 | 59.4 |
    Fix: Print all of them in one unit. Not looked at: percentages with their sign beside proportions.
    """
    for found in triples:
        triple = found.scores
        if _only_in_mixed_units(triple):
            small = min(triple, key=lambda score: score.value.value)
            others = [score for score in triple if score is not small]
            if small.unit != "percent" and all(score.unit == "percent" for score in others):
                continue  # each unit is written beside its number, and nobody is misled
            yield small.place.says(
                f"`{shown(small.text)}` is {small.value.text} among percentages "
                f"({', '.join(score.value.text for score in others)})",
                *(score.place for score in others),
            )


def _skipped(block: Block, triple: tuple[Score, ...]) -> bool:
    words = f"{block.label} {' '.join(score.text for score in triple)}".lower()
    return "rouge" in words or "bertscore" in words or any(score.value.value < 0 for score in triple)


def _fits(triple: tuple[Score, ...], *, of_means: bool) -> bool:
    """Whether some reading of the units holds together."""
    if of_means and _surely_holds(triple):
        return True
    return any(_holds(values, of_means=of_means) for values in readings(*triple))


def _surely_holds(triple: tuple[Score, ...]) -> bool:
    """Whether the numbers hold with precision and recall as printed; most do, and need no exact arithmetic.

    F1 may lie outside by half of what rounding allows, which is far more than 53 bits lose.
    """
    if not all(0 <= score.value.value <= 100 for score in triple):  # 10^400 is no number of 64 bits
        return False
    precision, recall, f1 = (float(score.value.value) for score in triple)
    one = 1 if max(precision, recall, f1) <= 1 else 100
    if not (0 < precision <= one and 0 < recall <= one):
        return False
    upper = 2 * precision * recall / (precision + recall)
    slack = f1 * _HALF_OF_FULL if triple[2].value.full else float(triple[2].value.unit) / 2
    return max(precision + recall - one, 0) - slack <= f1 <= upper + slack


def _holds(values: tuple[Printed, ...], *, of_means: bool) -> bool:
    precision, recall, f1 = (value.interval(ANY) for value in values)
    allowed = envelope(precision, recall) if of_means else equality(precision, recall)
    return not apart(f1, allowed)


def _only_in_mixed_units(triple: tuple[Score, ...]) -> bool:
    if all(score.value.value <= 1 for score in triple):
        return False
    possible = readings(*triple)
    return (
        len(possible) == 2 and not _holds(possible[0], of_means=True) and _holds(possible[1], of_means=True)
    )


def _looks_mixed(block: Block, triple: tuple[Score, ...]) -> bool:
    """Whether the accuracy beside them tells that F1, or precision and recall, are micro or weighted."""
    accuracy = block.one("accuracy")
    if accuracy is None or triple[2].average:
        return False
    right, _, recall, f1 = readings(accuracy, *triple)[0]
    return abs(right.value - f1.value) <= _NEAR or abs(right.value - recall.value) <= right.unit


def _allowed(values: tuple[Printed, ...]) -> Interval:
    return envelope(values[0].interval(Fraction(0)), values[1].interval(Fraction(0)))


def _unit_of(triple: tuple[Score, ...]) -> tuple[int, int]:
    """What to multiply proportions with to print them like the first score, and how many decimals."""
    one = 1 if readings(*triple)[0][0].value == triple[0].value.value else 100
    return one, min(max(places(triple[2].value), places(triple[0].value)), 6)
