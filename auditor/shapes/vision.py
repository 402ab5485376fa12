"""Encoders of pictures cut into patches: ViT, DeiT, DINOv2."""

from __future__ import annotations

from auditor.shapes.fields import Fields, Untold
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.side import Side

_OTHERS = ("classifier.", "pooler.", "decoder.", "cls_classifier.", "distillation_classifier.")


def vit(c: Fields, head: str) -> Layout:
    """Dosovitskiy et al. 2020, arXiv 2010.11929."""
    layout, hidden = _vit(c, "vit.", tokens=("cls_token",))
    _pooler(layout, c, hidden, "vit.", possible=head == "Model")
    if head == "ForImageClassification":
        layout.head().linear("classifier", hidden, c.labels())
    return layout


def deit(c: Fields, head: str) -> Layout:
    """Touvron et al. 2020, arXiv 2012.12877: one more token, which learns from a teacher."""
    layout, hidden = _vit(c, "deit.", tokens=("cls_token", "distillation_token"))
    _pooler(layout, c, hidden, "deit.", possible=head == "Model")
    if head == "ForImageClassification":
        layout.head().linear("classifier", hidden, c.labels())
    elif head == "ForImageClassificationWithTeacher":
        layout.head().linear("cls_classifier", hidden, c.labels())
        layout.head().linear("distillation_classifier", hidden, c.labels())
    return layout


def dinov2(c: Fields, head: str) -> Layout:
    """Oquab et al. 2023, arXiv 2304.07193."""
    layout = Layout("dinov2.", others=_OTHERS)
    body, hidden = layout.body(), c.size("hidden_size", 768)
    body.add("embeddings.cls_token", 1, 1, hidden)
    if c.flag("use_mask_token", default=True):
        body.add("embeddings.mask_token", 1, hidden)
    _patches(body, c, hidden, patch=14, tokens=1)
    ratio = c.size("mlp_ratio", 4)
    gated = c.flag("use_swiglu_ffn", default=False)
    for layer in layout.stack(body, "encoder.layer", c.layers("num_hidden_layers", 12)):
        layer.norm("norm1", hidden)
        layer.norm("norm2", hidden)
        _attention(layer, hidden, bias=c.flag("qkv_bias", default=True))
        layer.add("layer_scale1.lambda1", hidden)
        layer.add("layer_scale2.lambda1", hidden)
        if gated:  # two thirds of the width, rounded up to eights (modeling_dinov2.py, Dinov2SwiGLUFFN)
            eights = (int(hidden * ratio * 2 / 3) + 7) // 8 * 8
            inner = Side(eights, "2/3 x `hidden_size` x `mlp_ratio`", hidden.fields + ratio.fields)
            layer.linear("mlp.weights_in", hidden, 2 * inner)
            layer.linear("mlp.weights_out", inner, hidden)
        else:
            layer.linear("mlp.fc1", hidden, ratio * hidden)
            layer.linear("mlp.fc2", ratio * hidden, hidden)
    body.norm("layernorm", hidden)
    if head == "ForImageClassification":
        layout.head().linear("classifier", 2 * hidden, c.labels())
    return layout


def _vit(c: Fields, prefix: str, *, tokens: tuple[str, ...]) -> tuple[Layout, Side]:
    layout = Layout(prefix, others=_OTHERS)
    body, hidden = layout.body(), c.size("hidden_size", 768)
    for token in tokens:
        body.add(f"embeddings.{token}", 1, 1, hidden)
    Tensors(layout.optional, prefix).add("embeddings.mask_token", 1, 1, hidden)
    _patches(body, c, hidden, patch=16, tokens=len(tokens))
    inner = c.size("intermediate_size", 3072)
    for layer in layout.stack(body, "encoder.layer", c.layers("num_hidden_layers", 12)):
        _attention(layer, hidden, bias=c.flag("qkv_bias", default=True))
        layer.linear("intermediate.dense", hidden, inner)
        layer.linear("output.dense", inner, hidden)
        layer.norm("layernorm_before", hidden)
        layer.norm("layernorm_after", hidden)
    body.norm("layernorm", hidden)
    return layout, hidden


def _patches(body: Tensors, c: Fields, hidden: Side, *, patch: int, tokens: int) -> None:
    """The projection of a patch, and a position for each patch and each token."""
    image, size = c.size("image_size", 224), c.size("patch_size", patch)
    if size > image:
        raise Untold("`patch_size` is above `image_size`")
    body.convolution("embeddings.patch_embeddings.projection", c.size("num_channels", 3), hidden, size, size)
    body.add("embeddings.position_embeddings", 1, (image // size) * (image // size) + tokens, hidden)


def _attention(layer: Tensors, hidden: Side, *, bias: bool) -> None:
    for name in ("query", "key", "value"):
        layer.linear(f"attention.attention.{name}", hidden, hidden, bias=bias)
    layer.linear("attention.output.dense", hidden, hidden)


def _pooler(layout: Layout, c: Fields, hidden: Side, prefix: str, *, possible: bool) -> None:
    if possible:
        Tensors(layout.optional, prefix).linear(
            "pooler.dense", hidden, c.given("pooler_output_size") or hidden
        )
