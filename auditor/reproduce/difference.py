"""How two stored runs differ: what they are, what they scored, when they parted, their weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.reproduce.stored import Stored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Difference:
    """Two runs held against each other.

    Attributes:
        first: name of the one.
        second: name of the other.
        identity: name and both values of everything that their bits depend on and that differs.
        scores: split, metric and both values, where they differ.
        epoch: the first epoch, from 1, whose mean loss differs; None if none does.
        weights_equal: whether all bits are; None where they cannot be compared, for `reason`.
        distance: ‖w₁ - w₂‖ / ‖w₁‖ over all weights, or None.
        farthest: the tensor whose own relative distance is largest, or empty.
        reason: why the weights cannot be compared, or empty.
    """

    first: str
    second: str
    identity: tuple[tuple[str, Any, Any], ...]
    scores: tuple[tuple[str, str, float | None, float | None], ...]
    epoch: int | None
    weights_equal: bool | None = None
    distance: float | None = None
    farthest: str = ""
    reason: str = ""


def difference(one: Stored, other: Stored) -> Difference:
    """How the runs differ."""
    flat, flat_other = _flat({"seed": one.seed} | one.identity), _flat({"seed": other.seed} | other.identity)
    names = sorted(flat.keys() | flat_other.keys())
    identity = [(name, flat.get(name), flat_other.get(name)) for name in names]
    metrics = sorted(
        {(split, name) for run in (one, other) for split in run.scores for name in run.scores[split]}
    )
    scores = [(*key, _score(one, *key), _score(other, *key)) for key in metrics]
    epochs = enumerate(zip(one.epoch_losses, other.epoch_losses, strict=False), 1)
    equal, distance, farthest, reason = _weights(one, other)
    return Difference(
        first=one.id,
        second=other.id,
        identity=tuple(row for row in identity if row[1] != row[2]),
        scores=tuple(row for row in scores if not _same(row[2], row[3])),
        epoch=next((number for number, (a, b) in epochs if not _same(a, b)), None),
        weights_equal=equal,
        distance=distance,
        farthest=farthest,
        reason=reason,
    )


def _weights(one: Stored, other: Stored) -> tuple[bool | None, float | None, str, str]:
    import numpy as np

    found: list[dict[str, NDArray[Any]]] = []
    for run in (one, other):
        tensors = _read(run)
        if isinstance(tensors, str):
            return None, None, "", tensors
        found.append(tensors)
    mine, theirs = found
    shapes = [{name: value.shape for name, value in tensors.items()} for tensors in found]
    if shapes[0] != shapes[1]:
        return None, None, "", "the two runs are of different models"
    away, size, farthest = 0.0, 0.0, (-1.0, "")
    for name, value in sorted(mine.items()):
        a, b = value.astype(np.float64), theirs[name].astype(np.float64)
        gap, own = _norm(a - b), _norm(a)
        away, size = math.hypot(away, gap), math.hypot(size, own)
        farthest = max(farthest, (gap / own if own else gap, name))
    equal = all(np.array_equal(_bits(mine[name]), _bits(theirs[name])) for name in mine)
    return equal, away / size if size else away, "" if equal else farthest[1], ""


def _read(run: Stored) -> dict[str, NDArray[Any]] | str:
    """The weights of a run, or why they cannot be had."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return dict(load((run.folder / "weights.safetensors").read_bytes()))
    except FileNotFoundError:
        return f"{run.id} has no finished weights"
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        return f"the weights of {run.id} cannot be read ({error})"


def _bits(value: NDArray[Any]) -> NDArray[np.uint8]:
    import numpy as np

    return np.ascontiguousarray(value).reshape(-1).view(np.uint8)


def _norm(value: NDArray[np.float64]) -> float:
    import numpy as np

    return float(np.sqrt(np.sum(value * value)))


def _flat(identity: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in identity.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _score(run: Stored, split: str, name: str) -> float | None:
    return run.scores.get(split, {}).get(name)


def _same(a: float | None, b: float | None) -> bool:
    both_odd = a is not None and b is not None and math.isnan(a) and math.isnan(b)
    return a == b or both_odd
