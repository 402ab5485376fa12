"""Processes that train one seed each at a time, so that no core idles; imports no torch.

They are forked, because a forked process shares the data and needs no second import of torch, and forked
before the first kernel, because OpenMP's threads do not survive a fork. Each has a pipe to the audit:

    audit → worker    a job · "stop": write a checkpoint and stop · end of file: the audit is gone
    worker → audit    ("told", method, arguments) of its watch · ("done",) · ("failed", error or None)

A worker whose audit is gone ends at once. It holds the run directory's lock until then.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, TypeVar

from auditor.errors import CannotRun, Interrupted, Refused, UsageError
from auditor.training.memory import enough_memory
from auditor.training.watch import Stop, Watch

LOOK_EVERY_S = 0.1  # how soon a request to stop is passed on
OURS = (CannotRun, Refused, UsageError)


@dataclass(frozen=True, slots=True)
class Job:
    """One seed to train; `number` (from 1) `of` how many is for whoever watches.

    Those `beside` it are trained together with it.
    """

    seed: int
    number: int
    of: int
    beside: tuple[Job, ...] = ()


Work = Callable[[Job, Watch, Stop], None]
Result = TypeVar("Result")


@dataclass(slots=True)
class Worker:
    """A process, our end of its pipe, and what it does now."""

    pid: int
    pipe: Connection
    job: Job | None = None


class Workers:
    """Processes that call `work` for one job at a time."""

    def __init__(self, n: int, work: Work) -> None:
        """Forks `n` processes; `work` leaves its results in files."""
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []
        self._waiting: deque[Job] = deque()
        self._killed: set[int] = set()  # seeds whose process was killed once
        self._fault: Exception | None = None
        gc.freeze()  # what is here is shared: a collection in a worker would copy it page by page
        try:
            for _ in range(n):
                others = [worker.pipe for worker in self._idle]
                self._idle.append(_fork(lambda pipe: _serve(work, pipe), others))
        except OSError as error:
            self.close()
            raise CannotRun(
                f"no further process can be started ({(error.strerror or 'unknown error').lower()})",
                where=f"--jobs {n}",
                help="train fewer seeds at once, as with --jobs 1",
            ) from error
        finally:
            gc.unfreeze()

    def do(self, jobs: Sequence[Job], watch: Watch, stop: Stop) -> None:
        """Afterwards every job is done.

        A job whose process was killed is given to another one once, which takes it up where it stood.

        Raises:
            Interrupted: `stop` was set; all have stopped, and where they stand is kept.
            CannotRun: a job could not be done, or its processes were killed.
        """
        self._waiting, self._killed, self._fault = deque(jobs), set(), None
        while self._busy or (self._waiting and self._fault is None):
            if self._fault is None and stop.signal_number is not None:
                where = f"seed {_first(self._busy, self._waiting).seed}"
                self._fail(Interrupted(stop.signal_number, where=where))
            while self._fault is None and self._waiting and self._idle:
                self._give(self._waiting.popleft())
            for pipe in wait([worker.pipe for worker in self._busy], LOOK_EVERY_S):
                worker = next(one for one in self._busy if one.pipe is pipe)
                try:
                    told = worker.pipe.recv()
                except (EOFError, OSError):
                    self._lost(worker, watch)
                else:
                    self._heard(worker, told, watch)
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        """The processes are gone; what they were doing stands where it was last stored."""
        workers = [*self._idle, *self._busy]
        self._idle, self._busy = [], []
        for worker in workers:
            worker.pipe.close()  # it reads the end of the file and ends
        for worker in workers:
            with suppress(ChildProcessError):
                os.waitpid(worker.pid, 0)

    def _give(self, job: Job) -> None:
        worker = self._idle.pop(0)
        worker.job = job
        self._busy.append(worker)
        with suppress(OSError):  # a worker that died is met where its pipe is read
            worker.pipe.send(job)

    def _heard(self, worker: Worker, told: tuple[Any, ...], watch: Watch) -> None:
        if told[0] == "told":
            getattr(watch, told[1])(*told[2], **told[3])
            return
        self._busy.remove(worker)
        self._idle.append(worker)
        worker.job = None
        if told[0] == "failed" and not (self._fault and told[1] is None):
            self._fail(told[1] or Interrupted(int(signal.SIGTERM)))

    def _lost(self, worker: Worker, watch: Watch) -> None:
        """The worker's process is gone; its job waits for another, or cannot be done."""
        job, ending = worker.job, self._bury(worker)
        assert job is not None
        if self._fault is not None:
            return
        if job.seed in self._killed or not (self._idle or self._busy):
            self._fail(_killed(f"seed {job.seed}", ending))
            return
        self._killed.add(job.seed)
        self._waiting.append(job)
        watch.run_stopped(job.seed, f"its process was ended by {ending}; another one takes it up")

    def _fail(self, fault: Exception) -> None:
        """The first fault is the one that is told, a signal the least; all stop and keep where they stand."""
        if self._fault is None:
            for worker in self._busy:
                with suppress(OSError):
                    worker.pipe.send("stop")
        if self._fault is None or isinstance(self._fault, Interrupted):
            self._fault = fault

    def _bury(self, worker: Worker) -> str:
        """What ended a process, in words."""
        self._busy.remove(worker)
        worker.pipe.close()
        return _ending(worker.pid)


