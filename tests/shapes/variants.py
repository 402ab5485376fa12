"""Small configs of every family, each list chosen so that every field its shapes depend on takes two values."""

_LLAMA = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
_GPT = {"vocab_size": 96, "n_embd": 32, "n_layer": 2, "n_head": 4}
_BERT = {
    "vocab_size": 96,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
    "type_vocab_size": 3,
    "num_labels": 5,
}
_BART = {
    "vocab_size": 96,
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 40,
    "decoder_ffn_dim": 56,
    "max_position_embeddings": 24,
    "num_labels": 4,
}
_T5 = {
    "vocab_size": 96,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 48,
    "num_layers": 2,
    "num_heads": 3,
    "num_labels": 4,
}
_VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "image_size": 32,
    "patch_size": 8,
    "num_labels": 7,
}
_WAVES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "conv_dim": [16, 24],
    "conv_kernel": [5, 3],
    "conv_stride": [2, 2],
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 4,
    "vocab_size": 40,
    "num_labels": 6,
}
_TEXT = {
    "vocab_size": 96,
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 20,
}
_SIGHT = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "image_size": 32,
    "patch_size": 16,
}

VARIANTS = {
    "llama": [
        _LLAMA,
        _LLAMA | {"num_key_value_heads": 2, "tie_word_embeddings": True, "num_labels": 3},
        _LLAMA | {"head_dim": 12, "attention_bias": True, "mlp_bias": True, "num_key_value_heads": 1},
    ],
    "granite": [
        _LLAMA,
        _LLAMA | {"num_key_value_heads": 2, "tie_word_embeddings": True, "attention_bias": True},
    ],
    "smollm3": [
        _LLAMA | {"pad_token_id": 0},
        _LLAMA | {"pad_token_id": 0, "tie_word_embeddings": False, "attention_bias": True},
    ],
    "mistral": [
        _LLAMA | {"num_key_value_heads": 2},
        _LLAMA | {"head_dim": 16, "num_key_value_heads": 1, "num_labels": 3},
    ],
    "qwen2": [
        _LLAMA | {"num_key_value_heads": 2},
        _LLAMA | {"tie_word_embeddings": True, "num_key_value_heads": 4},
    ],
    "qwen3": [
        _LLAMA | {"num_key_value_heads": 2},
        _LLAMA | {"head_dim": 8, "attention_bias": True, "num_key_value_heads": 1},
    ],
    "gemma": [
        _LLAMA | {"num_key_value_heads": 1},
        _LLAMA
        | {"head_dim": 8, "tie_word_embeddings": False, "attention_bias": True, "num_key_value_heads": 4},
    ],
    "gemma2": [
        _LLAMA | {"num_key_value_heads": 2},
        _LLAMA | {"head_dim": 8, "num_key_value_heads": 1, "attention_bias": True},
    ],
    "gemma3_text": [_LLAMA | {"num_key_value_heads": 2}, _LLAMA | {"head_dim": 8, "num_key_value_heads": 1}],
    "olmo": [
        _LLAMA | {"num_key_value_heads": 2},
        _LLAMA | {"attention_bias": True, "tie_word_embeddings": True},
    ],
    "olmo2": [_LLAMA | {"num_key_value_heads": 2}, _LLAMA | {"attention_bias": True}],
    "mixtral": [
        _LLAMA | {"num_key_value_heads": 2, "num_local_experts": 3},
        _LLAMA
        | {"num_local_experts": 2, "head_dim": 12, "tie_word_embeddings": True, "num_key_value_heads": 4},
    ],
    "qwen2_moe": [
        _LLAMA
        | {
            "num_experts": 3,
            "moe_intermediate_size": 20,
            "shared_expert_intermediate_size": 28,
            "num_key_value_heads": 2,
        },
        _LLAMA
        | {
            "num_experts": 2,
            "decoder_sparse_step": 2,
            "num_key_value_heads": 1,
            "num_hidden_layers": 3,
            "moe_intermediate_size": 20,
        },
        _LLAMA | {"num_experts": 2, "mlp_only_layers": [0], "qkv_bias": False, "num_key_value_heads": 4},
    ],
    "qwen3_moe": [
        _LLAMA | {"num_experts": 3, "moe_intermediate_size": 20, "num_key_value_heads": 2},
        _LLAMA | {"num_experts": 2, "mlp_only_layers": [1], "head_dim": 12, "attention_bias": True},
    ],
    "phi": [_LLAMA, _LLAMA | {"num_key_value_heads": 2, "qk_layernorm": True, "num_labels": 3}],
    "phi3": [
        _LLAMA | {"pad_token_id": 0},
        _LLAMA | {"pad_token_id": 0, "num_key_value_heads": 2, "tie_word_embeddings": True},
    ],
    "stablelm": [
        _LLAMA | {"num_key_value_heads": 4},
        _LLAMA | {"num_key_value_heads": 2, "use_qkv_bias": True, "use_parallel_residual": True},
    ],
    "starcoder2": [
        _LLAMA,
        _LLAMA | {"num_key_value_heads": 4, "use_bias": False, "tie_word_embeddings": False},
    ],
    "gpt2": [
        _GPT | {"n_positions": 24},
        _GPT | {"n_inner": 40, "tie_word_embeddings": False, "num_labels": 3},
    ],
    "gpt_bigcode": [_GPT | {"n_positions": 24}, _GPT | {"multi_query": False, "n_inner": 40}],
    "gpt_neo": [
        {
            "vocab_size": 96,
            "hidden_size": 32,
            "num_layers": 2,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 1]],
        },
        {
            "vocab_size": 64,
            "hidden_size": 16,
            "num_layers": 2,
            "num_heads": 2,
            "intermediate_size": 40,
            "max_position_embeddings": 20,
            "attention_types": [[["global"], 2]],
        },
    ],
    "gptj": [_GPT | {"rotary_dim": 4}, _GPT | {"rotary_dim": 4, "n_inner": 40}],
    "codegen": [_GPT | {"rotary_dim": 4}, _GPT | {"rotary_dim": 4, "n_inner": 40}],
    "gpt_neox": [_LLAMA, _LLAMA | {"attention_bias": False, "tie_word_embeddings": True, "num_labels": 3}],
    "opt": [
        {
            "vocab_size": 96,
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "ffn_dim": 48,
            "num_attention_heads": 4,
            "word_embed_proj_dim": 32,
        },
        {
            "vocab_size": 96,
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "ffn_dim": 48,
            "num_attention_heads": 4,
            "word_embed_proj_dim": 20,
            "do_layer_norm_before": False,
            "max_position_embeddings": 30,
        },
        {
            "vocab_size": 96,
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "ffn_dim": 48,
            "num_attention_heads": 4,
            "word_embed_proj_dim": 32,
            "enable_bias": False,
            "layer_norm_elementwise_affine": False,
        },
    ],
    "bloom": [
        {"vocab_size": 96, "hidden_size": 32, "n_layer": 2, "n_head": 4},
        {
            "vocab_size": 64,
            "hidden_size": 16,
            "n_layer": 1,
            "n_head": 2,
            "tie_word_embeddings": False,
            "num_labels": 3,
        },
    ],
    "falcon": [
        {"vocab_size": 96, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4},
        {
            "vocab_size": 96,
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "multi_query": False,
            "bias": True,
            "alibi": True,
            "parallel_attn": False,
        },
        {
            "vocab_size": 96,
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "new_decoder_architecture": True,
            "num_kv_heads": 2,
        },
        {
            "vocab_size": 96,
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "new_decoder_architecture": True,
            "num_kv_heads": 2,
            "num_ln_in_parallel_attn": 1,
            "ffn_hidden_size": 40,
        },
    ],
    "mpt": [
        {"vocab_size": 96, "d_model": 32, "n_layers": 2, "n_heads": 4},
        {"vocab_size": 64, "d_model": 16, "n_layers": 1, "n_heads": 2, "num_labels": 3},
    ],
    "mamba": [
        {"vocab_size": 96, "hidden_size": 40, "num_hidden_layers": 2, "state_size": 6},
        {
            "vocab_size": 96,
            "hidden_size": 40,
            "num_hidden_layers": 1,
            "time_step_rank": 5,
            "expand": 3,
            "conv_kernel": 3,
            "use_bias": True,
            "use_conv_bias": False,
            "tie_word_embeddings": False,
        },
    ],
    "bert": [_BERT, _BERT | {"tie_word_embeddings": False, "intermediate_size": 24}],
    "roberta": [_BERT, _BERT | {"tie_word_embeddings": False, "num_labels": 2}],
    "xlm-roberta": [_BERT, _BERT | {"num_labels": 1}],
    "camembert": [_BERT],
    "electra": [_BERT | {"embedding_size": 16}, _BERT | {"embedding_size": 32, "tie_word_embeddings": False}],
    "distilbert": [
        {
            "vocab_size": 96,
            "dim": 32,
            "n_layers": 2,
            "n_heads": 4,
            "hidden_dim": 48,
            "max_position_embeddings": 40,
        },
        {
            "vocab_size": 64,
            "dim": 16,
            "n_layers": 1,
            "n_heads": 2,
            "num_labels": 5,
            "tie_word_embeddings": False,
        },
    ],
    "albert": [
        _BERT | {"embedding_size": 16},
        _BERT | {"embedding_size": 16, "num_hidden_groups": 2, "inner_group_num": 2, "num_labels": 2},
    ],
    "deberta-v2": [
        _BERT,
        _BERT
        | {
            "type_vocab_size": 0,
            "relative_attention": True,
            "position_buckets": 8,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "conv_kernel_size": 3,
            "pooler_hidden_size": 32,
        },
        _BERT
        | {
            "relative_attention": True,
            "pos_att_type": "c2p|p2c",
            "embedding_size": 16,
            "type_vocab_size": 0,
            "pooler_hidden_size": 32,
        },
    ],
    "mpnet": [_BERT, _BERT | {"relative_attention_num_buckets": 16, "tie_word_embeddings": False}],
    "modernbert": [
        _BERT | {"pad_token_id": 0},
        _BERT
        | {
            "pad_token_id": 0,
            "attention_bias": True,
            "mlp_bias": True,
            "norm_bias": True,
            "classifier_bias": True,
            "decoder_bias": False,
        },
    ],
    "t5": [
        _T5,
        _T5 | {"num_decoder_layers": 1, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
    ],
    "mt5": [_T5, _T5 | {"relative_attention_num_buckets": 16, "tie_word_embeddings": True}],
    "umt5": [_T5, _T5 | {"num_decoder_layers": 1, "tie_word_embeddings": False}],
    "bart": [_BART, _BART | {"encoder_layers": 2, "tie_word_embeddings": False}],
    "mbart": [_BART, _BART | {"decoder_layers": 1}],
    "pegasus": [_BART],
    "marian": [_BART | {"decoder_vocab_size": 96, "pad_token_id": 95}],
    "m2m_100": [_BART],
    "whisper": [
        {key: value for key, value in _BART.items() if key != "max_position_embeddings"}
        | {"num_mel_bins": 20, "pad_token_id": 0},
        {
            "vocab_size": 64,
            "d_model": 16,
            "encoder_layers": 2,
            "decoder_layers": 1,
            "encoder_attention_heads": 2,
            "decoder_attention_heads": 2,
            "max_source_positions": 30,
            "max_target_positions": 12,
            "pad_token_id": 0,
        },
    ],
    "wav2vec2": [
        _WAVES,
        _WAVES
        | {
            "feat_extract_norm": "layer",
            "conv_bias": True,
            "do_stable_layer_norm": True,
            "codevector_dim": 16,
            "num_codevectors_per_group": 10,
        },
        _WAVES | {"mask_time_prob": 0.0},
    ],
    "hubert": [
        _WAVES,
        _WAVES | {"feat_extract_norm": "layer", "feat_proj_layer_norm": False, "conv_bias": True},
    ],
    "vit": [_VIT, _VIT | {"qkv_bias": False, "num_channels": 1, "patch_size": 16}],
    "deit": [_VIT, _VIT | {"qkv_bias": False, "image_size": 48}],
    "dinov2": [
        _VIT,
        _VIT | {"use_swiglu_ffn": True, "use_mask_token": False, "mlp_ratio": 3, "qkv_bias": False},
    ],
    "clip": [
        {"text_config": _TEXT, "vision_config": _SIGHT, "projection_dim": 12, "num_labels": 4},
        {
            "text_config": _TEXT | {"hidden_size": 16},
            "vision_config": _SIGHT | {"patch_size": 8, "num_channels": 1},
            "projection_dim": 20,
        },
    ],
    "clip_text_model": [_TEXT, _TEXT | {"hidden_size": 16, "projection_dim": 10}],
    "clip_vision_model": [_SIGHT, _SIGHT | {"patch_size": 8, "projection_dim": 10}],
    "siglip": [
        {"text_config": _TEXT, "vision_config": _SIGHT},
        {
            "text_config": _TEXT | {"projection_size": 10},
            "vision_config": _SIGHT | {"vision_use_head": False},
            "num_labels": 4,
        },
    ],
}
