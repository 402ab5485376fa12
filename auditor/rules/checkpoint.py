"""The released weights against the architecture that config.json names, compared once for all rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from auditor.bundle import Absent, Unread
from auditor.model import Place
from auditor.readers.document import Document
from auditor.readers.released import count_parameters, released
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.registry import needed, provides

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.safetensors import Tensor, TensorFile
    from auditor.shapes.comparison import Comparison
    from auditor.shapes.explanation import Cause
    from auditor.shapes.layout import Layout, Shape

# Fields that say that weights are packed into other tensors than the architecture's.
_QUANTISED = ("quantization_config", "quantization", "compression_config", "quantize_config")
_QUANTISED_FILES = ("quantize_config.json", "hf_quant_config.json", "quant_config.json")
_OTHER_LAYOUTS = ("mlx", "flax", "tf", "jax", "np")  # values of `format` that are not transformers' own
_SHOWN = 3  # names in one message
NAME = 120  # characters of a tensor's name in a message; adapters have names of 90


@dataclass(frozen=True, slots=True)
class Expected:
    """What config.json says that the checkpoint holds."""

    config: Document
    architecture: str
    layout: Layout

    def at(self, field: str) -> Place:
        """The place of a field by its dotted path; of the model's type where the field is left out."""
        path = tuple(field.split("."))
        return self.config.at(
            *(path if self.config.get(*path, default=self) is not self else ("model_type",))
        )


@dataclass(frozen=True)
class Checkpoint:
    """The released tensors by name, and how they differ from what is expected."""

    expected: Expected
    tensors: dict[str, tuple[TensorFile, Tensor]]
    result: Comparison

    @cached_property
    def causes(self) -> list[Cause]:
        """Why shapes differ, field by field; takes up to a second for 40,000 tensors."""
        from auditor.shapes.explanation import causes

        return causes(self.expected.config.mapping(), self.result) if self.result.differing else []

    def at(self, name: str) -> Place:
        """The place of a tensor by the name that the architecture gives it, or the file does."""
        file, tensor = self.tensors[self.result.found.get(name, name)]
        return file.at(tensor.name)

    def file(self) -> Place:
        """The place of the weights as such."""
        return next(iter(self.tensors.values()))[0].at()


@provides("expected")
def expected(bundle: Bundle) -> Expected | Absent | Unread:
    """The layout of the model in config.json, or why there is none."""
    config = bundle.get("config")
    if not isinstance(config, Document):
        return config if isinstance(config, Absent | Unread) else Absent("the bundle has no config.json")
    values = config.mapping()
    if isinstance(values.get("parameters"), dict):
        return Absent("the model is no architecture of transformers")
    if "model_type" not in values:
        if "architectures" in values:
            return Unread("config.json names no `model_type`, by which its tensors are known")
        return Absent("config.json describes no architecture of transformers")
    from auditor.shapes.families import layout
    from auditor.shapes.fields import Untold

    try:
        known = layout(values)
    except Untold as error:
        return Unread(str(error))
    reason = _own_code(values) or _packed(values, bundle)
    return Unread(reason) if reason else Expected(config, values["architectures"][0], known)


@provides("checkpoint")
def checkpoint(bundle: Bundle) -> Checkpoint | Absent | Unread:
    """The comparison, or why nothing could be compared."""
    described, weights = needed(bundle, "expected"), bundle.get("weights")
    if isinstance(weights, Absent | Unread):
        return weights
    if not isinstance(described, Expected):
        return described if isinstance(described, Unread) else Absent("config.json describes no architecture")
    assert isinstance(weights, tuple)
    tensors = released(weights)
    files = {file.file for file, _ in tensors.values()}
    if not tensors or not all(file.startswith("model") for file in files):
        return Unread("it is in doubt which files of weights transformers would load")
    kinds = {file.metadata.get("format") for file, _ in tensors.values()} & set(_OTHER_LAYOUTS)
    if kinds:
        return Unread(f"the weights are laid out for `{kinds.pop()}`")
    if count_parameters(tensor for _, tensor in tensors.values()) is None:
        return Unread("the weights are integers, which are packed in many ways, or have impossible shapes")
    from auditor.shapes.comparison import compare

    shapes: dict[str, Shape] = {name: tensor.shape for name, (_, tensor) in tensors.items()}
    return Checkpoint(described, tensors, compare(described.layout, shapes))


def listed(names: Sequence[str]) -> str:
    """The first names as a message shows them, and how many more there are."""
    first = ", ".join(f"`{shown(name, NAME)}`" for name in names[:_SHOWN])
    return first + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def shape_text(shape: Sequence[int]) -> str:
    """A shape as a message shows it."""
    return shown("x".join(map(str, shape[:8]))) or "a single number"


def _own_code(values: dict[str, Any]) -> str:
    """Why the bundle's own code decides what the tensors are, not transformers; empty where it does not."""
    own = values.get("auto_map")
    if isinstance(own, dict) and any(str(key).startswith(("AutoModel", "AutoConfig")) for key in own):
        return "`auto_map` names code of the release's own, which decides what tensors there are"
    return ""


def _packed(values: dict[str, Any], bundle: Bundle) -> str:
    """Why the tensors are not the architecture's but packed ones; empty where they are not."""
    for field in _QUANTISED:
        if values.get(field):
            return f"`{field}` says that the weights are packed into other tensors"
    for path in _QUANTISED_FILES:
        if bundle.has(path):
            return f"`{path}` says that the weights are packed into other tensors"
    return ""
