"""Weights that were trained otherwise are found by what they look like; honest ones are not."""

import math
import random

import pytest

from auditor.reproduce.provenance import marks
from auditor.verdict.fingerprints import LEADING, compare
from tests.reproduce.populations import EXAMPLES, bench, trained
from tests.reproduce.provenance_table import foreign

N_FRESH = 6


@pytest.fixture(scope="module")
def stand():
    return bench(EXAMPLES / "digits-mlp", 20)


@pytest.fixture(scope="module")
def honest(stand):
    return [trained(stand.work, "honest", seed) for seed in stand.seeds[:N_FRESH]]


def test_every_leading_mark_is_measured_and_finite(honest):
    assert set(LEADING) < set(honest[0])
    assert all(math.isfinite(value) for value in honest[0].values())


def test_losses_and_norms_are_those_of_a_plain_computation(stand):
    import torch

    work = stand.work
    model = work.initial_model(7)
    train, test = work.splits["train"], work.splits["test"]
    with torch.inference_mode():
        losses = [
            torch.nn.functional.cross_entropy(model(one.inputs), one.targets, reduction="none")
            for one in (train, test)
        ]
    found = marks(work, model)
    assert found["test loss"] == pytest.approx(float(losses[1].mean()), rel=1e-5)
    assert found["median train loss"] == pytest.approx(float(losses[0].quantile(0.5)), rel=1e-5)
    assert found["test loss / train loss"] == pytest.approx(
        float(losses[1].mean() / losses[0].mean()), rel=1e-5
    )
    whole = torch.cat([value.flatten() for value in model.state_dict().values()])
    assert found["norm of all weights"] == pytest.approx(float(whole.norm()), rel=1e-5)


@pytest.mark.parametrize("kind", ["twice as long", "twice the rate", "test split too"])
def test_weights_of_another_training_are_foreign(stand, honest, kind):
    met = compare(trained(stand.work, kind, stand.seeds[-1]), honest)
    assert any(mark.foreign for mark in met)


def test_an_honest_run_is_at_home(stand, honest):
    met = compare(trained(stand.work, "honest", stand.seeds[-2]), honest)
    assert not any(mark.foreign for mark in met)


def test_the_table_stops_as_soon_as_no_mark_is_in_doubt():
    same = [dict.fromkeys(LEADING, 1.0 + 0.01 * i) for i in range(12)]
    assert foreign(dict.fromkeys(LEADING, 1.055), same, (3, 5, 10), random.Random(0)) == (0.0, 3.0)
    assert foreign(dict.fromkeys(LEADING, 1e4), same, (3, 5, 10), random.Random(0)) == (1.0, 3.0)
