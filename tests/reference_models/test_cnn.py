"""The first lesson's classifier: size, starting loss, and against an implementation of its own."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

from reference_models import catalogue
from tests.reference_models.drawn import drawn

MNIST = {"height": 28, "width": 28, "channels": 1, "classes": 10, "padding": "valid"}
DIGITS = {"height": 8, "width": 8, "channels": 1, "classes": 10, "padding": "same"}
COLOUR = {"height": 20, "width": 33, "channels": 3, "classes": 7, "padding": "same"}


@pytest.mark.parametrize(("parameters", "count"), [(MNIST, 34_826), (DIGITS, 21_386)])
def test_the_number_of_weights_is_the_stated_one(parameters, count):
    assert sum(math.prod(shape) for shape in catalogue.shapes("cnn", parameters).values()) == count


@pytest.mark.parametrize("parameters", [MNIST, DIGITS, COLOUR])
def test_the_shape_table_is_the_built_model(parameters):
    built = {
        name: tuple(value.shape) for name, value in catalogue.build("cnn", parameters).state_dict().items()
    }
    assert built == catalogue.shapes("cnn", parameters)


@pytest.mark.parametrize("parameters", [MNIST, DIGITS, COLOUR])
@pytest.mark.parametrize("scheme", ["keras", "torch"])
def test_the_loss_starts_near_that_of_guessing(parameters, scheme):
    model = drawn("cnn", parameters, scheme)
    inputs = torch.rand(256, parameters["channels"], parameters["height"], parameters["width"])
    labels = torch.arange(256) % parameters["classes"]
    loss = functional.cross_entropy(model(inputs), labels).item()
    assert loss == pytest.approx(math.log(parameters["classes"]), abs=0.15)


def test_logits_agree_with_loops_in_numpy():
    model = drawn("cnn", DIGITS, seed=3)
    image = np.random.default_rng(0).random((1, 8, 8))
    weights = {name: value.numpy().astype(np.float64) for name, value in model.state_dict().items()}
    x = _pool(np.maximum(_convolve(image, weights["conv1.weight"], weights["conv1.bias"]), 0))
    x = _pool(np.maximum(_convolve(x, weights["conv2.weight"], weights["conv2.bias"]), 0))
    expected = weights["head.weight"] @ x.reshape(-1) + weights["head.bias"]
    logits = model.double()(torch.from_numpy(image[None])).detach().numpy()[0]
    np.testing.assert_allclose(logits, expected, rtol=1e-10)


def _convolve(image, kernel, bias):
    channels, height, width = image.shape
    padded = np.zeros((channels, height + 2, width + 2))
    padded[:, 1:-1, 1:-1] = image
    out = np.zeros((len(kernel), height, width))
    for o, y, x in np.ndindex(out.shape):
        out[o, y, x] = (padded[:, y : y + 3, x : x + 3] * kernel[o]).sum() + bias[o]
    return out


def _pool(image):
    channels, height, width = image.shape
    return image.reshape(channels, height // 2, 2, width // 2, 2).max(axis=(2, 4))


def test_one_batch_can_be_overfitted():
    model = drawn("cnn", DIGITS, "keras")
    inputs, labels = torch.rand(16, 1, 8, 8), torch.arange(16) % 10
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(150):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.01


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"depth": 3}, "`depth` is not a parameter"),
        ({"classes": None}, "needs `classes`"),
        ({"height": 0}, "`height` of cnn is 0"),
        ({"height": 8.0}, "`height` of cnn is 8.0"),
        ({"padding": "reflect"}, "`padding` of cnn is 'reflect'"),
        ({"height": 8, "width": 8, "padding": "valid"}, "vanishes"),
    ],
)
def test_parameters_that_make_no_network_are_refused_in_words(change, told):
    with pytest.raises(ValueError, match=told):
        catalogue.shapes("cnn", MNIST | change)


def test_an_unknown_model_has_no_shapes():
    with pytest.raises(KeyError):
        catalogue.shapes("rnn", {})
