"""Levels of `fmaudit reproduce` beyond the claims: whose the weights are, a replay, predictions, a chain."""

import json

import pytest

from tests.commands.reproducing import EXAMPLES, change, reproduce


def levels(ended):
    return {step["level"]: step for step in json.loads(ended.stdout)["level"]["steps"]}


def test_weights_that_saw_the_test_split_fail_l5_though_every_number_holds(runs):
    ended = reproduce(EXAMPLES / "digits-cnn-leaked", runs, "--format", "json")
    assert ended.returncode == 1, ended.stderr
    report = json.loads(ended.stdout)
    assert {claim["verdict"] for claim in report["claims"]} == {"reproduced"}
    assert levels(ended)["L1"]["state"] == "passed"
    assert levels(ended)["L5"]["state"] == "failed"
    assert "not like the retrained ones: test loss is 0.0" in levels(ended)["L5"]["reason"]
    (finding,) = report["findings"]
    assert (finding["code"], finding["level"]) == ("VER003", "error")
    assert finding["message"].startswith("level L5 (reproduced) failed: the shipped weights")


def test_a_replay_shows_whether_the_weights_are_of_their_seed(runs):
    honest = reproduce(EXAMPLES / "digits-cnn", runs, "--replay", "--format", "json")
    leaked = reproduce(EXAMPLES / "digits-cnn-leaked", runs, "--replay", "--format", "json")
    assert levels(honest)["L4"]["state"] == "passed", levels(honest)["L4"]
    assert levels(leaked)["L4"]["state"] == "failed"
    assert "the shipped weights are not those of seed 2896147311" in levels(leaked)["L4"]["reason"]
    statistics = json.loads(honest.stdout)["claims"][0]["statistics"]
    assert statistics["replay"] == pytest.approx(0.925)
    assert 0 <= statistics["replay_share"] < 1


def test_a_chain_in_the_bundle_gives_the_levels_between(runs):
    ended = reproduce(EXAMPLES / "digits-mlp", runs, "--format", "json")
    assert ended.returncode == 0, ended.stderr
    assert [step["state"] for step in levels(ended).values()][:4] == ["passed"] * 4


def with_predictions(copy, rows):
    change(copy / "fmaudit.yaml", "primary: true", "primary: true\n    predictions: {path: results/p.jsonl}")
    text = "".join(json.dumps({"index": index, "predicted": value}) + "\n" for index, value in rows)
    (copy / "results" / "p.jsonl").write_text(text)
    return copy


def test_predictions_that_are_not_the_weights_fail_l1(copy, runs):
    ended = reproduce(with_predictions(copy, enumerate([0] * 360)), runs, "--format", "json")
    assert ended.returncode == 1
    assert "predictions are not those of the shipped weights" in levels(ended)["L1"]["reason"]
    assert json.loads(ended.stdout)["claims"][0]["verdict"] == "not reproduced"


def test_tolerances_that_contradict_each_other_are_not_attempted(copy, runs):
    text = (copy / "fmaudit.yaml").read_text()
    first = text[text.index("  - id: test-accuracy") : text.index("  - id: test-loss")]
    other = first.replace("id: test-accuracy", "id: again").replace("    primary: true\n", "")
    tolerant = first.replace("primary: true", 'primary: true\n    tolerance: {abs: "0.01"}')
    text = text.replace(first, tolerant + other + '    tolerance: {abs: "0.05"}\n')
    (copy / "fmaudit.yaml").write_text(text)
    ended = reproduce(copy, runs, "--format", "json")
    claim = json.loads(ended.stdout)["claims"][0]
    assert claim["verdict"] == "not attempted"
    assert "declare tolerances of 0.01 and 0.05" in claim["reason"]
    assert ended.returncode == 3


def test_the_leaked_example_differs_from_the_honest_one_in_words_and_weights_alone():
    honest, leaked = EXAMPLES / "digits-cnn", EXAMPLES / "digits-cnn-leaked"
    names = sorted(path.relative_to(honest) for path in honest.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(leaked) for path in leaked.rglob("*") if path.is_file())
    changed = [str(name) for name in names if (honest / name).read_bytes() != (leaked / name).read_bytes()]
    assert changed == ["README.md", "fmaudit.yaml", "model.safetensors"]
