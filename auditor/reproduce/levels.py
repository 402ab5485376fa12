"""How far the whole bundle was verified: L0 documented to L6 ported. Missing evidence raises nothing."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model import ClaimVerdict, LevelName, LevelStep, StepState
from auditor.reproduce.claims import Comparison
from auditor.verdict.fingerprints import Fingerprint

NAMES: dict[LevelName, str] = {
    "L0": "documented",
    "L1": "evaluated",
    "L2": "started",
    "L3": "traced",
    "L4": "replayed",
    "L5": "reproduced",
    "L6": "ported",
}
NO_CHAIN = "the bundle ships no chain of checkpoints"
NO_REPLAY = "no published seed was trained again"


def ladder(
    n_errors: int,
    comparisons: Sequence[Comparison],
    verdicts: Sequence[ClaimVerdict],
    fingerprints: Sequence[Fingerprint] | None,
    devices: tuple[str | None, str],
) -> tuple[LevelStep, ...]:
    """Every level with how it ended, lowest first.

    Args:
        n_errors: errors that `check` found.
        comparisons: each claim against the shipped weights.
        verdicts: each claim against fresh runs.
        fingerprints: the shipped weights against the retrained ones; None without shipped weights.
        devices: the device class of the claims (None where not stated), and the one used here.
    """
    fresh = _reproduced(verdicts, fingerprints)
    return (
        _step("L0", "failed", f"check found {n_errors} errors") if n_errors else _step("L0", "passed"),
        _evaluated(comparisons),
        _step("L2", "not attempted", NO_CHAIN),
        _step("L3", "not attempted", NO_CHAIN),
        _step("L4", "not attempted", NO_REPLAY),
        fresh,
        _ported(fresh, *devices),
    )


def reached(steps: Sequence[LevelStep]) -> LevelName | None:
    """The highest level passed below which none failed; None where not even L0 was passed."""
    highest: LevelName | None = None
    for step in steps:
        if step.state == "failed":
            break
        if step.state == "passed":
            highest = step.level
    return highest


def _evaluated(comparisons: Sequence[Comparison]) -> LevelStep:
    failed = [comparison for comparison in comparisons if comparison.agrees is False]
    if failed:
        return _step("L1", "failed", failed[0].reason)
    if not any(comparison.agrees for comparison in comparisons):
        return _step("L1", "not attempted", comparisons[0].reason)
    return _step("L1", "passed")


def _reproduced(verdicts: Sequence[ClaimVerdict], fingerprints: Sequence[Fingerprint] | None) -> LevelStep:
    gating = [verdict for verdict in verdicts if verdict.gates]
    for verdict in gating:
        if verdict.verdict == "not reproduced":
            return _step("L5", "failed", f"`{verdict.id}` is not reproduced")
    foreign = [mark for mark in fingerprints or () if mark.foreign]
    if foreign:
        mark = min(foreign, key=lambda one: one.p)
        return _step(
            "L5",
            "failed",
            f"the shipped weights are not like the retrained ones: {mark.name} is {mark.shipped:.4g}, "
            f"fresh runs have {mark.mean:.4g} ± {mark.sd:.2g} (p = {mark.p:.2g})",
        )
    undecided = [verdict for verdict in gating if verdict.verdict != "reproduced"]
    if undecided:
        return _step("L5", "not attempted", f"`{undecided[0].id}` is {undecided[0].verdict}")
    if fingerprints is None:
        return _step("L5", "not attempted", "there are no shipped weights to hold against the retrained ones")
    return _step("L5", "passed")


def _ported(fresh: LevelStep, home: str | None, used: str) -> LevelStep:
    if home is None:
        return _step("L6", "not attempted", "the recipe does not say which device the claims come from")
    if home == used:
        return _step("L6", "not attempted", f"the claims come from the same device class ({used})")
    return _step("L6", fresh.state, "" if fresh.state == "passed" else "L5 was not reached here")


def _step(level: LevelName, state: StepState, reason: str = "") -> LevelStep:
    return LevelStep(level, NAMES[level], state, reason)
