"""Verdicts on claims in the shape of findings, so that every format shows both alike.

Their manual pages lie here and not among the rules: `check` cannot find them.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import ClaimVerdict, Fault, Finding, Level, Place, Reproduction, Rule


def findings(reproduction: Reproduction) -> tuple[Finding, ...]:
    """One finding for each claim that was not reproduced or not decided; advisory claims one level lower."""
    found = (_finding(claim) for claim in reproduction.claims)
    return tuple(finding for finding in found if finding is not None)


def claim_not_reproduced() -> Iterator[Fault]:
    """A published value lies above what training again, or the shipped weights, give.

    Why: A claim is worth what others can get from it. The verdict compares the published value with
        fresh runs of the release's own recipe and allows for the noise between runs; what remains
        is a shortfall that chance explains in less than one release of twenty.
    Bad:
        claimed 0.9950; five seeds gave 0.9717 to 0.9778
    Good:
        claimed 0.9750; five seeds gave 0.9717 to 0.9778
    Fix: Publish the mean of several seeds with their standard deviation, or correct the recipe until
        it is the one that was run.
    """
    yield from ()


def claim_inconclusive() -> Iterator[Fault]:
    """The runs so far neither confirm nor refute a published value.

    Why: Few runs with much noise between them leave both possible. Calling that a success would raise
        a verdict by missing evidence.
    Bad:
        claimed 0.9750; two seeds gave 0.9500 and 0.9778
    Good:
        claimed 0.9750; five seeds gave 0.9717 to 0.9778
    Fix: Run more seeds: the message says how many would decide.
    """
    yield from ()


NOT_REPRODUCED = Rule(
    "VER001", "claim-not-reproduced", "error", "sure", "inconsistent", (), (), claim_not_reproduced
)
INCONCLUSIVE = Rule(
    "VER002", "claim-inconclusive", "warning", "sure", "unsupported", (), (), claim_inconclusive
)
RULES = {rule.code: rule for rule in (NOT_REPRODUCED, INCONCLUSIVE)}


def _finding(claim: ClaimVerdict) -> Finding | None:
    if claim.verdict == "not reproduced":
        rule, help_text = NOT_REPRODUCED, ""
    elif claim.verdict == "inconclusive":
        rule, help_text = INCONCLUSIVE, "run more seeds"
    else:
        return None
    advisory: Level = "warning" if rule.level == "error" else "note"
    level = rule.level if claim.gates else advisory
    reason = f": {claim.reason}" if claim.reason else ""
    message = f"claim `{claim.id}` of {claim.value} is {claim.verdict}{reason}"
    place = Place(claim.span.file, span=claim.span, label=claim.verdict)
    return Finding(
        rule.code, rule.name, level, rule.certainty, rule.klass, message, help_text, (place,), (claim.span,)
    )
