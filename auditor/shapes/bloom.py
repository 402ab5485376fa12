"""The large open decoders of 2022 and 2023: OPT, BLOOM, Falcon, MPT."""

from __future__ import annotations

from auditor.shapes.fields import Fields
from auditor.shapes.gpt import classify
from auditor.shapes.layout import Layout, Tensors

_OTHERS = ("lm_head.", "score.", "classifier.", "qa_outputs.")
POSITIONS_OFFSET = (
    2  # OPT's first two positions are those of padding (modeling_opt.py, OPTLearnedPositionalEmbedding)
)


def opt(c: Fields, head: str) -> Layout:
    """Zhang et al. 2022, arXiv 2205.01068."""
    layout = Layout(
        "model.", others=_OTHERS, offset=POSITIONS_OFFSET, positions="model.decoder.embed_positions.weight"
    )
    body, hidden, rows = (
        layout.body().under("decoder"),
        c.size("hidden_size", 768),
        c.size("vocab_size", 50272),
    )
    width = c.given("word_embed_proj_dim") or hidden
    layout.words(body, "embed_tokens", rows, width)
    body.embedding("embed_positions", c.size("max_position_embeddings", 2048) + POSITIONS_OFFSET, hidden)
    if width != hidden:
        body.linear("project_in", width, hidden, bias=False)
        body.linear("project_out", hidden, width, bias=False)
    bias, inner = c.flag("enable_bias", default=True), c.size("ffn_dim", 3072)
    affine = c.flag("layer_norm_elementwise_affine", default=True)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 12)):
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            layer.linear(f"self_attn.{name}", hidden, hidden, bias=bias)
        layer.linear("fc1", hidden, inner, bias=bias)
        layer.linear("fc2", inner, hidden, bias=bias)
        if affine:
            layer.norm("self_attn_layer_norm", hidden)
            layer.norm("final_layer_norm", hidden)
    if (
        c.flag("do_layer_norm_before", default=True)
        and not c.flag("_remove_final_layer_norm", default=False)
        and affine
    ):
        body.norm("final_layer_norm", hidden)
    if head == "ForCausalLM":
        layout.logits("lm_head", width, tied=c.flag("tie_word_embeddings", default=True))
    classify(layout, c, head, width)
    return layout


def bloom(c: Fields, head: str) -> Layout:
    """BigScience 2022, arXiv 2211.05100."""
    layout = Layout("transformer.", others=_OTHERS)
    hidden, rows = c.size("hidden_size", 64, also="n_embed"), c.size("vocab_size", 250880)
    body = layout.body()
    layout.words(body, "word_embeddings", rows, hidden)
    body.norm("word_embeddings_layernorm", hidden)
    for layer in layout.stack(body, "h", c.layers("n_layer", 2, also="num_hidden_layers")):
        _fused(layer, hidden, 3 * hidden, 4 * hidden, bias=True)
        layer.norm("input_layernorm", hidden)
        layer.norm("post_attention_layernorm", hidden)
    body.norm("ln_f", hidden)
    if head == "ForCausalLM":
        layout.logits("lm_head", hidden, tied=c.flag("tie_word_embeddings", default=True))
    classify(layout, c, head, hidden)
    return layout


def falcon(c: Fields, head: str) -> Layout:
    """Almazrouei et al. 2023, arXiv 2311.16867; its attention comes in three kinds."""
    layout = Layout("transformer.", others=_OTHERS, buffers=("rotary_emb.inv_freq",))
    body, hidden, rows = layout.body(), c.size("hidden_size", 4544), c.size("vocab_size", 65024)
    layout.words(body, "word_embeddings", rows, hidden)
    heads = c.size("num_attention_heads", 71)
    one, bias = hidden // heads, c.flag("bias", default=False)
    new = c.flag("new_decoder_architecture", default=False)
    if new:
        joined = (2 * (c.given("num_kv_heads") or heads) + heads) * one
    elif c.flag("multi_query", default=True):
        joined = hidden + 2 * one
    else:
        joined = 3 * hidden
    parallel = c.flag("parallel_attn", default=True)
    norms = c.given("num_ln_in_parallel_attn") or (2 if new else 1)
    for layer in layout.stack(body, "h", c.layers("num_hidden_layers", 32)):
        _fused(layer, hidden, joined, c.given("ffn_hidden_size") or 4 * hidden, bias=bias)
        names: tuple[str, ...]
        if not parallel:
            names = ("input_layernorm", "post_attention_layernorm")
        else:
            names = ("ln_attn", "ln_mlp") if norms == 2 else ("input_layernorm",)
        for name in names:
            layer.norm(name, hidden)
    body.norm("ln_f", hidden)
    if head == "ForCausalLM":
        layout.logits("lm_head", hidden, tied=c.flag("tie_word_embeddings", default=True))
    classify(layout, c, head, hidden)
    return layout


def mpt(c: Fields, head: str) -> Layout:
    """MosaicML 2023, MPT: no biases, and feed-forward blocks of four times the width whatever the config."""
    layout = Layout("transformer.", others=_OTHERS)
    body, hidden, rows = (
        layout.body(),
        c.size("d_model", 2048, also="hidden_size"),
        c.size("vocab_size", 50368),
    )
    layout.words(body, "wte", rows, hidden)
    for layer in layout.stack(body, "blocks", c.layers("n_layers", 24, also="num_hidden_layers")):
        layer.linear("attn.Wqkv", hidden, 3 * hidden, bias=False)
        layer.linear("attn.out_proj", hidden, hidden, bias=False)
        layer.linear("ffn.up_proj", hidden, 4 * hidden, bias=False)
        layer.linear("ffn.down_proj", 4 * hidden, hidden, bias=False)
        layer.norm("norm_1", hidden, bias=False)
        layer.norm("norm_2", hidden, bias=False)
    body.norm("norm_f", hidden, bias=False)
    if head == "ForCausalLM":
        layout.logits("lm_head", hidden, tied=c.flag("tie_word_embeddings", default=True))
    classify(layout, c, head, hidden)
    return layout


def _fused(layer: Tensors, hidden: int, joined: int, inner: int, *, bias: bool) -> None:
    """Attention with one matrix for queries, keys and values, and a plain feed-forward block."""
    layer.linear("self_attention.query_key_value", hidden, joined, bias=bias)
    layer.linear("self_attention.dense", hidden, hidden, bias=bias)
    layer.linear("mlp.dense_h_to_4h", hidden, inner, bias=bias)
    layer.linear("mlp.dense_4h_to_h", inner, hidden, bias=bias)
