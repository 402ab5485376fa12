"""The formulas of every family against the model that transformers builds of the same config."""

import math
from contextlib import suppress

import pytest

from auditor.readers.safetensors import read_safetensors
from auditor.shapes import layout as written
from auditor.shapes.comparison import compare
from auditor.shapes.families import FAMILIES, layout, shapes
from auditor.shapes.fields import Untold
from tests.shapes.oracle import built, saved
from tests.shapes.variants import VARIANTS

CASES = [  # every class once, and every variant with the base model and the first of its heads
    pytest.param(kind, name, fields, id=f"{name}-{variant}")
    for kind, family in FAMILIES.items()
    for place, name in enumerate(family.architectures())
    for variant, fields in enumerate(VARIANTS[kind])
    if place < 2 or variant == 0
]
DEFAULTS = [(kind, list(family.architectures())[:2][-1]) for kind, family in FAMILIES.items()]
SMALL = {"num_labels": 2}  # DistilBERT takes no other number for answers


def differences(config, found):
    """Everything that a comparison can tell."""
    result = compare(layout(config), found)
    return [
        result.stacks,
        result.missing,
        result.missing_heads,
        result.missing_output,
        result.unexpected,
        result.differing,
    ]


NOTHING = [[], [], [], "", [], []]


@pytest.mark.parametrize(("kind", "name", "fields"), CASES)
def test_the_formulas_give_what_transformers_saves(kind, name, fields):
    config, found = saved(
        built(kind, name, fields | SMALL if name == "DistilBertForQuestionAnswering" else fields)
    )
    assert differences(config, found) == NOTHING
    expected = layout(config)
    sines = {key for key in found if key.endswith(expected.buffers or ("\0",))}
    own = compare(expected, found).found
    kept = {own[key] for key in expected.required() if key in own}
    optional = {own[key] for key in expected.optional if key in own}
    assert kept | optional == found.keys() - sines
    n_parameters = sum(math.prod(shape) for key, shape in found.items() if key in kept)
    assert sum(math.prod(shape) for shape in shapes(config).values()) == n_parameters


@pytest.mark.parametrize(("kind", "name"), DEFAULTS, ids=[name for _, name in DEFAULTS])
def test_fields_that_are_left_out_have_the_defaults_of_transformers(kind, name):
    _, found = saved(built(kind, name, {}))
    assert differences({"model_type": kind, "architectures": [name]}, found) == NOTHING


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_tensor_that_is_taken_away_is_missed(kind):
    name = next(iter(FAMILIES[kind].architectures()))
    config, found = saved(built(kind, name, VARIANTS[kind][0]))
    base = layout(config).base
    result = compare(layout(config), found)
    for own in [key for key in found if key in {result.found.get(each) for each in base}]:
        left = compare(layout(config), {key: shape for key, shape in found.items() if key != own})
        assert left.missing or left.stacks, own


@pytest.mark.parametrize("kind", FAMILIES)
def test_a_side_that_is_changed_is_seen(kind):
    name = next(iter(FAMILIES[kind].architectures()))
    config, found = saved(built(kind, name, VARIANTS[kind][0]))
    buffers = layout(config).buffers or ("\0",)
    for own, shape in found.items():
        for index in () if own.endswith(buffers) else range(len(shape)):
            changed = (*shape[:index], shape[index] + 1, *shape[index + 1 :])
            assert [one.met for one in compare(layout(config), found | {own: changed}).differing] == [changed]


@pytest.mark.parametrize(
    ("kind", "name"), [("gpt2", "GPT2LMHeadModel"), ("bert", "BertForMaskedLM"), ("vit", "ViTModel")]
)
def test_files_that_transformers_really_writes_hold_what_was_told(kind, name, tmp_path):
    import torch

    model = built(kind, name, VARIANTS[kind][0]).to_empty(device="cpu")
    for tensor in model.state_dict().values():
        torch.nn.init.zeros_(tensor)
    model.tie_weights()
    model.save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    with path.open("rb") as stream:
        header = read_safetensors(path.name, stream, path.stat().st_size)
    config, _ = saved(model)
    assert differences(config, {tensor.name: tensor.shape for tensor in header.tensors}) == NOTHING


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model_type": "unheard_of"}, "`unheard_of` are not known"),
        ({"model_type": ["gpt2"]}, "are not known"),
        ({"architectures": None}, "does not name one class"),
        ({"architectures": ["GPT2LMHeadModel", "GPT2Model"]}, "does not name one class"),
        ({"architectures": ["GPT2ForEverything"]}, "no class of `model_type` `gpt2`"),
        ({"n_embd": "768"}, "`n_embd` is no whole number"),
        ({"n_embd": True}, "`n_embd` is no whole number"),
        ({"n_embd": -1}, "`n_embd` is no whole number"),
        ({"n_embd": None}, "has no `n_embd`"),
        ({"n_embd": 10**40}, "`n_embd` is no whole number"),
        ({"n_layer": 10**9}, "`n_layer` is above 10,000"),
        ({"add_cross_attention": True}, "`add_cross_attention` is True"),
        ({"tie_word_embeddings": "yes"}, "`tie_word_embeddings` is neither true nor false"),
    ],
)
def test_what_is_not_known_is_said_and_not_guessed(changes, told):
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}
    with pytest.raises(Untold, match=told):
        layout(config | changes)


def test_a_config_cannot_ask_for_more_tensors_than_memory_holds():
    config = {"model_type": "qwen3_moe", "architectures": ["Qwen3MoeForCausalLM"], "num_experts": 2**31 - 1}
    with pytest.raises(Untold, match="more than 100,000 tensors"):
        layout(config)


def test_the_second_config_that_old_clip_releases_hold_overrides_the_first():
    fields = VARIANTS["clip"][0] | {
        "text_config_dict": {"hidden_size": 64, "num_hidden_layers": 1},
        "vision_config_dict": None,
    }
    _, found = saved(built("clip", "CLIPModel", fields))
    assert differences({"model_type": "clip", "architectures": ["CLIPModel"], **fields}, found) == NOTHING


JUNK = (None, True, -1, 0, 1.5, 10**40, "x", "", [], ["x"], [1], {}, {"x": 1}, 2**31 - 1)


@pytest.mark.parametrize("kind", FAMILIES)
def test_junk_in_any_field_is_not_known_and_never_a_crash(kind, monkeypatch):
    monkeypatch.setattr(written, "MAX_TENSORS", 500)  # soon met where the junk is a large number
    for name in FAMILIES[kind].architectures():
        for fields in VARIANTS[kind]:
            config = {"model_type": kind, "architectures": [name], **fields}
            for key in fields.keys() | {"position_embedding_type", "id2label", "tie_word_embeddings"}:
                for junk in JUNK:
                    with suppress(Untold):
                        layout(config | {key: junk})
