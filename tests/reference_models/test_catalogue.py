"""What `build` does of its own: it holds the model against the table of its shapes, which `check` trusts."""

import pytest
import torch
from torch import nn

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


def test_every_reference_model_has_the_tensors_that_its_table_states():
    for name in catalogue.names():
        catalogue.build(name, DIGITS)  # raises where it has not


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
