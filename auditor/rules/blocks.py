"""Scores that were measured together, and what each can mean as a proportion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.forensics.printed import Printed
from auditor.readers.document import Document
from auditor.records import dataclass
from auditor.rules.registry import provides
from auditor.statements.collected import scores
from auditor.statements.metrics import nature

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Score

MAX_EMPHASIS = 6  # letters around a number in its cell that are emphasis or a percent sign, not a deviation
LEAST_EXAMPLES = 40  # behind `n =` in a list; means over more seeds, folds or shots than that are rare
_PERCENT = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Block:
    """Scores of one model on one piece of data.

    Attributes:
        scores: by the metric's name with its k; those of one name may differ in how classes were averaged.
        source: what kind of place they stand in.
        label: what the row or column is about, empty where it is not told.
        group: that of the scores, see `Score`; blocks of one group differ in split or data.
        split: canonical name of the split, empty where none is named.
        several: whether the scores sum up several runs.
    """

    scores: dict[str, list[Score]] = field(default_factory=dict)
    source: str = ""
    label: str = ""
    group: str = ""
    split: str = ""
    several: bool = False

    def one(self, name: str, average: str | None = None) -> Score | None:
        """The score of this name (and average); None where there is none, or where several differ."""
        found = [score for score in self.scores.get(name, ()) if average is None or score.average == average]
        return found[0] if len({score.value.value for score in found}) == 1 else None

    def together(self, *names: str) -> tuple[Score, ...] | None:
        """One score of each name, all averaged in the same way; None where the block has no such set."""
        if any(name not in self.scores for name in names):
            return None
        for average in dict.fromkeys(score.average for score in self.scores[names[0]]):
            found = tuple(self.one(name, average) for name in names)
            if None not in found:
                return tuple(score for score in found if score is not None)
        return None


@provides("blocks")
def blocks(bundle: Bundle) -> tuple[Block, ...]:
    """All scores of the bundle that are values of known metrics, block by block, in order."""
    manifest = bundle.get("manifest")
    return gathered(scores(bundle), manifest if isinstance(manifest, Document) else None)


def gathered(found: Iterable[Score], manifest: Document | None = None) -> tuple[Block, ...]:
    """The scores that are values of known metrics, block by block, in order."""
    made: dict[tuple[str, ...], Block] = {}
    for score in found:
        of_benchmark = score.source == "benchmark table"  # in units and averages that nobody says
        if score.metric.known and score.metric.role == "value" and not of_benchmark:
            group, several = score.group, False
            if score.source == "manifest" and manifest is not None:
                group = _runs(manifest, score)
                several = not group.endswith(" single")
            key = (group, score.split, score.dataset, score.config)
            block = made.get(key)
            if block is None:
                block = made[key] = Block({}, score.source, score.label, group, score.split, several)
            block.scores.setdefault(score.metric.name, []).append(score)
    return tuple(made.values())


def readings(*together: Score) -> list[tuple[Printed, ...]]:
    """What the scores, bounded by 1, may be as proportions: one reading, or two where units are mixed.

    A unit that the place declares is believed. Without one a number above 1 is a percentage; one of 0 to 1
    is a proportion, unless a number beside it is a percentage: then it may be either.
    """
    percent = any(_is_percent(score) for score in together)
    small = [not score.unit and not _is_percent(score) for score in together]
    plain = tuple(
        score.value if alone or score.unit == "proportion" else score.value.times(_PERCENT)
        for score, alone in zip(together, small, strict=True)
    )
    if not percent or not any(small):
        return [plain]
    all_percent = tuple(
        value if score.unit == "proportion" else score.value.times(_PERCENT)
        for score, value in zip(together, plain, strict=True)
    )
    return [all_percent, plain]


def single(score: Score) -> bool:
    """Whether the score can be of one run: nothing but the number stands in its cell."""
    span = score.place.span
    if span is None or span.line != span.end_line:
        return True
    said = f"(n = {score.n:,})" if score.n is not None and score.source == "card list" else ""
    return span.end_column - span.column - len(score.value.text) - len(said) <= MAX_EMPHASIS


def examples(score: Score) -> int | None:
    """The number of examples that surely stands behind the score; `n = 5` in a list may be that of runs."""
    few = score.source == "card list" and score.n is not None and score.n < LEAST_EXAMPLES
    return None if few else score.n


def proportion(score: Score) -> Printed | None:
    """The score as a proportion from 0 to 1, or None where it is none in any unit."""
    value = readings(score)[0][0]
    return value if 0 <= value.value <= 1 else None


def has_one_label(bundle: Bundle) -> bool:
    """Whether `config.json` says that each example has one label: transformers writes so when it trains.

    Token classification and language models count tokens, and several labels make accuracy something else.
    """
    config = bundle.get("config")
    return isinstance(config, Document) and config.get("problem_type") == "single_label_classification"


def _runs(manifest: Document, score: Score) -> str:
    """A group for claims that sum up the same runs in the same way: each claim stands alone in the file."""
    runs = manifest.mapping(*score.place.path[:-1], "runs")
    statistic, n = runs.get("statistic", "single"), runs.get("n", 1)
    several = isinstance(statistic, str) and statistic in ("mean", "median") and n != 1
    return f"{manifest.file} {score.n} {f'{statistic} of {n}' if several else 'single'}"


def _is_percent(score: Score) -> bool:
    if score.unit:
        return score.unit == "percent"
    known = nature(score.metric.base)
    return (
        known is not None and known.high == 1 and score.value.value > 1 + score.value.half_width(Fraction(1))
    )
