"""Translators and summarisers of BART's kind: an encoder and a decoder of the same layers."""

from __future__ import annotations

from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.side import Side

OFFSET = 2  # rows of learned positions that belong to padding (modeling_bart.py)
_OTHERS = ("lm_head.", "classification_head.", "qa_outputs.")
_BUFFERS = ("encoder.version", "decoder.version", "embed_positions.weights", "embed_positions._float_tensor")


def bart(c: Fields, head: str) -> Layout:
    """Lewis et al. 2019, arXiv 1910.13461."""
    layout = _seq2seq(c, head, vocab=50265, learned=True, final_norm=False)
    for side in ("encoder", "decoder"):
        layout.body().norm(f"{side}.layernorm_embedding", c.size("d_model", 1024, also="hidden_size"))
    return layout


def mbart(c: Fields, head: str) -> Layout:
    """Liu et al. 2020, arXiv 2001.08210: a norm at the end of each stack too."""
    layout = _seq2seq(c, head, vocab=50265, learned=True, final_norm=True)
    for side in ("encoder", "decoder"):
        layout.body().norm(f"{side}.layernorm_embedding", c.size("d_model", 1024, also="hidden_size"))
    return layout


def pegasus(c: Fields, head: str) -> Layout:
    """Zhang et al. 2019, arXiv 1912.08777: positions are sines, which some versions store."""
    return _seq2seq(c, head, vocab=50265, learned=False, final_norm=True)


def marian(c: Fields, head: str) -> Layout:
    """Junczys-Dowmunt et al. 2018, arXiv 1804.00344; the Opus-MT models."""
    c.plain("share_encoder_decoder_embeddings", True)
    return _seq2seq(c, head, vocab=58101, learned=False, final_norm=False)


def m2m_100(c: Fields, head: str) -> Layout:
    """Fan et al. 2020, arXiv 2010.11125; also NLLB, arXiv 2207.04672."""
    return _seq2seq(c, head, vocab=128112, learned=False, final_norm=True)


def _seq2seq(c: Fields, head: str, *, vocab: int, learned: bool, final_norm: bool) -> Layout:
    layout = Layout("model.", others=_OTHERS, buffers=_BUFFERS)
    body, width = layout.body(), c.size("d_model", 1024, also="hidden_size")
    rows, positions = c.size("vocab_size", vocab), c.size("max_position_embeddings", 1024)
    layout.words(body, "shared", rows, width)
    for side in ("encoder", "decoder"):
        pen = body.under(side)
        if learned:
            pen.embedding("embed_positions", positions + OFFSET, width)
        else:  # sines; m2m_100 grows them, so their number is left open
            layout.buffers += (f"{side}.embed_positions.weight",)
        inner = c.size(f"{side}_ffn_dim", 4096)
        for layer in layout.stack(pen, "layers", c.layers(f"{side}_layers", 12)):
            transformer_layer(layer, width, inner, crossed=side == "decoder")
        if final_norm:
            pen.norm("layer_norm", width)
    if learned:
        layout.positions, layout.offset = "model.encoder.embed_positions.weight", OFFSET
    layout.tie(layout.vocabulary, "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight")
    _head(layout, c, head, width, rows)
    return layout


def _head(layout: Layout, c: Fields, head: str, width: Side, rows: Side) -> None:
    pen = layout.head()
    if head in ("ForConditionalGeneration", "MTModel"):
        layout.logits("lm_head", width, tied=c.flag("tie_word_embeddings", default=True))
        layout.extra().add("final_logits_bias", 1, rows)
    elif head == "ForSequenceClassification":
        pen.linear("classification_head.dense", width, width)
        pen.linear("classification_head.out_proj", width, c.labels())
    elif head == "ForQuestionAnswering":
        pen.linear("qa_outputs", width, c.labels())


def transformer_layer(
    layer: Tensors, width: int, inner: int, *, crossed: bool, key_bias: bool = True
) -> None:
    """Self-attention, where `crossed` attention to the encoder, a feed-forward block; each with its norm."""
    for name in ("self_attn", "encoder_attn")[: 2 if crossed else 1]:
        layer.linear(f"{name}.k_proj", width, width, bias=key_bias)
        for part in ("v_proj", "q_proj", "out_proj"):
            layer.linear(f"{name}.{part}", width, width)
        layer.norm(f"{name}_layer_norm", width)
    layer.linear("fc1", width, inner)
    layer.linear("fc2", inner, width)
    layer.norm("final_layer_norm", width)
