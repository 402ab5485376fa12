"""LoRA adapters as PEFT 0.21 writes them, whole and broken."""

import json

import pytest

from tests.rules.checkpoints import GPT2, LLAMA, lay, outcome, told, weights

CONFIG = {
    "peft_type": "LORA",
    "r": 2,
    "lora_alpha": 4,
    "base_model_name_or_path": "example/base",
    "rank_pattern": {},
    "target_modules": ["q_proj", "v_proj"],
    "fan_in_fan_out": False,
}
LAYER = "base_model.model.model.layers.0.self_attn."
PAIRS = {
    f"{LAYER}q_proj.lora_A.weight": (2, 32),
    f"{LAYER}q_proj.lora_B.weight": (32, 2),
    f"{LAYER}v_proj.lora_A.weight": (2, 32),
    f"{LAYER}v_proj.lora_B.weight": (16, 2),
}


def adapter(folder, found=PAIRS, base=None, **changes):
    """An adapter in `folder`, beside its base model where there is one."""
    folder.mkdir()
    if base is not None:
        lay(folder, base)
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG | changes))
    weights(folder / "adapter_model.safetensors", found)
    return folder


# As PEFT saves them; the names and shapes are those of its 0.21.2.
HONEST = {
    "beside its base": {"base": LLAMA},
    "alone": {},
    "a rank of its own for one module": {
        "found": PAIRS | {f"{LAYER}q_proj.lora_A.weight": (3, 32), f"{LAYER}q_proj.lora_B.weight": (32, 3)},
        "rank_pattern": {"q_proj": 3},
    },
    "an embedding and a whole module": {
        "found": {
            "base_model.model.model.embed_tokens.lora_embedding_A": (2, 96),
            "base_model.model.model.embed_tokens.lora_embedding_B": (32, 2),
            "base_model.model.model.embed_tokens.base_layer.weight": (96, 32),
            "base_model.model.lm_head.weight": (96, 32),
        },
        "base": LLAMA,
        "target_modules": ["embed_tokens"],
        "modules_to_save": ["lm_head"],
    },
    "magnitudes and biases": {
        "found": PAIRS | {f"{LAYER}q_proj.lora_magnitude_vector": (32,), f"{LAYER}q_proj.lora_B.bias": (32,)},
        "use_dora": True,
    },
    "a pattern for its targets": {"target_modules": ".*(q|v)_proj"},
    "layers that GPT-2 turns": {
        "found": {
            "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight": (2, 16),
            "base_model.model.transformer.h.0.attn.c_attn.lora_B.weight": (48, 2),
        },
        "base": GPT2,
        "target_modules": ["c_attn"],
        "fan_in_fan_out": True,
    },
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_adapter_gives_nothing(tmp_path, name):
    assert told(adapter(tmp_path / "release", **HONEST[name])) == []
    assert outcome(tmp_path / "release", "ARC312") == ("passed", "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"r": 8}, [("ARC312", f"`r` is 8, `{LAYER}q_proj.lora_A.weight` has rank 2, and 1 more differ")]),
        (
            {"found": PAIRS | {f"{LAYER}q_proj.lora_B.weight": (32, 4)}},
            [("ARC312", "the two factors of `model.layers.0.self_attn.q_proj` have the ranks 2 and 4")],
        ),
        (
            {"found": {name: shape for name, shape in PAIRS.items() if "q_proj.lora_B" not in name}},
            [("ARC313", f"`{LAYER}q_proj.lora_A.weight` has no `lora_B` beside it")],
        ),
        ({"lora_alpha": 0}, [("ARC314", "`lora_alpha` is 0, so that the adapter changes nothing")]),
        ({"base_model_name_or_path": None}, [("ARC311", "`base_model_name_or_path` names no base model")]),
        (
            {"base_model_name_or_path": "../out/merged"},
            [("ARC311", "`base_model_name_or_path` is `../out/merged`, a folder of one machine")],
        ),
        (
            {"base_model_name_or_path": "C:\\models\\base"},
            [("ARC311", "`base_model_name_or_path` is `C:\\models\\base`, a folder of one machine")],
        ),
        (
            {"target_modules": ["v_proj"]},
            [
                (
                    "ARC317",
                    "`target_modules` does not name `model.layers.0.self_attn.q_proj`, which the adapter holds",
                )
            ],
        ),
        (
            {"base": LLAMA | {"num_key_value_heads": 4}},
            [
                (
                    "ARC316",
                    (
                        "the adapter changes `model.layers.0.self_attn.v_proj` by 2x32 and 16x2, "
                        "the base model has 32x32 there"
                    ),
                )
            ],
        ),
    ],
)
def test_what_is_wrong_with_an_adapter(tmp_path, changes, expected):
    assert told(adapter(tmp_path / "release", **changes)) == expected


@pytest.mark.parametrize(
    ("named", "count"),
    [
        ("example/base", 0),
        ("EXAMPLE/Base", 0),
        ("mirror/base", 0),
        (["example/other", "example/base"], 0),
        ("unsloth/base-unsloth-bnb-4bit", 0),
        ("example/other", 1),
        (["example/other"], 1),
        (None, 0),
    ],
)
def test_the_card_and_the_adapter_name_one_base(tmp_path, named, count):
    folder = adapter(tmp_path / "release")
    (folder / "README.md").write_text(f"---\nbase_model: {json.dumps(named)}\n---\n# A\n")
    assert [code for code, _ in told(folder)] == ["ARC315"] * count


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"peft_type": "IA3"}, "type `IA3`"),
        ({"target_parameters": ["experts.gate_up_proj"]}, "`target_parameters`"),
        ({"peft_type": ["LORA"]}, "are not known here"),
    ],
)
def test_other_kinds_of_adapters_are_not_checked(tmp_path, changes, reason):
    folder = adapter(tmp_path / "release", **changes)
    assert told(folder) == []
    assert reason in outcome(folder, "ARC312")[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"r": "2"},
        {"r": None},
        {"r": 2.0},
        {"rank_pattern": ["x"]},
        {"rank_pattern": {"(a+)+$": 10**400}},
        {"target_modules": [1]},
        {"target_modules": {}},
        {"lora_alpha": "x"},
        {"base_model_name_or_path": "/" * 10**6},
    ],
)
def test_a_hostile_adapter_config_ends_in_words(tmp_path, changes):
    found = PAIRS | {
        "base_model.model.x.lora_A.weight": (),
        "base_model.model.x.lora_B.weight": (3,),
        ".lora_A": (0,),
    }
    told(adapter(tmp_path / "release", found, base=LLAMA, **changes))  # crashes of rules are raised here
