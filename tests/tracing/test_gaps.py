"""How far a replay is from the chain beside what rounding may come to: tensors, losses, selected weights."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from auditor.tracing.gaps import LEAST, SHORT_FACTOR, Off, Point, Replay, Said, gaps
from auditor.tracing.state import rest_digest, weights_digest, weights_of
from tests.tracing.conftest import SEED, recipe_of, record, task_of
from tests.tracing.tampering import Forged, Other, honestly
from tests.tracing.test_bad_chains import edited


def replay(losses=(1.0,), **tensors):
    """A replay of one line that ends with these values in tensors of the weights."""
    end = {f"model.{name}": torch.tensor(value, dtype=torch.float64) for name, value in tensors.items()}
    flat = torch.cat(list(end.values())).numpy()
    return Replay([Point(len(losses), np.array(losses), flat, same=False)], end)


def gap(said, own, other, flip=0.0):
    """What `gaps` says of three replays that began with zeros."""
    start = {name: torch.zeros_like(value) for name, value in own.end.items()}
    told = Said(said.points[0].losses, said.points[0].sketch, said.end)
    (found,) = gaps(0, start, np.zeros_like(own.points[0].sketch), [told], own, [other], flip)
    return found


def test_a_tensor_that_rounding_alone_moves_does_not_hide_another():
    own = replay(keys=[1.0, -1.0], rest=[1.0, 1.0])
    other = replay(keys=[-1.0, 1.0], rest=[1.0, 1.0 + 1e-6])
    assert not gap(replay(keys=[0.5, 1.0], rest=[1.0, 1.0]), own, other).bad
    found = gap(replay(keys=[0.5, 1.0], rest=[1.01, 1.01]), own, other)
    assert found.bad
    assert math.isclose(found.distance, 0.01)
    assert math.isclose(found.tolerance, max(LEAST, SHORT_FACTOR * 1e-6 / math.sqrt(2)), rel_tol=1e-3)


def test_a_tensor_that_stood_still_is_measured_by_the_way_of_the_others():
    own = replay(still=[0.0, 0.0], rest=[1.0, 1.0])
    other = replay(still=[0.0, 0.0], rest=[1.0, 1.0])
    assert not gap(replay(still=[1e-12, 0.0], rest=[1.0, 1.0]), own, other).bad
    assert gap(replay(still=[1e-3, 0.0], rest=[1.0, 1.0]), own, other).bad


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_never_explained(value):
    own = replay(w=[1.0], rest=[1.0])
    assert gap(replay(w=[value], rest=[1.0]), own, replay(w=[1.0], rest=[1.0 + 1e-7])).bad


def test_a_logged_loss_may_be_off_by_what_rounding_did_earlier_in_the_segment():
    """Of one loss alone rounding may by chance be nothing."""
    own, other = replay((2.0, 2.0), w=[1.0]), replay((2.001, 2.0), w=[1.0])
    assert not gap(replay((2.0, 2.001), w=[1.0]), own, other).bad
    assert gap(replay((2.0, 2.1), w=[1.0]), own, other).bad
    assert gap(replay((2.0, 2.001), w=[1.0]), own, own).bad


@pytest.mark.parametrize(("said", "own", "bad"), [("inf", "inf", False), ("nan", 2, True), (2, "inf", True)])
def test_a_loss_without_end_has_to_be_met_as_such(said, own, bad):
    mine = replay((float(own),), w=[1.0])
    assert gap(replay((float(said),), w=[1.0]), mine, mine).bad == bad


def test_a_step_that_is_a_sign_may_be_turned_over_in_a_few_weights():
    own = replay(w=[0.01] * 1000)
    told = replay(w=[-0.01] + [0.01] * 999)
    assert gap(told, own, own).bad
    assert not gap(told, own, own, flip=0.02).bad
    assert gap(replay(w=[-0.01] * 5 + [0.01] * 995), own, own, flip=0.02).bad


def test_a_tolerance_without_end_says_nothing():
    assert Off(math.inf, math.inf).beyond() == 0
    assert Off(math.nan, 1.0).beyond() == math.inf


STOPPING = {"training": {"epochs": 4, "batch_size": 16, "early_stopping": {"split": "train", "patience": 9}}}


def elsewhere(published, **environment):
    """The same chain, to be audited with other kernels."""
    other = recipe_of("cnn", environment={"threads": 1, "numerics": "replay"}, **STOPPING)
    return replace(published, task=task_of(other))


def test_selected_weights_that_are_none_of_the_epochs_are_found_whatever_the_rounding(tmp_path):
    published = record(tmp_path, task_of(recipe_of("cnn", **STOPPING)), segments=4)
    assert elsewhere(published).audit("0").traced.state == "passed"
    path = tmp_path / "checkpoints" / "step-00000040.safetensors"
    state = load_file(path)
    state["best.head.weight"] *= 1.01
    save_file(state, path)
    weights = {name[5:]: value for name, value in state.items() if name.startswith("best.")}
    flat = weights_of({f"model.{name}": value for name, value in weights.items()})
    changes = {"optimizer": rest_digest(state), "finished": weights_digest(flat)}
    published.write(edited(published.lines(), len(published.lines()), **changes))
    result = elsewhere(published).audit("0", weights=weights)
    assert result.traced.state == "failed"
    assert "some step of 32 to 40 does not follow the recipe" in result.traced.reason


def test_a_run_that_went_on_elsewhere_is_left_open_not_accused(tmp_path):
    here, there = task_of(recipe_of("cnn")), task_of(recipe_of("cnn", environment={"numerics": "replay"}))
    far = Forged(there, SEED)

    def abroad(session):
        far.other = Other(range(0), honestly)
        far.load(session.tensors(), session.step)
        loss = far.advance()
        session.load(far.tensors(), far.step)
        return loss

    session = Forged(here, SEED)
    session.other = Other(range(20, 40), abroad)
    result = record(tmp_path, here, session, segments=4).audit()
    assert [segment.state for segment in result.segments] == ["passed", "passed", "unresolved", "unresolved"]
    assert not result.failed
    assert "others replay to the last bit: was it run elsewhere?" in result.traced.reason


def test_a_difference_is_held_against_weights_moved_by_their_last_bits_before_it_counts(made):
    result = made("mlp", "weight-decay", segments=1).audit()
    assert (result.replayed, result.doubled) == (3 * 40, 40)  # once, and from weights moved either way
