"""Encoders of BERT's kind, whose layers and names are the same: BERT, RoBERTa, XLM-R, CamemBERT, ELECTRA."""

from __future__ import annotations

from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout, Tensors

# Positions and segments of each word follow from its place; versions before 4.31 stored them.
BUFFERS = ("embeddings.position_ids", "embeddings.token_type_ids")
RENAMES = ((".LayerNorm.gamma", ".LayerNorm.weight"), (".LayerNorm.beta", ".LayerNorm.bias"))
OTHERS = (
    "cls.",
    "classifier.",
    "qa_outputs.",
    "lm_head.",
    "pooler.",
    "discriminator_predictions.",
    "generator_",
)


def bert(c: Fields, head: str) -> Layout:
    """Devlin et al. 2018, arXiv 1810.04805."""
    layout = Layout(
        "bert.",
        others=OTHERS,
        buffers=BUFFERS,
        renames=RENAMES,
        positions="bert.embeddings.position_embeddings.weight",
    )
    hidden = _encoder(layout, c, c.size("hidden_size", 768), vocab=30522, layers=12, inner=3072)
    _pooler(
        layout,
        hidden,
        used=head
        in ("ForPreTraining", "ForNextSentencePrediction", "ForSequenceClassification", "ForMultipleChoice"),
        possible=head == "Model",
    )
    pen = layout.head()
    if head in ("ForPreTraining", "ForMaskedLM", "LMHeadModel"):
        pen.linear("cls.predictions.transform.dense", hidden, hidden)
        pen.norm("cls.predictions.transform.LayerNorm", hidden)
        word_scores(layout, c, "cls.predictions", "cls.predictions.decoder", hidden)
    if head in ("ForPreTraining", "ForNextSentencePrediction"):
        pen.linear("cls.seq_relationship", hidden, 2)
    classify(pen, c, head, hidden)
    return layout


def roberta(c: Fields, head: str) -> Layout:
    """Liu et al. 2019, arXiv 1907.11692; XLM-R and CamemBERT have its tensors too."""
    layout = Layout(
        "roberta.",
        others=OTHERS,
        buffers=BUFFERS,
        renames=RENAMES,
        positions="roberta.embeddings.position_embeddings.weight",
    )
    # The rows up to that of padding are no positions (modeling_roberta.py, padding_idx); pad_token_id is 1.
    layout.offset = 2
    hidden = _encoder(layout, c, c.size("hidden_size", 768), vocab=50265, layers=12, inner=3072)
    _pooler(layout, hidden, used=head == "ForMultipleChoice", possible=True)
    pen = layout.head()
    if head in ("ForMaskedLM", "ForCausalLM"):
        pen.linear("lm_head.dense", hidden, hidden)
        pen.norm("lm_head.layer_norm", hidden)
        word_scores(layout, c, "lm_head", "lm_head.decoder", hidden)
    if head == "ForSequenceClassification":
        _two_steps(pen, c, hidden)
    else:
        classify(pen, c, head, hidden)
    return layout


def xlm_roberta(c: Fields, head: str) -> Layout:
    """Conneau et al. 2019, arXiv 1911.02116: RoBERTa with other defaults."""
    return roberta(Fields({"vocab_size": 30522, **c.values}, c.path), head)


