"""Many cases at once: the same answers as the test of one claim, whatever it is given."""

import numpy as np
import pytest

from auditor.verdict.prediction import Claimed, claim_test
from auditor.verdict.spread import Prior, spread
from auditor.verdict.states import Plan, joined, states

PLANS = {
    "plain": Plan((3, 5, 10), 0.024),
    "strict": Plan((3, 5, 10), 0.00388),
    "mean of five": Plan((5, 10), 0.03, runs=5.0),
    "best of four": Plan((3, 6), 0.024, best_of=4),
    "another laboratory": Plan((3, 5), 0.024, rho=1.0),
    "floor": Plan((3, 5), 0.024, half_unit=0.05, quantum=1.5),
    "prior": Plan((1, 3), 0.024, prior=Prior(7.5, 0.8)),
}


def one_by_one(plan, claim, runs, published):
    for n in plan.looks:
        given = {"half_unit": plan.half_unit, "quantum": plan.quantum, "prior": plan.prior}
        pooled, own = (spread(runs[:n], told, **given) for told in (published, ()))
        claimed = Claimed(claim, plan.half_unit, plan.runs, plan.best_of, None, plan.rho)
        answer = claim_test(claimed, runs[:n], pooled, plan.level, own).answer
        if answer != "inconclusive":
            break
    return answer, n


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("name", PLANS)
def test_each_case_ends_as_it_would_by_itself(name, listed):
    plan, rng = PLANS[name], np.random.default_rng(4)
    claims, runs = rng.normal(2.5, 2.0, size=80), rng.normal(size=(80, 10))
    published = rng.normal(scale=1.8, size=(80, 5)) if listed else None
    many = states(plan, claims, runs, published)
    for i in range(80):
        told = [] if published is None else published[i].tolist()
        answer, n = one_by_one(plan, claims[i], runs[i].tolist(), told)
        assert bool(many.reproduced[i]) is (answer == "reproduced")
        assert bool(many.not_reproduced[i]) is (answer == "not reproduced")
        assert many.n[i] == n


def test_runs_that_are_all_equal_do_not_divide_by_zero():
    told = states(Plan((3,), 0.05), np.array([1.0, 0.5, 0.0]), np.full((3, 3), 0.5))
    assert told.not_reproduced.tolist() == [True, False, False]


def test_shares_and_their_error_are_of_all_cases():
    part = states(Plan((3,), 0.05), np.array([0.0, 100.0]), np.tile([-1.0, 0.0, 1.0], (2, 1)))
    rates = joined([part, part]).rates()
    assert (rates.reproduced, rates.not_reproduced, rates.mean_n, rates.cases) == (0.5, 0.5, 3.0, 4)
    assert rates.error == 0.25
