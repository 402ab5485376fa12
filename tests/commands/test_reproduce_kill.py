"""SIGKILL at random moments, and the processes of `--jobs`: the same bytes each time, nothing left running."""

import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from auditor.reproduce.ledger import events
from tests.commands.reproducing import change, untimed, wait_for
from tests.reproduce.kill_loop import finish, killed, small_bundle, words

KILLS = int(os.environ.get("FMAUDIT_KILLS", "3"))  # of each kind; `tests/reproduce/kill_loop.py` does more


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return small_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def long_bundle(tmp_path_factory):
    """One that would train for minutes."""
    return small_bundle(tmp_path_factory.mktemp("long"), epochs=2000)


@pytest.fixture(scope="module")
def unbroken(bundle, tmp_path_factory):
    return finish(bundle, tmp_path_factory.mktemp("unbroken") / "runs", "--jobs", "1")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_kills_at_random_moments_change_no_byte(bundle, unbroken, tmp_path, jobs):
    """The kills meet one audit, which each time gets a little further."""
    rng = random.Random(jobs)
    for _ in range(KILLS):
        killed(bundle, tmp_path, rng.uniform(1.0, 3.5), "--jobs", jobs)
    assert finish(bundle, tmp_path, "--jobs", jobs) == unbroken


def workers(process):
    """Process numbers of the children of an audit."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in children.read_text().split()] if children.exists() else []


def alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def told(run_dir):
    """What the ledger of a run directory tells, in order."""
    return [event["event"] for event in events(run_dir)]


def begun(bundle, run_dir, *options):
    """An audit whose two processes have each written a checkpoint."""
    process = subprocess.Popen(
        words(bundle, run_dir, "--jobs", "2", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: len(list(run_dir.glob("runs/*/checkpoint.safetensors"))) == 2, process)
    return process


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc here")
def test_the_processes_of_a_killed_audit_end_and_the_next_one_goes_on(long_bundle, tmp_path):
    process = begun(long_bundle, tmp_path)
    children = workers(process)
    assert len(children) == 2
    process.kill()
    process.communicate()
    again = subprocess.Popen(
        words(long_bundle, tmp_path, "--jobs", "2"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: told(tmp_path).count("run resumed") == 2, again)
    assert not any(map(alive, children))
    again.send_signal(signal.SIGTERM)
    _, printed = again.communicate(timeout=60)
    assert again.returncode == 143
    assert "resumed at step" in printed


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc here")
def test_ctrl_c_stops_every_process_with_a_checkpoint(long_bundle, tmp_path):
    process = begun(long_bundle, tmp_path)
    children = workers(process)
    for pid in (process.pid, *children):  # a terminal sends it to all of them
        os.kill(pid, signal.SIGINT)
    _, printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "error: interrupted" in printed
    assert "Traceback" not in printed
    assert not any(map(alive, children))
    assert not list(tmp_path.glob("**/*.partial"))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc here")
def test_a_killed_process_is_told_and_its_seed_is_taken_up(bundle, unbroken, tmp_path):
    process = begun(bundle, tmp_path)
    os.kill(workers(process)[0], signal.SIGKILL)
    report, printed = process.communicate(timeout=120)
    assert "its process was ended by signal 9 (SIGKILL); another one takes it up" in printed
    assert process.returncode in (0, 1, 3)
    assert untimed(report) == unbroken


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc here")
def test_an_audit_whose_processes_are_all_killed_says_what_to_do(long_bundle, tmp_path):
    process = begun(long_bundle, tmp_path)
    for pid in workers(process):
        os.kill(pid, signal.SIGKILL)
    _, printed = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "error: a training process was ended by signal 9 (SIGKILL)" in printed
    assert "--jobs 1" in printed


def test_processes_of_two_threads_each_train_at_once(tmp_path):
    """A process that is forked beside OpenMP's threads would wait for them forever."""
    bundle = small_bundle(tmp_path, epochs=1)
    change(bundle / "recipe.yaml", "threads: 1", "threads: 2")
    subprocess.run(
        words(bundle, tmp_path / "runs", "--jobs", "2"), capture_output=True, check=False, timeout=100
    )
    assert told(tmp_path / "runs").count("run finished") == 3
