"""What `bert` can be asked for, and the shape of each of its tensors; no torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_models.parameters import filled

LOSSES = ("masked-cross-entropy",)
TAKES_TOKENS = True
PARAMETERS: dict[str, Any] = {
    "vocabulary": None,  # different tokens, the mask not counted: that is token number `vocabulary`
    "block": 64,  # most tokens that it reads at once
    "layers": 4,
    "heads": 4,
    "width": 128,
    "dropout": 0.0,
}
WIDENING = 4  # of the feed-forward part (Vaswani et al. 2017, section 3.3)
MOST_LAYERS = 100


def resolve(given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters, defaults filled in.

    Raises:
        ValueError: a parameter is unknown, missing, or of an impossible value.
    """
    sizes = ("vocabulary", "block", "layers", "heads", "width")
    full = filled("bert", PARAMETERS, given, sizes=sizes, shares=("dropout",))
    if full["layers"] > MOST_LAYERS:
        raise ValueError(f"`layers` of bert is {full['layers']}, expected at most {MOST_LAYERS}")
    if full["width"] % full["heads"]:
        raise ValueError(f"`width` {full['width']} of bert is not a multiple of `heads` {full['heads']}")
    return full


def shapes(given: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor by name; see `resolve` for the errors."""
    p = resolve(given)
    width, wide = p["width"], WIDENING * p["width"]
    table: dict[str, tuple[int, ...]] = {
        "head_bias": (p["vocabulary"],),
        "token_embedding.weight": (p["vocabulary"] + 1, width),
        "place_embedding.weight": (p["block"], width),
        "norm.weight": (width,),
        "norm.bias": (width,),
    }
    for number in range(p["layers"]):
        for name, shape in {
            "attention.qkv": (3 * width, width),
            "attention.project": (width, width),
            "norm1": (width,),
            "feedforward.widen": (wide, width),
            "feedforward.project": (width, wide),
            "norm2": (width,),
        }.items():
            table[f"blocks.{number}.{name}.weight"] = shape
            table[f"blocks.{number}.{name}.bias"] = shape[:1]
    return table | {
        "transform.weight": (width, width),
        "transform.bias": (width,),
        "transform_norm.weight": (width,),
        "transform_norm.bias": (width,),
    }


def example_shape(given: Mapping[str, Any], n_values: int) -> tuple[int, ...]:
    """A stretch of `n_values` tokens.

    Raises:
        ValueError: the model reads fewer tokens at once.
    """
    block = resolve(given)["block"]
    if n_values > block:
        raise ValueError(f"its blocks have {n_values} tokens, the model reads at most {block}")
    return (n_values,)


def outputs(given: Mapping[str, Any]) -> int:
    """Number of different tokens, the mask not counted; the mask's own number is this one."""
    n: int = resolve(given)["vocabulary"]
    return n
