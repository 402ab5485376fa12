"""Weights against config.json: what is found in broken releases, and what is not in honest ones."""

import json
import re

import pytest

from tests.rules.checkpoints import BERT, GPT2, LLAMA, lay, outcome, tensors, told, weights


def without(found, *parts):
    return {name: shape for name, shape in found.items() if not any(part in name for part in parts)}


def renamed(found, *pairs):
    for old, new in pairs:
        found = {re.sub(old, new, name): shape for name, shape in found.items()}
    return found


def in_layers(found, stem, count, **extra):
    return found | {
        f"{stem}.{index}.{name}": shape for index in range(count) for name, shape in extra.items()
    }


TIED = (("wte", "lm_head.weight"), ("word_embeddings", "cls.predictions.decoder.weight"))
# Each as releases on the Hub store it; none of them may give an error or a warning.
HONEST = {
    "gpt2: no prefix, and the mask of every layer": (
        GPT2,
        lambda found: {
            **renamed(found, (r"^transformer\.", "")),
            **{f"h.{index}.attn.bias": (1, 1, 12, 12) for index in range(3)},
            **{f"h.{index}.attn.masked_bias": () for index in range(3)},
        },
    ),
    "gpt2: the tied output embedding beside the input": (
        GPT2,
        lambda found: found | {"lm_head.weight": (50, 16)},
    ),
    "gpt2: the output embedding instead of the input": (
        GPT2,
        lambda found: without(found, "wte") | {"lm_head.weight": (50, 16)},
    ),
    "bert: gamma and beta, and the head of the next sentence": (
        BERT,
        lambda found: {
            **renamed(
                found, (r"LayerNorm\.weight", "LayerNorm.gamma"), (r"LayerNorm\.bias", "LayerNorm.beta")
            ),
            "cls.seq_relationship.weight": (2, 32),
            "cls.seq_relationship.bias": (2,),
            "bert.pooler.dense.weight": (32, 32),
            "bert.pooler.dense.bias": (32,),
        },
    ),
    "bert: positions as numbers, and the tied decoder": (
        BERT,
        lambda found: (
            found
            | {
                "bert.embeddings.position_ids": (1, 40),
                "cls.predictions.decoder.weight": (96, 32),
                "cls.predictions.decoder.bias": (96,),
            }
        ),
    ),
    "bert: a sentence encoder without prefix": (
        BERT | {"architectures": ["BertModel"]},
        lambda found: found | {"pooler.dense.weight": (32, 32), "pooler.dense.bias": (32,)},
    ),
    "bert: a base model saved with prefix and another head": (
        BERT | {"architectures": ["BertModel"]},
        lambda found: renamed(found, ("^", "bert.")) | {"cls.predictions.bias": (96,)},
    ),
    "llama: frequencies in every layer": (
        LLAMA,
        lambda found: (
            found | {f"model.layers.{index}.self_attn.rotary_emb.inv_freq": (4,) for index in range(4)}
        ),
    ),
    "llama: tied, and left out": (LLAMA | {"tie_word_embeddings": True}, lambda found: found),
    "llama: a base model": (LLAMA | {"architectures": ["LlamaModel"]}, lambda found: found),
    "pythia: masks": (
        {
            "model_type": "gpt_neox",
            "architectures": ["GPTNeoXForCausalLM"],
            "vocab_size": 40,
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
        },
        lambda found: {
            **found,
            **{f"gpt_neox.layers.{index}.attention.bias": (1, 1, 8, 8) for index in range(2)},
            **{f"gpt_neox.layers.{index}.attention.masked_bias": () for index in range(2)},
            **{f"gpt_neox.layers.{index}.attention.rotary_emb.inv_freq": (2,) for index in range(2)},
        },
    ),
    "t5: a leftover of Mesh TensorFlow, and three names of the embedding": (
        {
            "model_type": "t5",
            "architectures": ["T5ForConditionalGeneration"],
            "vocab_size": 40,
            "d_model": 16,
            "d_kv": 4,
            "d_ff": 24,
            "num_layers": 2,
            "num_heads": 4,
        },
        lambda found: (
            found
            | {
                "encoder.embed_tokens.weight": (40, 16),
                "decoder.embed_tokens.weight": (40, 16),
                "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight": (32, 4),
            }
        ),
    ),
    "clip: positions as numbers": (
        {
            "model_type": "clip",
            "architectures": ["CLIPModel"],
            "projection_dim": 12,
            "text_config": {
                "hidden_size": 16,
                "num_hidden_layers": 1,
                "intermediate_size": 24,
                "vocab_size": 50,
            },
            "vision_config": {"hidden_size": 16, "num_hidden_layers": 1, "intermediate_size": 24},
        },
        lambda found: (
            found
            | {
                "text_model.embeddings.position_ids": (1, 77),
                "vision_model.embeddings.position_ids": (1, 50),
            }
        ),
    ),
    "wav2vec2: a weight norm of old, and the quantizer of pretraining": (
        {
            "model_type": "wav2vec2",
            "architectures": ["Wav2Vec2ForCTC"],
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "intermediate_size": 48,
            "conv_dim": [16, 16],
            "conv_kernel": [5, 3],
            "num_conv_pos_embeddings": 8,
            "num_conv_pos_embedding_groups": 4,
        },
        lambda found: (
            renamed(
                found,
                (r"parametrizations\.weight\.original0", "weight_g"),
                (r"parametrizations\.weight\.original1", "weight_v"),
            )
            | {"quantizer.codevectors": (1, 640, 128), "wav2vec2.masked_spec_embed": (32,)}
        ),
    ),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_release_gives_nothing(tmp_path, name):
    config, change = HONEST[name]
    found = change(tensors(config))
    dtypes = {key: "I64" for key in found if key.endswith("position_ids")}
    pairs = [(a, b) for a in found for b in found if (a.rpartition(".")[0].rpartition(".")[2], b) in TIED]
    assert told(lay(tmp_path / "release", config, found, dtypes=dtypes, same=pairs)) == []
    assert outcome(tmp_path / "release", "ARC201") == ("passed", "")


def test_a_sentence_encoder_that_names_the_head_it_was_trained_with_is_warned_of_and_no_more(tmp_path):
    found = renamed(without(tensors(BERT), "cls."), (r"^bert\.", ""))
    assert told(lay(tmp_path / "release", BERT, found)) == [
        (
            "ARC207",
            (
                "`BertForMaskedLM` has `cls.predictions.transform.dense.weight`, "
                "`cls.predictions.transform.dense.bias`, `cls.predictions.transform.LayerNorm.weight` and 2 more, "
                "the weights do not"
            ),
        )
    ]


def test_a_base_checkpoint_of_an_untied_decoder_lacks_a_head_not_an_output(tmp_path):
    found = renamed(without(tensors(LLAMA), "lm_head"), (r"^model\.", ""))
    assert [code for code, _ in told(lay(tmp_path / "release", LLAMA, found))] == ["ARC207"]


def test_shards_are_one_checkpoint(tmp_path):
    names = list(tensors(LLAMA).items())
    folder = lay(tmp_path / "release", LLAMA)
    (folder / "model.safetensors").unlink()
    weights(folder / "model-00001-of-00002.safetensors", dict(names[:20]))
    weights(folder / "model-00002-of-00002.safetensors", dict(names[20:]))
    assert told(folder) == []
    assert outcome(folder, "ARC201") == ("passed", "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"hidden_size": 64}, "`hidden_size` is 64, the weights say 32"),
        ({"intermediate_size": 96}, "`intermediate_size` is 96, the weights say 48"),
        ({"vocab_size": 100}, "`vocab_size` is 100, the weights say 96"),
        ({"num_key_value_heads": 4}, "`num_key_value_heads` is 4, the weights say 2"),
        ({"head_dim": 16}, "`head_dim` is 16, the weights say 8"),
    ],
)
def test_the_field_that_is_wrong_is_named_with_the_value_that_fits(tmp_path, change, expected):
    ((code, message),) = told(lay(tmp_path / "release", LLAMA | change, tensors(LLAMA)))
    assert code == "ARC203"
    assert message.startswith(expected)


