"""How a side says where it came from, and which field explains shapes that differ."""

import pytest

from auditor.shapes.comparison import compare, pattern
from auditor.shapes.explanation import causes
from auditor.shapes.families import layout, shapes
from auditor.shapes.side import of_field
from tests.shapes.variants import VARIANTS

H, N, D = of_field("hidden_size", 12), of_field("heads", 3), of_field("head_dim", 4)


@pytest.mark.parametrize(
    ("side", "value", "formula"),
    [
        (H, 12, "`hidden_size`"),
        (4 * H, 48, "4 x `hidden_size`"),
        (N * D, 12, "`heads` x `head_dim`"),
        (2 * N * D, 24, "2 x `heads` x `head_dim`"),
        (H // N * D, 16, "(`hidden_size` / `heads`) x `head_dim`"),
        (H + 2 * (N * D), 36, "`hidden_size` + (2 x `heads` x `head_dim`)"),
        (H - 2, 10, "`hidden_size` - 2"),
        ((H + 1) * N, 39, "(`hidden_size` + 1) x `heads`"),
    ],
)
def test_a_side_knows_its_value_and_its_formula(side, value, formula):
    assert (int(side), side.formula) == (value, formula)


def test_a_side_is_a_number_in_every_other_respect():
    assert f"{H}" == str(H) == "12"
    assert (H, 3) == (12, 3)
    assert {H: 1}[12] == 1


@pytest.mark.parametrize(
    ("kind", "name", "field", "value"),
    [
        ("llama", "LlamaForCausalLM", "intermediate_size", 40),
        ("gpt2", "GPT2LMHeadModel", "n_embd", 64),
        ("gpt2", "GPT2LMHeadModel", "n_positions", 30),
        ("bert", "BertForMaskedLM", "max_position_embeddings", 20),
        ("bert", "BertForMaskedLM", "type_vocab_size", 2),
        ("t5", "T5ForConditionalGeneration", "d_kv", 16),
        ("t5", "T5ForConditionalGeneration", "num_heads", 6),
        ("bart", "BartForConditionalGeneration", "max_position_embeddings", 50),
        ("bart", "BartForConditionalGeneration", "decoder_ffn_dim", 64),
        ("whisper", "WhisperForConditionalGeneration", "num_mel_bins", 80),
        ("clip", "CLIPModel", "text_config.hidden_size", 48),
        ("clip", "CLIPModel", "projection_dim", 24),
        ("vit", "ViTForImageClassification", "num_labels", 3),
        ("mixtral", "MixtralForCausalLM", "intermediate_size", 96),
        ("mamba", "MambaForCausalLM", "state_size", 8),
    ],
)
def test_one_wrong_field_is_found_by_its_shapes(kind, name, field, value):
    config = {"model_type": kind, "architectures": [name], **VARIANTS[kind][0]}
    found = {key: tuple(map(int, shape)) for key, shape in shapes(config).items()}
    first, _, rest = field.partition(".")
    wrong = config | {first: config[first] | {rest: value} if rest else value}
    result = compare(layout(wrong), found)
    (cause,) = causes(wrong, result)
    right = config[first][rest] if rest else config[first]
    assert (cause.field, cause.stated, cause.met) == (field, value, right)
    assert len(cause.differences) == len(result.differing) > 0


def test_a_pattern_has_a_star_for_each_number_between_dots():
    assert pattern("model.layers.12.mlp.experts.3.w1.weight") == "model.layers.*.mlp.experts.*.w1.weight"
    assert pattern("h1.0x.conv1d.weight") == "h1.0x.conv1d.weight"
