"""Pairs of encoders, one of text and one of pictures, and each of them alone: CLIP, SigLIP."""

from __future__ import annotations

from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout, Tensors
from auditor.shapes.side import Side

_BUFFERS = ("embeddings.position_ids",)
_OTHERS = ("text_projection.", "visual_projection.", "logit_scale", "logit_bias", "classifier.")


def clip(c: Fields, head: str) -> Layout:
    """Radford et al. 2021, arXiv 2103.00020."""
    layout = Layout(others=_OTHERS, buffers=_BUFFERS)
    vision = _inner(c, "vision_config")
    wide = _clip_vision(layout, vision)
    if head == "ForImageClassification":
        layout.others += ("text_model.",)
        layout.head().linear("classifier", wide, c.labels())
        return layout
    narrow, shared = _clip_text(layout, _inner(c, "text_config")), c.size("projection_dim", 512)
    body = layout.body()
    body.linear("visual_projection", wide, shared, bias=False)
    body.linear("text_projection", narrow, shared, bias=False)
    body.add("logit_scale")
    return layout


def clip_text(c: Fields, head: str) -> Layout:
    """CLIP's encoder of text, as in pipelines that make pictures."""
    layout = Layout("text_model.", others=("vision_model.", *_OTHERS), buffers=_BUFFERS)
    width = _clip_text(layout, c)
    if head == "ModelWithProjection":
        layout.head().linear("text_projection", width, c.size("projection_dim", 512), bias=False)
    return layout


def clip_vision(c: Fields, head: str) -> Layout:
    """CLIP's encoder of pictures."""
    layout = Layout("vision_model.", others=("text_model.", *_OTHERS), buffers=_BUFFERS)
    width = _clip_vision(layout, c)
    if head == "ModelWithProjection":
        layout.head().linear("visual_projection", width, c.size("projection_dim", 512), bias=False)
    return layout


def siglip(c: Fields, head: str) -> Layout:
    """Zhai et al. 2023, arXiv 2303.15343."""
    layout = Layout(others=_OTHERS, buffers=_BUFFERS)
    wide = _siglip_vision(layout, c.part("vision_config"))
    if head == "ForImageClassification":
        layout.others += ("text_model.",)
        layout.head().linear("classifier", wide, c.labels())
        return layout
    text = c.part("text_config")
    width = _text(layout, text, vocab=32000, hidden=768, inner=3072, positions=64)
    layout.body().linear("text_model.head", width, text.given("projection_size") or width)
    layout.body().add("logit_scale", 1)
    layout.body().add("logit_bias", 1)
    return layout


def _inner(c: Fields, name: str) -> Fields:
    """The config of one side; a second one, which old releases hold beside it, overrides all of it."""
    return c.part(f"{name}_dict" if c.values.get(f"{name}_dict") is not None else name)


def _clip_text(layout: Layout, c: Fields) -> Side:
    return _text(layout, c, vocab=49408, hidden=512, inner=2048, positions=77)


def _text(layout: Layout, c: Fields, *, vocab: int, hidden: int, inner: int, positions: int) -> Side:
    body, width = Tensors(layout.base, "text_model."), c.size("hidden_size", hidden)
    layout.words(body, "embeddings.token_embedding", c.size("vocab_size", vocab), width)
    body.embedding("embeddings.position_embedding", c.size("max_position_embeddings", positions), width)
    layout.positions = "text_model.embeddings.position_embedding.weight"
    _layers(layout, body, c, width, c.size("intermediate_size", inner))
    body.norm("final_layer_norm", width)
    return width


def _clip_vision(layout: Layout, c: Fields) -> Side:
    body, width = Tensors(layout.base, "vision_model."), c.size("hidden_size", 768)
    image, patch = c.size("image_size", 224), c.size("patch_size", 32)
    body.add("embeddings.class_embedding", width)
    body.convolution("embeddings.patch_embedding", c.size("num_channels", 3), width, patch, patch, bias=False)
    body.embedding("embeddings.position_embedding", (image // patch) * (image // patch) + 1, width)
    body.norm("pre_layrnorm", width)  # its name in transformers
    _layers(layout, body, c, width, c.size("intermediate_size", 3072))
    body.norm("post_layernorm", width)
    return width


def _siglip_vision(layout: Layout, c: Fields) -> Side:
    body, width = Tensors(layout.base, "vision_model."), c.size("hidden_size", 768)
    image, patch, inner = (
        c.size("image_size", 224),
        c.size("patch_size", 16),
        c.size("intermediate_size", 3072),
    )
    body.convolution("embeddings.patch_embedding", c.size("num_channels", 3), width, patch, patch)
    body.embedding("embeddings.position_embedding", (image // patch) * (image // patch), width)
    _layers(layout, body, c, width, inner)
    body.norm("post_layernorm", width)
    if c.flag("vision_use_head", default=True):
        head = body.under("head")
        head.add("probe", 1, 1, width)
        head.add("attention.in_proj_weight", 3 * width, width)
        head.add("attention.in_proj_bias", 3 * width)
        head.linear("attention.out_proj", width, width)
        head.norm("layernorm", width)
        head.linear("mlp.fc1", width, inner)
        head.linear("mlp.fc2", inner, width)
    return width


def _layers(layout: Layout, body: Tensors, c: Fields, width: Side, inner: Side) -> None:
    for layer in layout.stack(body, "encoder.layers", c.layers("num_hidden_layers", 12)):
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            layer.linear(f"self_attn.{name}", width, width)
        layer.norm("layer_norm1", width)
        layer.linear("mlp.fc1", width, inner)
        layer.linear("mlp.fc2", inner, width)
        layer.norm("layer_norm2", width)
