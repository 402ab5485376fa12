"""Adapters (LoRA in PEFT's format) against their own config, and against the base model where it is here.

Nothing is matched with the patterns that a config may hold: they are regular expressions of a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING

from auditor.bundle import Absent, Unread
from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.records import dataclass
from auditor.rules.adapter_config import ADAPTER_CONFIG
from auditor.rules.checkpoint import NAME, Checkpoint, Expected, listed, shape_text
from auditor.rules.registry import needed, provides, rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.readers.safetensors import Tensor, TensorFile
    from auditor.shapes.layout import Shape

_WEIGHTS = "adapter_model.safetensors"
_PART = re.compile(r"(?:base_model\.model\.)?(.+)\.lora_(?:embedding_)?([AB])(?:\.default)?(?:\.weight)?")
# Variants of LoRA whose tensors have other ranks or belong to several modules at once.
_VARIANTS = (
    "target_parameters",
    "use_qalora",
    "use_bdlora",
    "layer_replication",
    "arrow_config",
    "megatron_config",
)
_TURNED = ("gpt2",)  # families with layers that are stored (inputs, outputs)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two factors of one module's change: the inner one A, (rank, inputs), and B, (outputs, rank)."""

    module: str
    first: Tensor | None
    second: Tensor | None
    embeds: bool


@dataclass(slots=True)
class Adapter:
    """A LoRA adapter: its config, its file, and its pairs by module."""

    config: Document
    file: TensorFile
    pairs: list[Pair] = field(default_factory=list)


@provides("adapter")
def adapter(bundle: Bundle) -> Adapter | Absent | Unread:
    """The LoRA adapter in the bundle, or why there is none that could be looked at."""
    config, weights = needed(bundle, "adapter config"), bundle.get("weights")
    if not isinstance(config, Document):
        return (
            config if isinstance(config, Absent | Unread) else Absent(f"the bundle has no {ADAPTER_CONFIG}")
        )
    if not isinstance(weights, tuple):
        return weights if isinstance(weights, Absent | Unread) else Absent(f"the bundle has no {_WEIGHTS}")
    file = next((each for each in weights if each.file == _WEIGHTS), None)
    if file is None:
        return Absent(f"the bundle has no {_WEIGHTS} that could be read")
    if config.get("peft_type") != "LORA":
        return Unread(f"adapters of the type `{shown(str(config.get('peft_type')))}` are not known here")
    variant = next((name for name in _VARIANTS if config.get(name)), None)
    if variant is not None:
        return Unread(f"`{variant}` of {ADAPTER_CONFIG} changes what the tensors are")
    parts: dict[str, dict[str, Tensor]] = {}
    for tensor in file.tensors:
        match = _PART.fullmatch(tensor.name)
        if match:
            parts.setdefault(match[1], {})[match[2]] = tensor
    pairs = [
        Pair(module, two.get("A"), two.get("B"), any("lora_embedding_" in each.name for each in two.values()))
        for module, two in parts.items()
    ]
    return Adapter(config, file, pairs)


