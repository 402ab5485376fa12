"""How many processes train at once: what the machine has to give, and what was asked for."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from auditor.errors import UsageError


def free_cores() -> int:
    """How many cores this process may use, by its affinity and its control group."""
    n = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        # https://docs.kernel.org/admin-guide/cgroup-v2.html: "$MAX $PERIOD", "max" for no limit
        most, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        n = min(n, max(1, int(most) // int(period)))
    return n


def processes(asked: int | None, *, seeds: int, threads: int, device: str) -> int:
    """How many processes train at once.

    Args:
        asked: the number of `--jobs`; None stands for as many as there are free cores.
        seeds: the most that could be trained before a verdict is taken.
        threads: of each, as the recipe says.
        device: class of the device.

    Raises:
        UsageError: more than one was asked for where the device cannot be shared.
    """
    if device != "cpu":
        if asked is not None and asked > 1:
            raise UsageError(
                f"processes do not share a {device} device",
                where=f"--jobs {asked}",
                help="leave --jobs out: there one process trains",
            )
        return 1
    if asked is None:
        # Apple's libraries do not survive a fork.
        asked = 1 if sys.platform == "darwin" else free_cores() // threads
    return max(1, min(asked, seeds))
