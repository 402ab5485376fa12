"""Decoders with several feed-forward blocks a layer, of which a router picks some."""

from __future__ import annotations

from auditor.shapes.fields import Fields, Untold
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.llama import attention, frame, gated, norms, query_norms
from auditor.shapes.side import Side


def mixtral(c: Fields, head: str) -> Layout:
    """Jiang et al. 2024, arXiv 2401.04088."""
    layout, body, hidden = frame(c, head, vocab=32000, hidden=4096, tied=False)
    inner, experts = c.size("intermediate_size", 14336), c.size("num_local_experts", 8, also="num_experts")
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        attention(layer, c, hidden, heads=32, kv=8)
        block = layer.under("block_sparse_moe")
        block.linear("gate", hidden, experts, bias=False)
        for expert in layout.stack(block, "experts", experts):
            expert.linear("w1", hidden, inner, bias=False)
            expert.linear("w2", inner, hidden, bias=False)
            expert.linear("w3", hidden, inner, bias=False)
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def qwen2_moe(c: Fields, head: str) -> Layout:
    """Qwen1.5-MoE and Qwen2-57B-A14B: beside the experts one that every word passes."""
    layout, body, hidden = frame(c, head, vocab=151936, hidden=2048, tied=False)
    bias, shared = c.flag("qkv_bias", default=True), c.size("shared_expert_intermediate_size", 5632)
    for index, layer in enumerate(layout.stack(body, "layers", c.layers("num_hidden_layers", 24))):
        attention(layer, c, hidden, heads=16, kv=16, bias=bias)
        if _is_sparse(c, index):
            _experts(
                layout,
                layer.under("mlp"),
                hidden,
                c.size("num_experts", 60),
                c.size("moe_intermediate_size", 1408),
            )
            gated(layer.under("mlp.shared_expert"), hidden, shared)
            layer.linear("mlp.shared_expert_gate", hidden, 1, bias=False)
        else:
            gated(layer.under("mlp"), hidden, c.size("intermediate_size", 5632))
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def qwen3_moe(c: Fields, head: str) -> Layout:
    """Yang et al. 2025, arXiv 2505.09388."""
    layout, body, hidden = frame(c, head, vocab=151936, hidden=2048, tied=False)
    bias = c.flag("attention_bias", default=False)
    experts = c.size("num_experts", 128, also="num_local_experts")
    for index, layer in enumerate(layout.stack(body, "layers", c.layers("num_hidden_layers", 24))):
        one = attention(layer, c, hidden, heads=32, kv=4, bias=bias, out_bias=bias).head
        query_norms(layer, one, one)
        if _is_sparse(c, index):
            _experts(layout, layer.under("mlp"), hidden, experts, c.size("moe_intermediate_size", 768))
        else:
            gated(layer.under("mlp"), hidden, c.size("intermediate_size", 6144))
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def _experts(layout: Layout, block: Tensors, hidden: Side, count: Side, inner: Side) -> None:
    block.linear("gate", hidden, count, bias=False)
    for expert in layout.stack(block, "experts", count):
        gated(expert, hidden, inner)


def _is_sparse(c: Fields, index: int) -> bool:
    """Whether a layer has experts: every `decoder_sparse_step`-th has, but those of `mlp_only_layers`."""
    dense = c.values.get("mlp_only_layers") or []
    if not isinstance(dense, list):
        raise Untold("`mlp_only_layers` is no list")
    return index not in dense and (index + 1) % c.size("decoder_sparse_step", 1) == 0
