"""The error rates that are published, and what the test promises, by simulation with fixed seeds.

Figures of the main table: simulated independently with 60,000 cases a row when the test was designed, printed to
two places. Three standard errors of 20,000 cases are at most 0.0106.
"""

import pytest

from auditor.verdict.characteristic import further_tables, main_table

DRAWS = 20_000
PUBLISHED = {
    (0.05, "honest"): (0.95, 0.01, 0.05, 3.5),
    (0.05, "best of 5"): (0.80, 0.03, 0.17, 4.5),
    (0.05, "best of 20"): (0.57, 0.06, 0.37, 5.5),
    (0.05, "+2 sd"): (0.50, 0.05, 0.45, 5.3),
    (0.05, "+3 sd"): (0.21, 0.04, 0.75, 5.4),
    (0.05, "+5 sd"): (0.01, 0.00, 0.99, 4.1),
    (0.05, "+8 sd"): (0.00, 0.00, 1.00, 3.2),
    (0.01, "honest"): (0.96, 0.03, 0.01, 3.7),
    (0.01, "best of 5"): (0.85, 0.11, 0.04, 5.1),
    (0.01, "best of 20"): (0.63, 0.28, 0.10, 6.7),
    (0.01, "+2 sd"): (0.54, 0.29, 0.17, 6.7),
    (0.01, "+3 sd"): (0.23, 0.36, 0.41, 7.8),
    (0.01, "+5 sd"): (0.01, 0.10, 0.89, 7.0),
    (0.01, "+8 sd"): (0.00, 0.00, 1.00, 4.8),
}


@pytest.fixture(scope="module")
def main():
    return {(row.alpha, row.claim): row.rates for row in main_table(DRAWS, 20260501).rows}


@pytest.fixture(scope="module")
def further():
    tables = further_tables(6_000, 20260501)
    return {
        (table.title, row.alpha, row.claim, row.test): row.rates for table in tables for row in table.rows
    }


@pytest.mark.parametrize("row", PUBLISHED, ids=str)
def test_the_table_is_the_published_one_within_monte_carlo_error(main, row):
    rates, expected = main[row], PUBLISHED[row]
    shares = (rates.reproduced, rates.inconclusive, rates.not_reproduced)
    assert shares == pytest.approx(expected[:3], abs=0.005 + 3 * rates.error)
    assert rates.mean_n == pytest.approx(expected[3], abs=0.05 + 0.07)


def test_honest_claims_are_reproduced_in_nine_of_ten_cases_with_five_runs_or_fewer(main):
    for alpha in (0.05, 0.01):
        assert main[alpha, "honest"].reproduced >= 0.90
        assert main[alpha, "honest"].mean_n <= 5
        assert main[alpha, "honest"].not_reproduced <= 1.5 * alpha


def test_claims_five_sd_too_high_are_told_at_one_percent(main):
    assert main[0.01, "+5 sd"].not_reproduced >= 0.85


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_no_honest_claim_of_any_kind_fails_more_often_than_is_allowed(further, alpha):
    honest = {
        key: rates.not_reproduced
        for key, rates in further.items()
        if key[1] == alpha
        and "+" not in key[2]
        and "is +5" not in key[2]
        # what these rows are there to show: choice, another laboratory, steps and choice unaccounted for
        and key[3] not in ("without the floor", "each by itself")
        and (key[2], key[3]) != ("honest, another laboratory", "ρ = 0")
    }
    assert len(honest) > 20
    assert {key: rate for key, rate in honest.items() if rate > 1.5 * alpha} == {}


def test_the_floor_keeps_steps_from_failing_honest_claims(further):
    title, name = "quantised accuracy on 360 items", "honest, sd 0.5 items"
    assert further[title, 0.01, name, "without the floor"].not_reproduced > 0.04
    assert further[title, 0.01, name, "with the floor"].not_reproduced <= 0.01


def test_listed_values_help_to_tell_an_inflated_mean(further):
    title = "means of 5 runs whose values are published"
    alone, listed = (
        further[title, 0.05, "+2 sd", test].not_reproduced
        for test in ("fresh runs alone", "with the listed values")
    )
    assert listed > alone + 0.05


def test_values_listed_too_wide_do_not_help_an_inflated_mean(further):
    title, name = "means of 5 runs whose values are published", "+2 sd, listed three times as wide"
    wide = further[title, 0.05, name, "with the listed values"].not_reproduced
    assert wide > further[title, 0.05, name, "fresh runs alone"].not_reproduced - 0.03


def test_the_same_seed_gives_the_same_table():
    assert main_table(500, 3) == main_table(500, 3) != main_table(500, 4)
