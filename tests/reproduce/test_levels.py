"""The ladder: what counts for a level, and that missing evidence never raises one."""

import pytest

from auditor.model import ClaimVerdict, LevelStep
from auditor.reproduce.evaluated import Comparison, half_unit
from auditor.reproduce.levels import ladder, reached
from auditor.reproduce.predictions import Items
from auditor.verdict.fingerprints import Fingerprint

AGREES = [Comparison(0.95, True, "")]
DIFFERS = [Comparison(0.90, False, "the shipped weights give 0.9, the bundle says 0.95")]
UNKNOWN = [Comparison(None, None, "the bundle has no weights")]
AT_HOME = [Fingerprint("norm", 1.0, 1.0, 0.1, 0.9)]
FOREIGN = [Fingerprint("norm", 9.0, 1.0, 0.1, 1e-6)]


def verdict(state, gates=True):
    return ClaimVerdict("accuracy", "0.95", state, "", gates)


def steps(n_errors=0, shipped=AGREES, verdicts=("reproduced",), marks=AT_HOME, foreign=""):
    made = ladder(n_errors, shipped, [verdict(state) for state in verdicts], marks, foreign)
    return (
        {step.level: step.state for step in made},
        reached(made),
        {step.level: step.reason for step in made},
    )


def test_an_honest_release_reaches_l5():
    states, level, _ = steps()
    assert level == "L5"
    assert states["L2"] == states["L3"] == states["L4"] == "not attempted"


def test_errors_of_check_leave_no_level():
    _, level, reasons = steps(n_errors=2)
    assert level is None
    assert reasons["L0"] == "check found 2 errors"


def test_shipped_weights_that_score_something_else_stop_at_l0():
    states, level, _ = steps(shipped=DIFFERS)
    assert states["L1"] == "failed"
    assert level == "L0"


def test_a_claim_that_is_not_reproduced_stops_at_l1():
    states, level, _ = steps(verdicts=("not reproduced",))
    assert states["L5"] == "failed"
    assert level == "L1"


def test_an_inconclusive_claim_neither_passes_nor_fails_l5():
    states, level, _ = steps(verdicts=("inconclusive",))
    assert states["L5"] == "not attempted"
    assert level == "L1"


def test_an_advisory_claim_does_not_decide_l5():
    claims = [verdict("reproduced"), verdict("not reproduced", gates=False)]
    made = ladder(0, [*AGREES, *AGREES], claims, AT_HOME)
    assert reached(made) == "L5"


def test_weights_of_another_recipe_fail_l5_in_figures():
    states, level, reasons = steps(marks=FOREIGN)
    assert states["L5"] == "failed"
    assert level == "L1"
    assert "norm is 9, fresh runs have 1 ± 0.1" in reasons["L5"]


def test_without_shipped_weights_l5_is_not_reached():
    states, level, _ = steps(shipped=UNKNOWN, marks=None)
    assert states["L1"] == states["L5"] == "not attempted"
    assert level == "L0"


def test_weights_of_another_model_fail_l1():
    states, level, reasons = steps(shipped=UNKNOWN, marks=None, foreign="the shipped weights lack tensor `w`")
    assert states["L1"] == "failed"
    assert reasons["L1"] == "the shipped weights lack tensor `w`"
    assert level == "L0"


def test_one_claim_that_agrees_does_not_speak_for_another():
    states, level, _ = steps(shipped=[*AGREES, *UNKNOWN], verdicts=("reproduced", "reproduced"))
    assert states["L1"] == states["L5"] == "not attempted"
    assert level == "L0"


def test_a_shift_that_only_the_bundles_own_tolerance_allows_is_not_l5():
    claim = ClaimVerdict("accuracy", "0.95", "reproduced", statistics={"p_adjusted": 0.001, "level": 0.05})
    made = ladder(0, AGREES, [claim], AT_HOME)
    assert reached(made) == "L1"
    assert "own tolerance" in made[5].reason


def test_a_declared_home_device_is_no_evidence_for_l6():
    assert steps()[0]["L6"] == "not attempted"
    made = ladder(0, AGREES, [verdict("reproduced")], AT_HOME, other_device=True)
    assert made[6].state == "not attempted"
    assert "only the bundle's own word" in made[6].reason


DOUBTFUL = [Fingerprint("test loss", 0.1, 0.2, 0.03, 0.2, raw=0.04)]


@pytest.mark.parametrize(("n", "state"), [(3, "not attempted"), (5, "not attempted"), (10, "passed")])
def test_weights_in_doubt_wait_for_the_runs_that_are_left(n, state):
    made = ladder(0, AGREES, [verdict("reproduced")], DOUBTFUL, n_fresh=n)
    assert made[5].state == state


def test_two_runs_cannot_tell_whose_the_weights_are():
    made = ladder(0, AGREES, [verdict("reproduced")], AT_HOME, n_fresh=2)
    assert made[5].state == "not attempted"
    assert made[5].reason == "2 fresh runs cannot tell whose the shipped weights are"


def test_a_failed_chain_or_replay_holds_the_level_down():
    for place, level in ((3, "L3"), (4, "L4")):
        failed = LevelStep(level, "traced", "failed", "why")
        chain = (LevelStep("L2", "started", "passed"), failed) if level == "L3" else ()
        made = ladder(
            0, AGREES, [verdict("reproduced")], AT_HOME, traced=chain, replayed=failed if not chain else None
        )
        assert made[place] == failed
        assert reached(made) == ("L2" if chain else "L1")


def test_l1_tells_what_the_predictions_showed():
    agrees = [Comparison(0.95, True, "", Items(360, 342, 2, 2, None))]
    made = ladder(0, agrees, [verdict("reproduced")], AT_HOME)
    assert made[1].reason == "`accuracy` item by item: 2 of 360 predictions differ"


def test_half_a_unit_in_the_last_printed_place():
    assert half_unit("0.9750") == 0.00005
    assert half_unit("97.5") == 0.05
    assert half_unit("98") == 0.5
    assert half_unit("1.2e-3") == 0.00005
