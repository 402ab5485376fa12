"""The prior of variances: by hand, by an independent fit, and with nothing to fit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special, stats

from auditor.verdict.prior import fit_prior, inverse_trigamma
from auditor.verdict.spread import Prior, spread


@given(st.floats(1e-9, 1e9))
def test_the_inverse_of_trigamma_is_its_inverse(value):
    assert special.polygamma(1, inverse_trigamma(value)) == pytest.approx(value, rel=1e-5)


def test_a_case_worked_by_hand():
    # Four groups of three runs, variances 1/3·{1, 4, 100, 900}: with 2 degrees of freedom digamma(1) = -0.5772
    # and trigamma(1) = π²/6, so that z = ln s² + 0.5772 and the excess is var(ln s²) - π²/6.
    groups = [[0, a, 0] for a in (1.0, 2.0, 10.0, 30.0)]
    logs = [math.log(a * a / 3) for a in (1.0, 2.0, 10.0, 30.0)]
    excess = np.var(logs, ddof=1) - math.pi**2 / 6
    half = optimize.brentq(lambda x: special.polygamma(1, x) - excess, 1e-3, 1e3)
    fit = fit_prior(groups)
    assert fit.prior.df == pytest.approx(2 * half, rel=1e-6)
    euler = -special.digamma(1)
    expected = math.exp(np.mean(logs) + euler + special.digamma(half) - math.log(half))
    assert fit.prior.variance == pytest.approx(expected, rel=1e-6)


def test_it_finds_what_the_variances_were_drawn_from():
    rng = np.random.default_rng(3)
    sds = np.sqrt(4.0 * 9 / rng.chisquare(9, size=3000))
    fit = fit_prior((rng.normal(size=(3000, 5)) * sds[:, None]).tolist())
    assert fit.prior.df == pytest.approx(9, rel=0.15)
    assert fit.prior.variance == pytest.approx(4.0, rel=0.05)
    assert fit.groups == 3000


def test_a_maximum_likelihood_fit_of_the_same_variances_agrees():
    rng = np.random.default_rng(8)
    sds = np.sqrt(6 / rng.chisquare(6, size=2000))
    groups = rng.normal(size=(2000, 8)) * sds[:, None]
    variances = groups.var(axis=1, ddof=1)

    def minus_log_likelihood(x):  # s²/s0² ~ F(7, d0)
        return -stats.f.logpdf(variances, 7, math.exp(x[0]), scale=math.exp(x[1])).sum()

    best = optimize.minimize(minus_log_likelihood, [1.0, 0.0], method="Nelder-Mead").x
    fit = fit_prior(groups.tolist())
    assert fit.prior.df == pytest.approx(math.exp(best[0]), rel=0.15)
    assert fit.prior.variance == pytest.approx(math.exp(best[1]), rel=0.03)


def test_equal_variances_say_no_more_than_was_measured():
    fit = fit_prior([[0.0, 1.0, 2.0]] * 5)
    assert fit.capped
    assert fit.prior.df == 10  # five groups with two degrees of freedom each
    assert not math.isinf(fit.prior.variance)


@pytest.mark.parametrize("groups", [[], [[1.0, 2.0]], [[1.0, 1.0], [2.0, 2.0]], [[1.0], [2.0], [3.0]]])
def test_too_few_groups_that_vary_give_no_prior(groups):
    assert fit_prior(groups) is None


def test_a_group_without_spread_does_not_make_the_prior_sure_of_nothing():
    fit = fit_prior([[1.0, 1.0, 1.0], [1.0, 2.0, 3.0], [1.0, 2.5, 3.0]])
    assert fit.prior.df < 2


def test_the_variance_is_weighed_with_that_of_the_runs():
    # d0 s0² = 6·4, (n-1) s² = 2·1: 26/8 on 8 degrees of freedom
    moderated = spread([1.0, 2.0, 3.0], prior=Prior(6.0, 4.0))
    assert moderated.sd == pytest.approx(math.sqrt(26 / 8))
    assert moderated.df == 8


def test_one_run_is_enough_beside_a_prior():
    assert spread([1.0], prior=Prior(6.0, 4.0)).sd == pytest.approx(2.0)
