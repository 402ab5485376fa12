"""The standard deviation behind a verdict: pooling, its guard, and the floor."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.verdict.spread import spread


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20))
def test_without_published_runs_it_is_the_sample_sd(values):
    assert spread(values).sd == pytest.approx(statistics.stdev(values), rel=1e-9, abs=1e-9)


def test_published_runs_are_pooled_by_degrees_of_freedom():
    between = spread([1.0, 3.0], [0.0, 2.0, 4.0])  # squares 2 on 1 df and 8 on 2 df
    assert between.sd == pytest.approx(math.sqrt(10 / 3))
    assert between.df == 3


def test_published_runs_that_spread_far_more_are_not_pooled():
    between = spread([0.92, 0.921, 0.922, 0.923], [0.5, 0.9, 0.1, 0.7])
    assert not between.pooled_published
    assert between.df == 3


def test_equal_fresh_runs_do_not_open_the_door_to_any_published_spread():
    assert not spread([0.5, 0.5, 0.5], [0.0, 1.0, 0.0, 1.0], quantum=0.01).pooled_published


def test_equal_runs_get_the_quantum_of_the_metric():
    assert spread([0.5, 0.5, 0.5], quantum=0.01).sd == pytest.approx(0.01 / math.sqrt(12))


def test_a_coarse_print_sets_a_floor():
    assert spread([0.5, 0.5], half_unit=0.05).sd == pytest.approx(0.05 / math.sqrt(3))


def test_items_that_flip_between_runs_set_a_floor():
    assert spread([0.5, 0.5], churn=0.02, n_items=100).sd == pytest.approx(math.sqrt(0.02 / 200))


def test_a_floor_that_holds_is_said():
    assert spread([0.5, 0.5], quantum=0.01).floored
    assert not spread([0.1, 0.9], quantum=0.01).floored
