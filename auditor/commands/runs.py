"""`fmaudit runs`: lists, shows, compares and removes the runs that `fmaudit reproduce` keeps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.commands.folder import Folder
from auditor.commands.output import put
from auditor.errors import CannotRun, UsageError

if TYPE_CHECKING:
    from auditor.reproduce.stored import Stored

IDS = {"list": 0, "show": 1, "compare": 2, "clean": 0}
DEFAULT = Path("fmaudit-runs")  # where `reproduce` makes its run directories


@click.command("runs")
@click.argument("action", type=click.Choice(list(IDS)), default="list")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--run-dir",
    type=Folder(),
    metavar="FOLDER",
    help="A run directory, or a folder of them; by default fmaudit-runs here.",
)
@click.option("--all", "everything", is_flag=True, help="clean: all runs, not only unfinished ones.")
@click.option("--older-than", metavar="TIME", help="clean: runs that are older, as in 30d or 12h.")
@click.option("--dry-run", is_flag=True, help="clean: only say what would be removed.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
def command(
    action: str,
    ids: tuple[str, ...],
    run_dir: Path | None,
    everything: bool,
    older_than: str | None,
    dry_run: bool,
    style: str,
) -> int:
    """List the kept runs, show one, compare two, or clean up.

    ID is a run's name, its seed, or a part of the name. `clean` removes unfinished and damaged runs, asks
    nothing and says what it removed; reports and the ledger stay.
    """
    from auditor.report import runs as report
    from auditor.report.json import dumps
    from auditor.reproduce.difference import difference
    from auditor.reproduce.ledger import unreadable
    from auditor.reproduce.stored import pick, run_directories, stored_runs

    if len(ids) != IDS[action]:
        wanted = ("no ID", "one ID", "two IDs")[IDS[action]]
        raise UsageError(
            f"{len(ids)} given", where=f"runs {action}", help=f"{action} takes {wanted}; runs list shows them"
        )
    if action != "clean" and (everything or older_than or dry_run):
        where = f"runs {action}"
        raise UsageError(
            "--all, --older-than and --dry-run belong to clean", where=where, help="leave them out"
        )
    before_s = None if older_than is None else time.time() - _age(older_than)
    folders = run_directories(run_dir or DEFAULT)
    found = [(folder, stored_runs(folder)) for folder in folders]
    runs = [run for _, several in found for run in several]
    if action == "list":
        faults = sum(map(unreadable, folders))
        all_of_them = [{"folder": str(f), "runs": [*map(report.values, some)]} for f, some in found]
        told = dumps({"run_dirs": all_of_them})
        put(told if style == "json" else report.listed(found, ledger_faults=faults))
    elif action == "show":
        run = pick(runs, ids[0])
        put(dumps(report.values(run)) if style == "json" else report.shown(run))
    elif action == "compare":
        two = difference(pick(runs, ids[0]), pick(runs, ids[1]))
        put(dumps(report.compared_values(two)) if style == "json" else report.compared(two))
    else:
        gone = [run for run in runs if _old(run, before_s, everything=everything)]
        if not dry_run:
            _remove(folders, gone)
        told = dumps({"removed": [*map(report.values, gone)], "dry_run": dry_run})
        put(told if style == "json" else report.cleaned(gone, dry=dry_run))
    return 0


def _age(text: str) -> float:
    from auditor.reproduce.budget import seconds

    try:
        return seconds(text)
    except UsageError as error:
        raise UsageError(
            f"`{text[:40]}` is no age", where="--older-than", help="write a number and a unit: 30d, 12h, 90m"
        ) from error


def _old(run: Stored, before_s: float | None, *, everything: bool) -> bool:
    """Whether a run is to be removed: of a wrong state or any, and old enough."""
    if before_s is not None:
        return run.changed_s < before_s
    return everything or run.state in ("unfinished", "damaged")


def _remove(folders: Sequence[Path], runs: Sequence[Stored]) -> None:
    """The runs are gone; each run directory was ours alone meanwhile."""
    from auditor.reproduce.ledger import Ledger
    from auditor.reproduce.stored import remove
    from auditor.training.files import locked

    for folder in folders:
        mine = [run for run in runs if run.folder.parent.parent == folder]
        if not mine:
            continue
        with locked(folder):
            for run in mine:
                remove(run)
                try:
                    Ledger(folder).add("run removed", seed=run.seed, run=run.id)
                except CannotRun as error:
                    click.echo(f"note: the ledger cannot be written ({error.what})", err=True)
