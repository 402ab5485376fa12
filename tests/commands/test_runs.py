"""`fmaudit runs` from the outside, and `--plan`, `--budget`, `--jobs` of `fmaudit reproduce`."""

import json
import os
import re
import resource
import subprocess
import sys

import pytest

from auditor.commands.runs import IDS
from auditor.training.files import locked
from tests.commands.reproducing import EXAMPLES, reproduce, untimed

BUNDLE = EXAMPLES / "digits-cnn"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run directory with two finished runs; tests only look at it."""
    folder = tmp_path_factory.mktemp("kept") / "digits-cnn"
    ended = reproduce(BUNDLE, folder, "--seeds", "2", "--quiet")
    assert ended.returncode in (0, 3), ended.stderr
    return folder


@pytest.fixture
def broken(kept, tmp_path):
    """A run directory with a finished, an unfinished, a damaged, a diverged and a foreign folder."""
    folder = tmp_path / "digits-cnn"
    names = sorted(path.name for path in (kept / "runs").iterdir())
    subprocess.run(["cp", "-r", str(kept), str(folder)], check=True)
    record = json.loads((folder / "runs" / names[0] / "record.json").read_text())
    record["scores"]["test"]["loss"] = "nan"
    for name, content in (("1", "{"), ("2", json.dumps(record))):
        made = folder / "runs" / f"seed-{name}-000000000000"
        made.mkdir()
        (made / "record.json").write_text(content)
    unfinished = folder / "runs" / "seed-3-000000000000"
    unfinished.mkdir()
    (unfinished / "checkpoint.safetensors").write_bytes(b"\xff" * 20)
    (folder / "runs" / "mine").mkdir()
    (folder / "runs" / "seed-4-000000000000").symlink_to(tmp_path)
    return folder


def runs(*words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "auditor", "runs", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(EXAMPLES.parent)},
    )


def listed(folder):
    told = json.loads(runs("list", "--run-dir", folder, "--format", "json").stdout)
    return {run["id"]: run["state"] for each in told["run_dirs"] for run in each["runs"]}


def test_runs_are_listed_with_state_scores_and_size(kept):
    ended = runs("--run-dir", kept)
    assert ended.returncode == 0
    assert len(re.findall(r"seed-\d+-[0-9a-f]{12}  finished .* test accuracy 0\.9\d+, ", ended.stdout)) == 2


def test_a_folder_of_run_directories_lists_them_all(kept):
    assert listed(kept.parent) == listed(kept)


def test_every_state_is_told_and_what_is_not_ours_is_passed_over(broken):
    states = sorted(listed(broken).values())
    assert states == ["damaged", "diverged", "finished", "finished", "unfinished"]


def test_a_run_is_shown_with_its_identity_scores_and_losses(kept):
    (name, *_) = listed(kept)
    ended = runs("show", name.split("-")[1], "--run-dir", kept)
    assert ended.returncode == 0
    for word in (name, "environment.torch", "test accuracy", "loss of epoch 10", "took"):
        assert word in ended.stdout


def test_two_seeds_differ_in_scores_losses_and_weights(kept):
    first, second = listed(kept)
    ended = runs("compare", first, second, "--run-dir", kept)
    assert ended.returncode == 0
    assert "seed: " in ended.stdout
    assert "the first epoch that differs is 1" in ended.stdout
    assert re.search(r"relative L2 distance \d", ended.stdout)


def test_a_run_is_equal_to_itself_to_the_last_bit(kept):
    (name, *_) = listed(kept)
    told = json.loads(runs("compare", name, name, "--run-dir", kept, "--format", "json").stdout)
    assert told["weights_equal"] is True
    assert (told["relative_distance"], told["identity"], told["scores"]) == (0.0, [], [])
    assert told["first_differing_epoch"] is None


def test_the_distance_of_weights_is_that_of_numpy(kept):
    import numpy as np
    from safetensors.numpy import load_file

    names = list(listed(kept))
    told = json.loads(runs("compare", *names, "--run-dir", kept, "--format", "json").stdout)
    flat = [
        np.concatenate([value.ravel() for _, value in sorted(load_file(path).items())]).astype(float)
        for path in (kept / "runs" / name / "weights.safetensors" for name in names)
    ]
    expected = np.linalg.norm(flat[0] - flat[1]) / np.linalg.norm(flat[0])
    assert told["relative_distance"] == pytest.approx(expected, rel=1e-12)


def test_a_run_without_weights_is_compared_all_the_same(broken):
    (name, *_) = [name for name, state in listed(broken).items() if state == "finished"]
    ended = runs("compare", "seed-3-000000000000", name, "--run-dir", broken)
    assert ended.returncode == 0
    assert "seed-3-000000000000 has no finished weights" in ended.stdout


def test_clean_removes_what_is_unfinished_or_damaged_and_says_so(broken):
    dry = runs("clean", "--dry-run", "--run-dir", broken)
    assert len(listed(broken)) == 5
    ended = runs("clean", "--run-dir", broken)
    assert "2 runs" in ended.stdout
    assert dry.stdout == ended.stdout.replace("removed", "would be removed")
    assert sorted(listed(broken).values()) == ["diverged", "finished", "finished"]
    assert (broken / "runs" / "mine").is_dir()
    assert (broken / "report.json").exists()


def test_clean_by_age_and_clean_all(broken):
    assert "there is nothing to remove" in runs("clean", "--older-than", "30d", "--run-dir", broken).stdout
    (name, *_) = listed(broken)
    for path in (broken / "runs" / name).iterdir():
        os.utime(path, (0, 0))
    assert f"{name}: " in runs("clean", "--older-than", "30d", "--run-dir", broken).stdout
    runs("clean", "--all", "--run-dir", broken)
    assert listed(broken) == {}


def test_clean_waits_for_no_audit_that_is_running(broken):
    with locked(broken):
        ended = runs("clean", "--run-dir", broken)
    assert ended.returncode == 4
    assert "another audit is using this run directory" in ended.stderr
    assert len(listed(broken)) == 5


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["show", "nothing"], 2, "there is no such run"),
        (["show", "seed"], 2, "this may be any of 2 runs"),
        (["show"], 2, "show takes one ID"),
        (["compare", "a"], 2, "compare takes two IDs"),
        (["list", "--all"], 2, "belong to clean"),
        (["clean", "--older-than", "soon"], 2, "`soon` is no age"),
        (["drop"], 2, "is not one of"),
    ],
)
def test_wrong_usage_is_one_clear_message(kept, words, code, told):
    ended = runs(*words, "--run-dir", kept)
    assert (ended.returncode, told in ended.stderr) == (code, True), ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_folder_that_holds_no_runs_is_said_to_hold_none(tmp_path):
    assert "there is no such folder" in runs("--run-dir", tmp_path / "nowhere").stderr
    (tmp_path / "empty").mkdir()
    ended = runs("--run-dir", tmp_path / "empty")
    assert ended.returncode == 4
    assert "this is no run directory" in ended.stderr


def test_by_default_the_run_directories_here_are_listed(kept, tmp_path):
    (tmp_path / "fmaudit-runs").symlink_to(kept.parent)
    assert "2 runs" in runs(cwd=tmp_path).stdout


@pytest.mark.parametrize("action", sorted(set(IDS) - {"compare"}))
def test_no_action_but_compare_needs_torch_or_numpy(kept, action):
    (name, *_) = listed(kept)
    words = [action, *[name] * IDS[action], *["--dry-run"] * (action == "clean"), "--run-dir", str(kept)]
    code = "import sys; sys.modules['torch'] = None; from auditor.cli import run; sys.exit(run(sys.argv[1:]))"
    ended = subprocess.run([sys.executable, "-c", code, "runs", *words], capture_output=True, check=False)
    assert ended.returncode == 0


def test_a_plan_tells_the_cost_and_trains_nothing(tmp_path):
    ended = reproduce(BUNDLE, tmp_path / "runs", "--plan")
    assert ended.returncode == 0, ended.stderr
    for row in (
        "steps:   450 a seed",
        "seeds:   3.5 expected",
        "(measured on ",
        "memory:",
        "energy:",
        "disk:",
    ):
        assert row in ended.stdout
    assert not (tmp_path / "runs").exists()


def test_a_plan_for_programs(tmp_path):
    ended = reproduce(BUNDLE, tmp_path / "runs", "--plan", "--seeds", "4", "--jobs", "2", "--format", "json")
    told = json.loads(ended.stdout)
    assert (told["steps_per_seed"], told["expected_seeds"], told["jobs"]) == (450, 4, 2)
    assert told["seconds_at_most"] == pytest.approx(2 * told["seconds_per_seed"])
    assert told["energy_wh_at_most"] == pytest.approx(4 * told["seconds_per_seed"] * 12 / 3600)


def test_a_budget_that_pays_for_no_seed_evaluates_the_weights(tmp_path):
    ended = reproduce(BUNDLE, tmp_path, "--budget", "1s", "--format", "json")
    assert ended.returncode == 3
    assert "no fresh seeds fit" in ended.stderr
    steps = {step["level"]: step["state"] for step in json.loads(ended.stdout)["level"]["steps"]}
    assert steps["L1"] == "passed"
    assert steps["L5"] == "not attempted"


def test_a_budget_with_room_says_what_it_can_detect_and_changes_no_verdict(tmp_path, runs_of_all):
    ended = reproduce(BUNDLE, tmp_path, "--budget", "1h", "--format", "json")
    assert ended.returncode == 0
    assert "fresh seeds up to n = 10 fit (L5)" in ended.stderr
    assert "of claims 5 sd too high" in ended.stderr
    assert untimed(ended.stdout) == untimed(runs_of_all)


@pytest.fixture(scope="module")
def runs_of_all(tmp_path_factory):
    """The report of an audit without a budget, in one process."""
    return reproduce(BUNDLE, tmp_path_factory.mktemp("all"), "--jobs", "1", "--format", "json").stdout


@pytest.mark.parametrize("budget", ["0s", "soon", "-1m"])
def test_a_budget_that_is_none_is_one_clear_message(tmp_path, budget):
    ended = reproduce(BUNDLE, tmp_path, f"--budget={budget}")
    assert ended.returncode == 2
    assert "is no budget of time" in ended.stderr


def test_a_budget_and_a_number_of_seeds_contradict_each_other(tmp_path):
    ended = reproduce(BUNDLE, tmp_path, "--budget", "1m", "--seeds", "3")
    assert ended.returncode == 2
    assert "a budget chooses the number of seeds" in ended.stderr


def test_a_full_disk_stops_every_process_with_one_message(tmp_path):
    run_dir = tmp_path / "runs"
    reproduce(BUNDLE, run_dir, "--seeds", "2", "--jobs", "2")
    full = reproduce(BUNDLE, run_dir, "--seeds", "4", "--jobs", "2", preexec_fn=_no_large_files)
    assert full.returncode == 4
    assert full.stderr.count("error: there is no room left to write") == 1
    assert "Traceback" not in full.stderr
    after = reproduce(BUNDLE, run_dir, "--seeds", "4", "--jobs", "2")
    assert after.stderr.count("(from the run directory)") == 2


def _no_large_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # below the 86 KB of a run's weights


@pytest.mark.parametrize("command", [("reproduce", str(BUNDLE)), ("runs", "clean", "--all")])
def test_an_empty_run_directory_is_not_the_folder_one_stands_in(tmp_path, command):
    asked = [sys.executable, "-m", "auditor", *command, "--run-dir", ""]
    ended = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 2
    assert "it is empty, expected a folder" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_brackets_without_end_in_a_runs_files_are_damage_and_no_crash(broken):
    for file in [*broken.glob("runs/*/record.json"), *broken.glob("runs/*/timing.json")]:
        file.write_text("[" * 200_000)
    ended = subprocess.run(
        [sys.executable, "-m", "auditor", "runs", "--run-dir", str(broken)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    planned = reproduce(BUNDLE, broken, "--plan")
    assert planned.returncode == 0, planned.stderr
