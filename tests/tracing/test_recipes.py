"""Chains of every kind of state that a recipe can ask for, replayed here and with other rounding."""

from dataclasses import replace

import pytest

from tests.tracing.conftest import recipe_of, record, task_of

RECIPES = {
    "ema": {"training": {"epochs": 4, "batch_size": 16, "ema": 0.9}},
    "clipping": {"training": {"epochs": 4, "batch_size": 16, "clip_norm": 0.1}},
    "parts": {"training": {"epochs": 4, "batch_size": 16, "accumulate": 2}},
    "early stopping": {
        "training": {"epochs": 6, "batch_size": 16, "early_stopping": {"split": "train", "patience": 1}},
        "optimizer": {"kind": "adam", "lr": 0.5},
    },
    "warmup": {"schedule": {"kind": "cosine", "warmup_steps": 7}},
    "milestones": {"schedule": {"kind": "step", "milestones": [12, 33]}},
    "momentum": {"optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True}},
    "no state": {"optimizer": {"kind": "sgd", "lr": 0.1}},
    "adamw": {"optimizer": {"kind": "adamw", "lr": 0.01}},
    "bfloat16": {"training": {"epochs": 4, "batch_size": 16, "precision": "bf16"}},
    "last batch smaller": {"training": {"epochs": 3, "batch_size": 33}},
}


@pytest.mark.parametrize("name", RECIPES)
def test_its_chain_replays_to_the_last_bit(tmp_path, name):
    result = record(tmp_path, task_of(recipe_of(**RECIPES[name])), segments=4).audit()
    assert not result.faults
    assert result.traced.state == "passed"
    assert all(segment.exact for segment in result.segments)


@pytest.mark.parametrize("name", RECIPES)
def test_its_chain_differs_by_rounding_only_with_other_kernels(tmp_path, name):
    published = record(tmp_path, task_of(recipe_of("cnn", **RECIPES[name])), segments=4)
    other = task_of(recipe_of("cnn", **RECIPES[name] | {"environment": {"numerics": "replay"}}))
    result = replace(published, task=other).audit()
    assert not result.failed, result.faults


def test_segments_end_where_the_schedule_changes_and_are_always_audited(tmp_path):
    result = record(tmp_path, task_of(recipe_of(**RECIPES["milestones"])), segments=5).audit("0")
    assert [(one.first, one.last, one.why) for one in result.segments] == [
        (0, 8, "first"),
        (8, 12, "boundary"),
        (12, 16, "boundary"),
        (32, 33, "boundary"),
        (33, 40, "last"),
    ]


def test_a_run_that_stopped_early_is_whole(tmp_path):
    recorded = record(tmp_path, task_of(recipe_of(**RECIPES["early stopping"])), segments=4)
    result = recorded.audit()
    assert result.steps < 60
    longer = task_of(recipe_of(training={"epochs": 6, "batch_size": 16}))
    assert (
        replace(recorded, task=longer).audit().faults[0].what
        == f"the run ends after {result.steps} of 60 steps"
    )
