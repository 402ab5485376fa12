"""Levels of looks: their total error, measured with other random numbers and scipy's own t."""

import numpy as np
import pytest
from scipy import stats

from auditor.verdict.looks import LEVELS, look_level, look_reached, simulated_level

CASES = 60_000


def total_error(looks, level, runs=1.0):
    """How often an honest claim has p below `level` at any look, by brute force."""
    rng = np.random.default_rng(77)
    claim = rng.normal(scale=runs**-0.5, size=CASES)
    fresh = rng.normal(size=(CASES, looks[-1]))
    failed = np.zeros(CASES, bool)
    for n in looks:
        seen = fresh[:, :n]
        t = (claim - seen.mean(1)) / (seen.std(1, ddof=1) * np.sqrt(1 / runs + 1 / n))
        failed |= stats.t.sf(t, n - 1) < level
    return failed.mean()


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("looks", LEVELS)
@pytest.mark.parametrize("runs", [1.0, 1e6])
def test_the_levels_of_the_table_add_up_to_the_total(looks, alpha, runs):
    # 3.5 standard errors, and the levels are rounded down
    expected = pytest.approx(alpha, abs=3.5 * (alpha / CASES) ** 0.5 + 0.03 * alpha)
    assert total_error(looks, look_level(looks, alpha, runs), runs) == expected


@pytest.mark.parametrize("runs", [2.0, 5.0])
def test_a_mean_of_few_runs_stays_within_the_total(runs):
    assert total_error((3, 5, 10), look_level((3, 5, 10), 0.05, runs), runs) < 0.053


def test_one_look_fixed_beforehand_has_the_whole_level():
    assert look_level((5,), 0.05) == 0.05


def test_a_plan_that_is_not_in_the_table_is_simulated():
    level = look_level((4, 8), 0.05)
    assert total_error((4, 8), level) == pytest.approx(0.05, abs=0.003)


def test_the_table_is_what_the_simulation_gives():
    assert simulated_level((5, 10), 0.05) == pytest.approx(0.0341, rel=0.02)


def test_the_look_reached_is_the_largest_one():
    assert [look_reached((3, 5, 10), n) for n in (1, 3, 4, 9, 12)] == [None, 3, 3, 5, 10]
