"""Claims about metrics beyond accuracy and loss: values in the claim's unit, and reasons where there are none."""

import pytest

from auditor.formats.manifest import Claim
from auditor.reproduce.claims import churn, fresh_values, why_not_measured
from auditor.reproduce.evaluated import ill_posed
from auditor.reproduce.runs import Run
from auditor.training.score import Score


def claim_about(metric, unit, **more):
    return Claim.model_validate(
        {
            "id": "c",
            "metric": {"type": metric, "unit": unit, **more},
            "value": "0.5",
            "data": {"split": "test", "n": 4},
        }
    )


def run_with(seed=0, correct=b"\x01\x00", **score):
    return Run(seed, {"test": Score(4, correct, 1.5, None, **score)}, {})


RUNS = [
    run_with(0, metrics={"f1 macro": 0.25, "mae": 2.0}, undefined={"r2": "target 0 is constant"}),
    run_with(1, metrics={"f1 macro": 0.5, "mae": 3.0}, undefined={"r2": "target 0 is constant"}),
]


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        (claim_about("f1", "percent", average="macro"), [25.0, 50.0]),
        (claim_about("mae", "score"), [2.0, 3.0]),
        (claim_about("loss", "nats"), [1.5, 1.5]),
        (claim_about("accuracy", "percent"), [50.0, 50.0]),
    ],
)
def test_each_run_has_its_value_in_the_unit_of_the_claim(claim, values):
    assert fresh_values(claim, RUNS) == values


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        (claim_about("r2", "score"), "target 0 is constant"),
        (claim_about("f1", "percent"), "does not say how F1 was averaged"),
        (claim_about("f1", "percent", average="micro"), "do not ask for `f1` with the average `micro`"),
        (claim_about("mae", "nats"), "does not measure `mae` in `nats`"),
    ],
)
def test_a_claim_without_values_says_why(claim, told):
    assert fresh_values(claim, RUNS) is None
    assert told in why_not_measured(claim, RUNS)


@pytest.mark.parametrize(("metric", "lower"), [("wer", True), ("bits_per_byte", True), ("f1", False)])
def test_the_direction_of_every_metric_is_known(metric, lower):
    units = {"wer": "percent", "bits_per_byte": "bits_per_byte", "f1": "percent"}
    assert ill_posed(claim_about(metric, units[metric], lower_is_better=lower)) == ""
    assert "the claim says otherwise" in ill_posed(
        claim_about(metric, units[metric], lower_is_better=not lower)
    )


def test_churn_is_a_share_of_items_not_of_examples():
    runs = [
        run_with(0, b"\x01\x00\x01\x00\x01\x00\x01\x00"),
        run_with(1, b"\x01\x00\x01\x00\x01\x00\x01\x01"),
    ]
    assert churn([run.scores["test"] for run in runs]) == 1 / 8
