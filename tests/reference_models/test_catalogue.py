"""What `build` does of its own: it holds the model against the table of its shapes, which `check` trusts."""

from typing import get_args

import pytest
import torch
from torch import nn

from auditor.formats.recipe_learning import Loss
from auditor.training.initialization import initial_weights
from reference_models import catalogue
from reference_models.cnn import model

DIGITS = {"height": 8, "width": 8, "channels": 1, "classes": 10, "padding": "same"}


@pytest.fixture
def built_as(monkeypatch):
    """`built_as(classes)`: the model is built with that many classes, whatever was asked for."""
    honest = model.build

    def lie(classes):
        monkeypatch.setattr(model, "build", lambda given: honest({**given, "classes": classes}))

    return lie


SMALLEST = {
    "bert": {"vocabulary": 5, "width": 8},
    "cnn": DIGITS,
    "gpt": {"vocabulary": 5, "width": 8, "tied": False},
    "mlp": {"inputs": 3, "outputs": 2},
    "tdnn": {"features": 3, "outputs": 4},
}


def test_every_reference_model_has_the_tensors_that_its_table_states():
    for name in catalogue.names():
        catalogue.build(name, SMALLEST[name])  # raises where it has not


def test_every_reference_model_names_losses_that_a_recipe_can_ask_for():
    known = {part.model_fields["kind"].annotation.__args__[0] for part in get_args(get_args(Loss)[0])}
    for name in catalogue.names():
        assert set(catalogue.losses(name)) <= known
        assert catalogue.takes_tokens(name) is (name in ("bert", "gpt"))


@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize("scheme", ["keras", "torch", "gpt2"])
def test_every_scheme_draws_every_tensor_and_the_same_seed_the_same_bytes(name, scheme):
    shapes = catalogue.shapes(name, SMALLEST[name])
    first, again, other = (initial_weights(shapes, scheme, seed) for seed in (3, 3, 4))
    assert {key: value.shape for key, value in first.items()} == shapes
    assert all(first[key].tobytes() == again[key].tobytes() for key in shapes)
    assert any(first[key].tobytes() != other[key].tobytes() for key in shapes)


def test_a_model_that_is_not_its_table_is_our_bug_and_names_the_tensor(built_as):
    built_as(7)
    with pytest.raises(RuntimeError, match=r"`head\.weight` of cnn is stated to be 10x256, and is 7x256"):
        catalogue.build("cnn", DIGITS)


def test_a_tensor_that_the_table_lacks_is_named_too(monkeypatch):
    honest = model.build

    def with_one_more(given):
        built = honest(given)
        with torch.device("meta"):
            built.scale = nn.Parameter(torch.ones(()))
        return built

    monkeypatch.setattr(model, "build", with_one_more)
    with pytest.raises(RuntimeError, match="`scale` of cnn is stated to be absent, and is a single number"):
        catalogue.build("cnn", DIGITS)
