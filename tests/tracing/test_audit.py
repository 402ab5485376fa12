"""Honest chains pass wherever they are replayed; a forged one fails where it was forged."""

from dataclasses import replace

import pytest
import torch

from auditor.errors import Interrupted
from auditor.tracing.audit import trace
from auditor.tracing.challenge import sample
from auditor.training.watch import Silent
from tests.tracing.conftest import FORGING, SEED, recipe_of, record, task_of
from tests.training.test_train import StopAt

MODELS = ("mlp", "cnn")


@pytest.mark.parametrize("model", MODELS)
def test_an_honest_chain_replays_to_the_last_bit(made, model):
    result = made(model, segments=8).audit()
    assert (result.started.state, result.traced.state) == ("passed", "passed")
    assert len(result.segments) == 8
    assert all(segment.exact for segment in result.segments)
    assert (result.replayed, result.doubled) == (40, 0)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("forgery", FORGING.FORGERIES)
def test_a_forged_chain_fails(made, model, forgery):
    result = made(model, forgery, segments=8).audit()
    assert result.traced.state == "failed"
    assert result.faults[0].where.startswith("training_chain.jsonl:")


@pytest.mark.parametrize("model", MODELS)
def test_a_swapped_sample_in_an_audited_one_step_window_is_found_wherever_it_is(tmp_path, model):
    work = task_of(recipe_of(model, epochs=1))  # ten steps, a segment each
    for step in (0, 4, 9):
        forged = record(tmp_path / str(step), work, FORGING.swapped(work, SEED, step), segments=10)
        result = forged.audit(str(10))
        assert [segment.bad for segment in result.segments if segment.state == "failed"] == [(step, step + 1)]


@pytest.mark.parametrize("model", MODELS)
def test_a_swapped_sample_is_found_where_nothing_replays_to_the_last_bit(made, monkeypatch, model):
    forged = made(model, "one-sample-swapped", segments=40)
    monkeypatch.setattr("auditor.tracing.judging.PROOF_STEPS", 10**9)  # as if rounding were another one
    result = forged.audit()
    assert [segment.bad for segment in result.segments if segment.state == "failed"] == [(27, 28)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("forgery", ["learning-rate", "weight-decay"])
def test_another_recipe_is_told_from_rounding_at_the_first_step(made, model, forgery):
    result = made(model, forgery, segments=8).audit("0")
    assert result.started.state == "failed"
    assert result.segments[0].bad == (0, 1)
    assert result.segments[0].distance > 10 * result.segments[0].tolerance


@pytest.mark.parametrize("model", MODELS)
def test_an_honest_chain_of_other_kernels_differs_by_rounding_only(tmp_path, model):
    published = record(tmp_path, task_of(recipe_of(model)), segments=8)
    other = recipe_of(model, environment={"threads": 1, "numerics": "replay"})  # other loops over the numbers
    result = replace(published, task=task_of(other)).audit()
    assert result.traced.state == "passed"
    assert not any(segment.exact for segment in result.segments)
    assert all(0 < segment.distance < segment.tolerance for segment in result.segments)


def test_a_skipped_step_is_bracketed_by_lines(made):
    result = made("mlp", "one-step-skipped", segments=4, every=2).audit()
    (bad,) = [segment.bad for segment in result.segments if segment.state == "failed"]
    assert bad == (26, 28)  # step 28 is the one that is missing


def test_a_segment_that_was_not_drawn_has_its_first_step_looked_at(made):
    result = made("mlp", "learning-rate", segments=8).audit("0")
    assert len(result.segments) == 2
    assert result.starts == 6
    assert len(result.faults) == 8


def test_the_same_nonce_draws_the_same_segments(made):
    chain = made(segments=8)
    first, second = (chain.audit("2", nonce="x") for _ in range(2))
    assert first == second
    assert [segment.why for segment in first.segments] == ["first", "drawn", "drawn", "last"]


def test_without_a_nonce_one_is_drawn_and_told(made):
    first, second = (made(segments=8).audit("1", nonce="") for _ in range(2))
    assert first.nonce != second.nonce


def test_an_audit_can_be_stopped(made):
    chain = made(segments=8)
    with pytest.raises(Interrupted, match="interrupted"):
        trace(chain.release, chain.task, sample("all"), nonce="n", stop=StopAt(5), watch=Silent())


def test_shipped_weights_that_are_not_the_last_of_the_chain_fail(made):
    chain = made(segments=8)
    other = {name: value + 1 for name, value in chain.release.weights.items()}
    result = chain.audit("0", weights=other)
    assert result.traced.reason == "the shipped weights are not those that the chain ends with"


def test_shipped_weights_may_be_rounded_to_half_precision(made):
    chain = made(segments=8)
    rounded = {name: value.to(torch.bfloat16).float() for name, value in chain.release.weights.items()}
    assert chain.audit("0", weights=rounded).traced.state == "passed"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"recipe": "b" * 64}, "the chain is of recipe aaaaaaaaaaaa…, the bundle's recipe is bbbbbbbbbbbb…"),
        ({"data": {"x.csv": "e" * 64}}, "data file `x.csv` is dddddddddddd in the chain, eeeeeeeeeeee in"),
        ({"seeds": (1, 2), "shipped_seed": 1}, "seed 7 is none of the published seeds"),
        ({"seeds": (7, 8), "shipped_seed": 8}, "the chain is of seed 7, the shipped weights of seed 8"),
    ],
)
def test_a_chain_of_something_else_fails_before_anything_is_replayed(made, changes, what):
    result = made(segments=8).audit("0", **changes)
    assert result.faults[0].what.startswith(what)
    assert (result.faults[0].where, result.replayed) == ("training_chain.jsonl:1", 0)
    assert (result.started.state, result.traced.state) == ("failed", "failed")
