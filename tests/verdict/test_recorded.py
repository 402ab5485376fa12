"""The test on recorded runs: what it promises must hold on real groups, held out."""

from pathlib import Path

import numpy as np
import pytest

from auditor.commands.verdict_case import recorded
from auditor.verdict.recorded import OURS, RULES, Group, false_rejects, power

RUNS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "runs"


def groups(count, size, shift=0.0, decimals=3):
    rng = np.random.default_rng(9)
    made = []
    for i in range(count):
        values = tuple(np.round(shift * i + rng.normal(size=size), decimals).tolist())
        made.append(Group("one recipe", f"version {i}", values, 0.5 * 10**-decimals, 10**-decimals))
    return made


def test_rules_that_promise_an_error_rate_keep_it_on_normal_runs():
    rows = list(false_rejects("made", groups(60, 12), 1))
    promised = {
        (row.rule, row.n): (row.rates.not_reproduced, row.nominal)
        for row in rows
        if "interval" in row.rule or row.rule == OURS
    }
    assert promised
    for rate, nominal in promised.values():
        assert rate <= 1.6 * nominal


def test_a_one_sample_t_forgets_that_the_claim_is_one_run():
    rates = {
        row.n: row.rates.not_reproduced
        for row in false_rejects("made", groups(60, 12), 1)
        if row.rule == "one-sample t at 5 %"
    }
    assert rates[5] > rates[3] > 0.10  # 0.139 and 0.215 in expectation


def test_a_group_that_is_too_small_is_left_out():
    rows = list(false_rejects("made", groups(3, 5), 1))
    assert {row.n for row in rows} == {3}
    assert {row.rule for row in rows} == set(RULES)


def test_no_groups_give_no_rows():
    assert list(false_rejects("made", [], 1)) == []


def test_a_better_recipe_is_told_from_a_worse_one():
    rows = list(power("made", groups(2, 12, shift=6.0), 1, 8))
    assert [(row.better, row.worse, row.alpha) for row in rows] == [
        ("version 1", "version 0", 0.05),
        ("version 1", "version 0", 0.01),
    ]
    assert rows[0].gap_sd == pytest.approx(6, abs=1.5)
    assert rows[0].rates.not_reproduced > 0.9


def test_groups_of_other_records_are_not_compared():
    other = [Group("another", "x", (10.0, 11.0, 12.0), 0.5, 1.0)]
    assert list(power("made", [*groups(1, 12), *other], 1, 8)) == []


@pytest.fixture(scope="module")
def sources():
    if not RUNS.is_dir():
        pytest.skip(f"no recorded runs in {RUNS}")
    return recorded(str(RUNS))


def test_on_recorded_runs_honest_claims_fail_no_more_often_than_promised(sources):
    for name, runs in sources.items():
        ours = [row for row in false_rejects(name, runs, 1) if row.rule == OURS]
        assert [row.nominal for row in ours] == [0.05, 0.01]
        for row in ours:
            assert row.groups >= 15
            assert row.rates.not_reproduced <= 1.5 * row.nominal
            assert row.rates.reproduced >= 0.90
            assert row.rates.mean_n <= 5


def test_on_recorded_runs_a_recipe_five_sd_better_is_told(sources):
    rows = [row for row in power("speed run", sources["nanogpt_speedrun_track1"], 1, 8) if row.gap_sd > 5]
    assert len(rows) >= 4
    assert all(row.rates.not_reproduced >= 0.85 for row in rows)
