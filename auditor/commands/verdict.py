"""`fmaudit verdict`: a published number against anybody's training runs, and how often that test errs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.commands.output import Output, color_option, output_to, write

if TYPE_CHECKING:
    from auditor.verdict.case import Case

STYLES = ("text", "markdown", "json")
ALPHAS = {"5%": 0.05, "1%": 0.01}
EXITS = {"reproduced": 0, "not reproduced": 1, "inconclusive": 3}
MOST_DRAWS = 1_000_000
OF_A_CASE = (
    *("claim", "runs", "runs_file", "column", "claim_runs", "claim_values", "best_of", "tolerance"),
    *("items", "earlier", "rho", "looks"),
)


@click.command("verdict")
@click.option("--claim", help="The published value, with the digits it was printed with.")
@click.option("--runs", help="What fresh runs gave, in the order they ended: 0.971,0.974,0.969.")
@click.option("--runs-file", metavar="FILE", help="The same from a CSV or JSON file.")
@click.option("--column", help="Which column of it; for JSON a pointer (/results/accuracy) or a key.")
@click.option("--lower-is-better", is_flag=True, help="For a loss or an error rate.")
@click.option("--claim-runs", type=click.IntRange(1, 10_000), help="How many runs the claim averages over.")
@click.option("--claim-values", help="What each run behind the claim gave, where that is published.")
@click.option("--best-of", type=click.IntRange(1, 10_000), help="Of how many runs the claim is the best.")
@click.option("--tolerance", help="Shortfall that was declared not to matter, in the unit of the claim.")
@click.option(
    "--items", type=click.IntRange(1, 10**15), help="Test items behind an accuracy: its smallest step."
)
@click.option("--earlier", metavar="FILE", help="Runs of earlier releases, for the spread: [[0.97, …], …].")
@click.option("--rho", help="Spread between laboratories in units of that between seeds; 0 or 1, mostly.")
@click.option("--looks", help="After how many runs to look: 3,5,10 by default; one number if fixed before.")
@click.option(
    "--alpha",
    type=click.Choice(list(ALPHAS)),
    default="5%",
    show_default=True,
    help="Chance of failing an honest claim, over all looks.",
)
@click.option("--calibrate", is_flag=True, help="Print how often the test errs, instead of a verdict.")
@click.option("--all", "further", is_flag=True, help="With --calibrate: the cases around it as well.")
@click.option(
    "--draws",
    type=click.IntRange(100, MOST_DRAWS),
    default=20_000,
    show_default=True,
    help="Simulated cases.",
)
@click.option("--rng-seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the cases.")
@click.option("--data", metavar="FOLDER", help="With --calibrate: also on runs recorded in JSON files there.")
@click.option("--plot", metavar="FILE", help="With --calibrate: draw the tables into an SVG file.")
@click.option(
    "--format", "style", type=click.Choice(STYLES), default="text", show_default=True, help="What to print."
)
@click.option("--output", "path", default="", metavar="FILE", help="Write it to a file instead.")
@color_option
def command(style: str, path: str, color: bool | None, **options: object) -> int:
    """Say whether fresh runs bear a published number out: reproduced, not reproduced or inconclusive.

    The number may be one run, a mean (--claim-runs) or the best of several (--best-of). Better than claimed
    is never a failure. With --calibrate: how often honest, chosen and inflated claims end in each of these.
    """
    from auditor.errors import UsageError

    asked = output_to(style, path, "")
    _need_scipy()
    if options["calibrate"]:
        for name in OF_A_CASE:
            if options[name] is not None:
                where = f"--{name.replace('_', '-')}"
                raise UsageError("this is no option of --calibrate", where=where, help="leave it out")
        return _calibrate(asked, color, options)
    for name, given in (
        ("--data", options["data"]),
        ("--plot", options["plot"]),
        ("--all", options["further"]),
    ):
        if given:
            raise UsageError("this needs --calibrate", where=name, help="add --calibrate, or leave it out")
    from auditor.commands.verdict_case import case
    from auditor.report import verdict as report

    judged: Case = case(options, ALPHAS[str(options["alpha"])])
    write([asked], partial(report.render, case=judged), color)
    return EXITS[judged.decision.answer]


def _need_scipy() -> None:
    """Raises CannotRun where scipy is not installed: it comes with an extra."""
    from importlib.util import find_spec

    from auditor.errors import CannotRun

    if find_spec("scipy") is None:
        what, remedy = "a verdict needs scipy, which is not installed", "pip install 'fmaudit[reproduce]'"
        raise CannotRun(what, where="fmaudit verdict", help=remedy)


def _calibrate(asked: Output, color: bool | None, options: dict[str, object]) -> int:
    """The tables have been printed, and drawn if that was asked for."""
    from auditor.commands.verdict_case import recorded
    from auditor.errors import UsageError
    from auditor.report import calibration as report
    from auditor.verdict.calibration import calibrate

    plot = output_to("svg", str(options["plot"]), "") if options["plot"] else None
    if plot is not None and asked.path and Path(plot.path).resolve() == Path(asked.path).resolve():
        raise UsageError("the picture and the report go to one file", where="--plot", help="name another")
    found = calibrate(
        draws=int(str(options["draws"])),
        seed=int(str(options["rng_seed"])),
        sources=recorded(str(options["data"])) if options["data"] else {},
        further=bool(options["further"]),
    )
    if plot is not None:
        write([plot], partial(report.render, calibration=found), color=False)
    write([asked], partial(report.render, calibration=found), color)
    return 0
