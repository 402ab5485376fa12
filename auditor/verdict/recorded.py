"""The test on recorded runs, held out: one real run is the claim, others of the same recipe are the audit.

Beside it, the rules that are in use for the same question. A group is a list of runs that differ in their
seed alone, so that every rejection within it is a false one. A claim from one group against runs of another,
whose recipe is worse, is a case that should be told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import TYPE_CHECKING

from auditor.records import dataclass
from auditor.verdict.looks import ALPHAS, look_level
from auditor.verdict.prediction import LOOKS
from auditor.verdict.states import Plan, Rates, joined, states

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SIZES = (3, 5)  # numbers of fresh runs for the rules that fix it beforehand
CASES = 20  # audits drawn for each recorded run
LEAST_GAP = 1.5  # sd between the means of two groups of one record, to count as a better recipe
OURS = "three states, looks 3, 5, 10"


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one recipe.

    Attributes:
        record: what it belongs to; groups of one record are versions of one recipe.
        name: the group's own name.
        values: the metric of each run, turned so that larger is better.
        half_unit: half the last printed unit of the values.
        quantum: least difference between two of them.
    """

    record: str
    name: str
    values: tuple[float, ...]
    half_unit: float
    quantum: float


@dataclass(frozen=True, slots=True)
class FalseRejects:
    """How often one rule rejected honest claims of one source.

    Attributes:
        source: where the runs are from.
        rule: what was held against them.
        n: number of fresh runs; 0 for the looks.
        nominal: what the rule promises; None where it promises nothing.
        rates: the shares; a rule with two answers has no inconclusive ones.
        groups: how many groups had enough runs.
    """

    source: str
    rule: str
    n: int
    nominal: float | None
    rates: Rates
    groups: int


@dataclass(frozen=True, slots=True)
class Power:
    """What became of claims that are runs of a better recipe than the one audited."""

    source: str
    better: str
    worse: str
    gap_sd: float
    alpha: float
    rates: Rates


def false_rejects(source: str, groups: Sequence[Group], seed: int) -> Iterator[FalseRejects]:
    """Every rule on every group with enough runs; each run is the claim CASES times, the same for all."""
    import numpy as np

    for n in SIZES:
        fitting = [group for group in groups if len(group.values) > n]
        drawn = [_honest(np.random.default_rng([seed, n, i]), g, n) for i, g in enumerate(fitting)]
        for rule, nominal in RULES.items():
            hits = [_rejected(rule, group, *case) for group, case in zip(fitting, drawn, strict=True)]
            if hits:
                flat = np.concatenate(hits)
                rate, different = float(flat.mean()), len(flat) // CASES
                rates = Rates(1 - rate, 0.0, rate, n, len(flat), different)
                yield FalseRejects(source, rule, n, nominal, rates, len(hits))
    most = LOOKS[-1]
    fitting = [group for group in groups if len(group.values) > most]
    for alpha in ALPHAS if fitting else ():
        parts = []
        for i, group in enumerate(fitting):
            claims, runs = _honest(np.random.default_rng([seed, most, i]), group, most)
            parts.append(states(_plan(group, alpha), claims, runs))
        rates = joined(parts).rates(sum(len(group.values) for group in fitting))
        yield FalseRejects(source, OURS, 0, alpha, rates, len(fitting))


def power(source: str, groups: Sequence[Group], seed: int, most: int) -> Iterator[Power]:
    """Pairs of groups of one record that lie at least LEAST_GAP sd apart, the `most` widest."""
    import numpy as np

    found = []
    for better, worse in permutations([group for group in groups if len(group.values) > 1], 2):
        if better.record == worse.record and len(worse.values) >= LOOKS[-1]:
            gap = _gap(better, worse)
            if gap >= LEAST_GAP:
                found.append((gap, better, worse))
    for gap, better, worse in sorted(found, key=lambda one: (-one[0], one[1].name, one[2].name))[:most]:
        for alpha in ALPHAS:
            rng = np.random.default_rng([seed, 99])
            claims = np.repeat(better.values, CASES)
            runs = _orders(rng, worse, len(claims))
            rates = states(_plan(worse, alpha), claims, runs[:, : LOOKS[-1]]).rates(len(better.values))
            yield Power(source, better.name, worse.name, gap, alpha, rates)


# Each rule, and how often it promises to reject an honest claim.
RULES: Mapping[str, float | None] = {
    "one-sided 95 % prediction interval": 0.05,
    "one-sided 99 % prediction interval": 0.01,
    "the same at 99 % with the floor": 0.01,
    "two-sided 95 % prediction interval": 0.05,
    "within 1 % of the claim": None,
    "within 2 sample sd": None,
    "one-sample t at 5 %": 0.05,
}


def _rejected(rule: str, group: Group, claims: Floats, runs: Floats) -> NDArray[np.bool_]:
    import numpy as np
    from scipy.special import stdtrit

    n = runs.shape[1]
    centre, sd = runs.mean(axis=1), runs.std(axis=1, ddof=1)
    floor = math.sqrt(max(group.quantum**2 / 12, group.half_unit**2 / 3))
    excess, wide = claims - centre, math.sqrt(1 + 1 / n)
    tiny = 1e-12 * np.abs(centre)  # rounding in the mean of equal values is no difference
    answers = {
        "one-sided 95 % prediction interval": lambda: excess > stdtrit(n - 1, 0.95) * sd * wide + tiny,
        "one-sided 99 % prediction interval": lambda: excess > stdtrit(n - 1, 0.99) * sd * wide + tiny,
        "the same at 99 % with the floor": lambda: (
            excess - group.half_unit > stdtrit(n - 1, 0.99) * np.maximum(sd, floor) * wide
        ),
        "two-sided 95 % prediction interval": lambda: (
            np.abs(excess) > stdtrit(n - 1, 0.975) * sd * wide + tiny
        ),
        "within 1 % of the claim": lambda: np.abs(excess) > 0.01 * np.abs(claims),
        "within 2 sample sd": lambda: np.abs(excess) > 2 * sd + tiny,
        "one-sample t at 5 %": lambda: excess > stdtrit(n - 1, 0.95) * sd / math.sqrt(n) + tiny,
    }
    found: NDArray[np.bool_] = answers[rule]()
    return found


def _honest(rng: np.random.Generator, group: Group, n: int) -> tuple[Floats, Floats]:
    """Claims and, for each, `n` other runs of its group in random order; CASES for each run."""
    import numpy as np

    values = np.array(group.values)
    claimed = np.repeat(np.arange(len(values)), CASES)
    order = rng.random((len(claimed), len(values)))
    order[np.arange(len(claimed)), claimed] = 2.0  # a run is no audit of itself
    others = np.argsort(order, axis=1)[:, :n]
    return values[claimed], values[others]


def _orders(rng: np.random.Generator, group: Group, size: int) -> Floats:
    import numpy as np

    return rng.permuted(np.tile(group.values, (size, 1)), axis=1)


def _plan(group: Group, alpha: float) -> Plan:
    level = look_level(LOOKS, alpha)
    return Plan(LOOKS, level, half_unit=group.half_unit, quantum=group.quantum)


def _gap(better: Group, worse: Group) -> float:
    """How far apart the means lie, in units of the pooled sd."""
    import numpy as np

    a, b = np.array(better.values), np.array(worse.values)
    df = len(a) + len(b) - 2
    sd = math.sqrt(((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / df)
    return float((a.mean() - b.mean()) / sd) if sd else 0.0
