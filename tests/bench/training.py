"""What training costs against a loop written by hand and against HF Trainer, one thread each.

Steps are timed in processes of their own, because how memory is handed out is set for a whole process.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pairs import Amount, Ratio, children, command, forked, ratio, ratio_of

HERE = Path(__file__).resolve().parent
Figures = Iterator[tuple[str, float, Ratio | Amount]]
# name: steps timed, target of fmaudit / loop by hand, how far apart two losses may be
STEPS = {
    "mlp": (700, 0.45, 1e-4),
    "cnn": (12, 0.60, 1e-3),
    "gpt": (12, 0.95, 1e-3),
    "bert": (4, 0.55, 1e-3),
}
PROCESSES = {"cnn": (60, 1, 0.45), "gpt": (60, 1, 0.60), "bert": (12, 1, 0.40), "mlp": (1500, 8, 0.10)}
WARM = 3  # steps before the clock starts


def steps(pairs: int) -> Figures:
    """Each reference model: a step of one seed, fmaudit's default numerics against the loop by hand."""
    for name, (n, target, apart) in STEPS.items():
        kept: dict[str, Any] = {}
        measured = ratio_of(
            _told(kept, "ours", lambda name=name, n=n: _ours(name, n, [0])),
            _told(kept, "naive", lambda name=name, n=n: _naive(name, n, [0])),
            pairs,
        )
        _compare(kept, apart)
        yield f"a step of {name}  /  of a loop by hand", target, measured


def replicates(pairs: int) -> Figures:
    """Eight seeds of the mlp together against eight loops by hand."""
    kept: dict[str, Any] = {}
    seeds = list(range(8))
    measured = ratio_of(
        _told(kept, "ours", lambda: _ours("mlp", 700, seeds)),
        _told(kept, "naive", lambda: _naive("mlp", 700, seeds)),
        pairs,
    )
    _compare(kept, 1e-4)
    yield "eight seeds of the mlp together  /  eight loops by hand", 0.25, measured


def crossover(pairs: int) -> Figures:
    """Seeds of wider networks together against apart: up to `together.MOST_FLOP` it must pay."""
    for hidden, n in ((64, 60), (128, 40)):
        measured = ratio_of(
            lambda hidden=hidden, n=n: forked(lambda: _eight(n, hidden, together=True)),
            lambda hidden=hidden, n=n: forked(lambda: _eight(n, hidden, together=False)),
            pairs,
        )
        yield f"eight seeds of an mlp {hidden} wide, together  /  apart", 0.9, measured


def trainer(pairs: int) -> Figures:
    """Whole processes, from the start of Python to its end, against HF Trainer where it is installed."""
    if not (find_spec("transformers") and find_spec("accelerate")):
        return
    for name, (n, n_seeds, target) in PROCESSES.items():
        with tempfile.TemporaryDirectory() as folder:
            forked(lambda name=name, n=n, k=n_seeds, at=folder: _write(name, n, k, Path(at)))
            ours = [sys.executable, str(HERE / "alone.py"), name, str(n), str(n_seeds), folder]
            theirs = [sys.executable, str(HERE / "trainer.py"), name, str(n_seeds), folder]
            measured = ratio(command(ours), command(theirs), pairs, clock=children)
            met = (Path(folder, f"losses-{side}.txt").read_text().split() for side in ("ours", "theirs"))
            if any(abs(float(a) - float(b)) > 0.02 for a, b in zip(*met, strict=True)):
                raise RuntimeError(f"the losses of {name} differ, so the two did not do the same work")
        seeds = "eight seeds" if n_seeds == 8 else "one seed"
        yield f"process of {name}, {seeds}, {n} steps  /  HF Trainer", target, measured


def cores(pairs: int) -> Figures:
    """Two seeds, a process each, against one after the other; by the clock on the wall."""
    from auditor.reproduce.workers import Job, Workers
    from auditor.training.watch import Silent, Stop

    jobs = [Job(seed, seed + 1, 2) for seed in (0, 1)]

    def work(job: Job, watch: Any, stop: Any) -> None:
        _ours("gpt", 20, [job.seed])

    def at_once() -> None:
        workers = Workers(2, work)
        workers.do(jobs, Silent(), Stop())
        workers.close()

    def in_turn() -> None:
        for job in jobs:
            forked(lambda job=job: work(job, None, None))

    yield "two seeds of gpt on two cores  /  one after the other", 0.60, ratio(at_once, in_turn, pairs)


