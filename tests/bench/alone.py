"""Trains seeds of a task of `tasks.py` as fmaudit does; a process of its own, timed whole.

python tests/bench/alone.py NAME STEPS SEEDS FOLDER
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

gc.set_threshold(100_000, 20, 20)  # as auditor/__main__.py does

from tasks import made  # noqa: E402

from auditor.training import device  # noqa: E402
from auditor.training.together import groups, train_together  # noqa: E402
from auditor.training.train import train  # noqa: E402
from auditor.training.watch import Silent, Stop  # noqa: E402


def main(name: str, n: int, n_seeds: int, folder: Path) -> None:
    """Writes the last loss of each seed."""
    work, seeds = made(name, n), range(n_seeds)
    device.settle(work.recipe)
    runs = [
        run for group in groups(work, seeds) for run in train_together(work, group, Silent(), Stop())
    ] or [train(work, seed, Silent(), Stop()) for seed in seeds]
    (folder / "losses-ours.txt").write_text(" ".join(repr(float(run.losses[-1])) for run in runs))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    gc.freeze()  # as auditor/__main__.py does