@rule("ARC312", level="error", needs="adapter", klass="inconsistent", since="2026.2")
def adapter_rank_differs(adapter: Adapter) -> Iterator[Fault]:
    """The adapter's tensors have another rank than its config says.

    Why: The adapter cannot be loaded: the layers that are made for it have other shapes.
    Bad:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 4, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # adapter_model.safetensors, header
        {"base_model.model.q.lora_A.weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]},
         "base_model.model.q.lora_B.weight": {"dtype": "F32", "shape": [5, 8], "data_offsets": [96, 256]}}
    Good:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # adapter_model.safetensors, header
        {"base_model.model.q.lora_A.weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]},
         "base_model.model.q.lora_B.weight": {"dtype": "F32", "shape": [5, 8], "data_offsets": [96, 256]}}
    Fix: Write the rank that was trained as `r`, or ship the adapter that belongs to the config.
    """
    stated, special = adapter.config.get("r"), adapter.config.mapping("rank_pattern").values()
    allowed = {each for each in (stated, *special) if type(each) is int}
    odd: list[tuple[Tensor, int]] = []
    for pair in adapter.pairs:
        ranks = _ranks(pair)
        if len(set(ranks)) > 1 and pair.first is not None and pair.second is not None:
            yield adapter.file.at(pair.first.name).says(
                f"the two factors of `{shown(pair.module, NAME)}` have the ranks {ranks[0]} and {ranks[1]}",
                adapter.file.at(pair.second.name),
            )
        elif ranks and allowed and ranks[0] not in allowed:
            odd += [(tensor, ranks[0]) for tensor in (pair.first, pair.second) if tensor is not None][:1]
    if odd and type(stated) is int:
        tensor, rank = odd[0]
        more = f", and {len(odd) - 1} more differ" if len(odd) > 1 else ""
        yield adapter.config.at("r").says(
            f"`r` is {stated}, `{shown(tensor.name, NAME)}` has rank {rank}{more}",
            adapter.file.at(tensor.name),
        )


@rule("ARC313", level="error", needs="adapter", since="2026.2")
def adapter_half_missing(adapter: Adapter) -> Iterator[Fault]:
    """One of the two factors of an adapted module is missing.

    Why: A module is changed by the product of both. With one of them missing it is not changed at all, or by
        random values.
    Bad:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # adapter_model.safetensors, header
        {"base_model.model.q.lora_A.weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]}}
    Good:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # adapter_model.safetensors, header
        {"base_model.model.q.lora_A.weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]},
         "base_model.model.q.lora_B.weight": {"dtype": "F32", "shape": [5, 8], "data_offsets": [96, 256]}}
    Fix: Save the adapter anew.
    """
    halves = [pair for pair in adapter.pairs if pair.first is None or pair.second is None]
    if halves:
        lone = halves[0].first or halves[0].second
        assert lone is not None
        more = f" and {len(halves) - 1} more" if len(halves) > 1 else ""
        missing = "lora_B" if halves[0].first is not None else "lora_A"
        yield adapter.file.at(lone.name).says(
            f"`{shown(lone.name, NAME)}`{more} has no `{missing}` beside it"
        )


@rule(
    "ARC316",
    level="error",
    needs=("adapter", "bundle"),
    klass="inconsistent",
    after=("ARC312", "ARC313"),
    since="2026.2",
)
def adapter_misfits_base(adapter: Adapter, bundle: Bundle) -> Iterator[Fault]:
    """The adapter's tensors do not fit the base model that lies beside it.

    Why: The adapter cannot be loaded into this model.
    Bad:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 10, "hidden_size": 8,
         "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2}
        # model.safetensors, tensors of config.json
        {}
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 2, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # adapter_model.safetensors, header
        {"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight":
          {"dtype": "F32", "shape": [2, 16], "data_offsets": [0, 128]},
         "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight":
          {"dtype": "F32", "shape": [16, 2], "data_offsets": [128, 256]}}
        # fmaudit.yaml
        budget: null
    Good:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 10, "hidden_size": 16,
         "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2}
        # model.safetensors, tensors of config.json
        {}
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 2, "lora_alpha": 16, "base_model_name_or_path": "example/base"}
        # adapter_model.safetensors, header
        {"base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight":
          {"dtype": "F32", "shape": [2, 16], "data_offsets": [0, 128]},
         "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight":
          {"dtype": "F32", "shape": [16, 2], "data_offsets": [128, 256]}}
        # fmaudit.yaml
        budget: null
    Fix: Ship the base model that the adapter was trained on, or leave the base model out.
    """
    base = _base_shapes(bundle)
    turned = adapter.config.get("fan_in_fan_out") is True or _kind(bundle) in _TURNED
    misfits = []
    for pair in adapter.pairs:
        shape = base.get(pair.module)
        if (
            shape is not None
            and pair.first is not None
            and pair.second is not None
            and not _fits(pair, shape, turned)
        ):
            misfits.append((pair, shape))
    if misfits:
        pair, shape = misfits[0]
        assert pair.first is not None
        assert pair.second is not None
        more = f", and {len(misfits) - 1} more modules differ" if len(misfits) > 1 else ""
        yield adapter.file.at(pair.first.name).says(
            f"the adapter changes `{shown(pair.module, NAME)}` by {shape_text(pair.first.shape)} and "
            f"{shape_text(pair.second.shape)}, the base model has {shape_text(shape)} there{more}"
        )


