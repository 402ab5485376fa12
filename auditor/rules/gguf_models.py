"""GGUF models: what they are called, whether all their parts are here, and whether config.json agrees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.rules.gguf import Ggufs

_SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE)
# What config.json calls a number and GGUF calls another, where both name one model: gguf.md, LLM, and
# convert_hf_to_gguf.py. Only families whose numbers are copied over unchanged are compared.
_FAMILIES = {
    "llama": ("llama", "mistral"),
    "qwen2": ("qwen2",),
    "qwen3": ("qwen3",),
    "gpt2": ("gpt2",),
    "gptneox": ("gpt_neox",),
    "phi3": ("phi3",),
    "starcoder2": ("starcoder2",),
}
_NUMBERS = {
    "embedding_length": ("hidden_size", "n_embd"),
    "block_count": ("num_hidden_layers", "n_layer"),
    "feed_forward_length": ("intermediate_size", "n_inner"),
    "attention.head_count": ("num_attention_heads", "n_head"),
    "attention.head_count_kv": ("num_key_value_heads",),
    "context_length": ("max_position_embeddings", "n_positions"),
}


@rule("WGT309", level="warning", needs="gguf", certainty="likely", since="2026.2")
def gguf_without_architecture(files: Ggufs) -> Iterator[Fault]:
    """A GGUF file of tensors does not name its architecture.

    Why: `general.architecture` is required: without it no loader knows what to do with the tensors.
    Bad:
        # model.gguf, header
        {"tensors": [{"name": "x", "shape": [8]}]}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama"}, "tensors": [{"name": "x", "shape": [8]}]}
    Fix: Add it: `gguf_new_metadata` of the package gguf writes a copy with more keys.
    Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#required
    """
    for file in files:
        kind = file.metadata.get("general.type", "model")
        is_part = bool(
            file.metadata.get("split.no")
        )  # the first part speaks for all: GGUFWriter, llama-gguf-split
        if is_part or not file.tensors or kind not in ("model", "adapter"):
            continue
        if not file.metadata.get("general.architecture"):
            yield file.at().says("`general.architecture` is missing")


@rule("WGT310", level="error", needs=("gguf", "bundle"), since="2026.2")
def gguf_part_missing(files: Ggufs, bundle: Bundle) -> Iterator[Fault]:
    """A GGUF model in several files lacks one of them.

    Why: llama.cpp opens the first file and stops at the missing one.
    Bad:
        # model-00001-of-00002.gguf, header
        {"metadata": {"general.architecture": "llama", "split.count": [2, 2]},
         "tensors": [{"name": "x", "shape": [8]}]}
    Good:
        # model-00001-of-00002.gguf, header
        {"metadata": {"general.architecture": "llama", "split.count": [2, 2]},
         "tensors": [{"name": "x", "shape": [8]}]}
        # model-00002-of-00002.gguf, header
        {"metadata": {"general.architecture": "llama", "split.count": [2, 2]},
         "tensors": [{"name": "y", "shape": [8]}]}
    Fix: Ship the missing file, or merge the parts with `llama-gguf-split --merge`.
    """
    seen = set()
    for file in files:
        match = _SHARD.fullmatch(file.file)
        if match is None or (match[1], match[3]) in seen or file.metadata.get("split.count") != int(match[3]):
            continue
        seen.add((match[1], match[3]))
        ending = file.file[match.end(3) :]
        parts = [f"{match[1]}-{number:05}-of-{match[3]}{ending}" for number in range(1, int(match[3]) + 1)]
        missing = [part for part in parts if bundle.file(part) is None]
        if missing:
            more = f" and {len(missing) - 1} more" if missing[1:] else ""
            yield file.at("split.count").says(
                f"the model is in {int(match[3])} files: `{shown(missing[0])}`{more} missing"
            )


@rule(
    "WGT311",
    level="warning",
    needs=("gguf", "config"),
    klass="inconsistent",
    certainty="likely",
    since="2026.2",
)
def gguf_differs_from_config(files: Ggufs, config: Document) -> Iterator[Fault]:
    """A GGUF file and config.json beside it give one model two sizes.

    Why: One of the two is of another model; whoever converts, fine-tunes or compares takes the wrong one.
    Bad:
        # model.gguf, header
        {"metadata": {"general.architecture": "gpt2", "gpt2.block_count": 12}}
        # model.safetensors, absent
        # fmaudit.yaml, absent
        # config.json
        {"model_type": "gpt2", "parameters": null, "architectures": ["GPT2LMHeadModel"], "n_layer": 6}
    Good:
        # model.gguf, header
        {"metadata": {"general.architecture": "llama", "llama.block_count": 12}}
    Fix: Convert the model anew, or correct config.json.
    Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#llm
    """
    for file in files:
        family = file.metadata.get("general.architecture")
        if (
            "/" in file.file
            or not isinstance(family, str)
            or config.get("model_type") not in _FAMILIES.get(family, ())
        ):
            continue  # another model may lie in a folder; families unknown here count in their own way
        stretched = config.get("rope_scaling") or any("rope.scaling" in key for key in file.metadata)
        for short, names in _NUMBERS.items():
            value = file.metadata.get(f"{family}.{short}")
            name = next((name for name in names if type(config.get(name)) is int), None)
            if type(value) is int and name is not None and value != config.get(name):
                if short == "context_length" and stretched:
                    continue
                yield file.at(f"{family}.{short}").says(
                    f"`{family}.{short}` is {value:,}, `{name}` in {config.file} is {config.get(name):,}",
                    config.at(name),
                )
