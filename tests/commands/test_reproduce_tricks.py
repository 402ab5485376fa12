"""What a dishonest or careless bundle may try: it never ends as reproduced, nor at a level it has not earned."""

import json
import re
import shutil

import pytest
from safetensors.torch import load_file, save_file

from tests.commands.reproducing import EXAMPLES, change, reproduce


def test_weights_that_are_not_the_models_leave_l1_unattempted(copy, runs):
    (copy / "model.safetensors").unlink()
    ended = reproduce(copy, runs, "--format", "json")
    steps = {step["level"]: step for step in json.loads(ended.stdout)["level"]["steps"]}
    assert steps["L1"]["state"] == "not attempted"
    assert steps["L5"]["state"] != "passed"


def test_shipped_weights_that_score_less_than_the_bundle_says_are_found(copy, runs):
    weights = load_file(copy / "model.safetensors")
    weights["head.weight"][:, :40] = 0
    save_file(weights, copy / "model.safetensors")
    ended = reproduce(copy, runs, "--format", "json")
    assert ended.returncode == 1
    claim = json.loads(ended.stdout)["claims"][0]
    assert claim["verdict"] == "not reproduced"
    assert re.fullmatch(
        r"the shipped weights give 0\.\d+ \(\d+ of 360 correct\), the bundle says 0\.9250", claim["reason"]
    )


def levels(ended):
    return {step["level"]: step["state"] for step in json.loads(ended.stdout)["level"]["steps"]}


def test_only_the_weights_that_a_loader_loads_are_evaluated(copy, runs):
    weights = load_file(copy / "model.safetensors")
    shutil.move(copy / "model.safetensors", copy / "zz.safetensors")
    save_file({name: value * 0 for name, value in weights.items()}, copy / "model.safetensors")
    ended = reproduce(copy, runs, "--format", "json")
    assert ended.returncode == 1
    assert levels(ended)["L1"] == "failed"


def test_weights_of_another_model_fail_l1(copy, runs):
    weights = load_file(copy / "model.safetensors")
    save_file(weights | {"extra": weights["head.bias"].clone()}, copy / "model.safetensors")
    ended = reproduce(copy, runs, "--format", "json")
    assert ended.returncode == 1
    assert levels(ended)["L1"] == "failed"


def test_weights_of_an_unnamed_run_prove_nothing(copy, runs):
    change(copy / "fmaudit.yaml", "shipped_seed: 2896147311\n", "")
    ended = reproduce(copy, runs, "--format", "json")
    assert levels(ended)["L1"] == levels(ended)["L5"] == "not attempted"
    assert json.loads(ended.stdout)["level"]["reached"] == "L0"


def test_weights_better_than_the_bundle_says_are_no_failure(copy, runs):
    shutil.copyfile(EXAMPLES / "digits-cnn-inflated" / "model.safetensors", copy / "model.safetensors")
    claim = json.loads(reproduce(copy, runs, "--format", "json").stdout)["claims"][0]
    assert claim["verdict"] == "reproduced"


TRICKS = {
    "a direction turned round": (
        "unit: proportion}",
        "unit: proportion, lower_is_better: true}",
        "better when higher",
    ),
    "a tolerance without bounds": (
        "primary: true",
        'primary: true\n    tolerance: {abs: "1.0"}',
        "a tenth of the value",
    ),
    "other examples": ("split: test, n: 360}", "split: test, n: 361}", "the claim is about 361 examples"),
    "a metric nobody measures": ("type: accuracy", "type: auc", "does not measure `auc`"),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_never_ends_as_reproduced(copy, runs, trick):
    old, new, told = TRICKS[trick]
    text = (copy / "fmaudit.yaml").read_text()
    (copy / "fmaudit.yaml").write_text(text.replace(old, new, 1))
    ended = reproduce(copy, runs, "--format", "json")
    claim = json.loads(ended.stdout)["claims"][0]
    assert (claim["verdict"], told in claim["reason"]) == ("not attempted", True)
    assert ended.returncode in (1, 3)


def test_a_nonce_draws_other_seeds(copy, runs, tmp_path):
    foreseen = reproduce(copy, runs, "--format", "json", "--seeds", "2")
    drawn = reproduce(copy, tmp_path, "--format", "json", "--seeds", "2", "--nonce", "of my own")
    seeds = [[run["seed"] for run in json.loads(e.stdout)["claims"][0]["runs"]] for e in (foreseen, drawn)]
    assert not set(seeds[0]) & set(seeds[1])
    assert json.loads(drawn.stdout)["environment"]["nonce"] == "of my own"
