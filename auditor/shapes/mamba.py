"""State-space models: Mamba."""

from __future__ import annotations

from auditor.shapes.fields import Fields
from auditor.shapes.layout import Layout
from auditor.shapes.side import Side


def mamba(c: Fields, head: str) -> Layout:
    """Gu and Dao 2023, arXiv 2312.00752."""
    layout = Layout(
        "backbone.", others=("lm_head.",), renames=(("backbone.embedding.", "backbone.embeddings."),)
    )
    body, hidden, state = layout.body(), c.size("hidden_size", 768), c.size("state_size", 16)
    inner, kernel = c.size("expand", 2) * hidden, c.size("conv_kernel", 4)
    if c.values.get("time_step_rank", "auto") == "auto":
        rank = Side(-(-hidden // 16), "`hidden_size` / 16", hidden.fields)
    else:
        rank = c.size("time_step_rank")
    bias = c.flag("use_bias", default=False)
    layout.words(body, "embeddings", c.size("vocab_size", 50280), hidden)
    for layer in layout.stack(body, "layers", c.layers("num_hidden_layers", 32)):
        layer.norm("norm", hidden, bias=False)
        mixer = layer.under("mixer")
        mixer.linear("in_proj", hidden, 2 * inner, bias=bias)
        mixer.convolution("conv1d", 1, inner, kernel, bias=c.flag("use_conv_bias", default=True))
        mixer.linear("x_proj", inner, rank + 2 * state, bias=False)
        mixer.linear("dt_proj", rank, inner)
        mixer.add("A_log", inner, state)
        mixer.add("D", inner)
        mixer.linear("out_proj", inner, hidden, bias=bias)
    body.norm("norm_f", hidden, bias=False)
    if head == "ForCausalLM":
        layout.logits("lm_head", hidden, tied=c.flag("tie_word_embeddings", default=True))
    return layout
