"""What `cnn` can be asked for, and the shape of each of its tensors; no torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_models.parameters import filled

LOSSES = ("cross-entropy", "mse", "huber", "bce", "contrastive")
TAKES_TOKENS = False
PARAMETERS: dict[str, Any] = {
    "height": None,
    "width": None,
    "channels": 1,
    "classes": None,
    "padding": "valid",
}
FILTERS = (32, 64)  # both 3x3; https://keras.io/examples/vision/mnist_convnet/
KERNEL = 3
POOL = 2


def resolve(given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters, defaults filled in.

    Raises:
        ValueError: a parameter is unknown, missing, or of an impossible value.
    """
    full = filled("cnn", PARAMETERS, given, sizes=("height", "width", "channels", "classes"))
    if full["padding"] not in ("valid", "same"):
        raise ValueError(f"`padding` of cnn is {full['padding']!r}, expected `valid` or `same`")
    if min(pooled(full["height"], full["padding"]), pooled(full["width"], full["padding"])) < 1:
        raise ValueError(
            f"an input of {full['height']}x{full['width']} vanishes in cnn with padding `{full['padding']}`"
        )
    return full


def pooled(side: int, padding: str) -> int:
    """Side of the feature map after both blocks: conv (valid shrinks by 2), then pooling by 2, twice."""
    for _ in FILTERS:
        side = (side - (KERNEL - 1 if padding == "valid" else 0)) // POOL
    return side


def shapes(given: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor by name; see `resolve` for the errors."""
    p = resolve(given)
    first, second = FILTERS
    flat = second * pooled(p["height"], p["padding"]) * pooled(p["width"], p["padding"])
    return {
        "conv1.weight": (first, p["channels"], KERNEL, KERNEL),
        "conv1.bias": (first,),
        "conv2.weight": (second, first, KERNEL, KERNEL),
        "conv2.bias": (second,),
        "head.weight": (p["classes"], flat),
        "head.bias": (p["classes"],),
    }


def example_shape(given: Mapping[str, Any], n_values: int) -> tuple[int, ...]:
    """Channels, height and width of an image of `n_values` numbers.

    Raises:
        ValueError: the model takes images of another size.
    """
    p = resolve(given)
    shape = (p["channels"], p["height"], p["width"])
    size = shape[0] * shape[1] * shape[2]
    if n_values != size:
        raise ValueError(
            f"it has {n_values} inputs an example, the model takes {' x '.join(map(str, shape))} = {size}"
        )
    return shape


def outputs(given: Mapping[str, Any]) -> int:
    """Number of classes."""
    n: int = resolve(given)["classes"]
    return n