class _Relay:
    """A watch whose every call goes through a pipe."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **named: self._pipe.send(("told", name, arguments, named))


def apart(call: Callable[[], Result]) -> Result:
    """What `call` returns in a process of its own, which is forked for it.

    Raises:
        AuditError: as `call` does.
        CannotRun: its process was killed.
    """
    worker = _fork(lambda pipe: _answer(pipe, call), ())
    try:
        kind, value = worker.pipe.recv()
    except (EOFError, OSError) as error:
        raise _killed("the measurement", _ending(worker.pid)) from error
    finally:
        worker.pipe.close()
        with suppress(ChildProcessError):
            os.waitpid(worker.pid, 0)
    if kind == "failed":
        raise value
    result: Result = value
    return result


def _answer(pipe: Connection, call: Callable[[], Any]) -> None:
    """The life of a process that does one thing."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with enough_memory():
            pipe.send(("done", call()))
    except OURS as error:
        pipe.send(("failed", error))
    except Exception as error:  # noqa: BLE001  our bug: it is raised again in the audit
        pipe.send(("failed", _carried(error)))


def _fork(live: Callable[[Connection], None], others: Sequence[Connection]) -> Worker:
    """A process that does `live` with its end of the pipe; `others` are our ends of pipes to others."""
    ours, theirs = Pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of any thread, and a progress bar has one; it holds nothing that a worker uses.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        theirs.close()
        return Worker(pid, ours)
    try:
        for pipe in (ours, *others):
            pipe.close()  # or nobody would see the end of the file
        live(theirs)
    finally:
        os._exit(0)  # nothing of the audit's is flushed or put away twice


def _serve(work: Work, pipe: Connection) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends Ctrl-C to all; the audit passes it on
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    jobs: deque[Job] = deque()
    ready = threading.Semaphore(0)
    stop = Stop()
    threading.Thread(target=_listen, args=(pipe, jobs, ready, stop), daemon=True).start()
    while True:
        ready.acquire()
        try:
            with enough_memory():
                work(jobs.popleft(), _Relay(pipe), stop)
            answer: tuple[Any, ...] = ("done",)
        except Interrupted:
            answer = ("failed", None)
        except OURS as error:
            answer = ("failed", error)
        except Exception as error:  # noqa: BLE001  our bug: it is raised again in the audit
            answer = ("failed", _carried(error))
        pipe.send(answer)


def _listen(pipe: Connection, jobs: deque[Job], ready: threading.Semaphore, stop: Stop) -> None:
    """Hears the audit while the worker trains."""
    while True:
        try:
            told = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)
        if isinstance(told, Job):
            stop.signal_number = None
            jobs.append(told)
            ready.release()
        else:
            stop.signal_number = int(signal.SIGTERM)  # any number: the audit knows the true one


def _carried(error: Exception) -> Exception:
    """A bug with its traceback as a note, because a traceback cannot go through a pipe."""
    import traceback

    carried = RuntimeError(f"{type(error).__name__}: {error}")
    carried.add_note("".join(traceback.format_exception(error)))
    return carried


def _first(busy: Sequence[Worker], waiting: deque[Job]) -> Job:
    jobs = [worker.job for worker in busy if worker.job is not None]
    return min([*jobs, *waiting], key=lambda job: job.number)


def _ending(pid: int) -> str:
    """What ended a process, in words."""
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return "an unknown cause"
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)} ({signal.Signals(os.WTERMSIG(status)).name})"
    return f"itself with exit code {os.waitstatus_to_exitcode(status)}"


def _killed(where: str, ending: str) -> CannotRun:
    return CannotRun(
        f"a training process was ended by {ending}",
        where=where,
        help="if memory ran out, --jobs 1 needs least; finished seeds and steps are kept, the same command "
        "goes on from there",
    )
