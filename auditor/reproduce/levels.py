"""How far the whole bundle was verified: L0 documented to L6 ported. Missing evidence raises nothing."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model import ClaimVerdict, LevelName, LevelStep, StepState
from auditor.reproduce.evaluated import Comparison
from auditor.verdict.fingerprints import Fingerprint
from auditor.verdict.prediction import LOOKS

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
ONE_DEVICE = "runs on the device class that the claims come from are not here to compare with"
DECLARED_DEVICE = "only the bundle's own word says that the claims come from another device class"
NO_REPLAY = "no published seed was trained again (--replay)"
FEWEST_FOR_POPULATION = 3  # on one degree of freedom almost any weights would pass


def ladder(
    n_errors: int,
    comparisons: Sequence[Comparison],
    verdicts: Sequence[ClaimVerdict],
    fingerprints: Sequence[Fingerprint] | None,
    foreign_weights: str = "",
    *,
    traced: Sequence[LevelStep] = (),
    replayed: LevelStep | None = None,
    n_fresh: int = LOOKS[-1],
    other_device: bool = False,
) -> tuple[LevelStep, ...]:
    """Every level with how it ended, lowest first.

    Args:
        n_errors: errors that `check` found.
        comparisons: each claim against the shipped weights.
        verdicts: each claim against fresh runs.
        fingerprints: the shipped weights against the retrained ones; None without shipped weights.
        foreign_weights: why the shipped weights are not the recipe's model; empty where they are.
        traced: L2 and L3 where the bundle's chain was audited.
        replayed: L4 where the published seed was trained again.
        n_fresh: number of fresh runs behind `fingerprints`.
        other_device: whether the runs here are of another class of device than the recipe names.
    """
    evaluated = _evaluated(comparisons, verdicts, foreign_weights)
    return (
        _step("L0", "failed", f"check found {n_errors} errors") if n_errors else _step("L0", "passed"),
        evaluated,
        *(traced or (_step("L2", "not attempted", NO_CHAIN), _step("L3", "not attempted", NO_CHAIN))),
        replayed or _step("L4", "not attempted", NO_REPLAY),
        _reproduced(verdicts, fingerprints, evaluated, n_fresh),
        _step("L6", "not attempted", DECLARED_DEVICE if other_device else ONE_DEVICE),
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


def _evaluated(
    comparisons: Sequence[Comparison], verdicts: Sequence[ClaimVerdict], foreign_weights: str
) -> LevelStep:
    """Passed only if every gating claim was compared: one that agrees says nothing of the others."""
    if foreign_weights:
        return _step("L1", "failed", foreign_weights)
    for comparison in comparisons:
        if comparison.agrees is False:
            return _step("L1", "failed", comparison.reason)
    for comparison, verdict in zip(comparisons, verdicts, strict=True):
        if verdict.gates and comparison.agrees is None:
            return _step("L1", "not attempted", f"`{verdict.id}`: {comparison.reason}")
    return _step("L1", "passed", _item_by_item(comparisons, verdicts))


def _item_by_item(comparisons: Sequence[Comparison], verdicts: Sequence[ClaimVerdict]) -> str:
    """What the shipped predictions showed beyond the sums, or nothing."""
    told = [
        f"`{verdict.id}` item by item: {one.items.differing:,} of {one.items.n:,} predictions differ"
        for one, verdict in zip(comparisons, verdicts, strict=True)
        if one.items is not None
    ]
    return "; ".join(told)


def _reproduced(
    verdicts: Sequence[ClaimVerdict],
    fingerprints: Sequence[Fingerprint] | None,
    evaluated: LevelStep,
    n_fresh: int,
) -> LevelStep:
    gating = [verdict for verdict in verdicts if verdict.gates]
    for verdict in gating:
        if verdict.verdict == "not reproduced":
            return _step("L5", "failed", f"`{verdict.id}` is not reproduced")
    foreign = [mark for mark in fingerprints or () if mark.foreign]
    if foreign:
        mark = min(foreign, key=lambda one: one.p)
        return _step("L5", "failed", f"the shipped weights are not like the retrained ones: {_figures(mark)}")
    undecided = [verdict for verdict in gating if verdict.verdict != "reproduced"]
    if undecided:
        return _step("L5", "not attempted", f"`{undecided[0].id}` is {undecided[0].verdict}")
    if fingerprints is None:
        return _step("L5", "not attempted", "there are no shipped weights to hold against the retrained ones")
    if evaluated.state != "passed":
        return _step("L5", "not attempted", "L1 was not passed")
    if n_fresh < FEWEST_FOR_POPULATION:
        return _step("L5", "not attempted", f"{n_fresh} fresh runs cannot tell whose the shipped weights are")
    doubtful = [mark for mark in fingerprints if mark.doubtful]
    if doubtful and n_fresh < LOOKS[-1]:
        figures = _figures(min(doubtful, key=lambda one: one.raw))
        return _step("L5", "not attempted", f"more runs would say whose the shipped weights are: {figures}")
    for verdict in gating:
        p, level = verdict.statistics.get("p_adjusted"), verdict.statistics.get("level")
        if p is not None and level is not None and p < level:
            return _step("L5", "not attempted", f"`{verdict.id}` holds only by the bundle's own tolerance")
    return _step("L5", "passed")


def _figures(mark: Fingerprint) -> str:
    return (
        f"{mark.name} is {mark.shipped:.4g}, "
        f"fresh runs have {mark.mean:.4g} ± {mark.sd:.2g} (p = {mark.p if mark.foreign else mark.raw:.2g})"
    )


def _step(level: LevelName, state: StepState, reason: str = "") -> LevelStep:
    return LevelStep(level, NAMES[level], state, reason)
