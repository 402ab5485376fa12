"""One claim against runs that came in over time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.verdict.prediction import Claimed
from auditor.verdict.sequential import Evidence, decide
from auditor.verdict.spread import Prior

RUNS = (0.971, 0.974, 0.973, 0.969, 0.976)


def decided(value, runs=RUNS, looks=(3, 5, 10), alpha=0.05, **evidence):
    return decide(Evidence(Claimed(value, 0.0005), tuple(runs), **evidence), looks, alpha)


def test_the_last_look_that_is_reached_decides():
    told = decided(0.975)
    assert [look.n for look in told.looks] == [3, 5]
    assert [look.answer for look in told.looks] == ["inconclusive", "reproduced"]
    assert told.answer == "reproduced"


def test_runs_beyond_the_last_look_wait():
    told = decided(0.975, RUNS[:4])
    assert (told.looks[-1].n, told.next_look, told.answer) == (3, 5, "inconclusive")


def test_too_few_runs_for_any_look_decide_nothing():
    told = decided(0.975, RUNS[:2])
    assert (told.looks, told.answer, told.next_look) == ((), "inconclusive", 3)


def test_one_look_fixed_beforehand_has_the_whole_level():
    assert decided(0.975, looks=(5,)).level == 0.05


def test_the_answer_for_another_laboratory_stands_beside():
    told = decided(0.985)
    assert told.elsewhere.p > told.looks[-1].p


def test_one_run_is_tested_beside_a_prior():
    told = decided(1.1, RUNS[:1], looks=(1,), prior=Prior(20.0, 1e-5))
    assert told.answer == "not reproduced"


def test_what_would_decide_is_said_where_it_is_open():
    told = decided(0.98, RUNS[:3])
    assert told.answer == "inconclusive"
    assert told.needed > 3


@pytest.mark.parametrize("value", [0.9, 0.5, -3.0])
def test_better_than_claimed_never_fails(value):
    assert decided(value).answer == "reproduced"


@given(
    st.floats(-1, 2),
    st.lists(st.integers(0, 360).map(lambda count: count / 360), min_size=3, max_size=12),
    st.integers(1, 20),
)
@settings(max_examples=50, deadline=None)
def test_runs_of_an_accuracy_never_give_a_p_of_zero(value, runs, best_of):
    claimed = Claimed(value, 0.00005, best_of=best_of)
    told = decide(Evidence(claimed, tuple(runs), quantum=1 / 360), (3, 5, 10), 0.01)
    assert all(0 < look.p <= 1 and look.sd > 0 for look in told.looks)


def test_equal_runs_do_not_fail_a_claim_one_step_above():
    told = decide(
        Evidence(Claimed(0.975, 0.0005), (351 / 360 - 1 / 360,) * 3, quantum=1 / 360), (3, 5, 10), 0.05
    )
    assert told.answer != "not reproduced"