def around(pairs: int) -> Figures:
    """All that is not the steps: chain, progress, checkpoints each 30 s, asking whether to stop."""
    for name, n in (("cnn", 40), ("mlp", 3000)):
        measured = ratio_of(
            lambda name=name, n=n: forked(lambda: _whole(name, n)),
            lambda name=name, n=n: forked(lambda: _steps_alone(name, n)),
            pairs,
        )
        yield f"a run of {name} with its chain and checkpoints  /  its steps alone", 1.02, measured


def _told(kept: dict[str, Any], side: str, work: Callable[[], Any]) -> Callable[[], float]:
    def timed() -> float:
        seconds, kept[side] = forked(work)
        return float(seconds)

    return timed


def _compare(kept: dict[str, Any], apart: float) -> None:
    """Raises RuntimeError where the first losses of the two sides are further apart than rounding takes them."""
    for ours, naive in zip(kept["ours"], kept["naive"], strict=True):
        for a, b in zip(ours[:10], naive[:10], strict=True):
            if abs(a - b) > apart * abs(b):
                raise RuntimeError(f"losses {a} and {b} differ, so the two did not do the same work")


def _ours(name: str, n: int, seeds: list[int]) -> tuple[float, list[list[float]]]:
    from tasks import made

    from auditor.training import device
    from auditor.training.together import groups, train_together
    from auditor.training.train import train
    from auditor.training.watch import Silent, Stop

    def run(work: Any) -> list[Any]:
        if len(seeds) > 1 and groups(work, seeds):
            return [
                one for group in groups(work, seeds) for one in train_together(work, group, Silent(), Stop())
            ]
        return [train(work, seed, Silent(), Stop()) for seed in seeds]

    warm, work = made(name, WARM), made(name, n)
    device.settle(work.recipe)
    run(warm)
    start = time.process_time()
    runs = run(work)
    return time.process_time() - start, [one.losses.tolist() for one in runs]


def _eight(n: int, hidden: int, *, together: bool) -> float:
    from tasks import made

    from auditor.training import device
    from auditor.training.together import train_together
    from auditor.training.train import train
    from auditor.training.watch import Silent, Stop

    work = made("mlp", n, hidden=hidden)
    device.settle(work.recipe)
    train(made("mlp", WARM, hidden=hidden), 0, Silent(), Stop())
    start = time.process_time()
    if together:
        train_together(work, range(8), Silent(), Stop())
    else:
        for seed in range(8):
            train(work, seed, Silent(), Stop())
    return time.process_time() - start


def _naive(name: str, n: int, seeds: list[int]) -> tuple[float, list[list[float]]]:
    import torch
    from tasks import made, naive

    torch.set_num_threads(1)
    warm, work = (made(name, steps, "replay") for steps in (WARM, n))
    naive(name, warm, 0)
    start = time.process_time()
    losses = [naive(name, work, seed) for seed in seeds]
    return time.process_time() - start, [one.tolist() for one in losses]


def _whole(name: str, n: int) -> float:
    from tasks import made

    from auditor.tracing.chain import Bound, Chain
    from auditor.training import device
    from auditor.training.checkpoint import Checkpoints
    from auditor.training.train import train
    from auditor.training.watch import Silent, Stop

    work = made(name, n)
    device.settle(work.recipe)
    train(made(name, WARM), 0, Silent(), Stop())
    with tempfile.TemporaryDirectory() as folder:
        chain = Chain(Path(folder), Bound("0" * 64, {}, device.environment(work.device, work.recipe)))
        checkpoints = Checkpoints(Path(folder, "checkpoint.safetensors"), every_s=30)
        start = time.process_time()
        train(work, 0, Silent(), Stop(), checkpoints, witness=chain)
        return time.process_time() - start


def _steps_alone(name: str, n: int) -> float:
    from tasks import made

    from auditor.training import device
    from auditor.training.session import Session
    from auditor.training.train import train
    from auditor.training.watch import Silent, Stop

    work = made(name, n)
    device.settle(work.recipe)
    train(made(name, WARM), 0, Silent(), Stop())
    start = time.process_time()
    session = Session(work, 0)
    while not session.ended:
        session.advance()
    return time.process_time() - start


def _write(name: str, n: int, n_seeds: int, folder: Path) -> None:
    from tasks import made, write

    for seed in range(n_seeds):
        write(name, made(name, n, "replay"), seed, folder)


benchmarks = {
    "steps": steps,
    "replicates": replicates,
    "crossover": crossover,
    "trainer": trainer,
    "cores": cores,
    "around": around,
}
os.environ.setdefault("OMP_NUM_THREADS", "1")
