"""Fields of config.json that must fit each other."""

import pytest

from tests.rules.checkpoints import BERT, LLAMA, lay, told


def codes(folder, config):
    return [code for code, _ in told(lay(folder, config, {"strange.weight": (3, 4)})) if code < "ARC200"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"model_type": "gpt2", "n_embd": 16, "n_head": 3}, ["ARC106"]),
        ({"model_type": "gpt2", "n_embd": 16, "n_head": 4}, []),
        ({"model_type": "gpt2", "n_embd": 16}, []),
        ({"model_type": "gpt2", "n_embd": 16, "n_head": 0}, []),
        ({"model_type": "gpt2", "n_embd": "16", "n_head": 3}, []),
        ({"model_type": "unheard_of", "n_embd": 16, "n_head": 3}, []),
        ({"model_type": ["gpt2"], "n_embd": 16, "n_head": 3}, []),
        ({"model_type": "clip", "text_config": {"hidden_size": 16, "num_attention_heads": 3}}, ["ARC106"]),
        ({"model_type": "clip", "text_config": 7}, []),
        (
            {"model_type": "mistral", "hidden_size": 16, "num_attention_heads": 3},
            [],
        ),  # its heads have a size of their own
        ({"model_type": "llama", "num_attention_heads": 8, "num_key_value_heads": 3}, ["ARC107"]),
        ({"model_type": "llama", "num_attention_heads": 4, "num_key_value_heads": 8}, ["ARC107"]),
        ({"model_type": "llama", "num_attention_heads": 8, "num_key_value_heads": None}, []),
        ({"model_type": "bert", "num_attention_heads": 8, "num_key_value_heads": 3}, []),
        ({"model_type": "qwen3", "head_dim": 127}, ["ARC108"]),
        ({"model_type": "phi", "head_dim": 127}, []),
    ],
)
def test_numbers_that_make_no_model(tmp_path, config, expected):
    assert codes(tmp_path / "r", config) == expected


@pytest.mark.parametrize(
    ("kind", "name", "count"),
    [
        ("llama", "LlamaForCausalLM", 0),
        ("mistral", "LlamaForCausalLM", 1),
        ("xlm-roberta", "RobertaForMaskedLM", 0),  # the same code
        ("mt5", "T5ForConditionalGeneration", 0),
        ("clip", "CLIPTextModel", 0),
        ("unheard_of", "LlamaForCausalLM", 0),
        ("llama", "MyOwnForCausalLM", 0),
    ],
)
def test_the_class_and_the_type(tmp_path, kind, name, count):
    assert codes(tmp_path / "r", {"model_type": kind, "architectures": [name]}) == ["ARC111"] * count


@pytest.mark.parametrize("config", [LLAMA, BERT])
def test_a_sound_config_gives_nothing(tmp_path, config):
    assert codes(tmp_path / "r", config) == []
