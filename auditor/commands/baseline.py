"""`fmaudit baseline BUNDLE [FILE]`: keeps the file of known findings, which by itself can only shrink."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.commands.day import today
from auditor.commands.ending import verbose
from auditor.commands.new_file import refuse_what_is_no_file, write_new
from auditor.commands.output import put
from auditor.errors import UsageError

if TYPE_CHECKING:
    from auditor.bundle import Bundle
    from auditor.engine.run import CheckResult
    from auditor.engine.settings import Settings
    from auditor.formats.baseline import Known


@click.command("baseline")
@click.argument("bundle", type=click.Path())
@click.argument("file", type=click.Path(), required=False)
@click.option("--write", is_flag=True, help="Also take in the findings of today; makes the file.")
@click.option("--for", "profile", type=click.Choice(["draft", "release", "audit"]), help="As in check.")
@click.option("--isolated", is_flag=True, help="As in check.")
def command(bundle: str, file: str | None, write: bool, profile: str | None, isolated: bool) -> int:
    """Drop from the baseline FILE what no longer occurs in BUNDLE.

    Without FILE it is the one that the settings name. Nothing is added to it without --write: a new finding
    counts until it is mended.
    """
    from dataclasses import replace

    from auditor.bundle import Bundle
    from auditor.engine.baseline import read_known, updated
    from auditor.engine.run import check, judgeable
    from auditor.engine.sources import effective
    from auditor.formats.baseline import baseline_text
    from auditor.rules import load

    opened = Bundle.open(bundle)
    settings = effective({"profile": profile}, opened, isolated=isolated)
    path = _file(file, settings, opened)
    refuse_what_is_no_file(path, str(path))
    known = read_known(str(path)) if path.exists() or not write else ()
    result = check(opened, replace(settings, baseline=""), today=today(), isolate=not verbose())
    left = updated(known, _present(opened, result), judgeable(result.outcomes), load(), grow=write)
    before, after = {one.id for one in known}, {one.id for one in left}
    if before != after or not path.exists():
        write_new(path, baseline_text(left))
    put(_told(str(path), known, left))
    return 0


def _file(file: str | None, settings: Settings, bundle: Bundle) -> Path:
    """The baseline that is meant, as seen from the current folder.

    Raises:
        UsageError: none is.
    """
    if file == "" or not (file or settings.baseline):
        help_ = "name a file, or set `baseline` in `check:` of fmaudit.yaml or in [tool.fmaudit]"
        raise UsageError("no baseline is named", where="FILE", help=help_)
    if file:
        return Path(file)
    return bundle.root / settings.baseline if settings.baseline_inside else Path(settings.baseline)


def _present(bundle: Bundle, result: CheckResult) -> list[Known]:
    """The findings that count, less those about the check itself, under the names that `check` gives them."""
    from auditor.engine.identity import identities
    from auditor.engine.run import sources
    from auditor.formats.baseline import Known
    from auditor.model import Finding

    everything = [*result.findings, *(one.finding for one in result.ignored)]
    everything.sort(key=Finding.order)
    names = identities(everything, sources(bundle, (finding.spans[0] for finding in everything)))
    counting = set(map(id, result.findings))
    return [
        Known(name, finding.code, finding.spans[0].file, finding.message)
        for name, finding in zip(names, everything, strict=True)
        if id(finding) in counting and not finding.code.startswith("META")
    ]


def _told(path: str, known: Sequence[Known], left: Sequence[Known]) -> str:
    """What became of the baseline, and each entry that came or went."""
    from auditor.report.cells import visible

    before, after = {one.id for one in known}, {one.id for one in left}
    gone = [one for one in known if one.id not in after]
    new = [one for one in left if one.id not in before]
    lines = [f"- {one.code} {one.file}: {one.message}" for one in gone]
    lines += [f"+ {one.code} {one.file}: {one.message}" for one in new]
    counts = [
        f"{len(left)} known",
        *([f"{len(gone)} dropped"] if gone else []),
        *([f"{len(new)} taken in"] if new else []),
    ]
    return "".join(f"{visible(line)}\n" for line in [*lines, f"{path}: {', '.join(counts)}"])
