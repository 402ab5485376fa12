"""Published scores against the log of the training that gave them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.forensics.printed import read
from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.agreement import Published, agrees, own
from auditor.rules.registry import needed, provides, rule
from auditor.statements.metrics import nature

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Score

STATE = "trainer_state.json"
LOSS_DIGITS = 4  # significant ones; the Trainer prints four decimals
MAX_GROUPS = 10  # lists and entries that are held against a log; a card of one training has two
_NOISE = Fraction(1, 10**9)  # relative; the state holds the same float64 twice


Scores = dict[str, "Score"]  # of one evaluation or one list, by metric


@dataclass(frozen=True, slots=True)
class Logged:
    """A list of published scores beside the evaluations of a log.

    Attributes:
        group: the published scores.
        rows: the evaluations, in order.
        agreeing: for each of them the metrics in which the published scores agree with it.
    """

    group: Scores
    rows: list[Scores]
    agreeing: list[set[str]]


@provides("logged scores")
def logged_scores(bundle: Bundle) -> tuple[Logged, ...] | Absent:
    """Each published list with more than one score beside the first log that has evaluations."""
    scores = needed(bundle, "published scores")
    if isinstance(scores, Absent):
        return scores
    assert isinstance(scores, Published)
    rows = _rows(scores)
    if not rows:
        return Absent("the bundle has no log of a training")
    found = []
    for group in islice(_groups(scores), MAX_GROUPS):
        agreeing = [
            {name for name, score in group.items() if name in row and agrees(score, row[name])}
            for row in rows
        ]
        found.append(Logged(group, rows, agreeing))
    return tuple(found)


@rule(
    "CLM011",
    level="warning",
    needs="logged scores",
    klass="inconsistent",
    certainty="likely",
    after=("CLM004", "CLM006", "CLM007"),
    since="2026.2",
)
def published_differs_from_log(logged: tuple[Logged, ...]) -> Iterator[Fault]:
    """A published list agrees with a row of the training log in most of its metrics, but not in all.

    Why: The scores of one evaluation are written together. Where most of them are those of a row and one is
        not, that one was changed. Lists that share nothing with any row are of other data and are passed
        over.
    Bad:
        # README.md
        - Wer: 0.2143
        - Cer: 0.0811
        - Bleu: 58.9034

        | Training Loss | Epoch | Step | Validation Loss | Wer | Cer | Bleu |
        |---|---|---|---|---|---|---|
        | 0.4102 | 1.0 | 12 | 0.4525 | 0.3012 | 0.1204 | 41.2210 |
        | 0.3125 | 2.0 | 24 | 0.3381 | 0.2143 | 0.0811 | 52.9034 |
    Good:
        # README.md
        - Wer: 0.2143
        - Cer: 0.0811
        - Bleu: 52.9034

        | Training Loss | Epoch | Step | Validation Loss | Wer | Cer | Bleu |
        |---|---|---|---|---|---|---|
        | 0.4102 | 1.0 | 12 | 0.4525 | 0.3012 | 0.1204 | 41.2210 |
        | 0.3125 | 2.0 | 24 | 0.3381 | 0.2143 | 0.0811 | 52.9034 |
    Fix: Publish what the evaluation wrote.
    """
    for one in logged:
        counts = [len(names) for names in one.agreeing]
        best = counts.index(max(counts))
        row = one.rows[best]
        both = [name for name in one.group if name in row]
        wrong = [name for name in both if name not in one.agreeing[best]]
        if wrong and len(wrong) * 2 <= len(both) and _is_from(one.agreeing[best], row):
            score, entry = one.group[wrong[0]], row[wrong[0]]
            yield score.place.says(
                f"`{shown(score.text)}` is {shown(score.value.text)} here, the log has "
                f"{shown(entry.value.text)} in the row with which the other scores agree",
                entry.place.labelled("logged at this step"),
            )


@rule("CLM012", level="warning", needs="bundle", klass="inconsistent", since="2026.2")
def best_metric_not_in_log(bundle: Bundle) -> Iterator[Fault]:
    """The best metric in `trainer_state.json` is no value of any evaluation in its own log.

    Why: The Trainer takes `best_metric` from an evaluation, and logs every evaluation; a best value that was
        never logged was written by hand, or the log was shortened.
    Bad:
        # trainer_state.json, whole file
        {"best_metric": 0.9533, "global_step": 24, "log_history": [
         {"epoch": 1.0, "eval_accuracy": 0.8667, "eval_loss": 0.4525, "step": 12},
         {"epoch": 2.0, "eval_accuracy": 0.9167, "eval_loss": 0.3381, "step": 24}]}
    Good:
        # trainer_state.json, whole file
        {"best_metric": 0.9167, "global_step": 24, "log_history": [
         {"epoch": 1.0, "eval_accuracy": 0.8667, "eval_loss": 0.4525, "step": 12},
         {"epoch": 2.0, "eval_accuracy": 0.9167, "eval_loss": 0.3381, "step": 24}]}
    Fix: Ship the file as the Trainer wrote it.
    Source: transformers, Trainer._determine_best_metric.
    """
    state = _state(bundle)
    best = state.get("best_metric") if state else None
    if state is None or isinstance(best, bool) or not isinstance(best, int | float):
        return
    wanted = read(repr(best))
    logged = [row for _, row in state.items("log_history") if isinstance(row, dict)]
    evaluated = [value for row in logged for key, value in row.items() if key.startswith("eval_")]
    numbers = [read(repr(value)) for value in evaluated if isinstance(value, int | float)]
    if wanted is None or not numbers:
        return
    width = abs(wanted.value) * _NOISE
    if not any(number is not None and abs(number.value - wanted.value) <= width for number in numbers):
        yield state.at("best_metric").says(
            f"`best_metric` is {shown(state.printed('best_metric') or '')}, "
            "and no evaluation of the log has it",
            state.key("log_history").labelled(f"{len(logged):,} entries"),
        )


@rule(
    "CLM105",
    level="note",
    needs="logged scores",
    klass="implausible",
    certainty="hint",
    since="2026.2",
)
def best_row_published(logged: tuple[Logged, ...]) -> Iterator[Fault]:
    """The published scores are the best of several evaluations of one training, not the last.

    Why: Where the split that is published also chose the checkpoint, the best of k evaluations is better than
        what new data will show. Early stopping with another split for the published score has no such gain.
    Bad:
        # README.md
        - Wer: 0.2143
        - Cer: 0.0811

        | Training Loss | Epoch | Step | Validation Loss | Wer | Cer |
        |---|---|---|---|---|---|
        | 0.4102 | 1.0 | 12 | 0.3381 | 0.2143 | 0.0811 |
        | 0.3125 | 2.0 | 24 | 0.3977 | 0.2206 | 0.0840 |
    Good:
        # README.md
        - Wer: 0.2143
        - Cer: 0.0811

        | Training Loss | Epoch | Step | Validation Loss | Wer | Cer |
        |---|---|---|---|---|---|
        | 0.4102 | 1.0 | 12 | 0.3977 | 0.2206 | 0.0840 |
        | 0.3125 | 2.0 | 24 | 0.3381 | 0.2143 | 0.0811 |
    Fix: Say how the checkpoint was chosen, and publish scores of a split that did not choose it.
    Source: measured: 206 of 3,047 cards made by the Trainer publish an earlier row.
    """
    said: set[str] = set()
    for one in logged:
        last = len(one.rows) - 1
        whole = [
            index
            for index, names in enumerate(one.agreeing)
            if len(names) > 1 and names == one.group.keys() & one.rows[index].keys()
        ]
        if not whole or last in whole:
            continue
        row, final = one.rows[whole[-1]], one.rows[last]
        name = next((name for name in one.group if name in row and name in final and name != "loss"), "")
        if name and _better(name, row[name], final[name]) and row[name].group not in said:
            said.add(row[name].group)  # `model-index` and the list publish one row
            score = one.group[name]
            yield score.place.says(
                f"`{shown(score.text)}` {shown(score.value.text)} is of evaluation {whole[-1] + 1} of "
                f"{len(one.rows)}, the last one gave {shown(final[name].value.text)}",
                row[name].place.labelled("published"),
                final[name].place.labelled("the last one"),
            )


def _rows(scores: Published) -> list[Scores]:
    """The evaluations of the first log that has any, in order; losses of training are left out."""
    by_file: dict[str, dict[str, dict[str, Score]]] = {}
    for name, found in scores.of("training log").items():
        for score in found:
            if score.split != "train":
                log = by_file.setdefault(score.place.file, {})
                log.setdefault(score.group, {}).setdefault(name, score)
    first = next(iter(by_file.values()), {})
    return list(first.values())


def _groups(scores: Published) -> Iterator[Scores]:
    """The author's scores in each list of the card and each entry of `model-index`, by metric."""
    found: dict[str, dict[str, Score]] = {}
    for source in ("card list", "model-index"):
        for name, each in scores.of(source).items():
            for score in own(each):
                if score.split != "train":
                    found.setdefault(score.group, {}).setdefault(name, score)
    yield from (group for group in found.values() if len(group) > 1)


def _is_from(agreeing: set[str], row: Scores) -> bool:
    """Whether the agreement is no accident: two different numbers are alike, or the loss to four digits.

    Accuracy, micro F1 and weighted recall are one number, and that of few examples comes back in many rows.
    """
    if "loss" in agreeing and len(row["loss"].value.text.replace(".", "").lstrip("0")) >= LOSS_DIGITS:
        return True
    return len({row[name].value.value for name in agreeing}) > 1


def _better(name: str, one: Score, other: Score) -> bool:
    known = nature(name.partition("@")[0])
    if known is None:
        return False
    return (
        one.value.value < other.value.value if known.lower_is_better else one.value.value > other.value.value
    )


def _state(bundle: Bundle) -> Document | None:
    state = bundle.document(STATE) if bundle.has(STATE) else None
    return state if isinstance(state, Document) else None
