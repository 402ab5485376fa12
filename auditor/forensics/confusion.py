"""Whether a table of true and false positives and negatives exists that gives all printed scores at once.

The search is over whole numbers and exact. Source of the task: Fazekas and Kovács 2024, "Testing the
consistency of performance scores", doi:10.1016/j.knosys.2024.111556; the bounds used to search little are
stated where they are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import lcm

from auditor.forensics.envelope import equality
from auditor.forensics.printed import Interval
from auditor.records import dataclass

MAX_STEPS = 50_000  # tables and rows of tables looked at; measured: 0.1 s on one core
# An interval in whole numbers: from first / third to second / third.
_Bounds = tuple[int, int, int]
SCORES = ("accuracy", "precision", "recall", "specificity", "npv", "f1", "mcc", "balancedaccuracy")


@dataclass(frozen=True, slots=True)
class Table:
    """A confusion table of two classes."""

    tp: int
    fp: int
    fn: int
    tn: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found; `exists` is None where it would have taken more than MAX_STEPS."""

    exists: bool | None
    table: Table | None = None


def search(scores: Mapping[str, Interval], n: int, positives: int | None = None) -> Answer:
    """Whether a table of n examples, with so many positives where that is known, fits all the scores.

    Args:
        scores: where each score lies, as a proportion, by names of SCORES; MCC from -1 to 1.
        n: number of examples, positive.
        positives: number of examples of the positive class.
    """
    bounds = {name: _whole(interval) for name, interval in scores.items()}
    candidates = _unknown(bounds, n) if positives is None else _known(bounds, n, positives)
    for steps, table in enumerate(candidates):
        if table is not None and _fits(bounds, table):
            return Answer(True, table)
        if steps == MAX_STEPS:
            return Answer(None)
    return Answer(False)


def fits(scores: Mapping[str, Interval], table: Table) -> bool:
    """Whether the table gives every score; a score that is 0/0 may be printed as 0 or as 1."""
    return _fits({name: _whole(interval) for name, interval in scores.items()}, table)


def _whole(interval: Interval) -> _Bounds:
    low, high = interval
    scale = lcm(low.denominator, high.denominator)
    return int(low * scale), int(high * scale), scale


def _fits(scores: Mapping[str, _Bounds], table: Table) -> bool:
    tp, fp, fn, tn = table.tp, table.fp, table.fn, table.tn
    for name, bounds in scores.items():
        if name == "mcc":
            low, high, scale = bounds
            good = _reaches(table, low, scale) and _reaches(_turned(table), -high, scale)
        elif name == "balancedaccuracy":
            good = _balanced(bounds, (tp, tp + fn), (tn, tn + fp))
        else:
            part, whole = _share(name, tp, fp, fn, tn)
            good = _holds(bounds, part, whole) if whole else _holds(bounds, 0, 1) or _holds(bounds, 1, 1)
        if not good:
            return False
    return True


def _share(name: str, tp: int, fp: int, fn: int, tn: int) -> tuple[int, int]:
    if name == "accuracy":
        return tp + tn, tp + tn + fp + fn
    if name == "precision":
        return tp, tp + fp
    if name == "recall":
        return tp, tp + fn
    if name == "specificity":
        return tn, tn + fp
    return (tn, tn + fn) if name == "npv" else (2 * tp, 2 * tp + fp + fn)


def _holds(bounds: _Bounds, part: int, whole: int) -> bool:
    return bounds[0] * whole <= part * bounds[2] <= bounds[1] * whole


def _balanced(bounds: _Bounds, *sides: tuple[int, int]) -> bool:
    """Whether balanced accuracy fits; a class without examples is left out of it, or counts as 0 or 1."""
    (a, p), (b, q) = sides
    if p and q:
        return _holds(bounds, a * q + b * p, 2 * p * q)
    part, whole = (a, p) if p else (b, q)
    return any(
        _holds(bounds, part + extra * whole, parts * whole) for extra, parts in ((0, 1), (0, 2), (1, 2))
    )


