"""`fmaudit reproduce BUNDLE`: retrains the release from its recipe and says which claims hold."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from auditor import __version__
from auditor.commands.costing import cut_down, extra, limit, told_cost
from auditor.commands.day import today
from auditor.commands.ending import verbose
from auditor.commands.folder import Folder
from auditor.commands.output import (
    color_option,
    output_option,
    outputs,
    printed,
    put,
    shown_root,
    style_option,
    write,
)
from auditor.errors import CannotRun, Interrupted

if TYPE_CHECKING:
    from auditor.engine.run import CheckResult
    from auditor.model import Reproduction
    from auditor.reproduce.plan import Plan
    from auditor.training.device import Choice
    from auditor.training.watch import Stop

FEWEST_SEEDS, MOST_SEEDS = 2, 100  # a spread needs two runs
MOST_JOBS = 1024


@click.command("reproduce")
@click.argument("bundle", type=click.Path())
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to train; auto takes the device class the claims come from, if it is here.",
)
@click.option(
    "--seeds",
    type=click.IntRange(FEWEST_SEEDS, MOST_SEEDS),
    metavar="N",
    help="Train exactly N fresh seeds; by default 3, then 5, then 10, until the verdict stands.",
)
@click.option(
    "--nonce",
    default="",
    metavar="TEXT",
    help="Draw other fresh seeds, which nobody who tuned the recipe could foresee.",
)
@click.option(
    "--data",
    "data_folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where data files lie that the bundle names by URL.",
)
@click.option(
    "--run-dir",
    type=Folder(),
    metavar="FOLDER",
    help="Where runs are kept and taken up again; by default fmaudit-runs/NAME here.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    metavar="N",
    help="Train N seeds at once, each in a process; by default as many as there are free cores.",
)
@click.option(
    "--plan",
    "only_plan",
    is_flag=True,
    help="Measure a few steps, say what the audit would cost, and end; text, or JSON with --format json.",
)
@click.option(
    "--budget",
    metavar="TIME",
    help="Spend no more than this, as in 10m or 2h: as many seeds as fit, and what they can detect.",
)
@click.option(
    "--replay",
    "again",
    is_flag=True,
    help="Train the seed of the shipped weights too, thrice: is the number real, up to rounding? (L4)",
)
@style_option
@output_option
@click.option("--quiet", is_flag=True, help="No plan and no progress on standard error.")
@color_option
def command(
    bundle: str,
    device: Choice,
    seeds: int | None,
    nonce: str,
    data_folder: Path | None,
    run_dir: Path | None,
    jobs: int | None,
    only_plan: bool,
    budget: str | None,
    again: bool,
    style: str | None,
    files: tuple[str, ...],
    quiet: bool,
    color: bool | None,
) -> int:
    """Retrain the release in the folder BUNDLE and give a verdict on every claim.

    The recipe is declarative: nothing of the bundle is executed. Finished seeds are kept in the run
    directory and used again.
    """
    from auditor.bundle import Bundle
    from auditor.engine.run import check, sources
    from auditor.engine.sources import effective
    from auditor.report.formats import render, spans
    from auditor.reproduce.ledger import noted
    from auditor.reproduce.plan import make_plan
    from auditor.training.files import locked, write_whole
    from auditor.training.memory import enough_memory

    start = time.perf_counter()
    limit_s = None if budget is None else limit(budget, seeds)
    deadline = None if limit_s is None else time.monotonic() + limit_s
    asked = outputs(style, files, bundle)
    if data_folder is not None and not data_folder.is_dir():
        raise CannotRun(
            "there is no such folder", where=f"--data {data_folder}", help="name the data's folder"
        )
    opened = Bundle.open(bundle)
    result = check(opened, effective({}, opened), today=today(), isolate=not verbose())
    plan = make_plan(opened, seeds=seeds, nonce=nonce, data_folder=data_folder, run_dir=run_dir)
    if plan.recipe.environment.threads > 1:  # read by OpenMP when torch is loaded
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads take cores from other runs
    if only_plan:
        return told_cost(plan, device, jobs, printed(asked))
    with (
        locked(plan.run_dir),
        _stoppable(plan.run_dir, deadline) as stop,
        enough_memory(),
        noted(plan.run_dir, bundle=opened.name, recipe=plan.digest, version=__version__) as ended,
    ):
        reproduction = _reproduced(plan, result, device, jobs, stop, deadline, again=again, quiet=quiet)
        rendered = partial(
            render,
            result=result,
            sources=sources(opened, spans(result, reproduction)),
            root=shown_root(bundle),
            timing={"seconds": round(time.perf_counter() - start, 3)},
            reproduction=reproduction,
        )
        write_whole(plan.run_dir / "report.json", rendered("json").encode())
        verdicts = {claim.id: claim.verdict for claim in reproduction.claims}
        ended(level=reproduction.level, verdicts=verdicts, code=exit_code(reproduction))
    write(asked, rendered, color)
    if printed(asked) == "text":
        put(f"run directory: {plan.run_dir}\n")
    return exit_code(reproduction)


def exit_code(reproduction: Reproduction) -> int:
    """0 if no level failed and every gated claim is reproduced, 1 if one is not, 3 if that stayed open."""
    gated = [claim.verdict for claim in reproduction.claims if claim.gates]
    if "not reproduced" in gated or any(step.state == "failed" for step in reproduction.steps):
        return 1
    return 0 if all(verdict == "reproduced" for verdict in gated) else 3


def _reproduced(
    plan: Plan,
    result: CheckResult,
    device: Choice,
    jobs: int | None,
    stop: Stop,
    deadline: float | None,
    *,
    again: bool,
    quiet: bool,
) -> Reproduction:
    from auditor.report.plan import render
    from auditor.report.progress import watching
    from auditor.reproduce.plan import load_data

    arrays = load_data(plan)
    if not quiet:
        click.echo(render(plan, len(arrays["train"].targets)), err=True)
    with watching(quiet=quiet) as watch:
        with extra():
            from auditor.reproduce.audit import audit
        if deadline is not None:
            plan = cut_down(plan, arrays, device, jobs, deadline, again=again)
        n_errors = sum(finding.level == "error" for finding in result.findings)
        return audit(
            plan, arrays, n_errors=n_errors, device=device, watch=watch, stop=stop, jobs=jobs, again=again
        )


@contextmanager
def _stoppable(run_dir: Path, deadline: float | None) -> Iterator[Stop]:
    """Turns the first Ctrl-C or SIGTERM into a request to stop after the current step; a second one ends.

    After `deadline`, a time of `time.monotonic()`, it is asked to stop as well.
    """
    from auditor.training.watch import Stop

    stop = Stop(deadline)

    def ask(number: int, _: FrameType | None) -> None:
        if stop.signal_number is not None:
            raise Interrupted(number)
        stop.signal_number = number

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except Interrupted as error:
        error.help = f"finished seeds and steps are kept in {run_dir}; the same command goes on from there"
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