def test_two_wrong_fields_are_two_findings(tmp_path):
    found = told(
        lay(tmp_path / "release", LLAMA | {"hidden_size": 64, "intermediate_size": 40}, tensors(LLAMA))
    )
    assert [(code, message.partition(" (")[0]) for code, message in found] == [
        ("ARC203", "`hidden_size` is 64, the weights say 32"),
        ("ARC203", "`intermediate_size` is 40, the weights say 48"),
    ]


def test_a_turned_matrix_is_told_as_what_it_is(tmp_path):
    found = tensors(LLAMA) | {"model.layers.1.mlp.up_proj.weight": (32, 48)}
    assert told(lay(tmp_path / "release", LLAMA, found)) == [
        (
            "ARC203",
            "`model.layers.*.mlp.up_proj.weight` is 32x48, `LlamaForCausalLM` has 48x32 from `intermediate_size`",
        )
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"num_hidden_layers": 6}, "`num_hidden_layers` is 6, the weights hold 4 layers `model.layers.*`"),
        ({"num_hidden_layers": 2}, "`num_hidden_layers` is 2, the weights hold 4 layers `model.layers.*`"),
    ],
)
def test_another_number_of_layers_is_one_finding(tmp_path, change, expected):
    assert told(lay(tmp_path / "release", LLAMA | change, tensors(LLAMA))) == [("ARC109", expected)]


