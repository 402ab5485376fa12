"""Weights against the architecture that config, recipe and budget state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.released import FLOATS, count_parameters
from auditor.readers.released import released as by_name
from auditor.readers.text import shown
from auditor.rules.checkpoint import listed
from auditor.rules.edits import number_written, rewritten
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.safetensors import Tensor, TensorFile
    from auditor.shapes.comparison import Comparison

__all__ = ["count_parameters", "released"]  # what other rules take from here

Shapes = dict[str, tuple[int, ...]]
_DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
}


@rule("ARC001", level="warning", needs=("config", "weights"), klass="inconsistent", certainty="likely")
def dtype_differs(config: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """No tensor has the number format that config.json names.

    Why: Loaders convert silently; memory doubles, or precision is lost without anybody asking for it.
    Bad:
        # config.json
        {"torch_dtype": "bfloat16"}
    Good:
        # config.json
        {"torch_dtype": "float32"}
    Fix: Name the format the weights are stored in.
    """
    key = "dtype" if "dtype" in config.mapping() else "torch_dtype"
    stated = config.get(key)
    wanted = _DTYPES.get(stated.removeprefix("torch.")) if isinstance(stated, str) else None
    floats = {tensor.dtype for tensor in released(weights)} & FLOATS
    if wanted and floats and wanted not in floats and "quantization_config" not in config.mapping():
        names = [name for name, dtype in _DTYPES.items() if {dtype} == floats]
        yield config.at(key).says(
            f"`{key}` is `{stated}`, the weights are {' and '.join(sorted(floats))}",
            fix=rewritten(config, (key,), names[0], "unsafe") if names else None,
        )


@rule("ARC002", level="error", needs=("manifest", "weights"), klass="inconsistent")
def parameter_count_differs(manifest: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """The budget's number of parameters is not the number of weights that are shipped.

    Why: The size of a model is the first thing compared between models; here the files disprove it.
    Bad:
        # fmaudit.yaml
        budget: {params_total: 34826}
    Good:
        # fmaudit.yaml
        budget: {params_total: 18946}
    Fix: Write the number of the message, or ship the weights that were counted.
    """
    stated = manifest.get("budget", "params_total")
    tensors = released(weights)
    if isinstance(stated, int) and not isinstance(stated, bool) and tensors:
        actual = count_parameters(tensors)
        if actual is not None and actual != stated:
            yield manifest.at("budget", "params_total").says(
                f"`params_total` is {manifest.printed('budget', 'params_total')}, the weights hold {actual}",
                fix=number_written(manifest, ("budget", "params_total"), str(actual), "unsafe"),
            )


@rule("ARC101", level="error", needs="config")
def reference_parameters_wrong(config: Document) -> Iterator[Fault]:
    """config.json gives a reference model parameters that it cannot be built with.

    Why: The model that the weights belong to does not exist, so nothing can load them.
    Bad:
        # config.json
        {"parameters": {"classes": 0}}
    Good:
        # config.json
        {"parameters": {"classes": 2}}
    Fix: Use the parameters that the recipe trains with.
    """
    expected = _expected(config, "model_type", "parameters")
    if isinstance(expected, str):
        yield config.at("parameters").says(expected)


@rule("ARC102", level="error", needs=("config", "weights"), klass="inconsistent", after=("ARC101",))
def tensor_missing(config: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """The weights lack a tensor that the reference model has.

    Why: The missing part would start with random values; the published numbers cannot come from it.
    Bad:
        # model.safetensors, header
        {"conv1.weight": {"dtype": "F32", "shape": [32, 1, 3, 3], "data_offsets": [0, 1152]},
         "conv1.bias": {"dtype": "F32", "shape": [32], "data_offsets": [1152, 1280]},
         "conv2.weight": {"dtype": "F32", "shape": [64, 32, 3, 3], "data_offsets": [1280, 75008]},
         "conv2.bias": {"dtype": "F32", "shape": [64], "data_offsets": [75008, 75264]},
         "head.weight": {"dtype": "F32", "shape": [2, 64], "data_offsets": [75264, 75776]}}
        # fmaudit.yaml
        budget: null
    Good:
        # model.safetensors, header
        {"conv1.weight": {"dtype": "F32", "shape": [32, 1, 3, 3], "data_offsets": [0, 1152]},
         "conv1.bias": {"dtype": "F32", "shape": [32], "data_offsets": [1152, 1280]},
         "conv2.weight": {"dtype": "F32", "shape": [64, 32, 3, 3], "data_offsets": [1280, 75008]},
         "conv2.bias": {"dtype": "F32", "shape": [64], "data_offsets": [75008, 75264]},
         "head.weight": {"dtype": "F32", "shape": [2, 64], "data_offsets": [75264, 75776]},
         "head.bias": {"dtype": "F32", "shape": [2], "data_offsets": [75776, 75784]}}
    Fix: Ship all tensors of the model, or correct config.json.
    """
    found, result = by_name(weights), _compared(config, weights)
    if found and result is not None and result.missing:
        yield config.at("model_type").says(
            f"`{config.get('model_type')}` has {listed(result.missing)}, the weights do not",
            next(iter(found.values()))[0].at(),
        )


@rule("ARC103", level="error", needs=("config", "weights"), klass="inconsistent", after=("ARC101",))
def tensor_unexpected(config: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """The weights hold a tensor that the reference model does not have.

    Why: Loaders drop it, or the weights belong to another model than the one named.
    Bad:
        # model.safetensors, header
        {"conv1.weight": {"dtype": "F32", "shape": [32, 1, 3, 3], "data_offsets": [0, 1152]},
         "conv1.bias": {"dtype": "F32", "shape": [32], "data_offsets": [1152, 1280]},
         "conv2.weight": {"dtype": "F32", "shape": [64, 32, 3, 3], "data_offsets": [1280, 75008]},
         "conv2.bias": {"dtype": "F32", "shape": [64], "data_offsets": [75008, 75264]},
         "head.weight": {"dtype": "F32", "shape": [2, 64], "data_offsets": [75264, 75776]},
         "head.bias": {"dtype": "F32", "shape": [2], "data_offsets": [75776, 75784]},
         "norm.weight": {"dtype": "F32", "shape": [64], "data_offsets": [75784, 76040]}}
        # fmaudit.yaml
        budget: null
    Good:
        # fmaudit.yaml
        budget: null
    Fix: Correct `model_type` in config.json, or remove the tensor.
    """
    result = _compared(config, weights)
    if result is not None and result.unexpected:
        extra = result.unexpected
        yield (
            by_name(weights)[extra[0]][0]
            .at(extra[0])
            .says(
                f"the weights hold {listed(extra)}, `{config.get('model_type')}` does not",
                config.at("model_type"),
            )
        )


@rule("ARC104", level="error", needs=("config", "weights"), klass="inconsistent", after=("ARC101",))
def tensor_shape_differs(config: Document, weights: tuple[TensorFile, ...]) -> Iterator[Fault]:
    """A tensor has another shape than the reference model gives it.

    Why: The weights cannot be loaded into the model that config.json describes.
    Bad:
        # config.json
        {"parameters": {"classes": 3}}
        # recipe.yaml
        model: {parameters: {classes: 3}}
    Good:
        # config.json
        {"parameters": {"classes": 2}}
    Fix: Correct the parameters in config.json, or ship the weights they belong to.
    """
    result = _compared(config, weights)
    for one in result.differing if result is not None else ():
        yield (
            by_name(weights)[one.name][0]
            .at(one.name)
            .says(
                f"`{one.name}` has the shape {_shape(one.met)}, "
                f"`{config.get('model_type')}` gives it {_shape(one.expected)}",
                config.at("parameters").labelled("these parameters"),
            )
        )


@rule("ARC105", level="error", needs=("config", "recipe"), klass="inconsistent", after=("ARC101", "REC003"))
def config_differs_from_recipe(config: Document, recipe: Document) -> Iterator[Fault]:
    """config.json describes another model than the recipe trains.

    Why: Retraining gives a model that the shipped weights do not fit; the two cannot be compared.
    Bad:
        # recipe.yaml
        model: {parameters: {classes: 3}}
    Good:
        # recipe.yaml
        model: {parameters: {classes: 2, channels: 1}}
    Fix: Bring both to the same model and parameters.
    """
    from reference_models import catalogue

    name, trained = config.get("model_type"), recipe.get("model", "reference")
    if _expected(config, "model_type", "parameters") is None or trained not in catalogue.names():
        return
    if name != trained:
        yield recipe.at("model", "reference").says(
            f"the recipe trains `{trained}`, config.json describes `{name}`", config.at("model_type")
        )
        return
    defaults = catalogue.parameters(trained)
    here = {**defaults, **recipe.mapping("model", "parameters")}
    there = {**defaults, **config.mapping("parameters")}
    for key, value in here.items():
        if value != there.get(key):
            yield recipe.at("model", "parameters", key).says(
                f"`{shown(key)}` is {_value(value)} in the recipe, {_value(there.get(key))} in config.json",
                config.at("parameters", key),
            )


def released(weights: tuple[TensorFile, ...]) -> list[Tensor]:
    """The tensors of the model itself: adapters, checkpoints and other parts left out."""
    return [tensor for _, tensor in by_name(weights).values()]


def _compared(config: Document, weights: tuple[TensorFile, ...]) -> Comparison | None:
    """The released weights against the reference model that config.json names; None where it names none."""
    expected = _expected(config, "model_type", "parameters")
    if not isinstance(expected, dict):
        return None
    from auditor.shapes.comparison import compare
    from auditor.shapes.layout import Layout

    return compare(Layout(base=expected), {name: one.shape for name, (_, one) in by_name(weights).items()})


def _expected(document: Document, *path: str) -> Shapes | str | None:
    """Shapes of the reference model that a document names, or why it has none; None for any other model.

    The last two steps of `path` are the keys of the model's name and of its parameters.
    """
    from reference_models import catalogue

    *owner, name_key, parameters_key = path
    name = document.get(*owner, name_key)
    if not isinstance(name, str) or name not in catalogue.names():
        return None
    if name_key == "model_type" and not isinstance(document.get(parameters_key), dict):
        return None  # another library's model of the same name
    try:
        return catalogue.shapes(name, document.mapping(*owner, parameters_key))
    except ValueError as error:
        return " ".join(str(error).split())[:200]


def _shape(shape: tuple[int, ...]) -> str:
    return shown("x".join(map(str, shape[:8]))) or "of a single number"


def _value(value: object) -> str:
    plain = isinstance(value, str | float | bool) or (isinstance(value, int) and abs(value) < 10**12)
    return f"`{shown(str(value))}`" if plain else "another value"
