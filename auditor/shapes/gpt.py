"""GPT-2 and the decoders that grew out of it: learned positions or none, layer norms, biases."""

from __future__ import annotations

from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.side import Side

# The causal mask, which versions before 4.31 stored with the weights.
_MASKS = (".attn.bias", ".attn.masked_bias", ".attn.attention.bias", ".attn.attention.masked_bias")
_OTHERS = ("lm_head.", "score.", "classifier.", "qa_outputs.", "v_head.", "multiple_choice_head.")


def gpt2(c: Fields, head: str) -> Layout:
    """Radford et al. 2019, "Language models are unsupervised multitask learners"."""
    c.plain("add_cross_attention", False)
    layout, body, hidden = _frame(c, head, width=("n_embd", 768), vocab=50257)
    body.embedding("wpe", c.size("n_positions", 1024, also="max_position_embeddings"), hidden)
    layout.positions = "transformer.wpe.weight"
    inner = c.given("n_inner") or 4 * hidden
    for layer in layout.stack(body, "h", c.layers("n_layer", 12, also="num_hidden_layers")):
        layer.turned("attn.c_attn", hidden, 3 * hidden)
        layer.turned("attn.c_proj", hidden, hidden)
        layer.turned("mlp.c_fc", hidden, inner)
        layer.turned("mlp.c_proj", inner, hidden)
        _norms(layer, hidden)
    body.norm("ln_f", hidden)
    return layout


def gpt_bigcode(c: Fields, head: str) -> Layout:
    """Ben Allal et al. 2023, arXiv 2301.03988: one key head for all queries."""
    c.plain("add_cross_attention", False)
    layout, body, hidden = _frame(c, head, width=("n_embd", 768), vocab=50257)
    body.embedding("wpe", c.size("n_positions", 1024, also="max_position_embeddings"), hidden)
    layout.positions = "transformer.wpe.weight"
    inner = c.given("n_inner") or 4 * hidden
    keys = (
        hidden // c.size("n_head", 12, also="num_attention_heads")
        if c.flag("multi_query", default=True)
        else hidden
    )
    for layer in layout.stack(body, "h", c.layers("n_layer", 12, also="num_hidden_layers")):
        layer.linear("attn.c_attn", hidden, hidden + 2 * keys)
        layer.linear("attn.c_proj", hidden, hidden)
        layer.linear("mlp.c_fc", hidden, inner)
        layer.linear("mlp.c_proj", inner, hidden)
        _norms(layer, hidden)
    body.norm("ln_f", hidden)
    return layout


def gpt_neo(c: Fields, head: str) -> Layout:
    """Black et al. 2021, GPT-Neo."""
    layout, body, hidden = _frame(c, head, width=("hidden_size", 2048), vocab=50257)
    body.embedding("wpe", c.size("max_position_embeddings", 2048), hidden)
    layout.positions = "transformer.wpe.weight"
    inner = c.given("intermediate_size") or 4 * hidden
    for layer in layout.stack(body, "h", c.layers("num_layers", 24, also="num_hidden_layers")):
        for name in ("q_proj", "k_proj", "v_proj"):
            layer.linear(f"attn.attention.{name}", hidden, hidden, bias=False)
        layer.linear("attn.attention.out_proj", hidden, hidden)
        layer.linear("mlp.c_fc", hidden, inner)
        layer.linear("mlp.c_proj", inner, hidden)
        _norms(layer, hidden)
    body.norm("ln_f", hidden)
    return layout


def gptj(c: Fields, head: str) -> Layout:
    """Wang and Komatsuzaki 2021, GPT-J: one norm a layer, and biases on the logits."""
    layout, body, hidden = _frame(c, head, width=("n_embd", 4096), vocab=50400, tied=False, bias=True)
    inner = c.given("n_inner") or 4 * hidden
    for layer in layout.stack(body, "h", c.layers("n_layer", 28, also="num_hidden_layers")):
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            layer.linear(f"attn.{name}", hidden, hidden, bias=False)
        layer.linear("mlp.fc_in", hidden, inner)
        layer.linear("mlp.fc_out", inner, hidden)
        layer.norm("ln_1", hidden)
    body.norm("ln_f", hidden)
    return layout


