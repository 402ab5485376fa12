"""What `mlp` can be asked for, and the shape of each of its tensors; no torch here."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from reference_models.parameters import filled

LOSSES = ("cross-entropy", "mse", "huber", "bce", "contrastive")
TAKES_TOKENS = False
PARAMETERS: dict[str, Any] = {
    "inputs": None,
    "hidden": 64,  # units of each hidden layer
    "layers": 2,  # hidden layers
    "outputs": None,  # classes, numbers, or the embedding's size
}
MOST_LAYERS = 64  # deeper, such a stack without shortcuts does not train


def resolve(given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters, defaults filled in.

    Raises:
        ValueError: a parameter is unknown, missing, or of an impossible value.
    """
    full = filled("mlp", PARAMETERS, given, sizes=tuple(PARAMETERS))
    if full["layers"] > MOST_LAYERS:
        raise ValueError(f"`layers` of mlp is {full['layers']}, expected at most {MOST_LAYERS}")
    return full


def widths(given: Mapping[str, Any]) -> tuple[int, ...]:
    """Units of each layer, from the inputs to the outputs."""
    p = resolve(given)
    return (p["inputs"], *[p["hidden"]] * p["layers"], p["outputs"])


def shapes(given: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor by name; see `resolve` for the errors."""
    table: dict[str, tuple[int, ...]] = {}
    for number, (below, above) in enumerate(pairwise(widths(given))):
        table[f"layers.{number}.weight"] = (above, below)
        table[f"layers.{number}.bias"] = (above,)
    return table


def example_shape(given: Mapping[str, Any], n_values: int) -> tuple[int, ...]:
    """A vector of `n_values` numbers.

    Raises:
        ValueError: the model takes vectors of another size.
    """
    wanted = resolve(given)["inputs"]
    if n_values != wanted:
        raise ValueError(f"it has {n_values} inputs an example, the model takes {wanted}")
    return (n_values,)


def outputs(given: Mapping[str, Any]) -> int:
    """Number of outputs."""
    n: int = resolve(given)["outputs"]
    return n
