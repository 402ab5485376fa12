"""What `tdnn` can be asked for, and the shape of each of its tensors; no torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_models.parameters import filled

LOSSES = ("ctc",)
TAKES_TOKENS = False
PARAMETERS: dict[str, Any] = {
    "features": None,  # numbers of one frame
    "width": 64,  # channels of each convolution
    "layers": 3,  # convolutions
    "outputs": None,  # symbols and, as number 0, the blank
}
KERNEL = 3
MOST_LAYERS = 10  # a layer doubles the reach: ten see a thousand frames to either side


def resolve(given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters, defaults filled in.

    Raises:
        ValueError: a parameter is unknown, missing, or of an impossible value.
    """
    full = filled("tdnn", PARAMETERS, given, sizes=tuple(PARAMETERS))
    if full["layers"] > MOST_LAYERS:
        raise ValueError(f"`layers` of tdnn is {full['layers']}, expected at most {MOST_LAYERS}")
    if full["outputs"] == 1:
        raise ValueError("`outputs` of tdnn is 1, expected at least 2: the blank and a symbol")
    return full


def shapes(given: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor by name; see `resolve` for the errors."""
    p = resolve(given)
    table: dict[str, tuple[int, ...]] = {}
    below = p["features"]
    for number in range(p["layers"]):
        table[f"layers.{number}.weight"] = (p["width"], below, KERNEL)
        table[f"layers.{number}.bias"] = (p["width"],)
        below = p["width"]
    return table | {"head.weight": (p["outputs"], below), "head.bias": (p["outputs"],)}


def example_shape(given: Mapping[str, Any], n_values: int) -> tuple[int, ...]:
    """Frames and numbers a frame, of an example of `n_values` numbers that lie frame by frame.

    Raises:
        ValueError: the numbers make no whole frames.
    """
    features: int = resolve(given)["features"]
    if n_values % features:
        raise ValueError(f"it has {n_values} inputs an example, which make no whole frames of {features}")
    return (n_values // features, features)


def outputs(given: Mapping[str, Any]) -> int:
    """Number of symbols, the blank among them."""
    n: int = resolve(given)["outputs"]
    return n
