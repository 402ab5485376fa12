"""What a reproduction is about to do, in words, before it costs anything."""

from __future__ import annotations

import json
from pathlib import Path

from auditor.reproduce.plan import Plan


def render(plan: Plan, n_train: int) -> str:
    """The plan as lines, ending in a newline; `n_train` is the number of examples in the train split."""
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
    return "".join(f"{name + ':':<8} {text}\n" for name, text in rows)


def _expected(run_dir: Path, recipe: str) -> str:
    """What a seed took here before; a run that was resumed tells too little and is passed over."""
    measured = []
    for path in sorted(run_dir.glob("runs/*/timing.json")):
        try:
            timing = json.loads(path.read_bytes())
            if timing["resumed_at_step"] == 0 and timing["recipe"] == recipe:
                measured.append(float(timing["seconds"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    if not measured:
        return "not measured here yet; the first run will tell"
    return f"about {sum(measured) / len(measured):.0f} s a seed, measured here before"
