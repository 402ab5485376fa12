"""Gradients: those derived by hand, of batches cut into parts, and their memory layout."""

import pytest
import torch
from torch.nn import functional

from auditor.formats.recipe_learning import CrossEntropy, MeanSquaredError
from auditor.training.batches import Batch
from auditor.training.gradients import Autograd, aligned, by_hand, gradients_for, parts
from auditor.training.linear_stack import LinearStack
from tests.training.small import small

LOSSES = [CrossEntropy(), CrossEntropy(label_smoothing=0.2), MeanSquaredError(kind="mse")]


def stacked(many, rng):
    """Weights and biases of layers 7-5-4-3 in float64, with a first axis where there are `many`."""
    first = () if many is None else (many,)
    shapes = [shape for below, above in ((7, 5), (5, 4), (4, 3)) for shape in ((above, below), (above,))]
    return [
        torch.randn(*first, *shape, dtype=torch.double, generator=rng, requires_grad=True) for shape in shapes
    ]


def one_loss(weights, inputs, targets, loss):
    x = inputs
    for matrix, bias in zip(weights[0:-2:2], weights[1:-2:2], strict=True):
        x = functional.relu(functional.linear(x, matrix, bias))
    outputs = functional.linear(x, weights[-2], weights[-1])
    if loss.kind == "mse":
        return functional.mse_loss(outputs, targets)
    return functional.cross_entropy(outputs, targets, label_smoothing=loss.label_smoothing)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("many", [None, 3])
def test_gradients_by_hand_are_those_of_autograd(loss, many):
    rng = torch.Generator().manual_seed(0)
    weights = stacked(many, rng)
    stack = LinearStack(weights, loss)
    first = () if many is None else (many,)
    for size in (6, 1, 6):
        inputs = torch.randn(*first, size, 7, dtype=torch.double, generator=rng)
        targets = (
            torch.randn(*first, size, 3, dtype=torch.double, generator=rng)
            if loss.kind == "mse"
            else torch.randint(3, (*first, size), generator=rng)
        )
        wanted = [
            one_loss([weight[k] for weight in weights], inputs[k], targets[k], loss)
            for k in ([...] if many is None else range(many))
        ]
        losses = stack(inputs, targets)
        torch.testing.assert_close(losses.reshape(-1), torch.stack(wanted).detach())
        for met, gradient in zip(stack.gradients, torch.autograd.grad(sum(wanted), weights), strict=True):
            torch.testing.assert_close(met, gradient)


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_by_hand_are_the_slopes_of_the_loss(loss):
    rng = torch.Generator().manual_seed(1)
    weights, inputs = stacked(None, rng), torch.randn(4, 7, dtype=torch.double, generator=rng)
    targets = (
        torch.eye(3, dtype=torch.double)[:, [0, 1, 2, 0]].T if loss.kind == "mse" else torch.arange(4) % 3
    )
    stack = LinearStack(weights, loss)
    with torch.no_grad():
        stack(inputs, targets)
        slope = float(stack.gradients[0][1, 2])
        weights[0][1, 2] += 1e-6
        above = float(stack(inputs, targets))
        weights[0][1, 2] -= 2e-6
        below = float(stack(inputs, targets))
    assert (above - below) / 2e-6 == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", ["mlp", "cnn", "gpt", "bert"])
@pytest.mark.parametrize("cuts", [2, 3, 100])
def test_parts_of_a_batch_add_up_to_its_gradients(name, cuts):
    whole = small(name, numerics="replay")
    cut = small(name, numerics="replay", training={"epochs": 1, "batch_size": 7, "accumulate": cuts})
    model = whole.initial_model(0)
    weights = list(model.parameters())
    from auditor.training.batches import Batches

    batch = Batches(whole, 0).at(0)
    wanted_loss, wanted = Autograd(whole, model, weights)(batch)
    loss, met = Autograd(cut, model, weights)(batch)
    torch.testing.assert_close(loss, wanted_loss)
    for a, b in zip(met, wanted, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_a_batch_has_no_more_parts_than_examples():
    batch = Batch(torch.arange(6).reshape(3, 2), torch.arange(3))
    assert [part.targets.tolist() for part in parts(batch, 2)] == [[0, 1], [2]]
    assert len(list(parts(batch, 9))) == 3


def test_a_gradient_of_another_layout_is_laid_out_as_its_weight():
    weight, gradient = torch.zeros(3, 4), torch.arange(12.0).reshape(4, 3).T
    laid = aligned(gradient, weight)
    assert laid.stride() == weight.stride()
    assert torch.equal(laid, gradient)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_gives_float32_gradients_near_the_true_ones(precision):
    exact = small("mlp", numerics="replay")
    half = small("mlp", training={"epochs": 1, "batch_size": 7, "precision": precision})
    assert not by_hand(half.recipe)
    from auditor.training.batches import Batches

    batch = Batches(exact, 0).at(0)
    model = exact.initial_model(0)
    weights = list(model.parameters())
    _, wanted = gradients_for(exact, model, weights)(batch)
    _, met = gradients_for(half, model, weights)(batch)
    for a, b in zip(met, wanted, strict=True):
        assert a.dtype == torch.float32
        assert float((a - b).norm() / b.norm()) < 0.05
