"""The average of a run's weights, against a closed form and torch's own."""

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from auditor.training.averaging import Average
from auditor.training.session import Session


def moved(model, step):
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(step)))


def test_it_is_torchs_average_that_first_saw_the_initial_weights():
    model = nn.Linear(5, 3)
    average = Average(model, 0.9)
    theirs = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    theirs.update_parameters(model)  # its first update copies
    for step in range(20):
        moved(model, step)
        average.update([weight.detach() for weight in model.parameters()])
        theirs.update_parameters(model)
    for mine, wanted in zip(average.weights, theirs.parameters(), strict=True):
        assert torch.equal(mine, wanted)


def test_each_weight_counts_with_a_power_of_the_decay():
    """After n steps: decay^n of the first and (1 − decay) decay^(n − i) of that after step i."""
    model = nn.Linear(1, 1, bias=False).double()
    nn.init.constant_(model.weight, 3.0)
    average = Average(model, 0.8)
    for value in (1.0, -2.0, 5.0):
        nn.init.constant_(model.weight, value)
        average.update([model.weight.detach()])
    wanted = 0.8**3 * 3 + 0.2 * (0.8**2 * 1 + 0.8 * -2 + 5)
    assert average.weights[0].item() == pytest.approx(wanted, rel=1e-12)


def test_a_run_is_measured_by_its_average(task_with):
    session = Session(task_with(training={"ema": 0.9}), 1)
    session.advance()
    first = session.task.initial_model(1).state_dict()
    for name, value in session.finished_model().state_dict().items():
        last = session.model.state_dict()[name]
        assert torch.allclose(value, 0.9 * first[name] + 0.1 * last, atol=1e-6)
        assert not torch.equal(last, first[name])


def test_the_average_leaves_the_training_as_it_is(task_with):
    plain, averaged = (Session(task_with(training=training), 1) for training in ({}, {"ema": 0.9}))
    for _ in range(5):
        assert torch.equal(plain.advance(), averaged.advance())
