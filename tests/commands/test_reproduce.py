"""`fmaudit reproduce` from the outside: verdicts on the examples, the same bytes, every way to fail."""

import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
MNIST = Path(__file__).resolve().parents[3] / "shared" / "data" / "mnist"


def words(bundle, run_dir, *options):
    return [sys.executable, "-m", "auditor", "reproduce", str(bundle), "--run-dir", str(run_dir), *options]


def reproduce(bundle, run_dir, *options, **settings):
    return subprocess.run(
        words(bundle, run_dir, *options), capture_output=True, text=True, check=False, timeout=300, **settings
    )


def untimed(report):
    return re.sub(r'"timing": \{[^}]*\}', "", report)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """One run directory for all tests that only look at results: seeds are trained once."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def copy(tmp_path):
    """A copy of the honest example to break."""
    return Path(shutil.copytree(EXAMPLES / "digits-cnn", tmp_path / "digits-cnn"))


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


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


def wait_for(condition, process):
    until = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_was_done(copy, tmp_path, number, code):
    change(copy / "recipe.yaml", "epochs: 10", "epochs: 500")
    run_dir = tmp_path / "runs"
    stopped = subprocess.Popen(
        words(copy, run_dir), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: list(run_dir.glob("runs/*/checkpoint.safetensors")), stopped)
    stopped.send_signal(number)
    _, told = stopped.communicate(timeout=60)
    assert stopped.returncode == code
    assert "error: interrupted" in told
    assert "the same command goes on from there" in told
    assert "Traceback" not in told


def test_a_full_disk_keeps_finished_seeds(tmp_path):
    run_dir = tmp_path / "runs"
    reproduce(EXAMPLES / "digits-cnn", run_dir, "--seeds", "2")
    full = reproduce(EXAMPLES / "digits-cnn", run_dir, "--seeds", "3", preexec_fn=_no_large_files)
    assert full.returncode == 4
    assert "error: there is no room left to write" in full.stderr
    assert "finished seeds are kept" in full.stderr
    assert "Traceback" not in full.stderr
    after = reproduce(EXAMPLES / "digits-cnn", run_dir, "--seeds", "3")
    assert after.stderr.count("(from the run directory)") == 2


def _no_large_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # below the 86 KB of a run's weights


def test_the_plan_is_printed_before_torch_is_needed(tmp_path):
    code = "import sys; sys.modules['torch'] = None; from auditor.cli import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, *words(EXAMPLES / "digits-cnn", tmp_path)[3:]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 4
    assert "450 a seed" in ended.stderr
    assert "reproduction needs the package torch" in ended.stderr
    assert "fmaudit[reproduce]" in ended.stderr


FAULTS = {
    "an unknown model": (
        "recipe.yaml",
        "reference: cnn",
        "reference: cnm",
        "there is no reference model `cnm`",
        "recipe.yaml:4:14",
    ),
    "an impossible parameter": (
        "recipe.yaml",
        "padding: same",
        "padding: valid",
        "vanishes in cnn with padding `valid`",
        "recipe.yaml:5:",
    ),
    "broken YAML": ("recipe.yaml", "optimizer: {kind", "optimizer: {{kind", "recipe.yaml", "digits-cnn"),
    "a wrong type": ("recipe.yaml", "epochs: 10", "epochs: ten", "`training.epochs`", "recipe.yaml:16:20"),
    "other data": (
        "data/croissant.json",
        "09f66e6d",
        "00000000",
        "the manifest declares 00000000",
        "croissant.json:",
    ),
    "an unknown split": (
        "recipe.yaml",
        "split: test,",
        "split: dev,",
        "the recipe has no split `dev`",
        "recipe.yaml",
    ),
    "no claims": ("fmaudit.yaml", "claims:", "claims: []\nold:", "`old`", "fmaudit.yaml:12:1"),
    "a claim on other units": (
        "fmaudit.yaml",
        'value: "0.9111"',
        "value: high",
        "`claims.0.value`",
        "fmaudit.yaml:",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_reproduced_is_one_clear_message(copy, tmp_path, fault):
    file, old, new, told, where = FAULTS[fault]
    change(copy / file, old, new)
    ended = reproduce(copy, tmp_path / "runs")
    assert ended.returncode == 4
    error = ended.stderr[ended.stderr.index("error: ") :]
    assert told in error
    assert f"--> {where}" in error or where in error
    assert "= help:" in error
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("missing", ["recipe.yaml", "fmaudit.yaml", "data/croissant.json"])
def test_a_missing_file_is_named(copy, tmp_path, missing):
    (copy / missing).unlink()
    ended = reproduce(copy, tmp_path / "runs")
    assert ended.returncode == 4
    assert missing in ended.stderr


def test_an_empty_folder_and_a_file_are_no_bundles(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for path in ("empty", "file", "nowhere"):
        ended = reproduce(tmp_path / path, tmp_path / "runs")
        assert ended.returncode == 4
        assert ended.stderr.startswith("error: ")


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
    "a metric nobody measures": ("type: accuracy", "type: f1", "does not measure `f1`"),
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


def test_a_run_directory_in_the_bundle_is_refused(copy):
    ended = reproduce(copy, copy / "runs")
    assert ended.returncode == 2
    assert "the run directory lies inside the bundle" in ended.stderr
    assert not (copy / "runs").exists()


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


ABSURD = {
    "threads": ("recipe.yaml", "threads: 1,", "threads: 10000000000,"),
    "steps": ("recipe.yaml", "epochs: 10, batch_size: 32", "epochs: 1000000, batch_size: 1"),
    "rows": ("recipe.yaml", "rows: 360", "rows: 1000000000000000"),
    "batch": ("recipe.yaml", "batch_size: 32", "batch_size: 100000000000000000000"),
    "a value without digits": ("fmaudit.yaml", 'value: "0.9111"', 'value: "1e2"'),
    "a value without end": ("fmaudit.yaml", 'value: "0.9111"', 'value: "1e1000001"'),
    "division by zero": ("recipe.yaml", 'divide_by: "16"', 'divide_by: "0"'),
}


@pytest.mark.parametrize("field", ABSURD)
def test_an_absurd_number_is_one_clear_message(copy, tmp_path, field):
    file, old, new = ABSURD[field]
    change(copy / file, old, new)
    ended = reproduce(copy, tmp_path / "runs")
    assert ended.returncode == 4
    assert "bug" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_a_device_that_is_not_here_is_said_to_be(tmp_path):
    ended = reproduce(EXAMPLES / "digits-cnn", tmp_path, "--device", "cuda")
    assert ended.returncode == 4
    assert "no cuda device is here" in ended.stderr


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")
def test_another_device_class_reproduces_it_too(tmp_path):
    ended = reproduce(EXAMPLES / "digits-cnn", tmp_path, "--device", "cuda", "--format", "json")
    assert json.loads(ended.stdout)["environment"]["device"] == "cuda"
    assert ended.returncode in (0, 3)


def test_one_seed_is_too_few_to_know_a_spread(tmp_path):
    ended = reproduce(EXAMPLES / "digits-cnn", tmp_path, "--seeds", "1")
    assert ended.returncode == 2
    assert "seeds" in ended.stderr


def test_data_by_url_needs_a_folder(tmp_path):
    ended = reproduce(EXAMPLES / "mnist-cnn", tmp_path)
    assert ended.returncode == 4
    assert "is not here" in ended.stderr
    assert "--data" in ended.stderr


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


def test_a_read_only_run_directory_is_said_to_be(tmp_path):
    (tmp_path / "file").write_text("")
    ended = reproduce(EXAMPLES / "digits-cnn", tmp_path / "file" / "runs")
    assert ended.returncode == 4
    assert "cannot be written to" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
