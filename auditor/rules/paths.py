"""Paths as documents write them: whether they leave the bundle, and which file they mean."""

from __future__ import annotations

import re
from functools import lru_cache
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from auditor.model import Place, Span

if TYPE_CHECKING:
    from auditor.bundle import Bundle

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # two letters at least: `C:` is a drive, not a scheme
_DRIVE = re.compile(r"[A-Za-z]:")


def is_url(path: str) -> bool:
    """Whether the path names something outside the file system: a URL, a package URL, `//host/...`."""
    return _SCHEME.match(path) is not None or path.startswith("//")


def escapes(path: str, beside: str = "") -> bool:
    """Whether a path written in the file `beside` is absolute or leads out of the bundle."""
    if is_url(path):
        return path.lower().startswith("file:")
    portable = path.replace("\\", "/")
    if portable.startswith(("/", "~")) or _DRIVE.match(portable):
        return True
    resolved = normpath(join(dirname(beside), portable))
    return resolved == ".." or resolved.startswith("../")


def resolved(path: str, beside: str = "") -> str:
    """The path relative to the bundle that is meant by one written in the file `beside`."""
    return normpath(join(dirname(beside), path))


def other_case(path: str, bundle: Bundle, beside: str = "") -> str:
    """The path as it would be written in the file `beside` for the one file that differs from it in case.

    Empty where there is none or several, and where the path is not written in its shortest form.
    """
    meant = resolved(path, beside)
    found = _by_lower_case(bundle).get(meant.lower(), "")
    kept = len(meant) - len(path)
    plain = len(found) == len(meant) and meant.endswith(path) and found[:kept] == meant[:kept]
    return found[kept:] if plain and found != meant else ""


@lru_cache(maxsize=1)  # several rules ask, each for every path that leads nowhere
def _by_lower_case(bundle: Bundle) -> dict[str, str]:
    """Every file and folder by its path in lower case; empty where two share one."""
    known: dict[str, str] = {}
    for path in sizes(bundle):
        known[path.lower()] = "" if path.lower() in known else path
    return known


def whole_file(path: str) -> Place:
    """The place of a file that has no lines to point at."""
    return Place(path, span=Span(path))


def sizes(bundle: Bundle) -> dict[str, int]:
    """Bytes of every file, and of all that lies below every folder; `.` is the bundle itself."""
    known = {".": 0}
    for file in bundle.files:
        path = file.path
        while path:
            known[path] = known.get(path, 0) + file.size_bytes
            path = dirname(path)
        known["."] += file.size_bytes
    return known
