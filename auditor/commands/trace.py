"""`fmaudit trace BUNDLE`: replays parts of the training that a release committed itself to, or records it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.commands.output import color_option, output_to, put, write
from auditor.commands.stopping import stoppable
from auditor.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.reproduce.plan import Plan
    from auditor.tracing.challenge import Sample
    from auditor.tracing.result import TraceResult
    from auditor.training.device import Choice
    from auditor.training.task import Task

STYLES = ("text", "json")
SEGMENTS = "10%"


@click.command("trace")
@click.argument("bundle", type=click.Path())
@click.option(
    "--segments",
    metavar="Q",
    help="How many segments to replay: a number beside those that always are, a share such as 10%, the "
    "default, or all. With --record, how many to cut the run into.",
)
@click.option(
    "--nonce",
    default="",
    metavar="TEXT",
    help="Draw the segments with this text, to repeat an audit; by default with one that nobody knew before.",
)
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Train the shipped seed and write its chain and checkpoints there, to be put into the release.",
)
@click.option(
    "--every",
    type=click.IntRange(1),
    metavar="M",
    help="With --record, write a line after every M steps too.",
)
@click.option(
    "--data",
    "data_folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where data files lie that the bundle names by URL.",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to replay; auto takes the device class the claims come from, if it is here.",
)
@click.option(
    "--format", "style", type=click.Choice(STYLES), default="text", show_default=True, help="What to print."
)
@click.option("--output", "path", default="", metavar="FILE", help="Write it to a file instead.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@color_option
def command(
    bundle: str,
    segments: str | None,
    nonce: str,
    record: Path | None,
    every: int | None,
    data_folder: Path | None,
    device: Choice,
    style: str,
    path: str,
    quiet: bool,
    color: bool | None,
) -> int:
    """Replay parts of the training that the release in the folder BUNDLE committed itself to.

    The release ships training_chain.jsonl and checkpoints, as --record writes them. First and last segment
    and those where the schedule changes are always replayed, others are drawn. Nothing of the bundle is
    executed, and nothing is written into it.
    """
    from auditor.bundle import Bundle
    from auditor.formats.chain import CHAIN
    from auditor.report.trace import render
    from auditor.reproduce.plan import make_plan
    from auditor.training.memory import enough_memory

    asked = output_to(style, path, bundle)
    if data_folder is not None and not data_folder.is_dir():
        raise CannotRun(
            "there is no such folder", where=f"--data {data_folder}", help="name the data's folder"
        )
    opened = Bundle.open(bundle)
    if record is not None:
        _refuse_inside(opened, record)
        plan = make_plan(opened, data_folder=data_folder)
        return _recorded(plan, device, record, _number(segments), every, quiet=quiet)
    if every is not None:
        raise UsageError("only a recording has lines to place", where="--every", help="add --record FOLDER")
    sample = _sample(segments or SEGMENTS)
    plan = make_plan(opened, data_folder=data_folder)
    if opened.file(CHAIN) is None:
        raise CannotRun(
            f"the bundle has no {CHAIN}",
            where=opened.name,
            help="its publisher writes one with `fmaudit trace BUNDLE --record FOLDER`",
        )
    with enough_memory():
        result = _traced(plan, device, sample, nonce, quiet=quiet)
    write([asked], partial(render, result=result, bundle=opened.name), color)
    return exit_code(result)


def exit_code(result: TraceResult) -> int:
    """0 if the audited segments follow the recipe, 1 if one does not, 3 if that stayed open."""
    return 1 if result.failed else 0 if result.traced.state == "passed" else 3


def _traced(plan: Plan, device: Choice, sample: Sample, nonce: str, *, quiet: bool) -> TraceResult:
    from auditor.report.progress import watching
    from auditor.reproduce.chain import release
    from auditor.reproduce.shipped_weights import shipped_weights
    from auditor.tracing.audit import trace
    from reference_models import catalogue

    task = _task(plan, device)
    shapes = catalogue.shapes(plan.recipe.model.reference, plan.recipe.model.parameters)
    against = release(plan, shipped_weights(plan.bundle, shapes))
    with stoppable("the same --nonce draws the same segments again") as stop, watching(quiet=quiet) as watch:
        return trace(against, task, sample, nonce=nonce, stop=stop, watch=watch)


def _recorded(
    plan: Plan, device: Choice, folder: Path, segments: int | None, every: int | None, *, quiet: bool
) -> int:
    from auditor.report.progress import watching
    from auditor.reproduce.chain import record

    task = _task(plan, device)
    kept = f"what was recorded is kept in {folder}; the same command goes on from there"
    with stoppable(kept) as stop, watching(quiet=quiet) as watch:
        told = record(plan, task, folder, segments=segments, every=every, watch=watch, stop=stop)
    put("".join(f"{line}\n" for line in told))
    return 0


def _task(plan: Plan, device: Choice) -> Task:
    """The task on the device asked for, which is made deterministic."""
    from auditor.reproduce.plan import load_data

    arrays = load_data(plan)
    try:
        from auditor.training import device as devices
        from auditor.training.task import task
    except ModuleNotFoundError as error:
        what = f"replaying needs the package {error.name}"
        raise CannotRun(what, help="pip install 'fmaudit[reproduce]'") from error
    used = devices.choose(device, plan.recipe)
    devices.settle(plan.recipe)
    return task(plan.recipe, arrays, used)


def _refuse_inside(bundle: Bundle, folder: Path) -> None:
    if folder.resolve().is_relative_to(bundle.root.resolve()):
        raise UsageError(
            "the folder lies inside the bundle, into which nothing is written",
            where=f"--record {folder}",
            help="name one elsewhere, and copy what is written",
        )


def _sample(text: str) -> Sample:
    from auditor.tracing.challenge import sample

    try:
        return sample(text)
    except ValueError as error:
        raise _odd(text, "a number, a share such as 10%, or all") from error


def _number(text: str | None) -> int | None:
    """How many segments a recording is cut into."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) == int(text):
        raise _odd(text, "how many segments to cut the run into")
    return int(text)


def _odd(text: str, expected: str) -> UsageError:
    return UsageError("that is no number of segments", where=f"--segments {text}", help=f"give {expected}")
