"""What changes a run's bits besides the recipe, and whether the recipe says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.model import Fault, Fix
from auditor.readers.text import shown
from auditor.rules.edits import rewritten
from auditor.rules.registry import rule

if TYPE_CHECKING:
    from auditor.readers.document import Document

_PACKAGES = ("python", "torch", "numpy")
_EXACT = re.compile(r"\d+(\.\d+)+([a-z0-9.+-]*)", re.IGNORECASE)


@rule("ENV001", level="note", needs="recipe", klass="unsupported")
def versions_not_stated(recipe: Document) -> Iterator[Fault]:
    """The recipe does not say with which versions the claims were measured.

    Why: Another version of torch or numpy rounds differently; who repeats the run cannot tell a changed
        library from a wrong claim.
    Bad:
        # recipe.yaml
        environment: {torch: null}
    Good:
        # recipe.yaml
        environment: {torch: "2.6.0"}
    Fix: Write the versions that `pip freeze` shows where the claims were measured.
    Source: Pineau et al. 2021, Improving reproducibility in machine learning research, JMLR 22.
    """
    missing = [name for name in _PACKAGES if recipe.get("environment", name) is None]
    if not recipe.mapping("environment"):
        yield recipe.at().says("neither versions nor device nor threads are stated", help="add `environment`")
    elif missing:
        yield recipe.key("environment").says(f"the version of {', '.join(missing)} is not stated")


@rule("ENV002", level="note", needs="recipe", klass="unsupported")
def device_not_stated(recipe: Document) -> Iterator[Fault]:
    """The recipe does not say on which class of device the claims were measured.

    Why: The same seed gives other bits on a GPU than on a CPU; without the device a difference has no
        meaning.
    Bad:
        # recipe.yaml
        environment: {device: null}
    Good:
        # recipe.yaml
        environment: {device: cpu}
    Fix: Add `device: cpu`, `cuda` or `mps`.
    """
    if recipe.mapping("environment") and recipe.get("environment", "device") is None:
        yield recipe.key("environment").says("`device` is not stated")


@rule("ENV003", level="note", needs="recipe", klass="unsupported")
def threads_not_stated(recipe: Document) -> Iterator[Fault]:
    """The recipe claims exact repetition on a CPU and does not say with how many threads.

    Why: Another number of threads adds up in another order and changes the last bits of every weight.
    Bad:
        # recipe.yaml
        determinism: strict
        environment: {threads: null, device: cpu}
    Good:
        # recipe.yaml
        determinism: strict
        environment: {threads: 1, device: cpu}
    Fix: Add `threads`; what is left out counts as 1.
    """
    strict = recipe.get("determinism", default="strict") == "strict"
    on_cpu = recipe.get("environment", "device") in ("cpu", None)
    stated = recipe.mapping("environment")
    if stated and strict and on_cpu and stated.get("threads") is None:
        yield recipe.key("environment").says("`threads` is not stated, and counts as 1")


@rule("ENV004", level="warning", needs="recipe", klass="unsupported")
def version_not_exact(recipe: Document) -> Iterator[Fault]:
    """A version is a range or a word, not the version that was used.

    Why: `>=2.0` or `latest` names a different library every month.
    Bad:
        # recipe.yaml
        environment: {torch: ">=2.0"}
    Good:
        # recipe.yaml
        environment: {torch: "2.6.0+cpu"}
    Fix: Write the one version that was installed.
    """
    for name in _PACKAGES:
        version = recipe.get("environment", name)
        if isinstance(version, str) and not _EXACT.fullmatch(version.strip()):
            yield recipe.at("environment", name).says(
                f"`{name}` is `{shown(version)}`, expected one version such as `2.6.0`",
                fix=_bare_version(recipe, name, version),
            )


def _bare_version(recipe: Document, name: str, version: str) -> Fix | None:
    """The version stands alone, without the sign or name that a requirement has."""
    bare = version.strip().removeprefix(name).lstrip().removeprefix("==").lstrip().removeprefix("v")
    return rewritten(recipe, ("environment", name), bare) if _EXACT.fullmatch(bare) else None
