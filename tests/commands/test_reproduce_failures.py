"""Every way in which `fmaudit reproduce` cannot run: one clear message, the right exit code, nothing lost."""

import resource
import signal
import subprocess
import sys

import pytest
import torch

from tests.commands.reproducing import EXAMPLES, change, reproduce, wait_for, words


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


def test_a_run_directory_in_the_bundle_is_refused(copy):
    ended = reproduce(copy, copy / "runs")
    assert ended.returncode == 2
    assert "the run directory lies inside the bundle" in ended.stderr
    assert not (copy / "runs").exists()


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


def test_one_seed_is_too_few_to_know_a_spread(tmp_path):
    ended = reproduce(EXAMPLES / "digits-cnn", tmp_path, "--seeds", "1")
    assert ended.returncode == 2
    assert "seeds" in ended.stderr


def test_data_by_url_needs_a_folder(tmp_path):
    ended = reproduce(EXAMPLES / "mnist-cnn", tmp_path)
    assert ended.returncode == 4
    assert "is not here" in ended.stderr
    assert "--data" in ended.stderr


def test_a_read_only_run_directory_is_said_to_be(tmp_path):
    (tmp_path / "file").write_text("")
    ended = reproduce(EXAMPLES / "digits-cnn", tmp_path / "file" / "runs")
    assert ended.returncode == 4
    assert "cannot be written to" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
