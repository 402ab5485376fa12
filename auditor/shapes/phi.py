"""Decoders with rotary positions that are not quite LLaMA's: layer norms, biases, joined projections."""

from __future__ import annotations

from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout
from auditor.shapes.llama import attention, frame, gated, norms, widths


def phi(c: Fields, head: str) -> Layout:
    """Li et al. 2023, arXiv 2309.05463: one norm a layer, biases everywhere, also on the logits."""
    layout, body, hidden = frame(c, head, vocab=51200, hidden=2048, tied=False, logits_bias=True)
    inner = c.size("intermediate_size", 8192)
    with_norms = c.flag("qk_layernorm", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 24)):
        one = attention(layer, c, hidden, heads=32, bias=True, out_bias=True, out="dense").head
        if with_norms:
            layer.norm("self_attn.q_layernorm", one)
            layer.norm("self_attn.k_layernorm", one)
        layer.linear("mlp.fc1", hidden, inner)
        layer.linear("mlp.fc2", inner, hidden)
        layer.norm("input_layernorm", hidden)
    body.norm("final_layernorm", hidden)
    return layout


def phi3(c: Fields, head: str) -> Layout:
    """Abdin et al. 2024, arXiv 2404.14219: queries, keys and values in one matrix, gate and up in another."""
    layout, body, hidden = frame(c, head, vocab=32064, hidden=3072, tied=False)
    inner = c.size("intermediate_size", 8192)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        all_heads = widths(c, hidden, heads=32)
        layer.linear("self_attn.qkv_proj", hidden, all_heads.queries + 2 * all_heads.keys, bias=False)
        layer.linear("self_attn.o_proj", all_heads.queries, hidden, bias=False)
        layer.linear("mlp.gate_up_proj", hidden, 2 * inner, bias=False)
        layer.linear("mlp.down_proj", inner, hidden, bias=False)
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def stablelm(c: Fields, head: str) -> Layout:
    """Bellagente et al. 2024, arXiv 2402.17834."""
    c.plain("qk_layernorm", False)
    layout, body, hidden = frame(c, head, vocab=50304, hidden=2560, tied=False)
    bias, parallel = c.flag("use_qkv_bias", default=False), c.flag("use_parallel_residual", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        attention(layer, c, hidden, heads=32, kv=32, bias=bias)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 6912))
        layer.norm("input_layernorm", hidden)
        if not parallel:
            layer.norm("post_attention_layernorm", hidden)
    body.norm("norm", hidden)
    return layout


def starcoder2(c: Fields, head: str) -> Layout:
    """Lozhkov et al. 2024, arXiv 2402.19173."""
    layout, body, hidden = frame(c, head, vocab=49152, hidden=3072, tied=True)
    inner, bias = c.size("intermediate_size", 12288), c.flag("use_bias", default=True)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 30)):
        attention(layer, c, hidden, heads=24, kv=2, bias=bias, out_bias=bias)
        layer.linear("mlp.c_fc", hidden, inner, bias=bias)
        layer.linear("mlp.c_proj", inner, hidden, bias=bias)
        layer.norm("input_layernorm", hidden)
        layer.norm("post_attention_layernorm", hidden)
    body.norm("norm", hidden)
    return layout