def test_a_gap_is_one_finding_however_many_tensors_a_layer_has(tmp_path):
    found = without(tensors(LLAMA), "layers.2.")
    assert told(lay(tmp_path / "release", LLAMA, found)) == [
        ("ARC110", "the weights lack layer 2 of `model.layers.*` and hold 3")
    ]


def test_tensors_that_every_layer_lacks_are_one_finding(tmp_path):
    config = LLAMA | {"attention_bias": True}
    ((code, message),) = told(lay(tmp_path / "release", config, tensors(LLAMA)))
    assert code == "ARC201"
    assert message == (
        "`LlamaForCausalLM` has `model.layers.*.self_attn.q_proj.bias`, `model.layers.*.self_attn.k_proj.bias`, "
        "`model.layers.*.self_attn.v_proj.bias` and 1 more, the weights do not (16 tensors)"
    )


def test_tensors_that_every_layer_has_too_many_are_one_warning(tmp_path):
    found = tensors(LLAMA | {"attention_bias": True})
    ((code, message),) = told(lay(tmp_path / "release", LLAMA, found))
    assert code == "ARC202"
    assert message.endswith("and 1 more, `LlamaForCausalLM` does not (16 tensors)")


@pytest.mark.parametrize("wrapper", ["module.", "_orig_mod.", "base_model.model."])
def test_names_that_a_tool_wrapped_are_one_finding_that_says_so(tmp_path, wrapper):
    from auditor.bundle import Bundle
    from auditor.engine.run import check

    folder = lay(
        tmp_path / "release", LLAMA, {wrapper + name: shape for name, shape in tensors(LLAMA).items()}
    )
    (finding,) = [one for one in check(Bundle.open(folder)).findings if one.code.startswith("ARC")]
    assert finding.message == "the weights hold none of the 38 tensors of `LlamaForCausalLM`"
    assert finding.help == f"take `{wrapper}` from the beginning of every name"


def test_labels_against_the_classifier(tmp_path):
    config = BERT | {
        "architectures": ["BertForSequenceClassification"],
        "id2label": {"0": "a", "1": "b", "2": "c"},
    }
    found = tensors(config | {"id2label": {str(index): str(index) for index in range(5)}})
    assert told(lay(tmp_path / "release", config, found)) == [
        ("ARC204", "config.json has 3 labels, `classifier.weight` has 5 outputs")
    ]


def test_an_untied_output_embedding_that_is_missing(tmp_path):
    found = without(tensors(LLAMA), "lm_head")
    assert told(lay(tmp_path / "release", LLAMA, found)) == [
        ("ARC206", "`tie_word_embeddings` is false, and the weights hold no `lm_head.weight`")
    ]


@pytest.mark.parametrize("stated", [True, None])
def test_tied_embeddings_of_other_bytes(tmp_path, stated):
    config = GPT2 if stated is None else GPT2 | {"tie_word_embeddings": stated}
    found = tensors(config) | {"lm_head.weight": (50, 16)}
    how = "true" if stated else "by default true"
    folder = lay(tmp_path / "release", config, found)
    assert told(folder) == [
        (
            "ARC205",
            f"`tie_word_embeddings` is {how}, and `lm_head.weight` differs from `transformer.wte.weight`",
        )
    ]
    assert told(folder, content=False) == []


