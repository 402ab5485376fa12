"""Recipes that cannot be meant are refused before a step is spent."""

import shutil
from pathlib import Path

import pytest

from auditor.errors import CannotRun
from auditor.formats.manifest import Manifest
from auditor.formats.recipe import Recipe
from auditor.reproduce.contradictions import contradictions, long_warmup
from tests.commands.reproducing import EXAMPLES, change, reproduce
from tests.training.conftest import RECIPE


def recipe_with(**sections):
    splits = RECIPE["data"]["splits"]
    data = {"data": {"splits": splits | {"validation": splits["test"]}}}
    changed = {name: RECIPE.get(name, {}) | values for name, values in sections.items()}
    return Recipe.model_validate(RECIPE | data | changed)


def claims_on(*splits, primary=()):
    return Manifest.model_validate(
        {
            "format": 1,
            "release": "a 1",
            "claims": [
                {
                    "id": f"on-{split}",
                    "metric": {"type": "accuracy", "unit": "proportion"},
                    "value": "0.9",
                    "data": {"split": split, "n": 10},
                    "primary": split in primary,
                }
                for split in splits
            ],
        }
    )


def stopping(split):
    return {"training": {"early_stopping": {"split": split, "patience": 3}}}


@pytest.mark.parametrize(
    ("sections", "path", "what"),
    [
        (
            {"optimizer": {"kind": "sgd", "lr": 0.1, "nesterov": True}},
            ("optimizer", "nesterov"),
            "and `momentum` is 0",
        ),
        (
            {"training": {"batch_size": 4, "accumulate": 5}},
            ("training", "accumulate"),
            "a batch of 4 examples cannot be cut into 5 parts",
        ),
        (
            {"training": {"accumulate": 2}, "loss": {"kind": "contrastive"}},
            ("training", "accumulate"),
            "compares all examples of a batch",
        ),
        (stopping("dev"), ("training", "early_stopping", "split"), "the recipe has no split `dev`"),
        (stopping("test"), ("training", "early_stopping", "split"), "both says when to stop"),
    ],
)
def test_a_contradiction_is_told_with_its_place(sections, path, what):
    (found,) = contradictions(recipe_with(**sections), claims_on("test"))
    assert found.path == path
    assert what in found.what
    assert found.help


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"optimizer": {"kind": "sgd", "lr": 0.1, "nesterov": True, "momentum": 0.9}},
        {"training": {"batch_size": 4, "accumulate": 4}},
        stopping("validation"),
    ],
)
def test_a_sound_recipe_is_let_through(sections):
    assert not list(contradictions(recipe_with(**sections), claims_on("test")))


def test_a_claim_that_gates_nothing_may_stand_on_the_split_that_was_selected_on():
    recipe = recipe_with(**stopping("validation"))
    assert list(contradictions(recipe, claims_on("test", "validation")))
    assert not list(contradictions(recipe, claims_on("test", "validation", primary=("test",))))


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ({"warmup_steps": 17}, False),
        ({"warmup_steps": 18}, True),
        ({"kind": "inverse-square-root", "warmup_steps": 4000}, True),
        ({"kind": "one-cycle"}, False),
        ({}, False),
    ],
)
def test_a_warmup_must_end_before_the_run_does(schedule, told):
    found = long_warmup(recipe_with(schedule=schedule), 18)
    assert (found is not None) == told


def test_the_command_says_where_the_recipe_contradicts_itself(tmp_path):
    bundle = Path(shutil.copytree(EXAMPLES / "digits-cnn", tmp_path / "bundle"))
    change(bundle / "recipe.yaml", "shuffle: true", "early_stopping: {split: test, patience: 3}")
    ended = reproduce(bundle, tmp_path / "runs")
    assert ended.returncode == CannotRun.exit_code
    assert "split `test` both says when to stop and is what the claims are measured on" in ended.stderr
    assert "recipe.yaml:" in ended.stderr