def codegen(c: Fields, head: str) -> Layout:
    """Nijkamp et al. 2022, arXiv 2203.13474."""
    layout, body, hidden = _frame(c, head, width=("n_embd", 4096), vocab=50400, tied=False, bias=True)
    layout.buffers += (".attn.causal_mask",)
    inner = c.given("n_inner") or 4 * hidden
    for layer in layout.stack(body, "h", c.layers("n_layer", 28, also="num_hidden_layers")):
        layer.linear("attn.qkv_proj", hidden, 3 * hidden, bias=False)
        layer.linear("attn.out_proj", hidden, hidden, bias=False)
        layer.linear("mlp.fc_in", hidden, inner)
        layer.linear("mlp.fc_out", inner, hidden)
        layer.norm("ln_1", hidden)
    body.norm("ln_f", hidden)
    return layout


def gpt_neox(c: Fields, head: str) -> Layout:
    """Black et al. 2022, arXiv 2204.06745; Pythia."""
    layout = Layout(
        "gpt_neox.",
        others=("embed_out.", *_OTHERS),
        buffers=(".attention.bias", ".attention.masked_bias", "rotary_emb.inv_freq"),
        renames=(("lm_head.", "embed_out."),),  # the name of the logits in version 5
    )
    body, hidden, rows = layout.body(), c.size("hidden_size", 6144), c.size("vocab_size", 50432)
    layout.words(body, "embed_in", rows, hidden)
    bias, inner = c.flag("attention_bias", default=True), c.size("intermediate_size", 24576)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 44)):
        layer.linear("attention.query_key_value", hidden, 3 * hidden, bias=bias)
        layer.linear("attention.dense", hidden, hidden, bias=bias)
        layer.linear("mlp.dense_h_to_4h", hidden, inner)
        layer.linear("mlp.dense_4h_to_h", inner, hidden)
        layer.norm("input_layernorm", hidden)
        layer.norm("post_attention_layernorm", hidden)
    body.norm("final_layer_norm", hidden)
    if head == "ForCausalLM":
        layout.logits("embed_out", hidden, tied=c.flag("tie_word_embeddings", default=False))
    classify(layout, c, head, hidden)
    return layout


def classify(layout: Layout, c: Fields, head: str, hidden: int) -> None:
    """The heads that decoders of this kind have for classes and for answers."""
    if head == "ForSequenceClassification":
        layout.head().linear("score", hidden, c.labels(), bias=False)
    elif head == "ForTokenClassification":
        layout.head().linear("classifier", hidden, c.labels())
    elif head == "ForQuestionAnswering":
        layout.head().linear("qa_outputs", hidden, 2)


def _frame(
    c: Fields, head: str, *, width: tuple[str, int], vocab: int, tied: bool = True, bias: bool = False
) -> tuple[Layout, Tensors, Side]:
    """A layout with embedding and head, the pen for the rest, and the hidden size."""
    layout = Layout("transformer.", others=_OTHERS, buffers=_MASKS)
    name, default = width
    body, hidden, rows = layout.body(), c.size(name, default, also="hidden_size"), c.size("vocab_size", vocab)
    layout.words(body, "wte", rows, hidden)
    if head in ("ForCausalLM", "LMHeadModel"):
        layout.logits("lm_head", hidden, tied=c.flag("tie_word_embeddings", default=tied), bias=bias)
    classify(layout, c, head, hidden)
    return layout, body, hidden


def _norms(layer: Tensors, hidden: int) -> None:
    layer.norm("ln_1", hidden)
    layer.norm("ln_2", hidden)
