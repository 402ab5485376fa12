"""Processes that do one job at a time."""

import os
import signal
from pathlib import Path

import pytest

from auditor.errors import CannotRun, Interrupted, UsageError
from auditor.reproduce.cores import free_cores, processes
from auditor.reproduce.workers import Job, Workers, apart
from auditor.training.watch import Silent, Stop

JOBS = [Job(seed, seed + 1, 4) for seed in range(4)]


class Heard(Silent):
    """Remembers what it was told of runs."""

    def __init__(self):
        self.finished, self.stopped = [], []

    def run_finished(self, seed, summary, *, reused):
        self.finished.append((seed, summary, reused))

    def run_stopped(self, seed, why):
        self.stopped.append((seed, why))


@pytest.fixture
def pool():
    """Makes workers that are gone after the test."""
    made = []

    def make(work, n=2):
        made.append(Workers(n, work))
        return made[-1]

    yield make
    for workers in made:
        workers.close()


def test_every_job_is_done_and_its_watch_heard(pool):
    def work(job, watch, _):
        watch.run_finished(job.seed, str(os.getpid()), reused=False)

    heard = Heard()
    pool(work).do(JOBS, heard, Stop())
    assert sorted(seed for seed, _, _ in heard.finished) == [0, 1, 2, 3]
    assert str(os.getpid()) not in {pid for _, pid, _ in heard.finished}


def test_workers_serve_one_look_after_the_other(pool):
    heard = Heard()
    workers = pool(lambda job, watch, _: watch.run_finished(job.seed, "", reused=False))
    for job in JOBS:
        workers.do([job], heard, Stop())
    assert [seed for seed, _, _ in heard.finished] == [0, 1, 2, 3]


def test_a_fault_of_the_user_is_raised_as_it_was(pool):
    def work(job, *_):
        if job.seed == 2:
            raise CannotRun("there is no room left to write", where="runs", help="free some")

    with pytest.raises(CannotRun, match="no room") as raised:
        pool(work).do(JOBS, Silent(), Stop())
    assert (raised.value.where, raised.value.help) == ("runs", "free some")


def test_memory_that_runs_out_in_a_process_is_one_clear_message(pool):
    def work(*_):
        raise MemoryError

    with pytest.raises(CannotRun, match="not enough memory"):
        pool(work).do(JOBS, Silent(), Stop())


def test_a_bug_brings_its_traceback(pool):
    def work(*_):
        raise KeyError("lost")

    with pytest.raises(RuntimeError, match="KeyError: 'lost'") as raised:
        pool(work).do(JOBS, Silent(), Stop())
    assert "def work" in raised.value.__notes__[0] or "in work" in raised.value.__notes__[0]


def test_a_request_to_stop_reaches_every_process(pool):
    class Asked(Silent):
        """Asks to stop once both have begun."""

        def __init__(self, stop):
            self.stop, self.begun = stop, 0

        def run_started(self, *_):
            self.begun += 1
            if self.begun == 2:
                self.stop.signal_number = signal.SIGINT

    def work(job, watch, stop):
        watch.run_started(job.seed, 1, 1, 1, 0)
        while stop.signal_number is None:
            pass
        raise Interrupted(stop.signal_number)

    stop = Stop()
    with pytest.raises(Interrupted) as raised:
        pool(work).do(JOBS, Asked(stop), stop)
    assert raised.value.exit_code == 130


def test_the_job_of_a_killed_process_is_done_by_another(pool, tmp_path):
    def work(job, watch, _):
        if job.seed == 1 and not (tmp_path / "once").exists():
            (tmp_path / "once").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        watch.run_finished(job.seed, "", reused=False)

    heard = Heard()
    pool(work).do(JOBS, heard, Stop())
    assert sorted(seed for seed, _, _ in heard.finished) == [0, 1, 2, 3]
    assert heard.stopped == [(1, "its process was ended by signal 9 (SIGKILL); another one takes it up")]


def test_a_job_that_kills_every_process_is_given_up(pool):
    def work(job, *_):
        if job.seed == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(CannotRun, match="ended by signal 9") as raised:
        pool(work, 3).do(JOBS, Silent(), Stop())
    assert raised.value.where == "seed 0"


def test_what_happens_apart_comes_back():
    assert apart(os.getpid) != os.getpid()
    with pytest.raises(CannotRun, match="ended by signal 9"):
        apart(lambda: os.kill(os.getpid(), signal.SIGKILL))


def test_free_cores_are_at_least_one_and_at_most_those_of_the_machine():
    assert 1 <= free_cores() <= os.cpu_count()


def test_a_control_group_limits_the_free_cores(monkeypatch):
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "150000 100000\n")
    assert free_cores() == 1


def test_as_many_processes_as_cores_but_no_more_than_seeds(monkeypatch):
    monkeypatch.setattr("auditor.reproduce.cores.free_cores", lambda: 8)
    monkeypatch.setattr("sys.platform", "linux")
    assert processes(None, seeds=5, threads=1, device="cpu") == 5
    assert processes(None, seeds=5, threads=4, device="cpu") == 2
    assert processes(None, seeds=5, threads=16, device="cpu") == 1
    assert processes(3, seeds=5, threads=1, device="cpu") == 3
    assert processes(None, seeds=5, threads=1, device="cuda") == 1


def test_processes_do_not_share_a_gpu():
    with pytest.raises(UsageError, match="do not share"):
        processes(2, seeds=5, threads=1, device="cuda")
