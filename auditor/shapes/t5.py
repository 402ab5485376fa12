"""T5 and its multilingual kin: an encoder and a decoder with positions relative to each other."""

from __future__ import annotations

from auditor.records import dataclass
from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout, Tensors

# What Mesh TensorFlow's checkpoints brought along and nobody uses (modeling_t5.py).
_LEFTOVERS = ("layer.1.EncDecAttention.relative_attention_bias.weight",)
_WHOLE = ("Model", "ForConditionalGeneration", "ForSequenceClassification", "ForQuestionAnswering")


def t5(c: Fields, head: str) -> Layout:
    """Raffel et al. 2019, arXiv 1910.10683."""
    return _t5(c, head, _Defaults(32128, 2048, 6, 8, "relu"))


def mt5(c: Fields, head: str) -> Layout:
    """Xue et al. 2020, arXiv 2010.11934."""
    return _t5(c, head, _Defaults(250112, 1024, 8, 6, "gated-gelu", tied=None))


def umt5(c: Fields, head: str) -> Layout:
    """Chung et al. 2023, arXiv 2304.09151: each layer has its own table of positions."""
    return _t5(c, head, _Defaults(250112, 1024, 8, 6, "gated-gelu", everywhere=True))


@dataclass(frozen=True, slots=True)
class _Defaults:
    vocab: int
    inner: int
    layers: int
    heads: int
    forward: str
    everywhere: bool = False  # whether each layer has a table of positions, not the first alone
    tied: bool | None = True  # None where versions 4 and 5 of transformers differ


def _t5(c: Fields, head: str, default: _Defaults) -> Layout:
    whole = head in _WHOLE
    prefix = "transformer." if head in ("ForSequenceClassification", "ForTokenClassification") else ""
    others = (
        "lm_head.",
        "classification_head.",
        "classifier.",
        "qa_outputs.",
        *(() if whole else ("decoder.",)),
    )
    layout = Layout(prefix, others=others, buffers=_LEFTOVERS)
    body, width = layout.body(), c.size("d_model", 512, also="hidden_size")
    layout.words(body, "shared", c.size("vocab_size", default.vocab), width)
    count = c.layers("num_layers", default.layers, also="num_hidden_layers")
    stacks = {"encoder": count}
    if whole:
        stated = c.values.get("num_decoder_layers") is not None
        stacks["decoder"] = c.layers("num_decoder_layers") if stated else count
    for name, layers in stacks.items():
        for index, block in enumerate(layout.stack(body, f"{name}.block", layers)):
            _block(block, c, default, crossed=name == "decoder", table=index == 0 or default.everywhere)
        body.norm(f"{name}.final_layer_norm", width, bias=False)
    layout.tie(layout.vocabulary, *(f"{prefix}{name}.embed_tokens.weight" for name in stacks))
    pen = layout.head()
    if head == "ForConditionalGeneration" and default.tied is None and "tie_word_embeddings" not in c.values:
        layout.extra().add("lm_head.weight", c.size("vocab_size", default.vocab), width)
    elif head == "ForConditionalGeneration":
        layout.logits("lm_head", width, tied=c.flag("tie_word_embeddings", default=True))
    elif head == "ForSequenceClassification":
        pen.linear("classification_head.dense", width, width)
        pen.linear("classification_head.out_proj", width, c.labels())
    elif head == "ForTokenClassification":
        pen.linear("classifier", width, c.labels())
    elif head == "ForQuestionAnswering":
        pen.linear("qa_outputs", width, c.labels())
    return layout


def _block(block: Tensors, c: Fields, default: _Defaults, *, crossed: bool, table: bool) -> None:
    """Self-attention, in a decoder attention to the encoder, and a feed-forward block, each with its norm."""
    width, inner = c.size("d_model", 512, also="hidden_size"), c.size("d_ff", default.inner)
    heads = c.size("num_heads", default.heads, also="num_attention_heads")
    for index, name in enumerate(("SelfAttention", "EncDecAttention")[: 2 if crossed else 1]):
        layer = block.under(f"layer.{index}")
        for part in ("q", "k", "v"):
            layer.linear(f"{name}.{part}", width, heads * c.size("d_kv", 64, also="head_dim"), bias=False)
        layer.linear(f"{name}.o", heads * c.size("d_kv", 64, also="head_dim"), width, bias=False)
        if index == 0 and table:
            buckets = c.size("relative_attention_num_buckets", 32)
            layer.embedding(f"{name}.relative_attention_bias", buckets, heads)
        layer.norm("layer_norm", width, bias=False)
    layer = block.under("layer.2" if crossed else "layer.1")
    gated = c.word("feed_forward_proj", default.forward).startswith("gated-")
    for part in ("wi_0", "wi_1") if gated else ("wi",):
        layer.linear(f"DenseReluDense.{part}", width, inner, bias=False)
    layer.linear("DenseReluDense.wo", inner, width, bias=False)
    layer.norm("layer_norm", width, bias=False)
