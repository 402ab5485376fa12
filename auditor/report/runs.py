"""Runs of a run directory, as text for people and as JSON values for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.report.cells import visible
from auditor.report.summary import count
from auditor.report.table import aligned
from auditor.reproduce.difference import Difference
from auditor.reproduce.stored import Stored, chain_lines

HEADS = ("run", "state", "recipe", "scores", "took", "size", "when")
MOST_SHOWN = 20  # epochs in text; JSON has all


def listed(run_dirs: Sequence[tuple[Path, Sequence[Stored]]], *, ledger_faults: int = 0) -> str:
    """The runs of each run directory, a line each."""
    lines: list[str] = []
    for folder, runs in run_dirs:
        lines.append(visible(f"{folder}: {count(len(runs), 'run')}"))
        rows = [HEADS, *(_row(run) for run in runs)]
        lines += [f"  {line}" for line in aligned(rows, lambda _, text: text)] if runs else []
    if ledger_faults:
        lines.append(f"{count(ledger_faults, 'line')} of the ledger cannot be read; no result depends on it")
    return "\n".join(lines) + "\n"


def shown(run: Stored) -> str:
    """One run: what it is, where it ran, what it scored, its losses, its chain."""
    rows = [("folder", str(run.folder)), ("seed", str(run.seed)), *_flat(run.identity)]
    for split, scores in run.scores.items():
        rows += [(f"{split} {name}", f"{value:.10g}") for name, value in sorted(scores.items())]
    losses = [(f"loss of epoch {n}", f"{loss:.6g}") for n, loss in enumerate(run.epoch_losses, 1)]
    rows += losses[:MOST_SHOWN]
    rows += [("losses", f"and {len(losses) - MOST_SHOWN} more")] if len(losses) > MOST_SHOWN else []
    chain = chain_lines(run)
    rows += [("chain", count(len(chain), "line"))] if chain else []
    rows.append(("files", f"{_size(run.size_bytes)}, last changed {_when(run)}"))
    rows += [("took", f"{run.seconds:.1f} s")] if run.seconds is not None else []
    width = max(len(name) for name, _ in rows)
    lines = [f"{run.id}: {_state(run)}", *(f"  {name:<{width}}  {value}" for name, value in rows)]
    return "".join(f"{visible(line)}\n" for line in lines)


def compared(difference: Difference) -> str:
    """Two runs: what of their identity differs first, then what they scored, their losses, their weights."""
    lines = [f"{difference.first} and {difference.second}"]
    lines += [f"  {name}: {_or(a)}, {_or(b)}" for name, a, b in difference.identity]
    if not difference.identity:
        lines.append("  one recipe, data, code, environment and seed")
    for split, name, a, b in difference.scores:
        away = "" if a is None or b is None else f" ({b - a:+.3g})"
        lines.append(f"  {split} {name}: {_or(a)}, {_or(b)}{away}")
    if difference.epoch is None:
        lines.append("  losses: the same in every epoch that both have")
    else:
        lines.append(f"  losses: the first epoch that differs is {difference.epoch}")
    lines.append(f"  weights: {_weights(difference)}")
    return "".join(f"{visible(line)}\n" for line in lines)


def cleaned(runs: Sequence[Stored], *, dry: bool) -> str:
    """What was, or would be, removed."""
    done = "would be removed" if dry else "removed"
    lines = [f"{run.folder}: {_state(run)}, {_size(run.size_bytes)}, {done}" for run in runs]
    total = sum(run.size_bytes for run in runs)
    lines.append(
        f"{count(len(runs), 'run')}, {_size(total)}, {done}" if runs else "there is nothing to remove"
    )
    return "".join(f"{visible(line)}\n" for line in lines)


def values(run: Stored) -> dict[str, Any]:
    """A run as JSON values."""
    return {
        "id": run.id,
        "folder": str(run.folder),
        "seed": run.seed,
        "state": run.state,
        "step": run.step,
        "identity": run.identity,
        "scores": {
            split: {name: _number(value) for name, value in sorted(scores.items())}
            for split, scores in run.scores.items()
        },
        "epoch_losses": [_number(loss) for loss in run.epoch_losses],
        "seconds": run.seconds,
        "size_bytes": run.size_bytes,
        "changed": _when(run),
    }


def compared_values(difference: Difference) -> dict[str, Any]:
    """A comparison as JSON values."""
    return {
        "runs": [difference.first, difference.second],
        "identity": [{"name": name, "values": [a, b]} for name, a, b in difference.identity],
        "scores": [
            {"split": split, "name": name, "values": [_number(a), _number(b)]}
            for split, name, a, b in difference.scores
        ],
        "first_differing_epoch": difference.epoch,
        "weights_equal": difference.weights_equal,
        "relative_distance": _number(difference.distance),
        "farthest_tensor": difference.farthest,
        "weights": difference.reason or None,
    }


def _row(run: Stored) -> tuple[str, ...]:
    scores = [
        f"{split} {name} {value:.4f}"
        for split, found in run.scores.items()
        for name, value in sorted(found.items())
        if name in ("accuracy", "loss")
    ]
    took = "-" if run.seconds is None else f"{run.seconds:.1f} s"
    recipe = str(run.identity.get("recipe", "-"))[:12]
    return run.id, _state(run), recipe, ", ".join(scores[:4]) or "-", took, _size(run.size_bytes), _when(run)


def _state(run: Stored) -> str:
    return (
        f"{run.state} at step {run.step:,}"
        if run.step is not None and run.state == "unfinished"
        else run.state
    )


def _weights(difference: Difference) -> str:
    if difference.weights_equal is None:
        return difference.reason
    if difference.weights_equal:
        return "equal to the last bit"
    assert difference.distance is not None
    return f"relative L2 distance {difference.distance:.3g}, largest in {difference.farthest}"


def _flat(identity: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat = []
    for name, value in sorted(identity.items()):
        if isinstance(value, dict):
            flat += _flat(value, f"{prefix}{name}.")
        elif value is not None:
            flat.append((f"{prefix}{name}", str(value)))
    return flat


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 2**20:.1f} MiB" if n_bytes >= 2**20 else f"{n_bytes / 2**10:.0f} KiB"


def _when(run: Stored) -> str:
    try:
        return datetime.fromtimestamp(run.changed_s, UTC).isoformat(sep=" ", timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return "-"  # a clock that had jumped when the file was written


def _number(value: float | None) -> float | None:
    return value if value is None or math.isfinite(value) else None


def _or(value: Any) -> str:
    return "-" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
