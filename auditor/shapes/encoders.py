"""Encoders that answer to BERT's needs with layers of their own."""

from __future__ import annotations

from auditor.shapes.bert import BUFFERS, OTHERS, RENAMES, classify, word_scores
from auditor.shapes.fields import Fields, Untold
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.side import Side


def distilbert(c: Fields, head: str) -> Layout:
    """Sanh et al. 2019, arXiv 1910.01108."""
    c.plain("pruned_heads", {})
    others = ("vocab_", "pre_classifier.", *OTHERS)
    layout = Layout("distilbert.", others=others, buffers=BUFFERS, renames=RENAMES)
    layout.positions = "distilbert.embeddings.position_embeddings.weight"
    hidden, inner = c.size("dim", 768, also="hidden_size"), c.size("hidden_dim", 3072)
    table = layout.body().under("embeddings")
    layout.words(table, "word_embeddings", c.size("vocab_size", 30522), hidden)
    table.embedding("position_embeddings", c.size("max_position_embeddings", 512), hidden)
    table.norm("LayerNorm", hidden)
    for layer in layout.stack(
        layout.body(), "transformer.layer", c.layers("n_layers", 6, also="num_hidden_layers")
    ):
        for name in ("q_lin", "k_lin", "v_lin", "out_lin"):
            layer.linear(f"attention.{name}", hidden, hidden)
        layer.norm("sa_layer_norm", hidden)
        layer.linear("ffn.lin1", hidden, inner)
        layer.linear("ffn.lin2", inner, hidden)
        layer.norm("output_layer_norm", hidden)
    pen = layout.head()
    if head == "ForMaskedLM":
        pen.linear("vocab_transform", hidden, hidden)
        pen.norm("vocab_layer_norm", hidden)
        layout.logits("vocab_projector", hidden, tied=c.flag("tie_word_embeddings", default=True), bias=True)
    elif head in ("ForSequenceClassification", "ForMultipleChoice"):
        pen.linear("pre_classifier", hidden, hidden)
    classify(pen, c, head, hidden)
    return layout


def albert(c: Fields, head: str) -> Layout:
    """Lan et al. 2019, arXiv 1909.11942: all layers of a group are one."""
    c.plain("pruned_heads", {})
    c.plain("position_embedding_type", "absolute")
    layout = Layout(
        "albert.", others=("predictions.", "sop_classifier.", *OTHERS), buffers=BUFFERS, renames=RENAMES
    )
    layout.positions = "albert.embeddings.position_embeddings.weight"
    narrow, hidden = c.size("embedding_size", 128), c.size("hidden_size", 4096)
    inner, body = c.size("intermediate_size", 16384), layout.body()
    table = body.under("embeddings")
    layout.words(table, "word_embeddings", c.size("vocab_size", 30000), narrow)
    table.embedding("position_embeddings", c.size("max_position_embeddings", 512), narrow)
    table.embedding("token_type_embeddings", c.size("type_vocab_size", 2), narrow)
    table.norm("LayerNorm", narrow)
    body.linear("encoder.embedding_hidden_mapping_in", narrow, hidden)
    for group in layout.stack(body, "encoder.albert_layer_groups", c.layers("num_hidden_groups", 1)):
        for layer in layout.stack(group, "albert_layers", c.layers("inner_group_num", 1)):
            layer.norm("full_layer_layer_norm", hidden)
            for name in ("query", "key", "value", "dense"):
                layer.linear(f"attention.{name}", hidden, hidden)
            layer.norm("attention.LayerNorm", hidden)
            layer.linear("ffn", hidden, inner)
            layer.linear("ffn_output", inner, hidden)
    used = head in ("ForPreTraining", "ForSequenceClassification", "ForMultipleChoice")
    Tensors(layout.heads if used else layout.optional, "albert.").linear("pooler", hidden, hidden)
    pen = layout.head()
    if head in ("ForPreTraining", "ForMaskedLM"):
        pen.linear("predictions.dense", hidden, narrow)
        pen.norm("predictions.LayerNorm", narrow)
        word_scores(layout, c, "predictions", "predictions.decoder", narrow)
    if head == "ForPreTraining":
        pen.linear("sop_classifier.classifier", hidden, c.labels())
    classify(pen, c, head, hidden)
    return layout


