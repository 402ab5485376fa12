"""The best of B draws: against Student's t, by brute force, and with other nodes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from auditor.verdict.chosen import chosen_limit, chosen_p


@given(st.floats(-20, 50), st.integers(1, 20), st.floats(1, 200), st.floats(0, 2))
@settings(max_examples=50, deadline=None)
def test_for_one_run_it_is_students_t(g, n, df, rho):
    expected = stats.t.sf(g / math.sqrt(1 + 1 / n + rho**2), df)
    assert chosen_p(g, n, df, 1, 1.0, rho) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("n", "best_of", "g"), [(3, 5, 3.0), (5, 20, 3.0), (10, 5, 2.0), (3, 20, 8.0)])
def test_it_is_how_often_the_best_of_b_lies_so_far_out(n, best_of, g):
    rng = np.random.default_rng(5)
    fresh, best = rng.normal(size=(200_000, n)), rng.normal(size=(200_000, best_of)).max(1)
    share = ((best - fresh.mean(1)) / fresh.std(1, ddof=1) > g).mean()
    assert chosen_p(g, n, n - 1, best_of) == pytest.approx(share, abs=4 * math.sqrt(share / 200_000))


def test_means_of_k_runs_and_laboratories_are_allowed_for():
    rng = np.random.default_rng(6)
    fresh = rng.normal(size=(200_000, 4)) + rng.normal(size=(200_000, 1))  # another laboratory: ρ = 1
    best = rng.normal(scale=1 / math.sqrt(3), size=(200_000, 6)).max(1)
    share = ((best - fresh.mean(1)) / fresh.std(1, ddof=1) > 2).mean()
    assert chosen_p(2.0, 4, 3, 6, 3.0, 1.0) == pytest.approx(share, abs=0.005)


def test_it_agrees_with_adaptive_quadrature():
    def inner(v):
        def of(u):
            return stats.norm.pdf(u) * stats.norm.cdf(u / math.sqrt(5) + 3 * v) ** 7

        return integrate.quad(of, -9, 9)[0] * stats.chi.pdf(2 * v, 4) * 2

    assert chosen_p(3.0, 5, 4, 7) == pytest.approx(1 - integrate.quad(inner, 0, 6)[0], abs=1e-8)


def test_the_limit_is_where_p_is_the_level():
    limit = chosen_limit(0.024, 5, 4, 20)
    assert chosen_p(limit, 5, 4, 20) == pytest.approx(0.024, rel=1e-6)


@given(st.floats(-10, 30), st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_more_choice_and_a_lower_claim_surprise_less(g, best_of):
    p = chosen_p(g, 3, 2, best_of)
    assert 0 <= p <= 1
    assert chosen_p(g, 3, 2, best_of + 1) >= p - 1e-12
    assert chosen_p(g + 0.5, 3, 2, best_of) <= p + 1e-12
