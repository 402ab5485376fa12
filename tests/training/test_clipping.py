"""Clipped gradients, against torch's own."""

import pytest
import torch
from torch import nn

from auditor.training.clipping import clipped
from auditor.training.session import Session


def some(scale):
    return [
        torch.randn(shape, generator=torch.Generator().manual_seed(1)) * scale for shape in ((4, 3), (7,))
    ]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6, float("inf"), float("nan")])
def test_they_are_those_of_torch(scale):
    weights = [nn.Parameter(torch.zeros_like(one)) for one in some(1)]
    for weight, gradient in zip(weights, some(scale), strict=True):
        weight.grad = gradient
    nn.utils.clip_grad_norm_(weights, 0.5)
    for mine, weight in zip(clipped(some(scale), 0.5), weights, strict=True):
        assert torch.equal(mine, weight.grad) or (mine.isnan() == weight.grad.isnan()).all()


def test_what_was_given_stays_as_it_is():
    given = some(10)
    clipped(given, 0.5)
    assert all(torch.equal(one, other) for one, other in zip(given, some(10), strict=True))


def test_a_step_is_at_most_as_long_as_the_norm_times_the_learning_rate(task_with):
    session = Session(task_with(optimizer={"kind": "sgd", "lr": 1.0}, training={"clip_norm": 0.01}), 1)
    before = {name: value.clone() for name, value in session.tensors().items()}
    session.advance()
    squares = sum((value - before[name]).square().sum().item() for name, value in session.tensors().items())
    assert squares**0.5 == pytest.approx(0.01, rel=1e-3)