def deberta_v2(c: Fields, head: str) -> Layout:
    """He et al. 2020 and 2021, arXiv 2006.03654 and 2111.09543: positions relative to each other."""
    for name in ("attention_head_size", "pruned_heads"):
        c.plain(name, {})
    others = ("lm_predictions.", "mask_predictions.", *OTHERS)
    layout = Layout("deberta.", others=others, buffers=BUFFERS, renames=RENAMES)
    hidden, body = c.size("hidden_size", 1536), layout.body()
    narrow = c.given("embedding_size") or hidden
    _deberta_embeddings(layout, c, body.under("embeddings"), narrow, hidden)
    relative = c.flag("relative_attention", default=False)
    inner = c.size("intermediate_size", 6144)
    names = ["query_proj", "key_proj", "value_proj"]
    if relative and not c.flag("share_att_key", default=False):
        kinds = c.values.get("pos_att_type") or ()
        if not isinstance(kinds, str | list | tuple):
            raise Untold("`pos_att_type` is neither text nor a list")
        names += [f"pos_{name}_proj" for name, kind in (("key", "c2p"), ("query", "p2c")) if kind in kinds]
    for layer in layout.stack(body, "encoder.layer", c.layers("num_hidden_layers", 24)):
        for name in names:
            layer.linear(f"attention.self.{name}", hidden, hidden)
        layer.linear("attention.output.dense", hidden, hidden)
        layer.norm("attention.output.LayerNorm", hidden)
        layer.linear("intermediate.dense", hidden, inner)
        layer.linear("output.dense", inner, hidden)
        layer.norm("output.LayerNorm", hidden)
    if relative:
        body.embedding("encoder.rel_embeddings", 2 * _distances(c), hidden)
    if "layer_norm" in c.word("norm_rel_ebd", "none").lower():
        body.norm("encoder.LayerNorm", hidden)
    kernel = c.values.get("conv_kernel_size")
    if kernel:
        c.plain("conv_groups", 1)
        body.convolution("encoder.conv.conv", hidden, hidden, c.size("conv_kernel_size"))
        body.norm("encoder.conv.LayerNorm", hidden)
    _deberta_head(layout, c, head, narrow, hidden)
    return layout


def _deberta_embeddings(layout: Layout, c: Fields, table: Tensors, narrow: Side, hidden: Side) -> None:
    layout.words(table, "word_embeddings", c.size("vocab_size", 128100), narrow)
    if c.flag("position_biased_input", default=True):
        table.embedding("position_embeddings", c.size("max_position_embeddings", 512), narrow)
        layout.positions = "deberta.embeddings.position_embeddings.weight"
    if c.values.get("type_vocab_size"):
        table.embedding("token_type_embeddings", c.size("type_vocab_size"), narrow)
    if narrow != hidden:
        table.linear("embed_proj", narrow, hidden, bias=False)
    table.norm("LayerNorm", hidden)


def _distances(c: Fields) -> Side:
    """How many distances between words are told apart, on one side."""
    for name in ("position_buckets", "max_relative_positions"):
        value = c.values.get(name)
        if isinstance(value, int) and value > 0:
            return c.size(name)
    return c.size("max_position_embeddings", 512)


def _deberta_head(layout: Layout, c: Fields, head: str, narrow: Side, hidden: Side) -> None:
    pen = layout.head()
    if head == "ForMaskedLM" and c.flag("legacy", default=True):
        pen.linear("cls.predictions.transform.dense", hidden, narrow)
        pen.norm("cls.predictions.transform.LayerNorm", narrow)
        word_scores(layout, c, "cls.predictions", "cls.predictions.decoder", narrow)
    elif head == "ForMaskedLM":
        raise Untold("`legacy` is false, whose masked-word head is not known here")
    elif head == "ForSequenceClassification":
        pooled = c.given("pooler_hidden_size") or hidden
        pen.linear("pooler.dense", pooled, pooled)
        pen.linear("classifier", pooled, c.labels())
    else:
        classify(pen, c, head, hidden)


