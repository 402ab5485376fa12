"""Fields of config.json that must fit each other, whatever the weights are."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model import Fault
from auditor.readers.document import Document
from auditor.readers.text import shown
from auditor.rules.registry import rule
from auditor.shapes.limits import GROUPED, KIN, TURNED, WIDTHS, number


@rule("ARC106", level="error", needs="config", klass="impossible", since="2026.2")
def heads_do_not_divide_width(config: Document) -> Iterator[Fault]:
    """The width of the model is not a multiple of its number of attention heads.

    Why: The width is cut into heads of equal size. No model can be built of such a config.
    Bad:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_head": 3}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Good:
        # config.json, whole file
        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_head": 2}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Fix: Write the number of heads that was trained with; the shapes of the weights do not tell it.
    """
    for width, heads in WIDTHS.get(_kind(config), ()):
        whole, parts = number(config.mapping(), width), number(config.mapping(), heads)
        if whole and parts and whole % parts:
            yield config.at(*heads.split(".")).says(
                f"`{heads}` is {parts}, which does not divide `{width}`, {whole}",
                config.at(*width.split(".")),
            )


@rule("ARC107", level="error", needs="config", klass="impossible", since="2026.2")
def key_heads_do_not_divide_heads(config: Document) -> Iterator[Fault]:
    """The number of query heads is not a multiple of the number of key heads.

    Why: Each key head serves equally many query heads. Attention cannot be computed otherwise.
    Bad:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_attention_heads": 8,
         "num_key_value_heads": 3}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Good:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_attention_heads": 8,
         "num_key_value_heads": 4}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Fix: Write the numbers of heads that the model was trained with.
    """
    heads, keys = (number(config.mapping(), name) for name in ("num_attention_heads", "num_key_value_heads"))
    if _kind(config) in GROUPED and heads and keys and heads % keys:
        yield config.at("num_key_value_heads").says(
            f"`num_key_value_heads` is {keys}, which does not divide `num_attention_heads`, {heads}",
            config.at("num_attention_heads"),
        )


@rule("ARC108", level="error", needs="config", klass="impossible", since="2026.2")
def odd_head_size(config: Document) -> Iterator[Fault]:
    """An attention head with rotary positions has an odd size.

    Why: Rotary positions turn the numbers of a head in pairs. With an odd one left over the model cannot run.
    Bad:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "head_dim": 127}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Good:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "head_dim": 128}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Fix: Write the size of a head that the model was trained with.
    """
    size = number(config.mapping(), "head_dim")
    if _kind(config) in TURNED and size and size % 2:
        yield config.at("head_dim").says(f"`head_dim` is {size}, and rotary positions need an even number")


@rule("ARC111", level="error", needs="config", klass="inconsistent", since="2026.2")
def class_of_another_type(config: Document) -> Iterator[Fault]:
    """`architectures` names a class of another model than `model_type`.

    Why: Some loaders go by the one and some by the other. They build different models of the same weights.
    Bad:
        # config.json, whole file
        {"model_type": "mistral", "architectures": ["LlamaForCausalLM"]}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Good:
        # config.json, whole file
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
        # model.safetensors, absent
        # fmaudit.yaml
        budget: null
        components: null
    Fix: Write the type of the class that was trained.
    """
    from auditor.shapes.families import FAMILIES

    kind = _kind(config)
    for path, name in config.items("architectures"):
        if kind not in FAMILIES or not isinstance(name, str):
            continue
        owners = {other for other, family in FAMILIES.items() if name in family.architectures()}
        if owners and kind not in owners and not any(kind in kin and owners & kin for kin in KIN):
            yield config.at(*path).says(
                f"`{shown(name)}` is a class of `model_type` `{min(owners)}`, and `model_type` is `{kind}`",
                config.at("model_type"),
            )


def _kind(config: Document) -> str:
    kind = config.get("model_type")
    return kind if isinstance(kind, str) else ""
