"""Linear layers with ReLU: size, starting loss, and against torch.nn.Sequential."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from reference_models import catalogue
from tests.reference_models.drawn import drawn, overfitted

SMALL = {"inputs": 30, "hidden": 64, "layers": 2, "outputs": 2}


@pytest.mark.parametrize(
    ("parameters", "count"), [(SMALL, 6_274), ({"inputs": 784, "hidden": 256, "outputs": 10}, 269_322)]
)
def test_the_number_of_weights_is_the_stated_one(parameters, count):
    assert sum(map(math.prod, catalogue.shapes("mlp", parameters).values())) == count


@pytest.mark.parametrize("scheme", ["keras", "torch"])
def test_the_loss_starts_near_that_of_guessing(scheme):
    torch.manual_seed(0)
    loss = functional.cross_entropy(drawn("mlp", SMALL, scheme)(torch.rand(256, 30)), torch.arange(256) % 2)
    assert loss.item() == pytest.approx(math.log(2), abs=0.15)


def test_outputs_agree_with_layers_of_torch():
    model = drawn("mlp", SMALL | {"layers": 3}, seed=2)
    linear = [nn.Linear(*reversed(layer.weight.shape)) for layer in model.layers]
    stacked = nn.Sequential(*[part for layer in linear for part in (layer, nn.ReLU())][:-1])
    stacked.load_state_dict(dict(zip(stacked.state_dict(), model.state_dict().values(), strict=True)))
    vectors = torch.rand(5, 30)
    torch.testing.assert_close(model(vectors), stacked(vectors), rtol=0, atol=0)


def test_one_batch_can_be_overfitted():
    torch.manual_seed(0)
    inputs, labels = torch.rand(16, 30), torch.arange(16) % 2
    loss = overfitted(
        drawn("mlp", SMALL), lambda out: functional.cross_entropy(out, labels), (inputs,), 300, 1e-2
    )
    assert loss < 0.01


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"depth": 3}, "`depth` is not a parameter of mlp"),
        ({"inputs": None}, "mlp needs `inputs`"),
        ({"hidden": True}, "`hidden` of mlp is True"),
        ({"layers": 65}, "`layers` of mlp is 65, expected at most 64"),
    ],
)
def test_parameters_that_make_no_network_are_refused_in_words(change, told):
    with pytest.raises(ValueError, match=told):
        catalogue.shapes("mlp", SMALL | change)


def test_vectors_of_another_size_are_refused():
    with pytest.raises(ValueError, match="7 inputs an example, the model takes 30"):
        catalogue.example_shape("mlp", SMALL, 7)
