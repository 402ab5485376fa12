"""The encoder: size, starting loss, and against BERT of the transformers library."""

import math

import pytest
import torch
from torch.nn import functional

from reference_models import catalogue
from tests.reference_models.drawn import drawn, overfitted

TINY = {"vocabulary": 11, "block": 8, "layers": 2, "heads": 2, "width": 16}


def test_the_number_of_weights_is_the_stated_one():
    shapes = catalogue.shapes("bert", {"vocabulary": 8000})
    assert sum(map(math.prod, shapes.values())) == 1_850_432


def test_the_loss_starts_near_that_of_guessing():
    torch.manual_seed(0)
    logits = drawn("bert", TINY, "gpt2")(torch.randint(12, (64, 8)), torch.arange(512))
    assert functional.cross_entropy(logits, torch.randint(11, (512,))).item() == pytest.approx(
        math.log(11), abs=0.05
    )


def test_logits_agree_with_bert_of_transformers():
    from transformers import BertConfig, BertForMaskedLM

    ours = drawn("bert", TINY, "torch", seed=4)
    config = BertConfig(
        vocab_size=12,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=8,
    )
    theirs = BertForMaskedLM(config).eval()
    state = ours.state_dict()
    head, embeddings = "cls.predictions.", "bert.embeddings."
    bias = torch.cat([state["head_bias"], torch.zeros(1)])  # theirs has a logit for the mask too
    renamed = {
        f"{embeddings}word_embeddings.weight": state["token_embedding.weight"],
        f"{embeddings}position_embeddings.weight": state["place_embedding.weight"],
        f"{embeddings}token_type_embeddings.weight": torch.zeros(2, 16),
        f"{head}bias": bias,
    }
    pairs = {
        "norm": f"{embeddings}LayerNorm",
        "transform": f"{head}transform.dense",
        "transform_norm": f"{head}transform.LayerNorm",
    }
    for number in range(2):
        here, there = f"blocks.{number}.", f"bert.encoder.layer.{number}."
        pairs |= {
            here + "attention.project": there + "attention.output.dense",
            here + "norm1": there + "attention.output.LayerNorm",
            here + "feedforward.widen": there + "intermediate.dense",
            here + "feedforward.project": there + "output.dense",
            here + "norm2": there + "output.LayerNorm",
        }
        for kind in ("weight", "bias"):
            parts = state[f"{here}attention.qkv.{kind}"].chunk(3)
            for name, value in zip(("query", "key", "value"), parts, strict=True):
                renamed[f"{there}attention.self.{name}.{kind}"] = value
    for here, there in pairs.items():
        renamed |= {f"{there}.{kind}": state[f"{here}.{kind}"] for kind in ("weight", "bias")}
    missing, unknown = theirs.load_state_dict(renamed, strict=False)
    assert not unknown
    assert set(missing) <= {f"{head}decoder.weight", f"{head}decoder.bias"}  # the embedding, and `bias`
    tokens = torch.randint(12, (3, 8), generator=torch.Generator().manual_seed(0))
    positions = torch.tensor([1, 6, 9, 23])
    with torch.no_grad():
        expected = theirs(tokens).logits.flatten(0, 1)[positions, :11]
        torch.testing.assert_close(ours(tokens, positions), expected, rtol=1e-4, atol=1e-4)


def test_one_batch_can_be_overfitted():
    torch.manual_seed(0)
    tokens, positions, targets = torch.randint(11, (4, 8)), torch.tensor([2, 9, 17, 30]), torch.arange(4)
    tokens.view(-1)[positions] = 11

    def loss(logits):
        return functional.cross_entropy(logits, targets)

    assert overfitted(drawn("bert", TINY, "gpt2"), loss, (tokens, positions), 150) < 0.05


def test_parameters_that_make_no_network_are_refused_in_words():
    with pytest.raises(ValueError, match="not a multiple of `heads`"):
        catalogue.shapes("bert", TINY | {"heads": 3})
