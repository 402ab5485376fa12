"""Models of speech: Whisper, and encoders of sound waves of wav2vec 2.0's kind."""

from __future__ import annotations

from auditor.shapes.bart import transformer_layer
from auditor.shapes.fields import Fields, Untold
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.side import Side

# Stored until torch 2.0 as weight_g and weight_v (torch.nn.utils.weight_norm).
_RENAMES = (
    ("conv.weight_g", "conv.parametrizations.weight.original0"),
    ("conv.weight_v", "conv.parametrizations.weight.original1"),
)
_OTHERS = (
    "lm_head.",
    "quantizer.",
    "project_hid.",
    "project_q.",
    "projector.",
    "classifier.",
    "layer_weights",
)


def whisper(c: Fields, head: str) -> Layout:
    """Radford et al. 2022, arXiv 2212.04356: no biases on keys, and the sound's positions are sines."""
    layout = Layout("model.", others=("proj_out.",))
    body, width = layout.body(), c.size("d_model", 384, also="hidden_size")
    encoder, decoder = body.under("encoder"), body.under("decoder")
    encoder.convolution("conv1", c.size("num_mel_bins", 80), width, 3)
    encoder.convolution("conv2", width, width, 3)
    encoder.embedding("embed_positions", c.size("max_source_positions", 1500), width)
    layout.words(decoder, "embed_tokens", c.size("vocab_size", 51865), width)
    decoder.embedding("embed_positions", c.size("max_target_positions", 448), width)
    for name, pen in (("encoder", encoder), ("decoder", decoder)):
        inner = c.size(f"{name}_ffn_dim", 1536)
        for layer in layout.stack(pen, "layers", c.layers(f"{name}_layers", 4)):
            transformer_layer(layer, width, inner, crossed=name == "decoder", key_bias=False)
        pen.norm("layer_norm", width)
    if head == "ForConditionalGeneration":
        layout.logits("proj_out", width, tied=c.flag("tie_word_embeddings", default=True))
    return layout


def wav2vec2(c: Fields, head: str) -> Layout:
    """Baevski et al. 2020, arXiv 2006.11477."""
    for name in ("add_adapter", "use_weighted_layer_sum"):
        c.plain(name, False)
    c.plain("adapter_attn_dim")
    layout = _waves(c, "wav2vec2.", projection_norm=True)
    hidden, pen = c.size("hidden_size", 768), layout.head()
    if head == "ForPreTraining":
        groups, each = c.size("num_codevector_groups", 2), c.size("num_codevectors_per_group", 320)
        last, code = _channels(c)[-1], c.size("codevector_dim", 256)
        pen.add("quantizer.codevectors", 1, groups * each, code // groups)
        pen.linear("quantizer.weight_proj", last, groups * each)
        pen.linear("project_hid", hidden, c.size("proj_codevector_dim", 256))
        pen.linear("project_q", code, c.size("proj_codevector_dim", 256))
    else:
        _classify(pen, c, head, hidden)
    return layout


def hubert(c: Fields, head: str) -> Layout:
    """Hsu et al. 2021, arXiv 2106.07447."""
    for name in ("add_adapter", "use_weighted_layer_sum", "conv_pos_batch_norm"):
        c.plain(name, False)
    c.plain("adapter_attn_dim")
    layout = _waves(c, "hubert.", projection_norm=c.flag("feat_proj_layer_norm", default=True))
    _classify(layout.head(), c, head, c.size("hidden_size", 768))
    return layout


def _waves(c: Fields, prefix: str, *, projection_norm: bool) -> Layout:
    layout = Layout(prefix, others=_OTHERS, renames=_RENAMES)
    body, hidden, channels = layout.body(), c.size("hidden_size", 768), _channels(c)
    _filters(body.under("feature_extractor.conv_layers"), c, channels)
    if projection_norm:
        body.norm("feature_projection.layer_norm", channels[-1])
    body.linear("feature_projection.projection", channels[-1], hidden)
    # Used in training alone, and built only where the config masks.
    Tensors(layout.optional, prefix).add("masked_spec_embed", hidden)
    kernel, groups = c.size("num_conv_pos_embeddings", 128), c.size("num_conv_pos_embedding_groups", 16)
    position = body.under("encoder.pos_conv_embed.conv")
    position.add("bias", hidden)
    position.add("parametrizations.weight.original0", 1, 1, kernel)
    position.add("parametrizations.weight.original1", hidden, hidden // groups, kernel)
    body.norm("encoder.layer_norm", hidden)
    inner = c.size("intermediate_size", 3072)
    for layer in layout.stack(body, "encoder.layers", c.layers("num_hidden_layers", 12)):
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            layer.linear(f"attention.{name}", hidden, hidden)
        layer.norm("layer_norm", hidden)
        layer.linear("feed_forward.intermediate_dense", hidden, inner)
        layer.linear("feed_forward.output_dense", inner, hidden)
        layer.norm("final_layer_norm", hidden)
    return layout


def _channels(c: Fields) -> tuple[Side, ...]:
    return c.numbers("conv_dim", (512,) * 7)


def _filters(pen: Tensors, c: Fields, channels: tuple[Side, ...]) -> None:
    """The convolutions over the wave; the norm of the first, or of each."""
    kernels = c.numbers("conv_kernel", (10, 3, 3, 3, 3, 2, 2))
    kind = c.word("feat_extract_norm", "group")
    if len(kernels) != len(channels) or not channels or kind not in ("group", "layer"):
        raise Untold("`conv_dim`, `conv_kernel` and `feat_extract_norm` make no feature extractor")
    inputs = 1
    for index, (outputs, kernel) in enumerate(zip(channels, kernels, strict=True)):
        pen.convolution(f"{index}.conv", inputs, outputs, kernel, bias=c.flag("conv_bias", default=False))
        if index == 0 or kind == "layer":
            pen.norm(f"{index}.layer_norm", outputs)
        inputs = outputs


def _classify(pen: Tensors, c: Fields, head: str, hidden: Side) -> None:
    if head == "ForCTC":
        pen.linear("lm_head", hidden, c.size("vocab_size", 32))
    elif head == "ForSequenceClassification":
        narrow = c.size("classifier_proj_size", 256)
        pen.linear("projector", hidden, narrow)
        pen.linear("classifier", narrow, c.labels())
