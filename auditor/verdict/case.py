"""A claim and runs as they were given, beside what the test makes of them."""

from __future__ import annotations

from auditor.records import dataclass
from auditor.verdict.prior import Fit
from auditor.verdict.sequential import Decision, Evidence


@dataclass(frozen=True, slots=True)
class Case:
    """All that a report tells.

    Attributes:
        claim: the published value as printed.
        places: decimals to show a mean with.
        lower_is_better: whether values were turned for the test.
        evidence: the numbers, turned so that larger is better.
        fit: what the prior was fitted on; None where no earlier releases were given or they say nothing.
        decision: what came of it.
        notes: what is to be said beside it.
    """

    claim: str
    places: int
    lower_is_better: bool
    evidence: Evidence
    fit: Fit | None
    decision: Decision
    notes: tuple[str, ...]

    @property
    def sign(self) -> float:
        """Turns a value of the test back."""
        return -1.0 if self.lower_is_better else 1.0
