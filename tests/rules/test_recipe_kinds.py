"""Recipes of every kind of loss, optimizer, schedule, split and model: `check` has nothing to say of them."""

import pytest
import yaml

from auditor.bundle import Bundle
from auditor.engine.run import check
from auditor.engine.settings import Settings

CSV = {"kind": "csv", "file": "x.csv", "first_row": 0, "rows": 9, "features": 3}
TEXT = {"kind": "text", "file": "x.txt", "first": 0, "length": 99, "block": 8}
LABELS, NUMBERS = CSV | {"label_column": 3}, CSV | {"target_columns": [3, 4]}
MLP = {"reference": "mlp", "parameters": {"inputs": 3, "outputs": 2}}
TEXTS = {"vocabulary": 9, "block": 8}
KINDS = [
    {"model": MLP, "optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True}},
    {"model": MLP, "optimizer": {"kind": "adamw", "lr": 0.001, "weight_decay": 0.1}},
    {"model": MLP, "optimizer": {"kind": "lion", "lr": 0.0001}, "loss": {"kind": "contrastive"}},
    {"model": MLP, "optimizer": {"kind": "adafactor", "lr": 0.01}, "schedule": {"kind": "linear"}},
    {"model": MLP, "schedule": {"kind": "step", "milestones": [5]}, "loss": {"label_smoothing": 0.1}},
    {"model": MLP, "schedule": {"warmup_steps": 5}, "splits": NUMBERS, "loss": {"kind": "huber"}},
    {"model": MLP, "schedule": {"kind": "one-cycle"}, "splits": NUMBERS, "loss": {"kind": "bce"}},
    {
        "model": {"reference": "gpt", "parameters": TEXTS, "initialization": "gpt2"},
        "splits": TEXT,
        "schedule": {"kind": "inverse-square-root", "warmup_steps": 5},
    },
    {
        "model": {"reference": "bert", "parameters": TEXTS, "initialization": "gpt2"},
        "splits": TEXT,
        "loss": {"kind": "masked-cross-entropy"},
        "schedule": {"kind": "cosine", "floor": 0.1},
    },
    {
        "model": {"reference": "tdnn", "parameters": {"features": 3, "outputs": 4}},
        "splits": NUMBERS,
        "loss": {"kind": "ctc"},
    },
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_rule_finds_a_fault_in_a_recipe_of_any_kind(tmp_path, kind):
    split = kind.get("splits", LABELS)
    recipe = {
        "format": 1,
        "model": kind["model"],
        "data": {"splits": {"train": split, "test": split}},
        "loss": kind.get("loss", {}),
        "optimizer": kind.get("optimizer", {"lr": 0.001}),
        "schedule": kind.get("schedule", {}),
        "training": {"epochs": 3, "batch_size": 4},
        "seeds": {"derive": 3},
    }
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    found = check(Bundle.open(tmp_path), Settings(("SCH", "REC", "CLM31")), isolate=False).findings
    assert [f"{finding.code}: {finding.message}" for finding in found] == []


def test_a_card_of_the_trainer_says_adam_of_its_adamw(tmp_path):
    (tmp_path / "recipe.yaml").write_text("optimizer: {kind: adamw, lr: 0.001}\n")
    (tmp_path / "README.md").write_text(
        "### Training hyperparameters\n- learning_rate: 0.001\n"
        "- optimizer: Adam with betas=(0.9,0.999) and epsilon=1e-08\n"
    )
    assert check(Bundle.open(tmp_path), Settings(("CLM311",)), isolate=False).findings == ()
