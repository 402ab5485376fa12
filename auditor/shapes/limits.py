"""How fields of a config must fit each other, or transformers refuses to build or to run the model.

Each table is checked against transformers by tests/shapes/test_limits.py; families it accepts are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_USUAL = (("hidden_size", "num_attention_heads"),)
_GPT = (("n_embd", "n_head"),)
_BOTH_SIDES = (("d_model", "encoder_attention_heads"), ("d_model", "decoder_attention_heads"))
_PAIR = (
    ("text_config.hidden_size", "text_config.num_attention_heads"),
    ("vision_config.hidden_size", "vision_config.num_attention_heads"),
)

# A width, and the number of heads that must divide it, by model_type.
WIDTHS: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("gpt2", "gpt_bigcode", "gptj", "codegen"), _GPT),
    **dict.fromkeys(
        ("bert", "roberta", "xlm-roberta", "camembert", "deberta-v2", "mpnet", "modernbert"), _USUAL
    ),
    **dict.fromkeys(("gpt_neox", "opt", "falcon", "stablelm", "wav2vec2", "hubert"), _USUAL),
    **dict.fromkeys(("clip_text_model", "clip_vision_model"), _USUAL),
    **dict.fromkeys(("bart", "mbart", "pegasus", "marian", "m2m_100", "whisper"), _BOTH_SIDES),
    **dict.fromkeys(("clip", "siglip"), _PAIR),
    "gpt_neo": (("hidden_size", "num_heads"),),
    "bloom": (("hidden_size", "n_head"),),
    "distilbert": (("dim", "n_heads"),),
}

# Several query heads share a key head, so that the number of key heads must divide theirs.
GROUPED = frozenset(
    (
        *("llama", "granite", "smollm3", "mistral", "mixtral", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe"),
        *("gemma", "gemma2", "gemma3_text", "olmo", "olmo2", "phi", "phi3", "stablelm", "starcoder2"),
    )
)
# Rotary positions turn all sides of a head in pairs, so that their number must be even.
TURNED = GROUPED - {"phi", "stablelm"}
# The embedding has a row for padding, and cannot be built where it lies outside.
PADDED = GROUPED | {
    *(
        "bert",
        "roberta",
        "xlm-roberta",
        "camembert",
        "electra",
        "distilbert",
        "albert",
        "deberta-v2",
        "modernbert",
    ),
    *("opt", "bart", "mbart", "pegasus", "marian", "m2m_100", "whisper"),
}
# Classes of these types are the same code, so that either may name the other.
KIN = (
    frozenset(("roberta", "xlm-roberta", "camembert")),
    frozenset(("t5", "mt5")),
    frozenset(("clip", "clip_text_model", "clip_vision_model")),
)


def number(config: Mapping[str, Any], path: str) -> int | None:
    """The whole number above 0 at a dotted path, or None."""
    value: Any = config
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if type(value) is int and value > 0 else None
