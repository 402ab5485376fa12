"""Runs that lose their way end early, and say where they did."""

import math

import pytest
import torch

from auditor.training.divergence import STRETCH, diverged_at, hopeless
from auditor.training.train import train
from auditor.training.watch import Silent, Stop

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("losses", "wanted"),
    [
        ([], None),
        ([1.0, 2.0], None),
        ([1.0, NAN, 2.0], None),  # it found back
        ([1.0, NAN, 2.0, INF, NAN], 4),
        ([NAN, NAN], 1),
    ],
)
def test_a_run_diverged_where_no_finite_loss_follows(losses, wanted):
    assert diverged_at(torch.tensor(losses)) == wanted


def test_a_run_is_hopeless_after_a_whole_stretch_without_a_number():
    losses = torch.full((3 * STRETCH,), NAN)
    losses[:10] = 1.0
    ends = [step for step in range(1, len(losses) + 1) if hopeless(losses, step)]
    assert ends == [2 * STRETCH, 3 * STRETCH]


def test_of_runs_trained_together_none_ends_while_one_has_hope():
    losses = torch.full((STRETCH, 2), NAN)
    assert hopeless(losses, STRETCH)
    losses[5, 1] = 1.0
    assert not hopeless(losses, STRETCH)


def test_a_diverged_run_ends_early_with_the_step_it_diverged_at(task_with):
    task = task_with(optimizer={"kind": "sgd", "lr": 1e30}, training={"epochs": 100, "batch_size": 16})
    trained = train(task, 1, Silent(), Stop())
    assert len(trained.losses) == 2 * STRETCH
    assert 1 < trained.diverged_at <= STRETCH
    assert torch.isfinite(trained.losses[: trained.diverged_at - 1]).all()


def test_a_sound_run_did_not_diverge(task_with):
    assert train(task_with(), 1, Silent(), Stop()).diverged_at is None