def _known(scores: Mapping[str, _Bounds], n: int, positives: int) -> Iterator[Table | None]:
    """Tables worth looking at where the number of positives is known; None counts as a step.

    Recall alone fixes TP to a few values. For each, every other score only rises or only falls with TN
    (for MCC: its logarithm's derivative is positive), so that the TN that fit it are one stretch; the
    stretches of all but MCC are intersected, and MCC is bisected in what is left.
    """
    negatives = n - positives
    first, last = _between(scores.get("recall"), positives) if positives else (0, 0)
    for tp in range(first, last + 1):
        yield None
        fn = positives - tp
        low, high = _between(scores.get("specificity"), negatives) if negatives else (0, 0)
        least, most = _between(scores.get("accuracy"), n)
        low, high = _cut(low, high, (least - tp, most - tp))
        low, high = _cut(low, high, _mirror(negatives, _beside(tp, scores.get("precision"))))
        low, high = _cut(low, high, _mirror(negatives + fn, _beside(2 * tp, scores.get("f1"))))
        low, high = _cut(low, high, _before(fn, scores.get("npv")))
        if "balancedaccuracy" in scores and positives and negatives:
            # TN / negatives = 2 · balanced accuracy - TP / positives
            a, b, scale = scores["balancedaccuracy"]
            ends = [(2 * end * positives - tp * scale) * negatives for end in (a, b)]
            low, high = _cut(low, high, (_up(ends[0], scale * positives), ends[1] // (scale * positives)))
        if "mcc" in scores:
            low = _first_reaching(scores["mcc"], tp, fn, negatives, low, high)
        if low <= high:
            yield Table(tp, negatives - low, fn, low)
        # scores that are 0/0 here follow a convention instead of the stretch
        if tp == 0:
            yield Table(0, 0, fn, negatives)
        if fn == 0:
            yield Table(tp, negatives, 0, 0)


def _unknown(scores: Mapping[str, _Bounds], n: int) -> Iterator[Table | None]:
    """The same where the number of positives is not known: over the errors e = FP + FN, then TP.

    Accuracy fixes e to a few values, e = n (1 - accuracy), and F1 = 2 TP / (2 TP + e) then fixes TP to
    e F1 / (2 (1 - F1)). Where F1 is not printed it follows from precision and recall.
    """
    right_low, right_high = _between(scores.get("accuracy"), n)
    f1 = scores.get("f1")
    if f1 is None and "precision" in scores and "recall" in scores:
        p, r = (
            (Fraction(scores[name][0], scores[name][2]), Fraction(scores[name][1], scores[name][2]))
            for name in ("precision", "recall")
        )
        f1 = _whole(equality(p, r))
    # 0/0 may have been printed as 1, which F1 does not follow
    yield from (Table(0, 0, 0, n), Table(n, 0, 0, 0))
    for errors in range(n - right_high, n - right_low + 1):
        first, last = _true_positives(errors, n, f1)
        for tp in range(first, last + 1):
            yield None
            tn = n - errors - tp
            low, high = _cut(0, errors, _beside(tp, scores.get("precision")))
            low, high = _cut(low, high, _beside(tn, scores.get("specificity")))
            low, high = _cut(low, high, _mirror(errors, _beside(tp, scores.get("recall"))))
            low, high = _cut(low, high, _mirror(errors, _beside(tn, scores.get("npv"))))
            if low > 0:
                yield Table(tp, 0, errors, tn)
            if high < errors:
                yield Table(tp, errors, 0, tn)
            for fp in range(low, high + 1):
                yield Table(tp, fp, errors - fp, tn)


def _true_positives(errors: int, n: int, f1: _Bounds | None) -> tuple[int, int]:
    """Where TP lies for so many errors: e F1 / (2 (1 - F1))."""
    right = n - errors
    if f1 is None or errors == 0:
        return 0, right
    low, high, scale = max(f1[0], 0), max(f1[1], 0), f1[2]
    first = right + 1 if low >= scale else _up(errors * low, 2 * (scale - low))
    last = right if high >= scale else errors * high // (2 * (scale - high))
    return min(first, right + 1), min(last, right)


def _between(score: _Bounds | None, whole: int) -> tuple[int, int]:
    """The counts k with k / whole in the interval; all of them where there is none."""
    if score is None:
        return 0, whole
    return max(_up(score[0] * whole, score[2]), 0), min(score[1] * whole // score[2], whole)


def _beside(part: int, score: _Bounds | None) -> tuple[int, int | None]:
    """The x with part / (part + x) in the interval; None for no upper end."""
    if score is None:
        return 0, None
    low, high, scale = score
    if part == 0:
        return (0, None) if low <= 0 else (1, 0)
    if high <= 0:
        return 1, 0
    return max(_up(part * (scale - high), high), 0), None if low <= 0 else part * (scale - low) // low


def _before(rest: int, score: _Bounds | None) -> tuple[int, int | None]:
    """The x with x / (x + rest) in the interval."""
    if score is None:
        return 0, None
    low, high, scale = score
    if rest == 0:
        return (0, None) if high >= scale else (1, 0)
    if high < 0 or low >= scale:
        return 1, 0
    return max(_up(rest * low, scale - low), 0), None if high >= scale else rest * high // (scale - high)


def _mirror(whole: int, stretch: tuple[int, int | None]) -> tuple[int, int]:
    """The stretch of whole - x."""
    low, high = stretch
    return (-1 if high is None else whole - high), whole - low


def _cut(low: int, high: int, stretch: tuple[int, int | None]) -> tuple[int, int]:
    return max(low, stretch[0]), high if stretch[1] is None else min(high, stretch[1])


def _first_reaching(bounds: _Bounds, tp: int, fn: int, negatives: int, low: int, high: int) -> int:
    """The smallest TN from low to high whose MCC is at least so much; high + 1 where there is none."""
    high += 1
    while low < high:
        middle = (low + high) // 2
        if _reaches(Table(tp, negatives - middle, fn, middle), bounds[0], bounds[2]):
            high = middle
        else:
            low = middle + 1
    return low


def _reaches(table: Table, least: int, scale: int) -> bool:
    """Whether MCC ≥ least / scale, compared by squares; MCC is 0 where a side of the table is empty."""
    tp, fp, fn, tn = table.tp, table.fp, table.fn, table.tn
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    if not product:
        return least <= 0
    above = tp * tn - fp * fn
    return above * abs(above) * scale * scale >= least * abs(least) * product


def _turned(table: Table) -> Table:
    """The table of the opposite predictions, whose MCC is the negative one."""
    return Table(table.fn, table.tn, table.tp, table.fp)


def _up(part: int, whole: int) -> int:
    """The quotient rounded up."""
    return -(-part // whole)