def mpnet(c: Fields, head: str) -> Layout:
    """Song et al. 2020, arXiv 2004.09297."""
    c.plain("pruned_heads", {})
    layout = Layout("mpnet.", others=OTHERS, buffers=BUFFERS, renames=RENAMES, offset=2)
    layout.positions = "mpnet.embeddings.position_embeddings.weight"
    hidden, body = c.size("hidden_size", 768), layout.body()
    table, inner = body.under("embeddings"), c.size("intermediate_size", 3072)
    layout.words(table, "word_embeddings", c.size("vocab_size", 30527), hidden)
    table.embedding("position_embeddings", c.size("max_position_embeddings", 512), hidden)
    table.norm("LayerNorm", hidden)
    heads = c.size("num_attention_heads", 12)
    body.embedding("encoder.relative_attention_bias", c.size("relative_attention_num_buckets", 32), heads)
    for layer in layout.stack(body, "encoder.layer", c.layers("num_hidden_layers", 12)):
        for name in ("q", "k", "v", "o"):
            layer.linear(f"attention.attn.{name}", hidden, hidden)
        layer.norm("attention.LayerNorm", hidden)
        layer.linear("intermediate.dense", hidden, inner)
        layer.linear("output.dense", inner, hidden)
        layer.norm("output.LayerNorm", hidden)
    used = head == "ForMultipleChoice"
    Tensors(layout.heads if used else layout.optional, "mpnet.").linear("pooler.dense", hidden, hidden)
    pen = layout.head()
    if head == "ForMaskedLM":
        pen.linear("lm_head.dense", hidden, hidden)
        pen.norm("lm_head.layer_norm", hidden)
        word_scores(layout, c, "lm_head", "lm_head.decoder", hidden)
    elif head == "ForSequenceClassification":
        pen.linear("classifier.dense", hidden, hidden)
        pen.linear("classifier.out_proj", hidden, c.labels())
    else:
        classify(pen, c, head, hidden)
    return layout


def modernbert(c: Fields, head: str) -> Layout:
    """Warner et al. 2024, arXiv 2412.13663: rotary positions, gates, norms without biases."""
    layout = Layout("model.", others=("head.", "decoder.", *OTHERS), buffers=("rotary_emb.inv_freq",))
    hidden, inner, body = c.size("hidden_size", 768), c.size("intermediate_size", 1152), layout.body()
    attention_bias, mlp_bias = c.flag("attention_bias", default=False), c.flag("mlp_bias", default=False)
    norm_bias = c.flag("norm_bias", default=False)
    layout.words(body, "embeddings.tok_embeddings", c.size("vocab_size", 50368), hidden)
    body.norm("embeddings.norm", hidden, bias=norm_bias)
    for index, layer in enumerate(layout.stack(body, "layers", c.layers("num_hidden_layers", 22))):
        if index > 0:  # the first layer's input has just been normed
            layer.norm("attn_norm", hidden, bias=norm_bias)
        layer.linear("attn.Wqkv", hidden, 3 * hidden, bias=attention_bias)
        layer.linear("attn.Wo", hidden, hidden, bias=attention_bias)
        layer.norm("mlp_norm", hidden, bias=norm_bias)
        layer.linear("mlp.Wi", hidden, 2 * inner, bias=mlp_bias)
        layer.linear("mlp.Wo", inner, hidden, bias=mlp_bias)
    body.norm("final_norm", hidden, bias=norm_bias)
    pen = layout.head()
    if head != "Model":
        pen.linear("head.dense", hidden, hidden, bias=c.flag("classifier_bias", default=False))
        pen.norm("head.norm", hidden, bias=norm_bias)
    if head == "ForMaskedLM":
        bias = c.flag("decoder_bias", default=True)
        layout.logits("decoder", hidden, tied=c.flag("tie_word_embeddings", default=True), bias=bias)
    elif head != "Model":
        pen.linear("classifier", hidden, 1 if head == "ForMultipleChoice" else c.labels())
    return layout
