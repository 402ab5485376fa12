"""`--plan` and `--budget` of `fmaudit reproduce`: what an audit costs, and what a budget buys."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from auditor.commands.output import put
from auditor.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from auditor.reproduce.plan import Plan
    from auditor.training.arrays import Arrays
    from auditor.training.device import Choice

REPLAYS = 3  # runs of `--replay`, one after the other


def limit(budget: str, seeds: int | None) -> float:
    """The seconds of `--budget`.

    Raises:
        UsageError: it is no time, or the number of seeds is given as well.
    """
    from auditor.reproduce.budget import seconds

    if seeds is not None:
        raise UsageError(
            "a budget chooses the number of seeds", where="--budget and --seeds", help="leave one of them out"
        )
    return seconds(budget)


def told_cost(plan: Plan, device: Choice, jobs: int | None, style: str) -> int:
    """The plan and its cost stand on standard output; nothing was trained or kept."""
    from auditor.report.json import dumps
    from auditor.report.plan import cost_values, render
    from auditor.reproduce.plan import load_data
    from auditor.training.memory import enough_memory

    arrays = load_data(plan)
    with extra(), enough_memory():
        from auditor.reproduce.cost import foreseen

        cost = foreseen(plan, arrays, device, jobs)
    if style == "json":
        put(dumps(cost_values(plan, cost)))
    else:
        put(render(plan, len(arrays["train"].targets), cost))
    return 0


def cut_down(
    plan: Plan,
    arrays: Mapping[str, Arrays],
    device: Choice,
    jobs: int | None,
    deadline: float,
    *,
    again: bool,
) -> Plan:
    """The plan with as many seeds as can be trained before the deadline; says so on standard error.

    With `again` there must be time left for the runs of a replay, which come last.
    """
    from auditor.reproduce.budget import affordable, told
    from auditor.reproduce.cost import foreseen
    from auditor.reproduce.stored import stored_runs

    cost = foreseen(plan, arrays, device, jobs)
    kept = {run.seed for run in stored_runs(plan.run_dir) if run.identity.get("recipe") == plan.digest}
    done = next((n for n, seed in enumerate(plan.seeds) if seed not in kept), len(plan.seeds))
    left_s = deadline - time.monotonic() - 2 * cost.measured.evaluation_s
    left_s -= REPLAYS * cost.seed_s if again else 0.0
    looks = affordable(cost, left_s, done)
    lines = [f"{max(left_s, 0):.0f} s are left, a seed takes {cost.seed_s:.2g} s", *told(looks)]
    click.echo("".join(f"{'budget:' if not n else '':<8} {line}\n" for n, line in enumerate(lines)), err=True)
    return replace(plan, looks=looks)


@contextmanager
def extra() -> Iterator[None]:
    """Turns a package that is not installed into one clear error."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise CannotRun(
            f"reproduction needs the package {error.name}",
            help="pip install 'fmaudit[reproduce]'",
        ) from error
