"""Files to read from end to end, shared out among as many workers as there are cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.readers.bits import Look, Plain, import_numpy
from auditor.readers.document import Unreadable
from auditor.readers.sweep import Stretch, sweep
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.bundle import Bundle

# With less to read, loading numpy and starting threads costs more than it saves: tests/bench/run.py numpy.
VECTOR_FROM_BYTES = 4 * 2**20
MAX_WORKERS = 16  # more would wait for the disk, and for the lock that each holds a twentieth of its time
# A worker that has hashed its block waits this long for the lock, and not for 5 ms, Python's default, while
# the main thread works on: a block of BLOCK_BYTES is hashed in 0.7 ms.
SWITCH_S = 0.0002
PART_BYTES = 2**28  # of one file's tensors looked at by one worker, where the file is not hashed as well


@dataclass(frozen=True, slots=True)
class Job:
    """A file to hash, or tensors of it to look at, or both in one pass."""

    path: str
    size_bytes: int
    digest: bool
    stretch: Stretch | None

    @property
    def looked_bytes(self) -> int:
        """How many bytes of tensors there are to look at."""
        return sum(tensor.end - tensor.begin for tensor in self.stretch.tensors) if self.stretch else 0

    @property
    def cost(self) -> int:
        """Picoseconds, about: a byte takes 700 to hash, 50 to look at and 70 to read."""
        return self.size_bytes * 770 + self.looked_bytes * 50 if self.digest else self.looked_bytes * 120


# How a job ended: its path, the digest if it was asked for, the error if there was one.
Swept = tuple[str, str, Unreadable | None]


def run(bundle: Bundle, jobs: Sequence[Job]) -> list[Swept]:
    """Every job is done and its tallies are filled, in no order; a job that is split ends more than once."""
    size = sum(job.size_bytes if job.digest else job.looked_bytes for job in jobs)
    if size < VECTOR_FROM_BYTES:
        look = Plain()
        return [_do(bundle, job, look) for job in jobs]
    parts = [part for job in jobs for part in _parts(job)]
    return _share(bundle, sorted(parts, key=lambda job: job.cost))


def begin(bundle: Bundle, jobs: Sequence[Job]) -> Callable[[], list[Swept]]:
    """The jobs are done from now on beside the calling thread; what is returned waits for their end."""
    import hashlib  # noqa: F401  loaded here, because two threads that import may wait for each other
    from threading import Thread

    import_numpy()
    ended: list[Swept] = []
    crashed: list[BaseException] = []

    def work() -> None:
        try:
            ended.extend(run(bundle, jobs))
        except BaseException as error:  # noqa: BLE001  raised again below, in the thread that waits
            crashed.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    thread = Thread(target=work, daemon=True)
    thread.start()

    def wait() -> list[Swept]:
        thread.join()
        sys.setswitchinterval(interval)
        if crashed:
            raise crashed[0]
        return ended

    return wait


def workers() -> int:
    """How many files are read at a time."""
    affinity = getattr(os, "sched_getaffinity", None)
    return min(MAX_WORKERS, len(affinity(0)) if affinity else os.cpu_count() or 1)


def _parts(job: Job) -> Iterator[Job]:
    """The job's tensors, PART_BYTES at a time or a little more; a job with a digest stays whole.

    A digest takes one byte after the other. To have others look at the numbers meanwhile was measured slower
    than one pass, 1.27 and 1.17 of openssl's time on two cores: all bytes are read twice.
    """
    stretch = job.stretch
    if stretch is None or job.digest:
        yield job
        return
    first, size = 0, 0
    for index, tensor in enumerate(stretch.tensors):
        size += tensor.end - tensor.begin
        if size >= PART_BYTES or index == len(stretch.tensors) - 1:
            cut = slice(first, index + 1)
            yield replace(
                job, stretch=Stretch(stretch.data_start, stretch.tensors[cut], stretch.tallies[cut])
            )
            first, size = index + 1, 0


def _share(bundle: Bundle, pending: list[Job]) -> list[Swept]:
    """The jobs are done, the dearest first, by several threads."""
    from threading import Thread

    from auditor.readers.bits import Vector

    look = Vector() if any(job.stretch is not None for job in pending) else Plain()
    ended: list[Swept] = []
    crashed: list[BaseException] = []

    def work() -> None:
        while pending and not crashed:
            try:
                job = pending.pop()
            except IndexError:  # another worker was faster
                return
            try:
                ended.append(_do(bundle, job, look))
            except BaseException as error:  # noqa: BLE001  raised again below, in the thread that waits
                crashed.append(error)

    threads = [Thread(target=work, daemon=True) for _ in range(min(workers(), len(pending)) - 1)]
    for thread in threads:
        thread.start()
    work()
    for thread in threads:
        thread.join()
    if crashed:
        raise crashed[0]
    return ended


def _do(bundle: Bundle, job: Job, look: Look) -> Swept:
    try:
        with bundle.opened(job.path) as stream:
            digest = sweep(
                job.path, stream, job.size_bytes, digest=job.digest, stretch=job.stretch, look=look
            )
    except Unreadable as error:
        return job.path, "", error
    return job.path, digest, None
