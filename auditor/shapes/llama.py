"""Decoders of LLaMA's kind: one stack of attention and gated feed-forward layers with rotary positions.

Each family is checked against the model that transformers builds (tests/shapes/test_families.py).
"""

from __future__ import annotations

from auditor.records import dataclass
from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.side import Side

# The cosines of rotary positions follow from the config; versions before 4.32 stored their frequencies.
BUFFERS = ("rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached")
OTHERS = ("lm_head.", "score.", "classifier.", "qa_outputs.", "v_head.")


@dataclass(frozen=True, slots=True)
class Attention:
    """Widths of an attention block: of all queries, of all keys (and values), and of one head."""

    queries: Side
    keys: Side
    head: Side


def llama(c: Fields, head: str) -> Layout:
    """Touvron et al. 2023, arXiv 2302.13971. Granite has the same tensors."""
    layout, body, hidden = frame(c, head, vocab=32000, hidden=4096, tied=False)
    bias = c.flag("attention_bias", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        attention(layer, c, hidden, heads=32, bias=bias, out_bias=bias)
        gated(
            layer.under("mlp"),
            hidden,
            c.size("intermediate_size", 11008),
            bias=c.flag("mlp_bias", default=False),
        )
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def smollm3(c: Fields, head: str) -> Layout:
    """LLaMA's layers with other defaults; layers without rotary positions have the same tensors."""
    layout, body, hidden = frame(c, head, vocab=128256, hidden=2048, tied=True)
    bias = c.flag("attention_bias", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 36)):
        attention(layer, c, hidden, heads=16, kv=4, bias=bias, out_bias=bias)
        gated(
            layer.under("mlp"),
            hidden,
            c.size("intermediate_size", 11008),
            bias=c.flag("mlp_bias", default=False),
        )
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def mistral(c: Fields, head: str) -> Layout:
    """Jiang et al. 2023, arXiv 2310.06825."""
    layout, body, hidden = frame(c, head, vocab=32000, hidden=4096, tied=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        attention(layer, c, hidden, heads=32, kv=8)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 14336))
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def qwen2(c: Fields, head: str) -> Layout:
    """Yang et al. 2024, arXiv 2407.10671: biases on queries, keys and values alone."""
    layout, body, hidden = frame(c, head, vocab=151936, hidden=4096, tied=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        attention(layer, c, hidden, heads=32, kv=32, bias=True)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 22016))
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def qwen3(c: Fields, head: str) -> Layout:
    """Yang et al. 2025, arXiv 2505.09388: a norm on each head's queries and keys."""
    layout, body, hidden = frame(c, head, vocab=151936, hidden=4096, tied=False)
    bias = c.flag("attention_bias", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        one = attention(layer, c, hidden, heads=32, kv=32, head_dim=128, bias=bias, out_bias=bias).head
        query_norms(layer, one, one)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 22016))
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def gemma(c: Fields, head: str) -> Layout:
    """Gemma Team 2024, arXiv 2403.08295."""
    layout, body, hidden = frame(c, head, vocab=256000, hidden=3072, tied=True)
    bias = c.flag("attention_bias", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 28)):
        attention(layer, c, hidden, heads=16, kv=16, head_dim=256, bias=bias, out_bias=bias)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 24576))
        norms(layer, hidden)
    body.norm("norm", hidden, bias=False)
    return layout


def gemma2(c: Fields, head: str) -> Layout:
    """Gemma Team 2024, arXiv 2408.00118: norms before and after each block."""
    return _gemma2(c, head, vocab=256000, query_norm=False)


def gemma3(c: Fields, head: str) -> Layout:
    """Gemma Team 2025, arXiv 2503.19786, the part for text."""
    return _gemma2(c, head, vocab=262208, query_norm=True)


def _gemma2(c: Fields, head: str, *, vocab: int, query_norm: bool) -> Layout:
    layout, body, hidden = frame(c, head, vocab=vocab, hidden=2304, tied=True)
    bias = c.flag("attention_bias", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 26)):
        one = attention(layer, c, hidden, heads=8, kv=4, head_dim=256, bias=bias, out_bias=bias).head
        if query_norm:
            query_norms(layer, one, one)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 9216))
        norms(layer, hidden)
        layer.norm("pre_feedforward_layernorm", hidden, bias=False)
        layer.norm("post_feedforward_layernorm", hidden, bias=False)
    body.norm("norm", hidden, bias=False)
    return layout