@rule("ARC317", level="warning", needs="adapter", klass="inconsistent", since="2026.2")
def adapted_module_not_targeted(adapter: Adapter) -> Iterator[Fault]:
    """The adapter holds tensors for a module that its config does not target.

    Why: Layers are made for the targets alone; what was trained for other modules is dropped without a word.
    Bad:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base",
         "target_modules": ["v"]}
        # adapter_model.safetensors, header
        {"base_model.model.q.lora_A.weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]},
         "base_model.model.q.lora_B.weight": {"dtype": "F32", "shape": [5, 8], "data_offsets": [96, 256]}}
    Good:
        # README.md
        ---
        base_model: example/base
        ---
        # adapter_config.json, whole file
        {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "base_model_name_or_path": "example/base",
         "target_modules": ["q"]}
        # adapter_model.safetensors, header
        {"base_model.model.q.lora_A.weight": {"dtype": "F32", "shape": [8, 3], "data_offsets": [0, 96]},
         "base_model.model.q.lora_B.weight": {"dtype": "F32", "shape": [5, 8], "data_offsets": [96, 256]}}
    Fix: List every adapted module under `target_modules`.
    """
    targets = adapter.config.get("target_modules")
    if not isinstance(targets, list) or not all(isinstance(each, str) for each in targets):
        return
    ends = tuple(f".{target}" for target in targets)
    dropped = [pair.module for pair in adapter.pairs if not f".{pair.module}".endswith(ends)]
    if dropped:
        yield adapter.config.at("target_modules").says(
            f"`target_modules` does not name {listed(dropped)}, which the adapter holds"
        )


def _ranks(pair: Pair) -> list[int]:
    """The rank that each factor has, A first; A is (rank, inputs), B is (outputs, rank)."""
    found = []
    if pair.first is not None and pair.first.shape:
        found.append(pair.first.shape[0])
    if pair.second is not None and len(pair.second.shape) > 1:
        found.append(pair.second.shape[1])
    return found


def _base_shapes(bundle: Bundle) -> dict[str, Shape]:
    """Shape of each weight of the base model by module: of the files, else of config.json."""
    checkpoint, described = needed(bundle, "checkpoint"), needed(bundle, "expected")
    shapes: dict[str, Shape] = {}
    if isinstance(checkpoint, Checkpoint):
        shapes = {own: checkpoint.tensors[name][1].shape for own, name in checkpoint.result.found.items()}
    elif isinstance(described, Expected):
        shapes = described.layout.all()
    return {name.removesuffix(".weight"): shape for name, shape in shapes.items() if name.endswith(".weight")}


def _fits(pair: Pair, shape: Shape, turned: bool) -> bool:
    """Whether B x A has the shape of the weight that it is added to."""
    assert pair.first is not None
    assert pair.second is not None
    if len(pair.first.shape) < 2 or len(pair.second.shape) < 2 or len(shape) < 2:
        return False
    change = pair.second.shape[0], pair.first.shape[1]
    if pair.embeds:
        return change == (shape[1], shape[0])
    return change == (shape[0], shape[1]) or (turned and change == (shape[1], shape[0]))


def _kind(bundle: Bundle) -> object:
    config = bundle.get("config")
    return config.get("model_type") if isinstance(config, Document) else None
