"""What the published seed, trained again, says: of the shipped weights, of each claim, and how sharply."""

from dataclasses import replace

import pytest

from auditor.bundle import Bundle
from auditor.model import ClaimVerdict
from auditor.reproduce.plan import make_plan
from auditor.reproduce.replay import FURTHEST, LEAST_DISTANCE, Replay, judged, replay
from auditor.reproduce.runs import Run
from auditor.training.score import Score
from auditor.training.watch import Silent, Stop
from tests.commands.reproducing import EXAMPLES

SEED = 2896147311
VERDICTS = [ClaimVerdict(name, "0.9", "reproduced", statistics={"sd": 0.01}) for name in ("a", "b")]


@pytest.fixture(scope="module")
def plan():
    """The honest example, whose first seed scored 333 of 360 and a loss of 0.2107."""
    return make_plan(Bundle.open(EXAMPLES / "digits-cnn"))


def run_with(n_correct, loss=0.2107):
    correct = bytes([1] * n_correct + [0] * (360 - n_correct))
    return Run(SEED, {"test": Score(n=360, correct=correct, loss=loss, confidence=0.9)}, {})


def met(*n_correct, spread=0.1, distance=0.0, same_bits=False):
    return Replay(SEED, tuple(map(run_with, n_correct)), spread, distance, same_bits)


def test_the_same_bits_are_the_same_run(plan):
    step, _ = judged(plan, met(333, 330, 334, same_bits=True), VERDICTS)
    assert step.state == "passed"
    assert "the same weights to the last bit" in step.reason


def test_a_value_within_what_rounding_does_passes(plan):
    assert judged(plan, met(331, 332, 334), VERDICTS)[0].state == "passed"


def test_a_value_above_what_rounding_does_fails_in_figures(plan):
    step, _ = judged(plan, met(320, 320, 321), VERDICTS)
    assert step.state == "failed"
    assert "again gives 0.889815, the bundle says 0.9250" in step.reason


def test_without_any_effect_of_rounding_one_example_less_fails(plan):
    assert judged(plan, met(333, 333, 333), VERDICTS)[0].state == "passed"
    assert judged(plan, met(332, 332, 332), VERDICTS)[0].state == "failed"


def test_a_value_below_the_replay_is_no_failure(plan):
    assert judged(plan, met(350, 350, 350), VERDICTS)[0].state == "passed"


def test_the_noise_allowed_is_that_of_a_t_prediction_interval(plan):
    """scipy.stats.t.ppf(0.99, 2) = 6.9646; of (320, 322, 324)/360 the sd is 2/360, so that 16.1/360 is allowed."""
    assert judged(plan, met(320, 322, 324), VERDICTS)[0].state == "passed"  # 11 short
    assert judged(plan, met(314, 316, 318), VERDICTS)[0].state == "failed"  # 17 short


@pytest.mark.parametrize(
    ("distance", "spread", "state"),
    [
        (FURTHEST * 0.1 - 1e-3, 0.1, "passed"),
        (FURTHEST * 0.1 + 1e-3, 0.1, "failed"),
        (LEAST_DISTANCE, 1e-9, "passed"),
        (2 * LEAST_DISTANCE, 1e-9, "failed"),
        (float("nan"), 0.1, "failed"),
    ],
)
def test_weights_may_lie_as_far_as_rounding_carries_them(plan, distance, spread, state):
    step, _ = judged(plan, met(333, 333, 333, spread=spread, distance=distance), VERDICTS)
    assert step.state == state


def test_a_replay_that_diverges_fails(plan):
    again = Replay(SEED, tuple(run_with(333, float("nan")) for _ in range(3)), 0.1, None, same_bits=False)
    step, _ = judged(plan, again, VERDICTS)
    assert step.state == "failed"
    assert "`test-loss`" in step.reason


def test_a_claim_that_names_no_value_of_the_seed_leaves_it_open(plan):
    claims = [
        claim.model_copy(update={"runs": claim.runs.model_copy(update={"values": None})})
        for claim in plan.claims
    ]
    silent = replace(plan, manifest=plan.manifest.model_copy(update={"claims": claims}))
    step, _ = judged(silent, met(333, 333, 333), VERDICTS)
    assert step.state == "not attempted"
    assert "does not say what seed 2896147311 scored" in step.reason


def test_how_sharp_a_replay_is_stands_in_the_report(plan):
    step, verdicts = judged(plan, met(331, 333, 335), VERDICTS)
    assert verdicts[0].statistics["replay"] == 331 / 360
    assert verdicts[0].statistics["replay_sd"] == pytest.approx(2 / 360)
    assert verdicts[0].statistics["replay_share"] == pytest.approx(2 / 360 / 0.01)
    assert "0.6 of the spread between seeds, hardly sharper than a fresh seed" in step.reason


def test_where_rounding_moves_nothing_the_replay_is_an_exact_test(plan):
    assert "an exact test" in judged(plan, met(333, 333, 333), VERDICTS)[0].reason


@pytest.mark.parametrize(
    ("seed", "told"), [(None, "does not say which seed"), (5, "seed 5 of the shipped weights is not one")]
)
def test_without_a_published_seed_there_is_nothing_to_replay(plan, seed, told):
    other = replace(plan, manifest=plan.manifest.model_copy(update={"shipped_seed": seed}))
    why = replay(other, None, None, None, Silent(), Stop())
    assert told in why
    assert judged(other, why, VERDICTS)[0].state == "not attempted"
