"""Shipped predictions against the weights: what rounding explains, and what it does not."""

import json

import pytest
import torch

from auditor.bundle import Bundle
from auditor.formats.manifest import Claim
from auditor.formats.recipe import Recipe
from auditor.reproduce.evaluated import Shipped, compare_shipped
from auditor.reproduce.plan import make_plan
from auditor.reproduce.predictions import Items, compare_items, told_of_items
from auditor.training import device
from auditor.training.score import Score
from auditor.training.task import task
from tests.commands.reproducing import EXAMPLES
from tests.training.conftest import RECIPE, striped

CLAIM = Claim.model_validate(
    {
        "id": "accuracy",
        "metric": {"type": "accuracy", "unit": "proportion"},
        "value": "0.9",
        "data": {"split": "test", "n": 40},
        "predictions": {"path": "p.jsonl"},
    }
)


@pytest.fixture
def work():
    recipe = Recipe.model_validate(RECIPE)
    device.settle(recipe)
    return task(recipe, {"train": striped(40, 0), "test": striped(40, 1)}, torch.device("cpu"))


@pytest.fixture
def weights(work):
    return work.initial_weights(3)


@pytest.fixture
def given(work, weights):
    """The classes that these weights give."""
    with torch.inference_mode():
        return work.model(weights)(work.splits["test"].inputs).argmax(1).tolist()


def compared(folder, work, weights, classes):
    rows = [{"index": index, "predicted": value} for index, value in enumerate(classes)]
    (folder / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return compare_items(Bundle.open(folder), CLAIM, work, weights)


def test_the_weights_own_predictions_agree(tmp_path, work, weights, given):
    items = compared(tmp_path, work, weights, given)
    assert (items.n, items.differing, items.foreign, items.first) == (40, 0, 0, None)
    assert items.n_correct == sum(
        a == b for a, b in zip(given, work.splits["test"].targets.tolist(), strict=True)
    )


def test_one_other_prediction_is_found_and_named(tmp_path, work, weights, given):
    other = [*given[:17], (given[17] + 1) % 4, *given[18:]]
    items = compared(tmp_path, work, weights, other)
    assert items.foreign == 1
    assert items.first == (17, other[17], given[17])
    assert "1 of 40 predictions are not those of the shipped weights (example 17: " in told_of_items(
        "p.jsonl", items
    )


def test_a_tie_may_be_broken_either_way(tmp_path, work, weights):
    tied = {name: torch.zeros_like(value) for name, value in weights.items()}
    items = compared(tmp_path, work, tied, [3] * 40)
    assert (items.differing, items.open, items.foreign) == (40, 40, 0)


def test_weights_that_give_no_number_give_no_prediction(tmp_path, work, weights):
    broken = {name: torch.full_like(value, float("nan")) for name, value in weights.items()}
    assert compared(tmp_path, work, broken, [3] * 40).foreign == 40


def test_a_file_that_cannot_be_read_says_why(tmp_path, work, weights):
    assert "39 of 40 examples have no prediction" in compared(tmp_path, work, weights, [0])


PLAN = make_plan(Bundle.open(EXAMPLES / "digits-cnn"))


def judged(items, n_correct=333):
    first = PLAN.claims[0]
    claim = first.model_copy(update={"predictions": CLAIM.predictions})
    scores = {"test": Score(360, bytes([1] * n_correct + [0] * (360 - n_correct)), 0.2, 0.9)}
    return compare_shipped(PLAN, claim, Shipped(scores, scores, {claim.id: items}))


def test_predictions_that_give_the_value_told_pass():
    told = judged(Items(360, 333, 1, 1, None))
    assert told.agrees is True
    assert "p.jsonl: 360 of 360 predictions agree, 1 of them by rounding" in told.reason


def test_predictions_that_imply_another_accuracy_fail():
    told = judged(Items(360, 332, 1, 1, None))
    assert told.agrees is False
    assert told.reason == "p.jsonl: 332 of 360 predictions are right, 0.922222, the bundle says 0.9250"


def test_foreign_predictions_fail_though_the_weights_score_what_was_told():
    assert judged(Items(360, 333, 2, 0, (4, 1, 7))).agrees is False


def test_a_broken_file_of_predictions_leaves_it_open():
    told = judged("p.jsonl:3: `index` is not one of the examples 0 to 359")
    assert told.agrees is None
    assert judged("p.jsonl: gone", n_correct=300).agrees is False