def olmo(c: Fields, head: str) -> Layout:
    """Groeneveld et al. 2024, arXiv 2402.00838: its norms have no weights."""
    layout, body, hidden = frame(c, head, vocab=50304, hidden=4096, tied=False)
    bias = c.flag("attention_bias", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        attention(layer, c, hidden, heads=32, bias=bias, out_bias=bias)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 11008))
    return layout


def olmo2(c: Fields, head: str) -> Layout:
    """OLMo Team 2024, arXiv 2501.00656: norms after the blocks, and on all queries and keys at once."""
    layout, body, hidden = frame(c, head, vocab=50304, hidden=4096, tied=False)
    bias = c.flag("attention_bias", default=False)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        all_heads = attention(layer, c, hidden, heads=32, bias=bias, out_bias=bias)
        query_norms(layer, all_heads.queries, all_heads.keys)
        gated(layer.under("mlp"), hidden, c.size("intermediate_size", 11008))
        layer.norm("post_attention_layernorm", hidden, bias=False)
        layer.norm("post_feedforward_layernorm", hidden, bias=False)
    body.norm("norm", hidden, bias=False)
    return layout


def frame(
    c: Fields, head: str, *, vocab: int, hidden: int, tied: bool, logits_bias: bool = False
) -> tuple[Layout, Tensors, Side]:
    """A decoder's layout with embedding and head, the pen for the rest, and H."""
    layout = Layout("model.", others=OTHERS, buffers=BUFFERS)
    body, width = layout.body(), c.size("hidden_size", hidden)
    rows = c.size("vocab_size", vocab)
    layout.words(body, "embed_tokens", rows, width)
    if head == "ForCausalLM":
        layout.logits("lm_head", width, tied=c.flag("tie_word_embeddings", default=tied), bias=logits_bias)
    elif head == "ForSequenceClassification":
        layout.head().linear("score", width, c.labels(), bias=False)
    elif head == "ForTokenClassification":
        layout.head().linear("score", width, c.labels())
    return layout, body, width


def attention(
    layer: Tensors,
    c: Fields,
    hidden: Side,
    *,
    heads: int,
    kv: int | None = None,
    head_dim: int | None = None,
    bias: bool = False,
    out_bias: bool = False,
    out: str = "o_proj",
) -> Attention:
    """Four projections are written; the defaults are those of the family."""
    found = widths(c, hidden, heads=heads, kv=kv, head_dim=head_dim)
    block = layer.under("self_attn")
    block.linear("q_proj", hidden, found.queries, bias=bias)
    block.linear("k_proj", hidden, found.keys, bias=bias)
    block.linear("v_proj", hidden, found.keys, bias=bias)
    block.linear(out, found.queries, hidden, bias=out_bias)
    return found


def widths(
    c: Fields, hidden: Side, *, heads: int, kv: int | None = None, head_dim: int | None = None
) -> Attention:
    """The widths that a config gives; `kv` None stands for as many key heads as query heads."""
    count = c.size("num_attention_heads", heads)
    key_heads = c.given("num_key_value_heads", kv) or count
    stated = c.given("head_dim", head_dim)
    one = stated or hidden // count
    queries = count * one if stated or hidden % count else hidden
    return Attention(queries, key_heads * one, one)


def query_norms(layer: Tensors, queries: Side, keys: Side) -> None:
    """Norms of queries and keys."""
    layer.norm("self_attn.q_norm", queries, bias=False)
    layer.norm("self_attn.k_norm", keys, bias=False)


def gated(pen: Tensors, hidden: int, inner: int, *, bias: bool = False) -> None:
    """A feed-forward block with a gate: down(act(gate(x)) * up(x))."""
    pen.linear("gate_proj", hidden, inner, bias=bias)
    pen.linear("up_proj", hidden, inner, bias=bias)
    pen.linear("down_proj", inner, hidden, bias=bias)


def norms(layer: Tensors, hidden: int) -> None:
    """The two norms of a layer."""
    layer.norm("input_layernorm", hidden, bias=False)
    layer.norm("post_attention_layernorm", hidden, bias=False)