# What decides of the tensors elsewhere, so that nothing may be said of them.
UNKNOWN = {
    "own code": (LLAMA | {"auto_map": {"AutoModelForCausalLM": "modeling.Mine"}}, "`auto_map` names code"),
    "quantised": (LLAMA | {"quantization_config": {"bits": 4}}, "`quantization_config` says"),
    "another kind": (LLAMA | {"model_type": "unheard_of"}, "the tensors of `model_type` `unheard_of`"),
    "no kind": ({"architectures": ["LlamaForCausalLM"]}, "names no `model_type`"),
    "a field of another type": (LLAMA | {"hidden_size": [32]}, "`hidden_size` is no whole number"),
    "pruned heads": (BERT | {"pruned_heads": {"0": [1]}}, "`pruned_heads` is"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_known_is_not_checked_and_says_why(tmp_path, name):
    config, reason = UNKNOWN[name]
    folder = lay(tmp_path / "release", config, {"strange.weight": (3, 4)})
    assert told(folder) == []
    state, why = outcome(folder, "ARC201")
    assert state == "not checked"
    assert reason in why


@pytest.mark.parametrize(
    ("file", "how", "reason"),
    [
        ("model.safetensors", {"metadata": {"format": "mlx"}}, "laid out for `mlx`"),
        ("consolidated.safetensors", {}, "in doubt which files"),
        ("model.safetensors", {"dtypes": {"model.embed_tokens.weight": "I32"}}, "the weights are integers"),
    ],
)
def test_weights_of_another_making_are_not_checked(tmp_path, file, how, reason):
    folder = lay(tmp_path / "release", LLAMA)
    (folder / "model.safetensors").unlink()
    weights(folder / file, without(tensors(LLAMA), "lm_head", "layers"), **how)
    assert told(folder) == []
    assert reason in outcome(folder, "ARC201")[1]


@pytest.mark.parametrize(
    "config", [None, {}, {"model_type": "cnn", "parameters": {}}, {"_class_name": "UNet2DModel"}]
)
def test_what_is_no_model_of_transformers_is_not_applicable(tmp_path, config):
    folder = lay(tmp_path / "release", config or {}, {"strange.weight": (3, 4)})
    if config is None:
        (folder / "config.json").unlink()
    assert outcome(folder, "ARC201")[0] == "not applicable"


HOSTILE = [
    LLAMA | {"num_hidden_layers": 10**9},
    LLAMA | {"hidden_size": 10**300},
    LLAMA | {"hidden_size": -(10**30)},
    LLAMA | {"architectures": ["Llama\x1b[31m\ud800ForCausalLM"]},
    LLAMA | {"architectures": [[["LlamaForCausalLM"]]]},
    LLAMA | {"architectures": {"LlamaForCausalLM": 1}},
    LLAMA | {"model_type": "x" * 10**6},
    LLAMA | {"model_type": {"a": 1}},
    LLAMA | {"tie_word_embeddings": "false", "num_key_value_heads": 2.0},
    LLAMA | {"id2label": [1, 2], "label2id": {"a": {"b": 1}}},
    {"model_type": "clip", "architectures": ["CLIPModel"], "text_config": [], "vision_config": 7},
    {"model_type": "qwen3_moe", "architectures": ["Qwen3MoeForCausalLM"], "num_experts": 2**31 - 1},
    {"model_type": "qwen2_moe", "architectures": ["Qwen2MoeForCausalLM"], "mlp_only_layers": "all"},
    {
        "model_type": "deberta-v2",
        "architectures": ["DebertaV2Model"],
        "pos_att_type": 5,
        "relative_attention": True,
    },
    {"model_type": "deberta-v2", "architectures": ["DebertaV2Model"], "norm_rel_ebd": 5},
    {"model_type": "wav2vec2", "architectures": ["Wav2Vec2Model"], "conv_dim": [], "conv_kernel": []},
    {"model_type": "vit", "architectures": ["ViTModel"], "image_size": [224, 224], "patch_size": 10**9},
    {"model_type": "gpt2", "architectures": ["GPT2Model"], "n_layer": 0, "n_embd": 0},
    {"model_type": "mamba", "architectures": ["MambaModel"], "time_step_rank": "car"},
    {"model_type": "t5", "architectures": ["T5Model"], "feed_forward_proj": None, "num_decoder_layers": "3"},
]


@pytest.mark.parametrize("index", range(len(HOSTILE)))
def test_a_hostile_config_ends_in_words(tmp_path, index):
    folder = lay(tmp_path / "release", HOSTILE[index], tensors(LLAMA))
    told(folder)  # crashes of rules are raised here
    assert outcome(folder, "ARC203")[0] in ("not checked", "found", "passed")


def test_hostile_names_and_shapes_of_tensors_end_in_words(tmp_path):
    folder = lay(tmp_path / "release", LLAMA)
    header = {
        name: {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]}
        for name, shape in {
            "model.layers.99999999999999999999.mlp.up_proj.weight": [1],
            "model.layers.999999999.mlp.up_proj.weight": [2**62, 1],
            "model.layers.-1.x": [],
            "model.layers.0.mlp.up_proj.weight": [0] * 500,
            "....": [2**60],
            "\x1b[31m\u202emodel": [3],
            "model.embed_tokens.weight": [],
        }.items()
    }
    from tests.layers import safetensors

    (folder / "model.safetensors").write_bytes(safetensors(json.dumps(header), b""))
    assert {code for code, _ in told(folder)} >= {"ARC109"}
