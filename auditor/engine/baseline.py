"""The baseline of a check: findings that were there before, which do not count until they are mended."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from auditor.bundle import Bundle
from auditor.engine.settings import Settings
from auditor.errors import UsageError
from auditor.formats.baseline import REMEDY, Known, read_baseline
from auditor.model import Fault, Finding, Ignored, Place, Span
from auditor.readers.document import MAX_BYTES, Unreadable
from auditor.readers.text import decode
from auditor.rules.settings import released_baseline

STALE = "META007"
MAX_NAMED = 3  # stale entries that a finding names one by one


class Baseline:
    """The findings that are known, while those of a check are held against them."""

    def __init__(self, known: Iterable[Known], file: str, *, inside: bool) -> None:
        self._known = {one.id: one for one in known}
        self._file = file
        self._inside = inside

    def of(self, finding: Finding, identity: str) -> Ignored | None:
        """That the finding is known, or None."""
        one = self._known.get(identity)
        if one is None or finding.code.startswith("META"):
            return None
        by = _span(self._file, one.line)
        return Ignored(finding, "baseline", "known before this check", "", by)

    def faults(self, judged: Collection[str], met: Collection[str]) -> Iterator[tuple[str, Fault]]:
        """That entries are left which no longer occur, with the rule's code.

        Args:
            judged: codes of the rules that looked and listed all they found.
            met: identities of all findings, of those too that were ignored on another word.
        """
        gone = [one for one in self._known.values() if one.id not in met and one.code in judged]
        if gone:
            named = ", ".join(f"`{one.code}` in line {one.line}" for one in gone[:MAX_NAMED])
            more = f" and {len(gone) - MAX_NAMED} more" if len(gone) > MAX_NAMED else ""
            message = f"{_count(len(gone))}: {named}{more}"
            # A file outside of the bundle is spoken of at the bundle as a whole.
            span = _span(self._file, gone[0].line) if self._inside else Span(".")
            yield STALE, Place(span.file, span=span).says(message, help="`fmaudit baseline` drops them")


def baseline_of(settings: Settings, bundle: Bundle) -> Baseline | None:
    """The baseline that the settings name; None where they name none, or the release names none that is one.

    Raises:
        UsageError: whoever runs the check named one that is not there, or that is none; says at which line.
    """
    if not settings.baseline:
        return None
    if not settings.baseline_inside:
        return Baseline(read_known(settings.baseline), _shown(settings.baseline), inside=False)
    known = released_baseline(bundle, settings.baseline)
    if isinstance(known, Unreadable):  # META008 says so
        return None
    return Baseline(known, settings.baseline, inside=True)


def read_known(path: str) -> tuple[Known, ...]:
    """The findings in a baseline file outside of any bundle.

    Raises:
        UsageError: it is not there, cannot be read, or is none; says at which line and column.
    """
    if not os.path.lexists(path):
        remedy = f"`fmaudit baseline BUNDLE {path} --write` makes one"
        raise UsageError("there is no such baseline", where=path, help=remedy)
    if not Path(path).is_file():
        raise UsageError("this is no file", where=path, help="name the file that `fmaudit baseline` wrote")
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"the file cannot be read ({(error.strerror or 'unknown error').lower()})"
        raise UsageError(what, where=path, help="make it readable for you") from error
    if len(raw) > MAX_BYTES:
        raise UsageError(f"the file has more than {MAX_BYTES:,} bytes", where=path, help=REMEDY)
    try:
        return read_baseline(path, decode(path, raw))
    except Unreadable as error:
        where = f"{path}:{error.span.line}:{error.span.column}"
        raise UsageError(error.what, where=where, help=error.help or REMEDY) from error


def updated(
    known: Sequence[Known],
    present: Sequence[Known],
    judged: Collection[str],
    exist: Collection[str],
    *,
    grow: bool,
) -> tuple[Known, ...]:
    """The baseline after a check: without what no longer occurs, and with what is new only where it may grow.

    Args:
        known: its entries so far.
        present: the findings that occur and count, or would but for the baseline.
        judged: codes of the rules that looked and listed all they found; of others every entry stays.
        exist: codes of all rules there are; entries of others go.
        grow: whether findings that it lacks are taken in.
    """
    occurring = {one.id: one for one in present}
    stay = [
        occurring.get(one.id, one)
        for one in known
        if one.id in occurring or (one.code in exist and one.code not in judged)
    ]
    there = {one.id for one in stay}
    new = [one for one in present if one.id not in there] if grow else []
    return (*stay, *new)


def _span(file: str, line: int) -> Span:
    return Span(file, line, 1, line, 1)


def _count(number: int) -> str:
    return "1 entry of the baseline no longer occurs" if number == 1 else f"{number} entries no longer occur"


def _shown(path: str) -> str:
    """The path as it may stand in a report: its name alone where it depends on the machine."""
    return Path(path).name if Path(path).is_absolute() or path.startswith("..") else path
