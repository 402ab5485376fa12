"""Verdicts on claims in the shape of findings, so that every format shows both alike.

Their manual pages lie here and not among the rules: `check` cannot find them.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import ClaimVerdict, Fault, Finding, Level, LevelStep, Place, Reproduction, Rule, Span


def findings(reproduction: Reproduction) -> tuple[Finding, ...]:
    """One finding for each claim that was not reproduced or not decided, and for each failed level beyond.

    Advisory claims are one level lower. L0 and a claim that fails a level have findings of their own.
    """
    found = [_finding(claim) for claim in reproduction.claims]
    found += [_failed(step, reproduction.claims) for step in reproduction.steps]
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


def level_failed() -> Iterator[Fault]:
    """What the release ships is not what its recipe gives, though its numbers may be.

    Why: A metric can be met by weights that come from elsewhere: trained longer, or on the test split. Their
        norms and losses, the chain of their checkpoints, or a replay of their seed then differ from what
        the recipe gives, beyond the noise between runs.
    Bad:
        the test loss of the shipped weights is 0.0775, that of fresh runs 0.2385 ± 0.025
    Good:
        the shipped weights are those of a published seed, trained by the recipe
    Fix: Ship the weights of a run of the recipe, or correct the recipe until it is the one that was run.
    """
    yield from ()


NOT_REPRODUCED = Rule(
    "VER001", "claim-not-reproduced", "error", "sure", "inconsistent", (), (), claim_not_reproduced
)
INCONCLUSIVE = Rule(
    "VER002", "claim-inconclusive", "warning", "sure", "unsupported", (), (), claim_inconclusive
)
LEVEL_FAILED = Rule("VER003", "level-failed", "error", "sure", "inconsistent", (), (), level_failed, "2026.2")
RULES = {rule.code: rule for rule in (NOT_REPRODUCED, INCONCLUSIVE, LEVEL_FAILED)}


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


def _failed(step: LevelStep, claims: tuple[ClaimVerdict, ...]) -> Finding | None:
    """The finding of a failed level that neither `check` nor a verdict on a claim tells of."""
    told = any(claim.gates and claim.verdict == "not reproduced" for claim in claims)
    if step.state != "failed" or step.level == "L0" or (told and step.level in ("L1", "L5")):
        return None
    rule, span = LEVEL_FAILED, next((claim.span for claim in claims if claim.gates), Span("fmaudit.yaml"))
    message = f"level {step.level} ({step.name}) failed: {step.reason}"
    place = Place(span.file, span=span, label=f"{step.level} failed")
    return Finding(
        rule.code, rule.name, rule.level, rule.certainty, rule.klass, message, "", (place,), (span,)
    )
