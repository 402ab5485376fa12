"""Which reference models exist, what parameters each takes, and which tensors it has.

Imports no torch, so that `check` can compare a release with the model it names; `build` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

_MODELS = ("bert", "cnn", "gpt", "mlp", "tdnn")  # a folder each, with shapes.py (no torch) and model.py
Shape = tuple[int, ...]


def names() -> tuple[str, ...]:
    """Names of the reference models, sorted."""
    return _MODELS


def parameters(name: str) -> dict[str, Any]:
    """Parameters of a model with their defaults; a default of None means that one must be given.

    Raises:
        KeyError: no reference model has this name.
    """
    return dict(_shapes_of(name).PARAMETERS)


def shapes(name: str, given: Mapping[str, Any]) -> dict[str, Shape]:
    """Shape of every tensor of the model, in the order they are stored.

    Raises:
        KeyError: no reference model has this name.
        ValueError: a parameter is unknown, missing, or of an impossible value; the text says which.
    """
    table: dict[str, Shape] = _shapes_of(name).shapes(given)
    return table


def example_shape(name: str, given: Mapping[str, Any], n_values: int) -> Shape:
    """Shape of one example's input, made of `n_values` numbers or tokens.

    Raises:
        KeyError: no reference model has this name.
        ValueError: the model takes another number of values; the text says which.
    """
    shape: Shape = _shapes_of(name).example_shape(given, n_values)
    return shape


def outputs(name: str, given: Mapping[str, Any]) -> int:
    """Number of outputs an example, or a token: classes, characters, or numbers.

    Raises:
        KeyError: no reference model has this name.
        ValueError: as `shapes`.
    """
    n: int = _shapes_of(name).outputs(given)
    return n


def losses(name: str) -> tuple[str, ...]:
    """The kinds of loss that the model can be trained with.

    Raises:
        KeyError: no reference model has this name.
    """
    known: tuple[str, ...] = _shapes_of(name).LOSSES
    return known


def takes_tokens(name: str) -> bool:
    """Whether the model reads numbers of tokens, not amounts.

    Raises:
        KeyError: no reference model has this name.
    """
    tokens: bool = _shapes_of(name).TAKES_TOKENS
    return tokens


def build(name: str, given: Mapping[str, Any]) -> nn.Module:
    """The model as a torch module on the meta device: shapes without memory; weights are loaded into it.

    Raises:
        KeyError: no reference model has this name.
        ValueError: as `shapes`.
        RuntimeError: what was built has other tensors than `shapes` tells, which is a bug here.
    """
    stated = shapes(name, given)
    module: nn.Module = import_module(f"reference_models.{name}.model").build(given)
    built = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
    if built != stated:
        odd = next(key for key in (*stated, *built) if stated.get(key) != built.get(key))
        told, met = _text(stated.get(odd)), _text(built.get(odd))
        raise RuntimeError(f"tensor `{odd}` of {name} is stated to be {told}, and is {met}")
    return module


def _text(shape: Shape | None) -> str:
    return "absent" if shape is None else "x".join(map(str, shape)) or "a single number"


def _shapes_of(name: str) -> Any:
    if name not in _MODELS:
        raise KeyError(name)
    return import_module(f"reference_models.{name}.shapes")
