"""The nudge of a run: as small as can be, everywhere, and the same each time."""

import math

import numpy as np
import pytest
import torch

from auditor.formats.recipe import Recipe
from auditor.reproduce.probe import NUDGES, deviation, distance, nudged, nudged_task, same_bits
from auditor.training import device
from auditor.training.task import task
from tests.training.conftest import RECIPE, striped

WEIGHTS = {"a": torch.tensor([[1.0, -2.0], [0.5, 3.0]]), "b": torch.zeros(2)}


@pytest.fixture
def small_task():
    recipe = Recipe.model_validate(RECIPE)
    device.settle(recipe)
    return task(recipe, {"train": striped(40, 0), "test": striped(20, 1)}, torch.device("cpu"))


@pytest.mark.parametrize("nudge", NUDGES)
def test_every_weight_moves_by_one_unit_in_the_last_place(nudge):
    for name, value in nudged(WEIGHTS, nudge).items():
        before, after = WEIGHTS[name].numpy(), value.numpy()
        up, down = np.nextafter(before, np.float32(np.inf)), np.nextafter(before, np.float32(-np.inf))
        assert ((after == up) | (after == down)).all()


def test_a_nudge_is_the_same_each_time_and_another_one_is_another():
    first, second = (nudged({"a": torch.ones(64)}, nudge) for nudge in NUDGES)
    assert same_bits(first, nudged({"a": torch.ones(64)}, NUDGES[0]))
    assert not same_bits(first, second)


def test_no_nudge_moves_nothing_and_a_nudge_leaves_the_given_weights_alone():
    kept = {name: value.clone() for name, value in WEIGHTS.items()}
    assert same_bits(nudged(WEIGHTS, 0), WEIGHTS)
    nudged(WEIGHTS, 1)
    assert same_bits(WEIGHTS, kept)


def test_a_nudged_task_differs_in_its_initial_weights_alone(small_task):
    beside = nudged_task(small_task, 1)
    assert beside.splits is small_task.splits
    assert 0 < distance(beside.initial_weights(5), small_task.initial_weights(5)) < 1e-7


def test_distance_is_a_share_of_the_norm():
    assert distance({"a": torch.tensor([3.0, 4.5])}, {"a": torch.tensor([3.0, 4.0])}) == pytest.approx(0.1)
    assert math.isnan(distance({"a": torch.tensor([float("nan")])}, {"a": torch.tensor([1.0])}))


def test_equal_values_have_no_deviation_and_a_diverged_one_has_no_number():
    assert deviation([0.1, 0.1, 0.1]) == 0.0
    assert deviation([1.0, 2.0, 3.0]) == 1.0
    assert math.isnan(deviation([1.0, math.inf]))
