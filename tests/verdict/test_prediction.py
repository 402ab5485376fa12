"""The test of one claim: figures by hand, against scipy's distributions, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from auditor.verdict.prediction import (
    KAPPA,
    LOOK_LEVEL,
    LOOKS,
    Claimed,
    claim_test,
    discrepancy,
    runs_to_decide,
)
from auditor.verdict.spread import Spread, mean, spread

RUNS = [0.90, 0.92, 0.94]  # mean 0.92, sd 0.02


def answered(value, runs=RUNS, level=0.05, **claimed):
    return claim_test(Claimed(value, claimed.pop("half_unit", 0.0), **claimed), runs, spread(runs), level)


def test_t_and_p_of_a_hand_computed_case():
    # T = (0.98 - 0.92) / (0.02 √(1 + 1/3)) = 2.598; one-sided p of t(2) = 0.0608
    test = answered(0.98)
    assert test.t == pytest.approx(0.06 / (0.02 * math.sqrt(4 / 3)))
    assert test.p == pytest.approx(stats.t.sf(test.t, 2))
    assert test.p == pytest.approx(0.0608, abs=5e-4)


def test_a_claim_far_above_the_runs_is_not_reproduced():
    assert answered(1.10).answer == "not reproduced"


def test_a_claim_at_the_mean_is_reproduced():
    assert answered(0.92).answer == "reproduced"


def test_a_claim_between_is_inconclusive():
    assert answered(0.98).answer == "inconclusive"


def test_better_than_claimed_is_never_a_failure():
    assert answered(0.50).answer == "reproduced"


def test_the_limit_of_reproduced_is_the_noncentral_t_quantile():
    n = len(RUNS)
    expected = stats.nct.ppf(0.05, n - 1, KAPPA * math.sqrt(n)) / math.sqrt(n)
    assert answered(0.92).limit_sd == pytest.approx(expected, rel=1e-9)


def test_printed_rounding_is_given_to_the_claim():
    exact, rounded = answered(0.98), answered(0.98, half_unit=0.005)
    assert rounded.p > exact.p


def test_a_mean_of_many_runs_is_held_to_a_narrower_interval():
    assert answered(0.98, runs=RUNS).p > claim_test(Claimed(0.98, 0.0, runs=5), RUNS, spread(RUNS), 0.05).p


def test_the_best_of_b_is_held_against_the_largest_of_b():
    single, best = answered(0.98), claim_test(Claimed(0.98, 0.0, best_of=5), RUNS, spread(RUNS), 0.05)
    assert single.p < best.p < 1 - (1 - single.p) ** 5  # the five share one estimated mean and spread


def test_another_device_class_widens_the_interval():
    assert claim_test(Claimed(0.98, 0.0, rho=1.0), RUNS, spread(RUNS), 0.05).p > answered(0.98).p


def test_a_shift_within_the_declared_tolerance_is_immaterial():
    runs = [0.9200, 0.9201, 0.9202]
    claimed = Claimed(0.93, 0.0, tolerance=0.02)
    assert claim_test(Claimed(0.93, 0.0), runs, spread(runs), 0.05).answer == "not reproduced"
    assert claim_test(claimed, runs, spread(runs), 0.05).answer == "reproduced"


def test_a_tolerance_never_makes_a_claim_harder_to_reproduce():
    assert answered(0.92).answer == answered(0.92, tolerance=0.001).answer == "reproduced"


def test_the_best_of_many_far_below_the_runs_is_no_error():
    assert claim_test(Claimed(-1e9, 0.0, best_of=5), RUNS, spread(RUNS), 0.05).p == pytest.approx(1.0)


def test_an_acceptance_must_stand_on_the_fresh_runs_alone():
    wide = spread(RUNS, [0.86, 0.98, 0.90, 0.94])
    assert wide.pooled_published
    claimed = Claimed(0.97, 0.0)
    assert claim_test(claimed, RUNS, wide, 0.05).answer == "reproduced"
    assert claim_test(claimed, RUNS, wide, 0.05, spread(RUNS)).answer == "inconclusive"


def test_a_tolerance_that_noise_may_exceed_is_not_met():
    assert answered(0.92, tolerance=0.001).within_tolerance is False


def test_more_runs_are_asked_for_until_one_answer_is_sure():
    claimed = Claimed(0.98, 0.0)
    test = claim_test(claimed, RUNS, spread(RUNS), 0.05)
    needed = runs_to_decide(claimed, test)
    assert needed is not None
    assert needed > test.n


@given(
    value=st.floats(0, 1),
    runs=st.lists(st.floats(0, 1), min_size=2, max_size=10),
    half=st.floats(1e-6, 1e-2),
)
def test_p_is_a_probability_and_falls_as_the_claim_rises(value, runs, half):
    between = spread(runs, half_unit=half)
    _, low = discrepancy(Claimed(value, half), len(runs), mean(runs), between)
    _, high = discrepancy(Claimed(value + 0.1, half), len(runs), mean(runs), between)
    assert 0 <= high <= low <= 1


@given(
    value=st.floats(-5, 5),
    runs=st.lists(st.integers(-100, 100).map(lambda i: i / 50), min_size=3, max_size=6, unique=True),
    scale=st.sampled_from([0.01, 3.0, 100.0]),
)
def test_the_answer_does_not_depend_on_the_unit(value, runs, scale):
    in_unit = claim_test(Claimed(value, 0.0), runs, spread(runs), 0.05)
    scaled = [run * scale for run in runs]
    other = claim_test(Claimed(value * scale, 0.0), scaled, spread(scaled), 0.05)
    assert other.p == pytest.approx(in_unit.p, rel=1e-6, abs=1e-12)


def test_sequential_error_rates_match_the_published_table():
    """5 % over the looks 3, 5, 10; honest 0.95/0.01/0.05, best of five 0.80/0.03/0.17 (± 3 standard errors)."""
    rng = np.random.default_rng(20260501)
    n = 3000

    def rates(draw):
        answers = [_sequential(draw(), rng.normal(size=LOOKS[-1]).tolist()) for _ in range(n)]
        return [answers.count(answer) / n for answer in ("reproduced", "inconclusive", "not reproduced")]

    assert rates(rng.normal) == pytest.approx([0.95, 0.01, 0.05], abs=0.015)
    assert rates(lambda: rng.normal(size=5).max()) == pytest.approx([0.80, 0.03, 0.17], abs=0.025)
    assert rates(lambda: rng.normal() + 5) == pytest.approx([0.01, 0.00, 0.99], abs=0.01)


def _sequential(claim, runs):
    for look in LOOKS:
        seen = runs[:look]
        answer = claim_test(Claimed(claim, 0.0), seen, spread(seen), LOOK_LEVEL).answer
        if answer != "inconclusive":
            break
    return answer


def test_published_runs_sharpen_the_answer():
    published = [0.91, 0.93, 0.90, 0.94, 0.92]
    alone, pooled = spread(RUNS), spread(RUNS, published)
    assert pooled.df == 6
    assert (
        claim_test(Claimed(0.98, 0.0), RUNS, pooled, 0.05).p
        < claim_test(Claimed(0.98, 0.0), RUNS, alone, 0.05).p
    )


def test_spread_is_a_plain_value():
    assert Spread(0.02, 2, pooled_published=False, floored=False).df == 2
