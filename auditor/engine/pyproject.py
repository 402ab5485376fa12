"""The checker's own settings: `[tool.fmaudit]` in the nearest pyproject.toml above the current folder.

A file inside the bundle is never that, even where the check is run from there: it came with the release.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.bundle import Bundle
from auditor.errors import UsageError
from auditor.model import Fault
from auditor.readers.document import Unreadable
from auditor.records import dataclass

if TYPE_CHECKING:
    from auditor.readers.toml import TomlDocument

NAME = "pyproject.toml"  # the schema of its table is found by this name
MARK = "fmaudit"  # a file without it is not parsed; TOML has several ways to write `[tool.fmaudit]`


@dataclass(frozen=True, slots=True)
class Own:
    """The table `[tool.fmaudit]`, and its file as seen from the current folder."""

    table: TomlDocument
    shown: str

    def beside(self, path: str) -> str:
        """A path that the table gives, which starts in the file's folder, as seen from the current one."""
        return os.path.normpath(Path(self.shown).parent / path)


def own_word(bundle: Bundle) -> Own | None:
    """The table of the nearest pyproject.toml that has one, up to a folder with `.git`.

    Raises:
        UsageError: the file cannot be read, or its table cannot be followed; says at which line and column.
    """
    here, root = Path.cwd(), bundle.root.resolve()
    for folder in (here, *here.parents):
        path = folder / NAME
        if path.is_file() and root not in (folder, *folder.parents):
            shown = os.path.relpath(path, here).replace(os.sep, "/")
            table = _table(path, shown)
            if table is not None:
                return Own(table, shown)
        if (folder / ".git").exists():
            break
    return None


def _table(path: Path, shown: str) -> TomlDocument | None:
    from auditor.readers.text import decode

    try:
        raw = path.read_bytes()
    except OSError as error:
        what = f"the file cannot be read ({(error.strerror or 'unknown error').lower()})"
        raise UsageError(what, where=shown, help="make it readable, or run with `--isolated`") from error
    if MARK.encode() not in raw:
        return None
    from auditor.readers.toml import read_toml

    try:
        document = read_toml(NAME, decode(NAME, raw))
    except Unreadable as error:
        where = f"{shown}:{error.span.line}:{error.span.column}"
        raise UsageError(error.what, where=where, help=error.help) from error
    table = document.table("tool", "fmaudit")
    if table is None and document.get("tool", "fmaudit") is not None:
        span = document.locate(document.key("tool", "fmaudit"))
        where = f"{shown}:{span.line}:{span.column}"
        help_ = "write `[tool.fmaudit]` above the settings"
        raise UsageError("`tool.fmaudit` is no table", where=where, help=help_)
    if table is not None and (fault := next(_faults(table), None)):
        raise _misused(fault, table, shown)
    return table


def _misused(fault: Fault, table: TomlDocument, shown: str) -> UsageError:
    span = fault.places[0].span or table.locate(fault.places[0])
    message = fault.message.replace(f"`{NAME}`", "`[tool.fmaudit]`")
    return UsageError(message, where=f"{shown}:{span.line}:{span.column}", help=fault.help)


def _faults(table: TomlDocument) -> Iterator[Fault]:
    """What the rules on fmaudit.yaml would find in the table, in the same words."""
    from auditor.rules import schema, settings

    for look in (schema.unknown_field, schema.missing_field, schema.wrong_type, schema.value_not_allowed):
        yield from look((table,))
    for check in (settings.unknown_words, settings.refused_entries, settings.unknown_rule_set):
        yield from check(table, ())
    yield from settings.deaf_patterns(table, ())
