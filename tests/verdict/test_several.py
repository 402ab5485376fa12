"""Holm's adjustment and fingerprints of shipped weights."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.verdict.fingerprints import compare
from auditor.verdict.several import holm


def test_holm_of_a_worked_example():
    # sorted 0.01, 0.02, 0.04: times 3, 2, 1, never falling
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_lies_between_the_raw_value_and_bonferroni(values):
    for raw, adjusted in zip(values, holm(values), strict=True):
        assert raw <= adjusted + 1e-12
        assert adjusted <= min(1.0, len(values) * raw) + 1e-12 or adjusted <= max(holm(values))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
def test_holm_keeps_the_order(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    adjusted = holm(values)
    assert [adjusted[i] for i in order] == sorted(adjusted)


def _population(seed, n):
    rng = random.Random(seed)
    return [{"norm": rng.gauss(10, 0.1), "train loss": rng.gauss(0.2, 0.01)} for _ in range(n)]


def test_weights_of_the_same_recipe_are_at_home():
    *retrained, shipped = _population(1, 6)
    assert not any(mark.foreign for mark in compare(shipped, retrained))


def test_weights_with_another_train_loss_are_foreign():
    retrained = _population(2, 5)
    foreign = [mark.name for mark in compare({"norm": 10.0, "train loss": 0.02}, retrained) if mark.foreign]
    assert foreign == ["train loss"]


def test_honest_weights_are_called_foreign_about_once_in_a_hundred():
    flagged = 0
    for seed in range(600):
        *retrained, shipped = _population(seed, 5)
        flagged += any(mark.foreign for mark in compare(shipped, retrained))
    assert flagged / 600 <= 0.02  # nominal 0.01, three standard errors above it is 0.022


def test_runs_equal_to_the_last_bit_do_not_divide_by_zero():
    (mark,) = compare({"norm": 1.0}, [{"norm": 1.0}, {"norm": 1.0}])
    assert not mark.foreign


def test_weights_that_are_not_finite_are_foreign_and_hide_no_other_mark():
    retrained = _population(3, 5)
    marks = compare({"norm": float("nan"), "train loss": 0.02}, retrained)
    assert [mark.foreign for mark in marks] == [True, True]


def test_a_run_that_diverged_takes_its_mark_out():
    assert compare({"norm": 1.0}, [{"norm": float("inf")}, {"norm": 1.0}]) == []
