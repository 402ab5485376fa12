"""One claim against runs that came in over time: which look they reach, and what it says.

The answer is that of the largest look the runs reach. The levels of `auditor.verdict.looks` bound the chance
that an honest claim fails at any look at all, so that it does not matter who stopped when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.records import dataclass
from auditor.verdict.looks import look_level, look_reached
from auditor.verdict.prediction import Answer, Claimed, ClaimTest, claim_test, runs_to_decide
from auditor.verdict.spread import Prior, spread


@dataclass(frozen=True, slots=True)
class Evidence:
    """All numbers of one case, turned so that larger is better.

    Attributes:
        claimed: the published value and what it is.
        runs: the fresh runs in the order in which they ended.
        published: values of single runs that were published with the claim.
        quantum: smallest step of the metric, 1/n for an accuracy on n items; 0 where unknown.
        prior: what earlier releases say of the spread.
    """

    claimed: Claimed
    runs: tuple[float, ...]
    published: tuple[float, ...] = ()
    quantum: float = 0.0
    prior: Prior | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the looks say.

    Attributes:
        answer: of the last look reached; inconclusive where none is.
        looks: the test at each look reached.
        plan: the looks that were to be.
        alpha: total chance of failing an honest claim.
        level: the one-sided level of each look.
        n: number of fresh runs, of which those after the last look wait for the next.
        elsewhere: the last look with the spread between laboratories turned round: ρ = 1 for 0, else 0.
        needed: how many runs in all would decide if they went on like these; None where a hundred would not,
            and where nothing is open.
    """

    answer: Answer
    looks: tuple[ClaimTest, ...]
    plan: tuple[int, ...]
    alpha: float
    level: float
    n: int
    elsewhere: ClaimTest | None
    needed: int | None

    @property
    def next_look(self) -> int | None:
        """The first look that is not reached yet."""
        return next((look for look in self.plan if look > self.n), None)


def decide(evidence: Evidence, plan: Sequence[int], alpha: float) -> Decision:
    """The decision after these runs by this plan of looks.

    The spread must not be 0 at any look: a `half_unit`, `quantum` or prior sees to that.
    """
    claimed, n = evidence.claimed, len(evidence.runs)
    level = look_level(plan, alpha, claimed.runs, claimed.best_of)
    reached = look_reached(plan, n)
    if reached is None:
        return Decision("inconclusive", (), tuple(plan), alpha, level, n, None, None)
    looks = tuple(_look(evidence, claimed, look, level) for look in plan if look <= reached)
    other = replace(claimed, rho=0.0 if claimed.rho else 1.0)
    last = looks[-1]
    needed = runs_to_decide(claimed, last, level) if last.answer == "inconclusive" else None
    elsewhere = _look(evidence, other, reached, level)
    return Decision(last.answer, looks, tuple(plan), alpha, level, n, elsewhere, needed)


def _look(evidence: Evidence, claimed: Claimed, n: int, level: float) -> ClaimTest:
    runs = evidence.runs[:n]
    pooled, own = (
        spread(runs, told, half_unit=claimed.half_unit, quantum=evidence.quantum, prior=evidence.prior)
        for told in (evidence.published, ())
    )
    return claim_test(claimed, runs, pooled, level, own)
