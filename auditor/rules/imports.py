"""What may be thought of a thing that a pickle imports: by lists in `vocabulary/`, and denied by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from auditor.rules.vocabulary import words_by_first

if TYPE_CHECKING:
    from auditor.readers.pickle import Import

Verdict = Literal["allowed", "library", "unlisted", "runs code"]

# Modules that run anything: known also where a dotted path leads to them through another module.
_ANYWHERE = frozenset(
    ("builtins", "ctypes", "importlib", "nt", "os", "pickle", "posix", "pty", "runpy", "shutil", "socket")
) | {"subprocess", "sys"}
_TORCHSCRIPT = "__torch__"  # the archive's own program, not a module of Python


def verdict(imported: Import, *, in_torchscript: bool = False) -> Verdict:
    """What importing and using this comes to; Python 2's names are taken for those of Python 3.

    Args:
        imported: what the pickle asks for, and what it does with it.
        in_torchscript: whether the pickle is part of an archive with TorchScript code.
    """
    module, name = _modern(imported)
    if in_torchscript and module.split(".")[0] == _TORCHSCRIPT:
        return "allowed"
    allowed = words_by_first("pickle_allowed.txt").get(module, frozenset())
    if name in allowed or (f"{name}!" in allowed and not imported.uses):
        return "allowed"
    if _runs_code(module, name) or _runs_code(imported.module, imported.name):
        return "runs code"
    if _is_library(module, name, is_called="called" in imported.uses):
        return "library"
    return "unlisted"


def _modern(imported: Import) -> tuple[str, str]:
    """The name under which Python 3 looks for it."""
    if not imported.old_names:
        return imported.module, imported.name
    from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING

    both = (imported.module, imported.name)
    if both in NAME_MAPPING:
        return NAME_MAPPING[both]
    return IMPORT_MAPPING.get(imported.module, imported.module), imported.name


def _runs_code(module: str, name: str) -> bool:
    """Whether it is on the list of known ways to code, or a path to one, or to Python's insides."""
    inner = name.split(".")
    path = [*module.split("."), *inner]
    if any(step.startswith("__") and step.endswith("__") for step in inner):
        return True
    if any(step.lstrip("_") in _ANYWHERE for step in path[1:]):  # `_sys` is how some modules import it
        return True
    dangerous = words_by_first("pickle_dangerous.txt")
    for length in range(len(path) - 1, 0, -1):
        names = dangerous.get(".".join(path[:length]))
        if names is not None and ("*" in names or path[length] in names):
            return True
    return False


def _is_library(module: str, name: str, *, is_called: bool) -> bool:
    """Whether it is listed by name, or is a class of a listed module that was not called."""
    libraries = words_by_first("pickle_libraries.txt")
    if name in libraries.get(module, ()):
        return True
    if is_called or not name.lstrip("_")[:1].isupper() or "." in name:
        return False
    steps = module.split(".")
    for length in range(len(steps), 0, -1):
        names = libraries.get(".".join(steps[:length]), ())
        if "-" in names:
            return False
        if "*" in names:
            return True
    return False
