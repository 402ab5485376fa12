"""Learning rates, held against torch's and transformers' own schedules where the definitions are the same."""

import math
import warnings
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from auditor.formats.recipe_learning import (
    Constant,
    Cosine,
    InverseSquareRoot,
    Linear,
    OneCycle,
    Staircase,
)
from auditor.training.schedules import boundaries, rate

STEPS, LR = 40, 0.3


def ours(schedule, steps=STEPS):
    return [rate(schedule, LR, step, steps) for step in range(steps)]


def theirs(make, steps=STEPS):
    """The learning rates of a loop that asks the scheduler after each step."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=LR)
    scheduler, rates = make(optimizer), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that no step of the optimizer came before the scheduler's
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            scheduler.step()
    return rates


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (Constant(), lambda o: lr_scheduler.ConstantLR(o, factor=1)),
        (
            Constant(warmup_steps=7),
            lambda o: lr_scheduler.LambdaLR(o, lambda step: min(1, step / 7)),
        ),
        (
            Staircase(kind="step", milestones=[10, 25, 30], gamma=0.2),
            lambda o: lr_scheduler.MultiStepLR(o, [10, 25, 30], gamma=0.2),
        ),
        (
            Staircase(kind="step", milestones=[10, 20, 30], gamma=0.5),
            lambda o: lr_scheduler.StepLR(o, 10, gamma=0.5),
        ),
        (
            Cosine(kind="cosine", floor=0.1),
            lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.1 * LR),
        ),
        (
            Linear(kind="linear", floor=0.2),
            lambda o: lr_scheduler.LinearLR(o, 1.0, 0.2, total_iters=STEPS),
        ),
        (
            OneCycle(kind="one-cycle"),
            lambda o: lr_scheduler.OneCycleLR(o, LR, total_steps=STEPS + 1, cycle_momentum=False),
        ),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_the_course_is_that_of_torch(schedule, make):
    if isinstance(schedule, OneCycle):  # the scheduler is asked once more than there are steps
        assert ours(schedule, STEPS + 1)[:STEPS] == pytest.approx(theirs(make), rel=1e-12)
    else:
        assert ours(schedule) == pytest.approx(theirs(make), rel=1e-12)


@pytest.mark.parametrize(
    ("schedule", "name", "options"),
    [
        (Constant(warmup_steps=9), "get_constant_schedule_with_warmup", {}),
        (
            Linear(kind="linear", warmup_steps=9),
            "get_linear_schedule_with_warmup",
            {"num_training_steps": STEPS},
        ),
        (
            Cosine(kind="cosine", warmup_steps=9),
            "get_cosine_schedule_with_warmup",
            {"num_training_steps": STEPS},
        ),
        (
            Cosine(kind="cosine", warmup_steps=9, floor=0.1),
            "get_cosine_with_min_lr_schedule_with_warmup",
            {"num_training_steps": STEPS, "min_lr_rate": 0.1},
        ),
        (InverseSquareRoot(kind="inverse-square-root", warmup_steps=9), "get_inverse_sqrt_schedule", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_course_is_that_of_transformers(schedule, name, options):
    optimization = pytest.importorskip("transformers.optimization", reason="transformers is not installed")
    make = getattr(optimization, name)
    assert ours(schedule) == pytest.approx(
        theirs(lambda optimizer: make(optimizer, num_warmup_steps=9, **options)), rel=1e-12
    )


def test_a_linear_floor_is_the_end_of_a_polynomial_schedule_of_power_one():
    optimization = pytest.importorskip("transformers.optimization", reason="transformers is not installed")
    make = optimization.get_polynomial_decay_schedule_with_warmup
    assert ours(Linear(kind="linear", warmup_steps=9, floor=0.2)) == pytest.approx(
        theirs(lambda optimizer: make(optimizer, 9, STEPS, lr_end=0.2 * LR, power=1.0)), rel=1e-12
    )


warmups = st.integers(0, 60)
shares = st.floats(0, 1)
schedules = st.one_of(
    st.builds(Constant, warmup_steps=warmups),
    st.builds(
        Staircase,
        kind=st.just("step"),
        warmup_steps=warmups,
        milestones=st.lists(st.integers(1, 60), min_size=1, max_size=4),
        gamma=st.floats(0.01, 1),
    ),
    st.builds(Cosine, kind=st.just("cosine"), warmup_steps=warmups, floor=shares),
    st.builds(Linear, kind=st.just("linear"), warmup_steps=warmups, floor=shares),
    st.builds(
        OneCycle,
        kind=st.just("one-cycle"),
        rise=st.floats(0.01, 0.99),
        start_divisor=st.floats(1, 100),
        end_divisor=st.floats(1, 1e5),
    ),
    st.builds(InverseSquareRoot, kind=st.just("inverse-square-root"), warmup_steps=st.integers(1, 60)),
)


@settings(max_examples=50)
@given(schedules, st.integers(1, 60))
def test_no_learning_rate_is_negative_or_above_the_recipes(schedule, steps):
    assert all(0 <= one <= LR * (1 + 1e-12) for one in ours(schedule, steps))


@settings(max_examples=50)
@given(schedules, st.integers(1, 60))
def test_between_boundaries_the_learning_rate_only_rises_or_only_falls(schedule, steps):
    edges = [0, *boundaries(schedule, steps), steps]
    for first, last in pairwise(edges):
        part = [rate(schedule, LR, step, steps) for step in range(first, last)]
        changes = [b - a for a, b in pairwise(part)]
        slack = 1e-12 * LR
        assert all(change >= -slack for change in changes) or all(change <= slack for change in changes)


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        (Constant(), ()),
        (Constant(warmup_steps=5), (5,)),
        (Linear(kind="linear", warmup_steps=STEPS), ()),
        (Staircase(kind="step", warmup_steps=3, milestones=[30, 10, 10, 99]), (3, 10, 30)),
        (OneCycle(kind="one-cycle", rise=0.3), (12,)),  # the peak is step 11
        (InverseSquareRoot(kind="inverse-square-root", warmup_steps=5), (5,)),
    ],
)
def test_boundaries_are_where_the_course_changes(schedule, wanted):
    assert boundaries(schedule, STEPS) == wanted


def test_the_inverse_square_root_is_that_of_the_transformer():
    """Vaswani et al. 2017, eq. 3: d^-0.5 · min(step^-0.5, step · warmup^-1.5), whose peak is ours."""
    schedule = InverseSquareRoot(kind="inverse-square-root", warmup_steps=4)
    peak = 4**-0.5
    for step in range(1, STEPS):
        expected = LR / peak * min(step**-0.5, step * 4**-1.5)
        assert math.isclose(rate(schedule, LR, step, STEPS), expected, rel_tol=1e-12)


def test_a_cycle_too_short_to_rise_falls_from_its_peak():
    rates = ours(OneCycle(kind="one-cycle", rise=0.1), 4)
    assert rates[0] == LR
    assert rates == sorted(rates, reverse=True)
    assert ours(OneCycle(kind="one-cycle"), 1) == [LR]
