"""`fmaudit reproduce` from the outside: verdicts on the examples, and the same bytes each time."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from auditor.report.formats import FORMATS
from tests.commands.reproducing import EXAMPLES, change, reproduce, untimed, wait_for, words

MNIST = Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist"


def test_an_honest_release_is_reproduced(runs):
    ended = reproduce(EXAMPLES / "digits-cnn", runs, "--format", "json")
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report["level"]["reached"] == "L5"
    assert {claim["verdict"] for claim in report["claims"]} == {"reproduced"}
    assert report["environment"]["threads"] == 1
    assert report["environment"]["torch"] == torch.__version__


def test_the_text_report_shows_the_verdict_the_level_and_the_run_directory(runs):
    ended = reproduce(EXAMPLES / "digits-cnn", runs)
    assert "test-accuracy" in ended.stdout
    assert "level reached: L5" in ended.stdout
    assert str(runs) in ended.stdout


def test_an_inflated_claim_is_not_reproduced_and_the_reason_is_in_figures(runs):
    ended = reproduce(EXAMPLES / "digits-cnn-inflated", runs, "--format", "json")
    assert ended.returncode == 1
    (claim,) = json.loads(ended.stdout)["claims"]
    assert claim["verdict"] == "not reproduced"
    assert re.search(r"fresh runs give 0\.9\d+ ± 0\.\d+ .* sd above, p = ", claim["reason"])
    assert json.loads(ended.stdout)["level"]["reached"] == "L1"


def test_the_sarif_of_a_reproduction_names_the_claim(runs):
    ended = reproduce(EXAMPLES / "digits-cnn-inflated", runs, "--format", "sarif")
    results = json.loads(ended.stdout)["runs"][0]["results"]
    (result,) = [result for result in results if result["ruleId"] == "VER001"]
    assert result["level"] == "error"
    assert "test-accuracy" in result["message"]["text"]


def test_every_format_comes_from_one_reproduction_and_tells_the_verdict(runs, tmp_path):
    words = [word for style in FORMATS for word in ("--output", f"{style}={tmp_path / style}")]
    ended = reproduce(EXAMPLES / "digits-cnn-inflated", runs, "--quiet", *words)
    assert (ended.returncode, ended.stderr) == (1, "")
    told = {style: (tmp_path / style).read_text() for style in FORMATS}
    assert ended.stdout == f"{told['text']}run directory: {runs}\n"
    assert json.loads(told["json"]) == json.loads((runs / "report.json").read_text())
    assert [one["check_name"] for one in json.loads(told["gitlab"]) if one["severity"] == "critical"] == [
        "VER001"
    ]
    assert "error[VER001] claim-not-reproduced: " in told["concise"]
    assert "::error file=" in told["github"]
    assert '<failure type="claim-not-reproduced" message="not reproduced: ' in told["junit"]
    assert "Level reached: **L1**" in told["markdown"]


def test_a_report_into_the_release_is_refused_before_anything_is_trained(runs):
    ended = reproduce(
        EXAMPLES / "digits-cnn", runs, "--output", f"json={EXAMPLES / 'digits-cnn' / 'report.json'}"
    )
    assert ended.returncode == 2
    assert "this lies in the release" in ended.stderr


def test_running_twice_gives_the_same_bytes(runs, tmp_path):
    kept = reproduce(EXAMPLES / "digits-cnn", runs, "--seeds", "2", "--format", "json")
    anew = reproduce(EXAMPLES / "digits-cnn", tmp_path / "other", "--seeds", "2", "--format", "json")
    assert untimed(kept.stdout) == untimed(anew.stdout)
    assert "(from the run directory)" not in anew.stderr
    assert (tmp_path / "other" / "report.json").read_text() == anew.stdout


def test_a_sigkill_in_the_middle_changes_nothing(runs, tmp_path):
    unbroken = reproduce(EXAMPLES / "digits-cnn", runs, "--seeds", "3", "--format", "json")
    killed = subprocess.Popen(
        words(EXAMPLES / "digits-cnn", tmp_path, "--seeds", "3"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: list(tmp_path.glob("runs/*/record.json")), killed)
    killed.kill()
    killed.communicate()
    again = reproduce(EXAMPLES / "digits-cnn", tmp_path, "--seeds", "3", "--format", "json")
    assert untimed(again.stdout) == untimed(unbroken.stdout)
    assert "(from the run directory)" in again.stderr


def test_called_from_inside_the_bundle_it_keeps_its_runs_beside_it(copy):
    ended = subprocess.run(
        [sys.executable, "-m", "auditor", "reproduce", ".", "--seeds", "2", "--quiet"],
        cwd=copy,
        env={"PYTHONPATH": str(EXAMPLES.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in (0, 3), ended.stderr
    assert (copy.parent / "fmaudit-runs" / "digits-cnn" / "report.json").exists()
    assert not (copy / "fmaudit-runs").exists()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
def test_another_device_class_reproduces_it_too(tmp_path):
    ended = reproduce(EXAMPLES / "digits-cnn", tmp_path, "--device", "cuda", "--format", "json")
    assert json.loads(ended.stdout)["environment"]["device"] == "cuda"
    assert ended.returncode in (0, 3)


@pytest.mark.skipif(not MNIST.is_dir(), reason="the MNIST files are not beside the checkout")
def test_a_local_folder_stands_in_for_data_by_url(tmp_path):
    """One epoch on the real 60,000 images; ten would take minutes. The claim is that of ten, so it fails low."""
    copy = Path(shutil.copytree(EXAMPLES / "mnist-cnn", tmp_path / "mnist-cnn"))
    change(copy / "recipe.yaml", "epochs: 10", "epochs: 1")
    ended = reproduce(copy, tmp_path / "runs", "--data", str(MNIST), "--seeds", "2", "--format", "json")
    assert "469 a seed: 1 epochs of 60,000 examples" in ended.stderr
    report = json.loads(ended.stdout)
    values = [float(run["value"]) for run in report["claims"][0]["runs"]]
    assert all(0.96 < value < 0.99 for value in values)
    assert ended.returncode in (1, 3)


def test_nothing_is_written_into_the_bundle(copy, tmp_path):
    before = sorted((path, path.stat().st_mtime_ns) for path in copy.rglob("*"))
    reproduce(copy, tmp_path / "runs", "--seeds", "2")
    assert sorted((path, path.stat().st_mtime_ns) for path in copy.rglob("*")) == before
