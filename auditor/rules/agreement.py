"""What rules that compare published scores share: the scores by source, and when two can mean one number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.bundle import Absent
from auditor.forensics.printed import Printed, same
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.registry import provides
from auditor.statements.collected import scores
from auditor.statements.metrics import nature

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.statements.score import Score, Source

MAX_COMPARED = 100  # numbers of one metric from one kind of source; a release with more publishes data
MAX_LOGGED = 2_000  # of a log
# Beyond two units of the coarser last place two prints surely differ: `same` allows 0.55 of each at most, and
# 1e-9 of the value where digits stand in full.
_SURELY, _FULL_NOISE = 2.0, 4e-9
_WHOLE_DATA = frozenset(("", "all", "default", "main"))  # configurations that are the data as a whole
# Metrics without an upper bound that people print as proportions or as percentages.
_TWO_UNITS = frozenset(("wer", "cer", "ter", "bleu", "chrf"))


@dataclass(frozen=True, slots=True)
class Published:
    """Every score of a bundle that is the value of a known metric, by source and by the metric's name."""

    by_source: dict[Source, dict[str, tuple[Score, ...]]]

    def of(self, source: Source) -> dict[str, tuple[Score, ...]]:
        """Those from one kind of source, by metric, without metrics of more than MAX_COMPARED numbers."""
        return self.by_source.get(source, {})


@provides("published scores")
def published(bundle: Bundle) -> Published | Absent:
    """The scores of the bundle, or that there are none."""
    found: dict[Source, dict[str, list[Score]]] = {}
    for score in scores(bundle):
        known = score.metric.known or score.source == "eval-results"
        if score.source == "benchmark table" and not score.own:
            continue  # a table of benchmarks lists many models
        if known and score.metric.role == "value":
            found.setdefault(score.source, {}).setdefault(score.metric.name, []).append(score)
    if not found:
        return Absent("the bundle publishes no scores")
    few = {
        source: {name: tuple(each) for name, each in named.items() if len(each) <= _most(source)}
        for source, named in found.items()
    }
    return Published(few)


def _most(source: Source) -> int:
    return MAX_LOGGED if source == "training log" else MAX_COMPARED


def own(found: Iterable[Score]) -> list[Score]:
    """Those that the author measured of the released model as a whole."""
    return [score for score in found if score.own and not score.verified]


def comparable(one: Score, other: Score) -> bool:
    """Whether both may be of the same data and average: what either leaves open fits everything."""
    return (
        _fits(one.split, other.split)
        and _fits(one.average, other.average)
        and _same_data(one, other)
        and _fits(one.config, other.config)
        and (one.shots is None or other.shots is None or one.shots == other.shots)
    )


def surely_comparable(printed: Score, other: Score) -> bool:
    """Whether a score of a table of benchmarks is of the same data as another, measured in the same way.

    Cards leave out how they prompt: both must say the shots, and the name nothing else, such as `CoT`.
    """
    return (
        printed.shots is not None
        and printed.shots == other.shots
        and not printed.config
        and other.config.lower() in _WHOLE_DATA
        and bool(other.dataset)
        and data_name(printed) == data_name(other)
        and printed.average == other.average
        and printed.value.text[:1] not in ("+", "-")
        and comparable(printed, other)
    )


def agrees(one: Score, other: Score) -> bool:
    """Whether both can be prints of one number, rounded or cut off, as a proportion or as a percentage.

    Cut off is a number that lies within one unit of its last place of another with more places.
    """
    if _one_number(one.value, other.value):
        return True
    if (one.unit and one.unit == other.unit) or not has_two_units(one):
        return False
    return _one_number(one.value, other.value, 100) or _one_number(other.value, one.value, 100)


def within(score: Score, measured: Sequence[Score]) -> bool:
    """Whether the score can be a mean of several runs on the same data: it lies between two of them."""
    if len({one.dataset for one in measured}) > 1:
        return False
    for factor in (1, 100, Fraction(1, 100)):
        between = [one.value.value * factor for one in measured]
        if min(between) < score.value.value < max(between):
            return True
    return False


def has_two_units(score: Score) -> bool:
    """Whether the metric is printed as a proportion or as a percentage."""
    known = nature(score.metric.base.partition(" (")[0])
    return score.metric.base in _TWO_UNITS or (known is not None and known.high == 1) or not score.metric.base


def values(found: Sequence[Score]) -> str:
    """The different numbers, the first three of them, as a message says them."""
    texts = list(dict.fromkeys(shown(score.value.text) for score in found))
    more = f" and {len(texts) - 3} others" if len(texts) > 3 else ""
    return " and ".join(texts[:3]) + more


def _one_number(one: Printed, other: Printed, factor: int = 1) -> bool:
    """Whether `one` times `factor` can be `other`; most pairs are told apart by floats, the rest exactly."""
    try:
        value = float(other.value)
        noise = _FULL_NOISE * abs(value) if one.full or other.full else 0.0
        apart = abs(float(one.value) * factor - value)
        if apart > _SURELY * max(float(one.unit) * factor, float(other.unit)) + noise:
            return False
    except OverflowError:
        pass  # beyond 1e308: exactly, then
    scaled = one.times(factor) if factor != 1 else one
    if same(scaled, other):
        return True
    coarse, fine = (scaled, other) if scaled.unit > other.unit else (other, scaled)
    return (coarse.unit > fine.unit or fine.full) and abs(scaled.value - other.value) < coarse.unit


def _fits(one: str, other: str) -> bool:
    return not one or not other or one.lower() == other.lower()


def _same_data(one: Score, other: Score) -> bool:
    """Whether both may be of the same data: names are equal, or the words of a sentence hold the name."""
    if not one.dataset or not other.dataset:
        return True
    first, second = data_name(one), data_name(other)
    if "card prose" in (one.source, other.source):
        return first in second or second in first
    return first == second


def data_name(score: Score) -> str:
    """The name of the data without its owner, case and signs."""
    return "".join(c for c in score.dataset.rpartition("/")[2].lower() if c.isalnum())
