"""What a reproduction is about to do, in words, before it costs anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from auditor.reproduce.cost import EXPECTED_SEEDS, WATTS_PER_CORE, Cost
from auditor.reproduce.plan import Plan


def render(plan: Plan, n_train: int, cost: Cost | None = None) -> str:
    """The plan as lines, ending in a newline, with what it costs where that was measured.

    `n_train` is the number of examples in the train split.
    """
    training = plan.recipe.training
    steps = training.epochs * -(-n_train // training.batch_size)
    looks = ", ".join(map(str, plan.looks))
    published = ", ".join(
        f"{claim.id} {claim.value}{'' if plan.gates(claim) else ' (advisory)'}" for claim in plan.claims
    )
    epochs = f"{training.epochs} epochs of {n_train:,} examples, batches of {training.batch_size}"
    rows = [
        ("recipe", f"{plan.recipe.model.reference}, {plan.n_weights:,} weights, sha256 {plan.digest[:12]}"),
        ("claims", published),
        ("seeds", f"{plan.looks[-1]} fresh at most; verdict after {looks}, at the first that decides"),
        ("steps", f"{steps:,} a seed: {epochs}"),
        ("time", _expected(plan.run_dir, plan.digest)),
    ]
    if len(plan.looks) == 1:
        rows[2] = ("seeds", f"{plan.looks[0]} fresh")
    if cost is not None:
        rows = [row for row in rows if row[0] not in ("seeds", "time")] + _rows(plan, cost)
    return "".join(f"{name + ':':<8} {text}\n" for name, text in rows)


def cost_values(plan: Plan, cost: Cost) -> dict[str, Any]:
    """What a plan costs, for programs: seconds, bytes and watt hours."""
    most = plan.looks[-1]
    expected = min(EXPECTED_SEEDS, most) if len(plan.looks) > 1 else most
    return {
        "device": cost.device,
        "jobs": cost.jobs,
        "threads": cost.threads,
        "looks": list(plan.looks),
        "expected_seeds": expected,
        "steps_per_seed": cost.steps,
        "measured_steps": cost.measured.n_steps,
        "seconds_per_step": cost.measured.step_s,
        "seconds_per_evaluation": cost.measured.evaluation_s,
        "seconds_per_seed": cost.seed_s,
        "seconds_to_first_look": cost.wall_s(plan.looks[:1]),
        "seconds_at_most": cost.wall_s(plan.looks),
        "peak_bytes_per_process": cost.measured.peak_bytes,
        "energy_wh_expected": cost.energy_wh(expected),
        "energy_wh_at_most": cost.energy_wh(most),
        "watts_per_core_assumed": WATTS_PER_CORE if cost.device == "cpu" else None,
        "disk_bytes_at_most": cost.disk_bytes(most),
    }


def _rows(plan: Plan, cost: Cost) -> list[tuple[str, str]]:
    told, measured = cost_values(plan, cost), cost.measured
    runs = f"{cost.jobs} at a time" if cost.jobs > 1 else "one after the other"
    first = f"{_time(told['seconds_to_first_look'])} to the first look, " if len(plan.looks) > 1 else ""
    energy = "not estimated: the device's power is not known"
    if cost.device == "cpu":
        expected, most = (_energy(told[f"energy_wh_{name}"]) for name in ("expected", "at_most"))
        assumed = f"seconds × {cost.threads} core{'s' * (cost.threads > 1)} × {WATTS_PER_CORE:g} W"
        energy = f"{expected} expected, {most} at most ({assumed}, assumed for a busy core of any CPU)"
    steps = f"{cost.steps:,} steps of {1000 * measured.step_s:.3g} ms (measured on {measured.n_steps})"
    seeds = f"{plan.looks[-1]}"
    if len(plan.looks) > 1:
        seeds = f"{told['expected_seeds']:g} expected of an honest release, {plan.looks[-1]} at most"
    return [
        ("seeds", f"{seeds}; {runs}"),
        ("a seed", f"{_time(cost.seed_s)}: {steps}, measuring the run {_time(measured.evaluation_s)}"),
        ("in all", f"{first}{_time(told['seconds_at_most'])} at most"),
        (
            "memory",
            f"{_bytes(measured.peak_bytes)} a process (measured), {cost.jobs} of them share the data"
            if cost.jobs > 1
            else f"{_bytes(measured.peak_bytes)} (measured)",
        ),
        ("energy", energy),
        ("disk", f"{_bytes(told['disk_bytes_at_most'])} at most for weights and checkpoints"),
    ]


def _time(seconds: float) -> str:
    for limit, unit, size in ((120.0, "s", 1.0), (7200.0, "min", 60.0), (172800.0, "h", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.2g} {unit}" if seconds / size < 10 else f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.1f} days"


def _energy(watt_hours: float) -> str:
    return f"{watt_hours / 1000:.3g} kWh" if watt_hours >= 1000 else f"{watt_hours:.2g} Wh"


def _bytes(n: float) -> str:
    return f"{n / 2**30:.1f} GiB" if n >= 2**30 else f"{n / 2**20:.1f} MiB"


def _expected(run_dir: Path, recipe: str) -> str:
    """What a seed took here before; a run that was resumed tells too little and is passed over."""
    measured = []
    for path in sorted(run_dir.glob("runs/*/timing.json")):
        try:
            timing = json.loads(path.read_bytes())
            if timing["resumed_at_step"] == 0 and timing["recipe"] == recipe:
                measured.append(float(timing["seconds"]))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
    if not measured:
        return "not measured here yet; the first run will tell"
    return f"about {sum(measured) / len(measured):.0f} s a seed, measured here before"
