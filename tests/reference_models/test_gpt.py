"""The decoder: size, starting loss, no look ahead, and against GPT-2 of the transformers library."""

import math

import pytest
import torch
from torch.nn import functional

from reference_models import catalogue
from tests.reference_models.drawn import drawn, overfitted

TINY = {"vocabulary": 11, "block": 8, "layers": 2, "heads": 2, "width": 16}


@pytest.mark.parametrize(
    ("parameters", "count"),
    [({"vocabulary": 65}, 809_856), ({"vocabulary": 65, "tied": False}, 818_176)],
)
def test_the_number_of_weights_is_the_stated_one(parameters, count):
    assert sum(map(math.prod, catalogue.shapes("gpt", parameters).values())) == count


@pytest.mark.parametrize("tied", [True, False])
def test_the_loss_starts_near_that_of_guessing(tied):
    torch.manual_seed(0)
    tokens = torch.randint(11, (64, 8))
    logits = drawn("gpt", TINY | {"tied": tied}, "gpt2")(tokens)
    loss = functional.cross_entropy(logits.flatten(0, 1), torch.randint(11, (512,)))
    assert loss.item() == pytest.approx(math.log(11), abs=0.05)


@pytest.mark.parametrize("tied", [True, False])
def test_logits_agree_with_gpt2_of_transformers(tied):
    from transformers import GPT2Config, GPT2LMHeadModel

    ours = drawn("gpt", TINY | {"tied": tied}, "torch", seed=4)
    config = GPT2Config(
        vocab_size=11,
        n_positions=8,
        n_embd=16,
        n_layer=2,
        n_head=2,
        activation_function="gelu",
        tie_word_embeddings=tied,
    )
    theirs = GPT2LMHeadModel(config).eval()
    names = {
        "token_embedding": "wte",
        "place_embedding": "wpe",
        "norm": "ln_f",
        "norm1": "ln_1",
        "norm2": "ln_2",
        "attention.qkv": "attn.c_attn",
        "attention.project": "attn.c_proj",
        "feedforward.widen": "mlp.c_fc",
        "feedforward.project": "mlp.c_proj",
    }
    state = {}
    for name, value in ours.state_dict().items():
        module, _, kind = name.rpartition(".")
        if module == "head":
            state["lm_head.weight"] = value
        elif module.startswith("blocks."):
            _, number, part = module.split(".", 2)
            turned = value.T if kind == "weight" and "norm" not in part else value  # Conv1D is (in, out)
            state[f"transformer.h.{number}.{names[part]}.{kind}"] = turned
        else:
            state[f"transformer.{names[module]}.{kind}"] = value
    missing, unknown = theirs.load_state_dict(state, strict=False)
    assert not unknown
    assert set(missing) <= {"lm_head.weight"}
    tokens = torch.randint(11, (3, 8), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(ours(tokens), theirs(tokens).logits, rtol=1e-4, atol=1e-4)


def test_a_place_does_not_see_what_comes_after_it():
    model = drawn("gpt", TINY, seed=1)
    tokens = torch.arange(8).unsqueeze(0)
    changed = tokens.clone()
    changed[0, 5] = 10
    with torch.no_grad():
        before, after = model(tokens), model(changed)
    torch.testing.assert_close(before[:, :5], after[:, :5])
    assert (before[:, 5:] != after[:, 5:]).any()


def test_one_batch_can_be_overfitted():
    torch.manual_seed(0)
    tokens, targets = torch.randint(11, (4, 8)), torch.randint(11, (4, 8))

    def loss(logits):
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    assert overfitted(drawn("gpt", TINY, "gpt2"), loss, (tokens,), 200, 1e-2) < 0.05


def test_dropout_leaves_units_out_in_training_only():
    model = drawn("gpt", TINY | {"dropout": 0.5}, seed=1)
    plain = drawn("gpt", TINY, seed=1)
    tokens = torch.arange(8).unsqueeze(0)
    assert (model(tokens) == plain(tokens)).all()
    model.train()
    torch.manual_seed(0)
    assert (model(tokens) != plain(tokens)).any()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"width": 15}, "`width` 15 of gpt is not a multiple of `heads` 2"),
        ({"layers": 101}, "at most 100"),
        ({"dropout": 1.0}, "`dropout` of gpt is 1.0"),
        ({"tied": 1}, "`tied` of gpt is 1, expected true or false"),
    ],
)
def test_parameters_that_make_no_network_are_refused_in_words(change, told):
    with pytest.raises(ValueError, match=told):
        catalogue.shapes("gpt", TINY | change)


def test_blocks_longer_than_the_model_reads_are_refused():
    assert catalogue.example_shape("gpt", TINY, 5) == (5,)
    with pytest.raises(ValueError, match="blocks have 9 tokens, the model reads at most 8"):
        catalogue.example_shape("gpt", TINY, 9)
