"""Which field of config.json is wrong where shapes differ: the one whose other value makes them fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from auditor.records import dataclass
from auditor.shapes.comparison import Comparison, Difference
from auditor.shapes.families import layout
from auditor.shapes.fields import MOST, Untold
from auditor.shapes.layout import Shape
from auditor.shapes.side import Side

_ROUNDS = 4  # fields that can be found wrong at once
_TRIALS = 8  # values tried a round; each writes the whole layout anew, which takes up to 40 ms
_SAMPLE = 500  # differences that trials are judged by; every layer has the same
_MOST_LABELS = 100_000


@dataclass(frozen=True, slots=True)
class Cause:
    """Shapes that differ for one reason.

    Attributes:
        field: dotted path of the field that is wrong; empty where none explains it alone.
        stated: the value it has, or stands for where it is left out.
        met: the value that makes the shapes fit.
        differences: the tensors, in order; never empty.
    """

    field: str
    stated: int
    met: int
    differences: tuple[Difference, ...]


def causes(config: Mapping[str, Any], result: Comparison) -> list[Cause]:
    """The differences, each in one cause: fields first, then those that no field explains, by formula."""
    found: list[Cause] = []
    left, current, table = list(result.differing), config, result.layout.all()
    for _ in range(_ROUNDS):
        best: tuple[Cause, Mapping[str, Any], dict[str, Shape]] | None = None
        sample = left[:: len(left) // _SAMPLE + 1]
        fitted = result.found.keys() - {one.name for one in left}
        for field, stated, met in _candidates(sample):
            changed = _changed(current, field, met)
            fitting = _shapes(changed)
            helped = _helped(sample, fitting)
            better = best is None or len(helped) > len(best[0].differences)
            if helped and better and _keeps(table, fitting, fitted):
                best = Cause(field, stated, met, helped), changed, fitting
        if best is not None and len(sample) < len(left):
            best = replace(best[0], differences=_helped(left, best[2])), *best[1:]
        if best is None or not best[0].differences:
            break
        cause, current, table = best
        found.append(cause)
        again = (Difference(one.name, table[one.name], one.met) for one in left)
        left = [one for one in again if one.expected != one.met]
    groups: dict[tuple[str, Shape], list[Difference]] = {}
    for one in left:
        groups.setdefault((formula(one), one.met), []).append(one)
    return found + [Cause("", 0, 0, tuple(group)) for group in groups.values()]


def formula(difference: Difference) -> str:
    """How the config gives the first side that differs; empty where it has another number of sides."""
    return next((side.formula for side, _ in _sides(difference)), "")


def _sides(difference: Difference) -> list[tuple[Side, int]]:
    """Each side that differs, with what was met instead."""
    if len(difference.expected) != len(difference.met):
        return []
    pairs = zip(difference.expected, difference.met, strict=True)
    return [(side, met) for side, met in pairs if side != met and isinstance(side, Side)]


def _candidates(differing: Sequence[Difference]) -> list[tuple[str, int, int]]:
    """Fields with their value and another that might fit, those that most differences ask for first."""
    asked: Counter[tuple[str, int, int]] = Counter()
    for difference in differing:
        for side, met in _sides(difference):
            for field, value in side.fields:
                scaled, rest = divmod(value * met, side) if side else (0, 1)
                for proposed in {scaled if rest == 0 else 0, value + met - side}:
                    if 0 < proposed <= MOST and proposed != value:
                        asked[field, value, proposed] += 1
    return [candidate for candidate, _ in asked.most_common(_TRIALS)]


def _helped(differing: Sequence[Difference], shapes: Mapping[str, Shape]) -> tuple[Difference, ...]:
    """The tensors that have fewer wrong sides with these shapes; none where another has more."""
    changes = [
        (one, _wrong(shapes.get(one.name), one.met) - _wrong(one.expected, one.met)) for one in differing
    ]
    return (
        ()
        if any(change > 0 for _, change in changes)
        else tuple(one for one, change in changes if change < 0)
    )


def _wrong(expected: Shape | None, met: Shape) -> int:
    """How many sides differ; all and one more where their numbers do."""
    if expected is None or len(expected) != len(met):
        return len(met) + 1
    return sum(side != other for side, other in zip(expected, met, strict=True))


def _keeps(before: Mapping[str, Shape], after: Mapping[str, Shape], names: Iterable[str]) -> bool:
    """Whether tensors of these names, which fitted before, still do."""
    return all(after.get(name) == before[name] for name in names)


def _shapes(config: Mapping[str, Any]) -> dict[str, Shape]:
    try:
        return layout(config).all()
    except Untold:
        return {}


def _changed(config: Mapping[str, Any], field: str, value: int) -> Mapping[str, Any]:
    """The config with another value at a dotted path."""
    first, _, rest = field.partition(".")
    if rest:
        inner = config.get(first)
        return {**config, first: _changed(inner if isinstance(inner, dict) else {}, rest, value)}
    if field == "id2label":
        return {**config, field: dict.fromkeys(range(min(value, _MOST_LABELS)), "")}
    return {**config, field: value}
