"""What a reproduction costs and what a budget buys."""

import math

import pytest
import torch

from auditor.errors import UsageError
from auditor.reproduce.budget import affordable, detection, seconds, told
from auditor.reproduce.cost import Cost, Measured, measure
from tests.training.conftest import RECIPE, striped

COST = Cost(Measured(20, 0.01, 1.0, 2**28), steps=900, jobs=2, threads=1, n_weights=1000, device="cpu")


def test_a_seed_costs_its_steps_and_its_measuring():
    assert COST.seed_s == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("looks", "done", "rounds"),
    [
        ((3,), 0, 2),
        ((3, 5), 0, 3),
        ((3, 5, 10), 0, 6),
        ((3, 5, 10), 3, 4),
        ((3, 5, 10), 4, 4),
        ((3, 5), 5, 0),
        ((), 0, 0),
    ],
)
def test_each_look_waits_for_its_last_seed(looks, done, rounds):
    assert COST.wall_s(looks, done) == pytest.approx(10.0 * rounds)


def test_energy_is_time_times_cores_times_watts():
    assert COST.energy_wh(3.6) == pytest.approx(3.6 * 10.0 * 1 * 12.0 / 3600)
    gpu = Cost(COST.measured, 900, 1, 1, 1000, "cuda")
    assert gpu.energy_wh(1) is None


def test_the_disk_holds_all_weights_and_the_checkpoints_in_progress():
    assert COST.disk_bytes(10) == 4000 * 10 + 12_000 * 2


def test_a_few_steps_are_measured_apart():
    from auditor.formats.recipe import Recipe
    from auditor.training.task import task

    recipe = Recipe.model_validate(RECIPE)
    work = task(recipe, {"train": striped(90, 0), "test": striped(40, 1)}, torch.device("cpu"))
    found = measure(work, ("test",), [1])
    assert 1 <= found.n_steps <= 18
    assert 0 < found.step_s < 1
    assert 0 < found.evaluation_s < 10
    assert found.peak_bytes > 2**24


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("10m", 600), ("2h", 7200), ("1.5h", 5400), ("1h30m", 5400), ("2min", 120)],
)
def test_a_budget_is_a_number_and_a_unit(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "0s", "10", "m", "-5m", "10 m", "ten minutes", "1e3s", "nan", "9" * 400 + "h", "10m!", "1d1x"],
)
def test_what_is_no_budget_is_one_clear_message(text):
    with pytest.raises(UsageError, match="is no budget of time"):
        seconds(text)


@pytest.mark.parametrize(
    ("left_s", "done", "looks"),
    [(5, 0, ()), (20, 0, (3,)), (30, 0, (3, 5)), (60, 0, (3, 5, 10)), (40, 3, (3, 5, 10)), (-1, 3, ())],
)
def test_a_budget_buys_the_most_seeds_that_fit(left_s, done, looks):
    assert affordable(COST, left_s, done) == looks


@pytest.mark.parametrize("n", [3, 5, 10])
def test_what_runs_detect_is_what_a_simulation_of_the_test_finds(n):
    """An independent count: the very test of the verdict on 100,000 draws, numpy's t statistic by hand."""
    import numpy as np
    from scipy import stats

    rng, draws = np.random.default_rng(n), 100_000
    runs, honest = rng.normal(size=(draws, n)), rng.normal(size=draws)
    mean, sd = runs.mean(axis=1), runs.std(axis=1, ddof=1)
    found = detection(n, 0.024)
    limit = stats.nct.ppf(0.05, n - 1, 3 * math.sqrt(n))
    for shift, rejected, accepted in zip(
        (0, 2, 3, 5),
        (found.honest_rejected, *found.rejected),
        (found.honest_reproduced, *found.accepted),
        strict=True,
    ):
        gap = honest + shift - mean
        out = gap / (sd * math.sqrt(1 + 1 / n)) > stats.t.ppf(1 - 0.024, n - 1)
        kept = (math.sqrt(n) * gap / sd <= limit) & ~out
        assert out.mean() == pytest.approx(rejected, abs=4 * math.sqrt(0.25 / draws))
        assert kept.mean() == pytest.approx(accepted, abs=4 * math.sqrt(0.25 / draws))


def test_without_seeds_it_says_what_stays_unknown():
    assert "only the shipped weights" in told(())[0]
    assert "lucky seeds" in told(())[1]


def test_with_seeds_it_says_what_they_find_and_what_they_miss():
    lines = " ".join(told((3, 5)))
    assert "91% of claims 5 sd too high" in lines
    assert "72% of claims 2 sd too high are not found out" in lines