def electra(c: Fields, head: str) -> Layout:
    """Clark et al. 2020, arXiv 2003.10555: embeddings narrower than the layers."""
    layout = Layout(
        "electra.",
        others=OTHERS,
        buffers=BUFFERS,
        renames=RENAMES,
        positions="electra.embeddings.position_embeddings.weight",
    )
    narrow = c.size("embedding_size", 128)
    hidden = _encoder(layout, c, c.size("hidden_size", 256), vocab=30522, layers=12, inner=1024, width=narrow)
    if narrow != hidden:
        layout.body().linear("embeddings_project", narrow, hidden)
    pen = layout.head()
    if head == "ForPreTraining":
        pen.linear("discriminator_predictions.dense", hidden, hidden)
        pen.linear("discriminator_predictions.dense_prediction", hidden, 1)
    elif head in ("ForMaskedLM", "ForCausalLM"):
        pen.linear("generator_predictions.dense", hidden, narrow)
        pen.norm("generator_predictions.LayerNorm", narrow)
        tied = c.flag("tie_word_embeddings", default=True)
        layout.logits("generator_lm_head", narrow, tied=tied, bias=True)
    elif head == "ForSequenceClassification":
        _two_steps(pen, c, hidden)
    elif head == "ForMultipleChoice":
        c.plain("summary_use_proj", True)
        pen.linear("sequence_summary.summary", hidden, hidden)
        pen.linear("classifier", hidden, 1)
    else:
        classify(pen, c, head, hidden)
    return layout


def _encoder(
    layout: Layout, c: Fields, hidden: int, *, vocab: int, layers: int, inner: int, width: int = 0
) -> int:
    """Embeddings of `width` (0 for the hidden size) and the layers; returns the hidden size."""
    c.plain("add_cross_attention", False)
    c.plain("pruned_heads", {})
    narrow = width or hidden
    table = layout.body().under("embeddings")
    layout.words(table, "word_embeddings", c.size("vocab_size", vocab), narrow)
    table.embedding("position_embeddings", c.size("max_position_embeddings", 512), narrow)
    table.embedding("token_type_embeddings", c.size("type_vocab_size", 2), narrow)
    table.norm("LayerNorm", narrow)
    forward = c.size("intermediate_size", inner)
    relative = c.word("position_embedding_type", "absolute")
    for layer in layout.stack(layout.body(), "encoder.layer", c.layers("num_hidden_layers", layers)):
        for name in ("query", "key", "value"):
            layer.linear(f"attention.self.{name}", hidden, hidden)
        layer.linear("attention.output.dense", hidden, hidden)
        layer.norm("attention.output.LayerNorm", hidden)
        layer.linear("intermediate.dense", hidden, forward)
        layer.linear("output.dense", forward, hidden)
        layer.norm("output.LayerNorm", hidden)
        if relative != "absolute":  # of transformers before version 5
            rows = 2 * c.size("max_position_embeddings", 512) - 1
            layer.embedding(
                "attention.self.distance_embedding", rows, hidden // c.size("num_attention_heads", 12)
            )
    return hidden


def _pooler(layout: Layout, hidden: int, *, used: bool, possible: bool) -> None:
    """The layer on the first word: of the head where it is used; may be there where `possible`."""
    if used:
        Tensors(layout.heads, layout.prefix).linear("pooler.dense", hidden, hidden)
    elif possible:
        Tensors(layout.optional, layout.prefix).linear("pooler.dense", hidden, hidden)


def word_scores(layout: Layout, c: Fields, bias: str, decoder: str, hidden: int) -> None:
    """The logits, whose bias has two names that are one."""
    rows = layout.base[layout.vocabulary][0]
    layout.head().add(f"{bias}.bias", rows)
    layout.logits(decoder, hidden, tied=c.flag("tie_word_embeddings", default=True))
    layout.tie(f"{bias}.bias", f"{decoder}.bias")


def _two_steps(pen: Tensors, c: Fields, hidden: int) -> None:
    pen.linear("classifier.dense", hidden, hidden)
    pen.linear("classifier.out_proj", hidden, c.labels())


def classify(pen: Tensors, c: Fields, head: str, hidden: int) -> None:
    """The heads of one layer: classes of a text or of its words, answers, choices."""
    if head in ("ForSequenceClassification", "ForTokenClassification"):
        pen.linear("classifier", hidden, c.labels())
    elif head == "ForQuestionAnswering":
        pen.linear("qa_outputs", hidden, c.labels())
    elif head == "ForMultipleChoice":
        pen.linear("classifier", hidden, 1)
